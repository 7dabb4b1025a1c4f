"""Workers that judge pictures side by side, a process for each processor; one that dies costs one picture."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from nima.errors import Internal, ModelUnavailable, NimaError, UndecodableImage
from nima.image.messages import Stream, receive, send
from nima.image.processes import end, killed_after, start
from nima.interrupt import raise_if_lost

Facts = dict[str, Any]
T = TypeVar("T")

_MODULE = "nima.desk.worker"
# Arrays of a frame's size come from memory that is kept: else each would be fresh pages, which the system has to clear.
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}
# For a picture with all that can be asked for; what hangs takes for ever.
_DEADLINE_S = 300.0
_AWAKE_S, _BREATH_S = 0.2, 0.02
_BROKEN_OFF = (OSError, EOFError, ValueError)


@dataclass(frozen=True)
class Told(Generic[T]):
    """What became of a task: the answer, or the error in its place, and what a person should hear of besides."""

    task: T
    answer: bytes | NimaError
    warnings: tuple[str, ...] = ()


class Pool(Generic[T]):
    """Workers, started as there is work for them. To be closed, which ends them whatever they are doing.

    Args:
        workers: How many at most.
        beginning: What each is told first.
        facts: What of a task a worker is told, for as long as it works on that; made in threads.
    """

    def __init__(self, workers: int, beginning: Facts, facts: Callable[[T], AbstractContextManager[Facts]]) -> None:
        self._most = workers
        self._beginning = beginning
        self._facts = facts
        self._tasks: queue.SimpleQueue[T | None] = queue.SimpleQueue()
        # Who takes answers more slowly than they come is waited for.
        self._told: queue.Queue[Told[T]] = queue.Queue(2 * workers)
        self._seats: list[tuple[_Seat, threading.Thread]] = []
        self._open = 0

    def submit(self, task: T) -> None:
        """Gives a task; returns at once."""
        self._open += 1
        self._tasks.put(task)
        if len(self._seats) < min(self._most, self._open):
            seat = _Seat(self._beginning)
            thread = threading.Thread(target=self._serve, args=(seat,), daemon=True)
            self._seats.append((seat, thread))
            thread.start()

    def ready(self) -> Iterator[Told[T]]:
        """What has been answered by now."""
        with suppress(queue.Empty):
            while True:
                yield self._taken(block=False)

    def rest(self) -> Iterator[Told[T]]:
        """All that is still to be answered, as it comes."""
        while self._open:
            raise_if_lost()
            with suppress(queue.Empty):
                yield self._taken(block=True)

    def close(self) -> None:
        """Ends all workers, and waits for that."""
        for seat, _ in self._seats:
            seat.leave()
            self._tasks.put(None)
        while any(thread.is_alive() for _, thread in self._seats):
            with suppress(queue.Empty):
                self._told.get(timeout=_BREATH_S)

    def _taken(self, *, block: bool) -> Told[T]:
        told = self._told.get(block, _AWAKE_S)
        self._open -= 1
        return told

    def _serve(self, seat: _Seat) -> None:
        while (task := self._tasks.get()) is not None and not seat.left:
            try:
                with self._facts(task) as facts:
                    warnings, answer = seat.ask(facts)
                told = Told(task, answer, warnings)
            except NimaError as error:
                told = Told(task, error)
            except Exception as error:  # else nobody would answer, and the task be waited for
                told = Told(task, Internal("A picture could not be judged.", detail=repr(error)))
            if not seat.left:
                self._told.put(told)


class _Seat:
    """Where one worker after the other sits."""

    def __init__(self, beginning: Facts) -> None:
        self.left = False
        self._beginning = beginning
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None

    def ask(self, facts: Facts) -> tuple[tuple[str, ...], bytes]:
        """The answer, and the warnings, of the one that sits here, or of a new one.

        Raises:
            UndecodableImage: The file has ended a new worker as well, or kept one busy for too long.
            ModelUnavailable: No picture can be judged.
            Internal: A worker cannot be started.
        """
        while True:
            fresh = self._worker is None or self._worker.poll() is not None
            worker = self._seated()
            try:
                with killed_after(_DEADLINE_S, worker):
                    send(cast(Stream, worker.stdin), facts)
                    told, answer = _heard(worker)
                return tuple(told["warnings"]), answer
            except _BROKEN_OFF as error:
                detail = f"{error!r}; the worker ended with {end(worker)}"
            # A crash may come from what an earlier picture did to the worker: then a new one judges this picture.
            if fresh or self.left:
                raise UndecodableImage("The file is damaged: its decoder had to be stopped.", detail=detail)

    def leave(self) -> None:
        """Ends the one that sits here; nobody sits down any more."""
        with self._lock:
            self.left = True
        if self._worker:
            end(self._worker)

    def _seated(self) -> subprocess.Popen[bytes]:
        if self._worker is not None and self._worker.poll() is None:
            return self._worker
        worker = None
        try:
            with self._lock:
                if self.left:
                    raise Internal("The work was broken off.")
                worker = self._worker = start(_MODULE, [], {**os.environ, **_ENVIRONMENT})
            send(cast(Stream, worker.stdin), self._beginning)
            _heard(worker)
        except _BROKEN_OFF as error:
            detail = f"{error!r}; it ended with {end(worker)}" if worker else repr(error)
            raise Internal("A process that judges pictures could not be started.", detail=detail) from error
        return worker


def _heard(worker: subprocess.Popen[bytes]) -> tuple[Facts, bytes]:
    told, answer = receive(cast(Stream, worker.stdout))
    if "unavailable" in told:
        message, detail = told["unavailable"]
        raise ModelUnavailable(message, detail=detail)
    return told, answer
