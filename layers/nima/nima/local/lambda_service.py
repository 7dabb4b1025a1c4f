"""A small Lambda service in this process.

One invocation runs at a time, whatever the function: functions share this process, and with it the environment and what
libraries keep for a whole process (Powertools' metrics and log keys), which on AWS each function has for itself.

Events from other services wait in a queue and are worked off in order. One that fails is tried again as the template
says, after short delays instead of Lambda's one and two minutes, and then goes to the function's failure queue with the
document that Lambda sends to a destination.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from nima.local.template import FunctionSpec

Handler = Callable[[Any, Any], Any]
Send = Callable[[dict[str, Any]], None]

logger = logging.getLogger(__name__)
_process = threading.Lock()


class FunctionError(Exception):
    """A handler raised, or returned what JSON cannot carry; ``payload`` is what Lambda answers then."""

    def __init__(self, error: BaseException, request_id: str) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.payload = {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "requestId": request_id,
            "stackTrace": traceback.format_tb(error.__traceback__),
        }


@dataclass(frozen=True)
class Context:
    """Lambda's context object."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    aws_request_id: str
    deadline: float
    function_version: str = "$LATEST"
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None
    log_group_name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "log_group_name", f"/aws/lambda/{self.function_name}")

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's timeout, which is not enforced here."""
        return max(0, round((self.deadline - time.monotonic()) * 1000))


@contextmanager
def _this_process(variables: Mapping[str, str]) -> Iterator[None]:
    """Has the process to itself, with a function's environment variables set."""
    with _process:
        os.environ.update(variables)
        try:
            yield
        finally:
            for name in variables:
                del os.environ[name]


def load_handler(spec: FunctionSpec) -> Handler:
    """Imports a function's handler, with its folder where modules are looked up first, as in Lambda."""
    folder = str(spec.folder.resolve())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module, _, attribute = spec.handler.rpartition(".")
    with _this_process(spec.environment):
        handler: Handler = getattr(import_module(module), attribute)
    return handler


class Function:
    """A function that can be invoked.

    Args:
        spec: The function as the template has it.
        arn: Its ARN.
        handler: What is called with an event and a context.
        send_failure: Puts a document into the function's failure queue; None if it has none.
        retry_delay: Seconds before the first new attempt; twice as long before the second.
    """

    def __init__(
        self, spec: FunctionSpec, arn: str, handler: Handler, send_failure: Send | None, retry_delay: float
    ) -> None:
        self.spec = spec
        self.arn = arn
        self.handler = handler
        self._send_failure = send_failure
        self._retry_delay = retry_delay
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._stopping = threading.Event()
        self._worker = threading.Thread(target=self._work, name=f"lambda-{spec.id}", daemon=True)
        self._worker.start()

    @property
    def busy(self) -> bool:
        """Whether an event that came asynchronously has not been dealt with."""
        return self._events.unfinished_tasks > 0

    def invoke(self, event: Any, request_id: str | None = None) -> Any:
        """Runs the function and returns its answer; both pass through JSON as they do in Lambda.

        Raises:
            FunctionError: The function failed.
        """
        request_id = request_id or str(uuid.uuid4())
        with _this_process(self.spec.environment):
            context = Context(
                function_name=self.arn.rpartition(":")[2],
                invoked_function_arn=self.arn,
                memory_limit_in_mb=self.spec.memory,
                aws_request_id=request_id,
                deadline=time.monotonic() + self.spec.timeout,
            )
            try:
                return json.loads(json.dumps(self.handler(json.loads(json.dumps(event)), context), allow_nan=False))
            except (Exception, SystemExit) as error:
                logger.exception("%s failed", self.spec.id)
                raise FunctionError(error, request_id) from error

    def invoke_async(self, event: dict[str, Any]) -> None:
        """Takes an event to be dealt with after those that came before it."""
        self._events.put(event)

    def stop(self) -> None:
        """Finishes the invocation that runs (or gives it up after ten seconds), forgets what waits, ends the thread."""
        self._stopping.set()
        self._events.put({})
        self._worker.join(timeout=10)

    def _work(self) -> None:
        while True:
            event = self._events.get()
            try:
                if self._stopping.is_set():
                    return
                self._deliver(event)
            except Exception:
                logger.exception("the failed event of %s could not be kept", self.spec.id)
            finally:
                self._events.task_done()

    def _deliver(self, event: dict[str, Any]) -> None:
        request_id = str(uuid.uuid4())
        for attempt in range(self.spec.retries + 1):
            try:
                self.invoke(event, request_id)
            except FunctionError as error:
                failure = error
            else:
                return
            if attempt < self.spec.retries and self._stopping.wait(self._retry_delay * (attempt + 1)):
                return
        if self._send_failure is not None:
            self._send_failure(self._failure_document(event, request_id, failure))

    def _failure_document(self, event: dict[str, Any], request_id: str, error: FunctionError) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        return {
            "version": "1.0",
            "timestamp": now.replace("+00:00", "Z"),
            "requestContext": {
                "requestId": request_id,
                "functionArn": f"{self.arn}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": self.spec.retries + 1,
            },
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": error.payload,
        }
