"""The running application: stores, functions, notifications and API, wired as template.yaml wires them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

from nima.aws import process
from nima.catalogue.folders import Folder
from nima.local.api import Api
from nima.local.aws import ACCOUNT_ID, REGION, STACK, Aws, environment, moto_server
from nima.local.lambda_service import Function, Handler, load_handler
from nima.local.notifications import Notifications
from nima.local.server import serving
from nima.local.template import FunctionSpec, Template

RETRY_DELAY = 0.5


@dataclass(frozen=True)
class LocalStack:
    """The application while it runs.

    ``endpoint`` is the AWS it uses, ``api`` the URL of its REST API, ``bucket`` the name of the bucket that pictures
    are put into; ``upload_prefix`` is what keys begin with that the API writes; ``functions`` has every function by
    its logical id.
    """

    endpoint: str
    api: str
    bucket: str
    upload_prefix: str
    aws: Aws
    functions: Mapping[str, Function]

    @property
    def busy(self) -> bool:
        """Whether an object changed that a function has not dealt with yet."""
        return any(function.busy for function in self.functions.values())

    def key(self, path: str) -> str:
        """The key of a picture by its path in a folder whose contents are put where uploads go."""
        return self.upload_prefix + path

    def ranking_url(self, folder: Folder) -> str:
        """Where the API has the ranking of a folder's pictures."""
        return f"{self.api}/collections/{quote(folder.id, safe='')}/ranking"

    def image_url(self, key: str) -> str:
        """Where the API has the document of a picture."""
        return f"{self.api}/images/{quote(key)}"

    def document(self, key: str) -> dict[str, Any] | None:
        """The document of a picture as the API has it; None if it has none."""
        try:
            with urlopen(self.image_url(key), timeout=60) as response:  # noqa: S310  (our own loopback URL)
                document: dict[str, Any] = json.load(response)
                return document
        except HTTPError as error:
            with error:
                if error.code == 404:
                    return None
                raise


@contextmanager
def local_stack(
    template: Template,
    listener: socket.socket,
    variables: Mapping[str, str],
    retry_delay: float = RETRY_DELAY,
    api_key: str | None = None,
) -> Iterator[LocalStack]:
    """Runs the application of a template; only one can run in a process at a time.

    Args:
        template: The application.
        listener: The socket for its API; taken over.
        variables: Environment variables of the functions that take the place of the template's.
        retry_delay: Seconds before a failed event is tried again.
        api_key: The key that the API asks for; with None it asks for none.
    """
    functions: dict[str, Function] = {}
    with ExitStack() as running, listener:
        notifications = running.enter_context(
            Notifications(lambda arn, event: functions[arn.rpartition(":")[2]].invoke_async(event))
        )
        endpoint = running.enter_context(moto_server(notifications))
        running.enter_context(environment(endpoint))
        aws = Aws()
        running.callback(aws.close)
        specs = [
            replace(spec, environment={**spec.environment, **variables})
            for spec in template.functions(aws.deploy(template))
        ]
        # Functions keep what they make for the life of a process, which here may have seen another stack before.
        process.reset()
        for spec in specs:
            functions[f"{STACK}-{spec.id}"] = deployed(spec, aws, load_handler(spec), retry_delay)
            running.callback(functions[f"{STACK}-{spec.id}"].stop)
        for function in functions.values():
            aws.notify(function.arn, function.spec)
        routes = [(route, function) for function in functions.values() for route in function.spec.routes]
        port = running.enter_context(serving(Api(routes, ACCOUNT_ID, api_key), listener))
        yield LocalStack(
            endpoint=endpoint,
            api=f"http://localhost:{port}",
            bucket=next(notification.bucket for spec in specs for notification in spec.notifications),
            upload_prefix=next(spec.environment.get("NIMA_UPLOAD_PREFIX", "") for spec in specs),
            aws=aws,
            functions={function.spec.id: function for function in functions.values()},
        )


def deployed(spec: FunctionSpec, aws: Aws, handler: Handler, retry_delay: float = RETRY_DELAY) -> Function:
    """A function of the stack, which keeps the events that it fails on in its failure queue."""
    return Function(
        spec=spec,
        arn=f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{STACK}-{spec.id}",
        handler=handler,
        send_failure=partial(aws.send_to_queue, spec.on_failure) if spec.on_failure else None,
        retry_delay=retry_delay,
    )
