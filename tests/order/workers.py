"""Invocations that run at the same time, in an order that a seed decides: each stops before every call of AWS.

Only one thread runs at any time, so that a run can be repeated. Faults come before a call and after it took effect, as
answers of the service, as a connection that breaks off, and as the end of the process.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

_here = threading.local()
_URL = "https://aws.invalid"
_CONFLICT = {
    "Error": {"Code": "TransactionCanceledException", "Message": "conflict"},
    "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
}


class Killed(BaseException):
    """The process ends where it is."""


class Worker:
    """One invocation.

    Attributes:
        error: What ended it; None while it runs, and where it came to its end.
        done: Whether it has ended.
    """

    def __init__(self, task: Callable[[], None]) -> None:
        self.done = False
        self.error: BaseException | None = None
        self._task = task
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def step(self) -> None:
        """Lets it run to its next call of AWS, or to its end."""
        self._go.release()
        self._stopped.acquire()
        if self.done:
            self._thread.join()

    def stop(self) -> None:
        """Waits for the next ``step``; to be called by the worker itself."""
        self._stopped.release()
        self._go.acquire()

    def _run(self) -> None:
        _here.worker = self
        self._go.acquire()
        try:
            self._task()
        except BaseException as error:
            self.error = error
        self.done = True
        self._stopped.release()


class Faults:
    """What goes wrong with the calls of workers.

    Args:
        chance: Decides.
        share: How many of the calls go wrong, 0..1.
    """

    def __init__(self, chance: random.Random, share: float) -> None:
        self.injected = 0
        self._chance = chance
        self._share = share

    def watch(self, client: Any) -> None:
        """Stops workers before a boto3 client's calls, and makes some go wrong."""
        client.meta.events.register("before-call", self._before)
        client.meta.events.register("after-call", self._after)

    def _before(self, model: Any, **_: Any) -> None:
        worker = getattr(_here, "worker", None)
        if worker is None:
            return
        worker.stop()
        self._maybe(ConnectTimeoutError(endpoint_url=_URL), writes=getattr(model, "name", "") == "TransactWriteItems")

    def _after(self, **_: Any) -> None:
        if getattr(_here, "worker", None) is not None:
            self._maybe(ReadTimeoutError(endpoint_url=_URL, error="it took effect"))

    def _maybe(self, broken: Exception, *, writes: bool = False) -> None:
        if self._chance.random() >= self._share / 2:
            return
        self.injected += 1
        answers: list[BaseException] = [
            broken,
            Killed(),
            ClientError({"Error": {"Code": "InternalError", "Message": "no"}}, "Operation"),
        ]
        if writes:
            answers.append(ClientError(_CONFLICT, "TransactWriteItems"))  # type: ignore[arg-type]
        raise self._chance.choice(answers)
