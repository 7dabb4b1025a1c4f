"""The running ``make aws``, as the other commands see it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from botocore.exceptions import ClientError

from nima.errors import InvalidRequest
from nima.image.limits import Limits
from nima.local.aws import Aws, environment
from nima.local.files import read_file
from nima.local.server import HOST
from nima.local.template import Template

_SECONDS = 60
_ANY_SIZE = Limits(max_bytes=512 << 20)
"""The function says what is too large."""
_UPLOADS = "/uploads"


class RunningAws:
    """The AWS on a loopback port.

    Attributes:
        url: Where it is on this machine.
        bucket: The bucket to upload to.

    Raises:
        InvalidRequest: Nothing answers there, or something else does.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://{HOST}:{port}"
        self.bucket: str = self._ask("GET", "")["bucket"]

    def send(self, event: Any) -> None:
        """Has the objects put of which an event tells; what is wrong with it is the function's to say."""
        self._ask("POST", "events", json.dumps(event).encode())

    def put(self, bucket: str, key: str, path: Path) -> dict[str, Any]:
        """Puts a file; the event that tells of the new object.

        Raises:
            UnreadableFile: It cannot be read.
        """
        return self._ask("PUT", f"objects/{bucket}/{quote(key)}", read_file(path, _ANY_SIZE))

    def check(self, bucket: str, key: str) -> None:
        """Raises ``InvalidRequest`` where there is no such object."""
        with environment(self.url), closing(Aws()) as aws:
            try:
                aws.s3.head_object(Bucket=bucket, Key=key)
            except ClientError as error:
                raise InvalidRequest(f"There is no {key} in the bucket {bucket}.") from error

    def variables(self, project: Path, bucket: str, seen_as: str) -> dict[str, dict[str, str]]:
        """The variables of each function of the present template, for containers.

        Stores that the template has got or changed since are made or changed first, as a deployment does.

        Args:
            project: The project.
            bucket: The bucket that the functions are told to use.
            seen_as: The URL at which containers reach this AWS.
        """
        template = Template(project)
        with environment(self.url), closing(Aws()) as aws:
            functions = template.functions(aws.deploy(template, {"BucketName": self.bucket}))
        return {
            function.id: {
                **function.environment,
                "BUCKET_NAME": bucket,
                "AWS_ENDPOINT_URL": seen_as,
                # Browsers post the forms that it signs, and they are no containers.
                **({"NIMA_UPLOAD_ENDPOINT": self.url} if any(r.path == _UPLOADS for r in function.routes) else {}),
            }
            for function in functions
        }

    def _ask(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        request = Request(f"{self.url}/_nima/{path}", body, method=method)  # noqa: S310  (our own loopback URL)
        try:
            with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
                answer = json.load(response)
        except HTTPError as error:
            with error:
                raise InvalidRequest(self._reason(error.read())) from error
        except OSError as error:
            raise InvalidRequest(f"Nothing answers at {self.url}; run `make aws` in another terminal.") from error
        except ValueError as error:
            raise InvalidRequest(self._reason(b"")) from error
        if not isinstance(answer, dict):
            raise InvalidRequest(self._reason(b""))
        return answer

    def _reason(self, body: bytes) -> str:
        try:
            return str(json.loads(body)["message"])
        except (ValueError, KeyError, TypeError):
            return f"What answers at {self.url} is not `make aws`; AWS_PORT names another port."
