"""LocalStack on this machine, run by a Python that has it, with four of its parts replaced.

- Functions run in containers that are there already (FUNCTIONS: JSON, a part of a function's name -> URL of its runtime
  interface), because LocalStack's free edition runs no images. Its queue of asynchronous events, the retries and the
  destinations stay its own.
- DynamoDB's requests go to DYNAMODB_URL, because LocalStack would start a Java program.
- S3's events get a sequencer that grows, and keys encoded as S3 does: LocalStack repeats one sequencer.
- REST APIs whose binary media types are ``*/*`` take and give every body as bytes, which LocalStack overlooks.
"""

from __future__ import annotations

import itertools
import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from typing import Any
from urllib.parse import quote_plus, unquote

from localstack.aws.api.dynamodb import DynamodbApi
from localstack.runtime.main import main
from localstack.services.apigateway.next_gen.execute_api.handlers import integration_request, integration_response
from localstack.services.apigateway.next_gen.execute_api.integrations import aws as integrations
from localstack.services.dynamodb import provider as dynamodb
from localstack.services.lambda_.invocation import lambda_service, runtime_executor, version_manager
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.plugins import ServiceLifecycleHook
from localstack.services.s3.notifications import BaseNotifier

FUNCTIONS: dict[str, str] = json.loads(os.environ["FUNCTIONS"])
# A runtime interface deals with one event at a time, as an instance of a function does.
_one_at_a_time: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
_sequence = itertools.count(time.time_ns())


class RunningElsewhere:
    """A runtime executor with nothing to prepare."""

    @classmethod
    def prepare_version(cls, function_version: Any) -> None:
        return

    @classmethod
    def cleanup_version(cls, function_version: Any) -> None:
        return

    @classmethod
    def validate_environment(cls) -> bool:
        return True


class DynamoDbElsewhere(DynamodbApi, ServiceLifecycleHook):  # type: ignore[misc]  # LocalStack is not installed here
    """Forwards everything."""

    def get_forward_url(self, account_id: str, region_name: str) -> str:
        return os.environ["DYNAMODB_URL"]


def invoke(manager: Any, *, invocation: Any) -> InvocationResult:
    """Takes the place of ``LambdaVersionManager.invoke``."""
    function = manager.function_version.id
    url = next(url for part, url in FUNCTIONS.items() if part in function.function_name)
    request = urllib.request.Request(f"{url}/2015-03-31/functions/function/invocations", invocation.payload or b"{}")
    lease = manager.counting_service.get_invocation_lease(
        manager.function, manager.function_version, manager.provisioned_state
    )
    with lease, _one_at_a_time[url]:
        try:
            with urllib.request.urlopen(request, timeout=900) as response:
                body = response.read()
        except urllib.error.HTTPError as error:  # the runtime died
            body = error.read()
    try:
        document = json.loads(body)
    except ValueError:  # "Task timed out after ..." is plain text
        document = {"errorType": "Sandbox.Timedout", "errorMessage": body.decode()}
        body = json.dumps(document).encode()
    failed = isinstance(document, dict) and "errorType" in document
    return InvocationResult(invocation.request_id, body, failed, "", function.qualifier)


def with_sequencer(make: Any) -> Any:
    """An event's maker, with what LocalStack leaves out."""

    def payload(context: Any, config_id: Any = None) -> Any:
        event = make(context, config_id)
        stored = event["s3"]["object"] if "s3" in event else event["Records"][0]["s3"]["object"]
        stored["key"] = quote_plus(unquote(stored["key"]), safe="/")
        if "sequencer" in stored:
            stored["sequencer"] = f"{next(_sequence):018X}"
        return event

    return payload


def with_everything(matches: Any) -> Any:
    """The check of a media type, with ``*/*`` fitting all of them and none."""

    def fits(mime_type: str | None, binary_media_types: list[str]) -> bool:
        return "*/*" in binary_media_types or bool(matches(mime_type, binary_media_types))

    return fits


for module in (integration_request, integration_response, integrations):
    module.mime_type_matches_binary_media_types = with_everything(module.mime_type_matches_binary_media_types)
version_manager.get_runtime_executor = runtime_executor.get_runtime_executor = lambda: RunningElsewhere
version_manager.LambdaVersionManager.invoke = invoke
lambda_service.CONTAINER_CLIENT.has_docker = lambda: False
dynamodb.DynamoDBProvider = DynamoDbElsewhere
BaseNotifier._get_event_payload = staticmethod(with_sequencer(BaseNotifier._get_event_payload))

if __name__ == "__main__":
    main()
