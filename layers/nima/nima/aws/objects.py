"""Looking at one object in S3 as it is now, and reading it, never more of it than the limits allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from urllib3.exceptions import HTTPError

from nima.aws import clients
from nima.document.result import ObjectRef
from nima.errors import Internal
from nima.image.limits import Limits

_GONE = {"NoSuchKey", "404"}


@dataclass(frozen=True)
class OpenObject:
    """What a bucket shows of a key; nothing of the body has been read yet.

    Attributes:
        image: Its full reference.
        metadata: Its user metadata.
    """

    image: ObjectRef
    metadata: Mapping[str, str]
    body: Any

    @property
    def is_folder(self) -> bool:
        """Whether it is only a marker that makes a folder show: its key ends in a slash, and it is empty."""
        return self.image.key.endswith("/") and not self.image.bytes

    def read(self, limits: Limits) -> bytes:
        """Its content.

        Raises:
            ImageTooLarge: It is larger than the limits allow; nothing is read.
            Internal: S3 broke off; try again.
        """
        limits.check_bytes(self.image.bytes or 0)
        try:
            with clients.translated():
                content: bytes = self.body.read()
        except HTTPError as error:
            raise Internal("The picture could not be read to its end; try again later.", detail=repr(error)) from error
        return content


@contextmanager
def open_object(bucket: str, key: str) -> Iterator[OpenObject | None]:
    """What the bucket shows of a key now; None where it has no such object, or a delete marker is on top of it.

    Raises:
        Throttled, Internal: S3 did not answer; try again.
    """
    try:
        with clients.translated(but=_GONE):
            answer = clients.s3().get_object(Bucket=bucket, Key=key)
    except ClientError:
        answer = None
    if answer is None:
        yield None
        return
    # Entered itself, the body would hand out the bare stream, which checks no checksum.
    with closing(answer["Body"]) as body:
        image = ObjectRef(bucket, key, answer["ETag"].strip('"'), answer.get("VersionId"), answer["ContentLength"])
        yield OpenObject(image, answer.get("Metadata", {}), body)
