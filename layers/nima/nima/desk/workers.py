"""Processes that judge files side by side. One that dies costs the file that it was at, and another takes its place."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nima.desk.cache import Cache
from nima.desk.judging import Answer, Judging, judge
from nima.document.result import Rejection
from nima.errors import Internal, ModelUnavailable
from nima.interrupt import raise_if_lost
from nima.native import without_info

_AHEAD = 2
"""Files that a process is given at a time, so that it never waits for the next one."""

_LOOK_SECONDS = 0.5
_END_SECONDS = 2.0
# Each process is on a processor of its own.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_DIED = Internal("The process that judged the file ended; the file may be damaged.")


class Workers:
    """Some processes.

    Args:
        count: How many.
        judging: How they judge.
        cache: Where they may look what is known of a content: the folder, and the judging's name.
    """

    def __init__(self, count: int, judging: Judging, cache: tuple[Path, str] | None) -> None:
        self._start: Callable[[], _Worker] = lambda: _Worker(judging, cache)
        with _environment():
            self._workers = [self._start() for _ in range(count)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.connection.close()
        for worker in self._workers:
            worker.end()

    def answers(self, paths: Iterable[Path]) -> Iterator[tuple[int, Answer]]:
        """Judges files; yields each one's place and answer as they come.

        Raises:
            ModelUnavailable: No file can be judged.
        """
        waiting = deque(enumerate(paths))
        while waiting or any(worker.tasks for worker in self._workers):
            for worker in self._workers:
                while waiting and len(worker.tasks) < _AHEAD and worker.give(waiting[0]):
                    waiting.popleft()
            raise_if_lost()
            ready = wait([worker.connection for worker in self._workers], _LOOK_SECONDS)
            for place, worker in enumerate(self._workers):
                if worker.connection not in ready:
                    continue
                answer = worker.take()
                if isinstance(answer, ModelUnavailable):
                    raise answer
                if answer is not None:
                    yield worker.tasks.popleft()[0], answer
                    continue
                lost, others = list(worker.tasks)[:1], list(worker.tasks)[1:]
                worker.end()
                with _environment():
                    self._workers[place] = self._start()
                waiting.extendleft(reversed(others))
                for number, _ in lost:
                    yield number, Answer(Rejection.of(_DIED))


class _Worker:
    def __init__(self, judging: Judging, cache: tuple[Path, str] | None) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.tasks: deque[tuple[int, Path]] = deque()
        self._process = context.Process(target=_work, args=(theirs, judging, cache), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, task: tuple[int, Path]) -> bool:
        """Hands over a file; False where the process is gone."""
        try:
            self.connection.send(task[1])
        except OSError:
            return False
        self.tasks.append(task)
        return True

    def take(self) -> Any:
        """The next answer; None where the process is gone."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            return None

    def end(self) -> None:
        self._process.join(_END_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self.connection.close()


def _work(connection: Connection[Any, Any], judging: Judging, cache: tuple[Path, str] | None) -> None:
    """Answers until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assessor = judging.assessor(threads=1)
    known = Cache(*cache, write=False) if cache else None
    with suppress(ModelUnavailable), without_info():  # which the first file will tell
        assessor.model.get()
    with suppress(EOFError, OSError):
        while True:
            path = connection.recv()
            try:
                answer: Any = judge(path, judging, assessor, known.of_content if known else None)
            except ModelUnavailable as error:
                answer = error
            connection.send(answer)


@contextmanager
def _environment() -> Iterator[None]:
    """For processes that are started meanwhile: a library reads its variables when it is loaded."""
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
