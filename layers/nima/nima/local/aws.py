"""An AWS on this machine: moto's server in this process, and the template's stores in it."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.request import Request, urlopen

import boto3
from botocore.exceptions import ClientError

from nima.local.server import HOST, listen, serving
from nima.local.template import BUCKET, TABLE, FunctionSpec, Template

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from nima.local.notifications import Notifications

    Beside = Callable[[WSGIApplication], WSGIApplication]

ACCOUNT_ID = "123456789012"
"""The account that moto plays."""
REGION = "eu-central-1"
STACK = "nima-local"


@contextmanager
def moto_server(
    notifications: Notifications, listener: socket.socket | None = None, beside: Beside | None = None
) -> Iterator[str]:
    """Runs moto's server, on any free loopback port unless a socket is given; its URL on this machine.

    What it held is gone afterwards. ``beside`` may put an application in front of it.
    """
    # Takes a second to import, which who only talks to a running server need not wait for.
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app

    app = notifications.after_requests(_unsigned(_isolated(DomainDispatcherApplication(create_backend_app))))
    with serving(beside(app) if beside else app, listener or listen(0), MotoRequestHandler) as port:
        url = f"http://{HOST}:{port}"
        yield url
        with urlopen(Request(f"{url}/moto-api/reset", method="POST")):  # noqa: S310  (our own loopback URL)
            pass


def _unsigned(app: WSGIApplication) -> WSGIApplication:
    """The application with uploads taken that nobody signed, as curl's are.

    moto takes the first of a key, refuses the next, and waits for ever for the body of one that says it is a form.
    """
    signature = f"AWS4-HMAC-SHA256 Credential=local/20250101/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=0"

    def taking(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "PUT" and "Signature=" not in environ.get("QUERY_STRING", ""):
            environ.setdefault("HTTP_AUTHORIZATION", signature)
            if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
                environ["CONTENT_TYPE"] = "binary/octet-stream"
        return app(environ, start_response)

    return taking


def _isolated(app: WSGIApplication) -> WSGIApplication:
    """The application with DynamoDB answering one request at a time: moto keeps transactions no further apart."""
    lock = threading.Lock()

    def one_at_a_time(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB"):
            return app(environ, start_response)
        with lock:
            return app(environ, start_response)

    return one_at_a_time


def isolated() -> dict[str, str]:
    """This process's environment without the real AWS: no profile, keys or endpoints of it, but a region and keys."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def environment(endpoint: str) -> Iterator[None]:
    """This process's environment with no AWS in it but the one at ``endpoint``.

    Whatever the caller has set for the real AWS (profile, keys, endpoints, proxies) is out of reach inside.
    """
    loopback = dict.fromkeys(("NO_PROXY", "no_proxy"), f"{HOST},localhost")
    aws = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    with patch.dict(os.environ, {**isolated(), **loopback, **aws}, clear=True):
        yield


class Aws:
    """Clients of the AWS that ``environment`` points to, and the stack in it."""

    def __init__(self) -> None:
        session = boto3.Session()
        self.s3 = session.client("s3")
        self.dynamodb = session.client("dynamodb")
        self.sqs = session.client("sqs")
        self.events = session.client("events")
        self._cloudformation = session.client("cloudformation")

    def deploy(self, template: Template, parameters: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
        """Creates the buckets, tables, queues and event buses of a template, or changes what of them has changed.

        Args:
            template: The application.
            parameters: Values in place of the template's defaults.

        Returns:
            The outputs of the stack.
        """
        body = template.stores()
        for name, value in parameters.items():
            body["Parameters"][name]["Default"] = value
        changed = self._create_or_update(json.dumps(body, default=str))
        (stack,) = self._cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        if changed:
            self._add_what_moto_leaves_out(template, outputs)
        return outputs

    def _create_or_update(self, body: str) -> bool:
        try:
            known = self._cloudformation.get_template(StackName=STACK)["TemplateBody"]
        except ClientError:  # there is no such stack
            self._cloudformation.create_stack(StackName=STACK, TemplateBody=body)
            return True
        if json.dumps(known) == body:
            return False
        self._cloudformation.update_stack(StackName=STACK, TemplateBody=body)
        return True

    def physical_id(self, logical_id: str) -> str:
        """The name of a bucket or table, or the URL of a queue."""
        detail = self._cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
        return detail["StackResourceDetail"]["PhysicalResourceId"]

    def notify(self, function_arn: str, spec: FunctionSpec) -> None:
        """Gives a function's buckets the notification configuration that SAM makes of the function's events."""
        for bucket in {notification.bucket for notification in spec.notifications}:
            configurations: list[Any] = [
                {
                    "Id": notification.id,
                    "LambdaFunctionArn": function_arn,
                    "Events": list(notification.events),
                    **({"Filter": {"Key": {"FilterRules": notification.rules}}} if notification.rules else {}),
                }
                for notification in spec.notifications
                if notification.bucket == bucket
            ]
            self.s3.put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": configurations}
            )

    def send_to_queue(self, queue_arn: str, document: object) -> None:
        """Puts a JSON document into a queue of this account."""
        url = self.sqs.get_queue_url(QueueName=queue_arn.rpartition(":")[2])["QueueUrl"]
        self.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(document))

    def close(self) -> None:
        for client in (self.s3, self.dynamodb, self.sqs, self.events, self._cloudformation):
            client.close()

    def _add_what_moto_leaves_out(self, template: Template, outputs: Mapping[str, str]) -> None:
        """Sets the properties that moto's CloudFormation ignores, through the APIs that take them in the same shape."""
        calls: dict[tuple[str, str], dict[str, Callable[..., Any]]] = {
            (BUCKET, "Bucket"): {
                "VersioningConfiguration": self.s3.put_bucket_versioning,
                "PublicAccessBlockConfiguration": self.s3.put_public_access_block,
            },
            (TABLE, "TableName"): {
                "TimeToLiveSpecification": self.dynamodb.update_time_to_live,
                "PointInTimeRecoverySpecification": self.dynamodb.update_continuous_backups,
            },
        }
        for (kind, parameter), setters in calls.items():
            for id in template.ids(kind):
                properties, name = template.properties(id, outputs), self.physical_id(id)
                for property, call in setters.items():
                    if property in properties:
                        call(**{parameter: name, property: properties[property]})
