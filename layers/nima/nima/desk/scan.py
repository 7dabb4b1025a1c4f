"""Pictures of this machine, scored: one row each, as they come."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from nima.desk.answer import Answer
from nima.desk.cache import Cache, Seen
from nima.desk.judging import Judging
from nima.desk.pool import Facts, Pool, Told
from nima.desk.shots import Shot
from nima.document.result import ObjectRef, Rejection, Result
from nima.errors import Internal, ModelUnavailable
from nima.native import processors
from nima.shoot.capture import Capture

__all__ = ["Judging", "Row", "scan"]


@dataclass(frozen=True)
class Row:
    """What became of one picture.

    Attributes:
        path: The file that was judged.
        name: What it goes by.
        result: Its assessment, or the error that it is refused with.
        capture: How it was taken, as far as its file says so.
        companions: Other files of the same shot.
    """

    path: Path
    name: str
    result: Result
    capture: Capture
    companions: tuple[Path, ...] = ()


def scan(
    shots: Iterable[Shot | None],
    judging: Judging,
    *,
    workers: int | None = None,
    cache: Path | None = None,
    verify: bool = False,
    warn: Callable[[str], object] = warnings.warn,
) -> Generator[Row, None, None]:
    """Scores pictures, and yields a row for each as soon as it is done, in no order that can be relied on.

    Args:
        shots: The pictures; None where there is none at the moment, so that what is done meanwhile is yielded.
        judging: How they are judged.
        workers: How many processes do so; None takes one for each processor.
        cache: The file where answers are kept for the next time; None keeps none.
        verify: Whether files are read even where they look as they did when they were last read.
        warn: Told in a sentence, once, what is wrong with the cache.

    Raises:
        ModelUnavailable: No picture can be scored.
        Internal: No process can be started.
    """
    told: set[str] = set()

    def warn_once(sentence: str) -> None:
        if sentence not in told:
            told.add(sentence)
            warn(sentence)

    kept = cache if judging.keepable else None
    beginning = {"judging": judging.to_json(), "cache": kept and str(kept)}
    with ExitStack() as ended:
        pool = ended.enter_context(closing(Pool(workers or processors(), beginning, _facts)))
        known = ended.enter_context(closing(_Known(Cache(kept, warn_once), judging))) if kept else None
        for shot in shots:
            answer = known.answer(shot) if shot and known and not verify else None
            if shot and answer:
                yield _row(shot, answer, judging)
            elif shot:
                pool.submit(shot)
            for one in pool.ready():
                yield _told(one, judging, warn_once)
        for one in pool.rest():
            yield _told(one, judging, warn_once)


class _Known:
    """What was found out about files that look as they did."""

    def __init__(self, cache: Cache, judging: Judging) -> None:
        self._cache = cache
        self._judging = judging

    def answer(self, shot: Shot) -> Answer | None:
        with suppress(OSError, ValueError):
            content = self._cache.content_of(shot.remote.seen if shot.remote else Seen.of(shot.path, shot.path.stat()))
            found = content and self._cache.answer(content, self._judging.maker(shot.path), self._judging.parts)
            return Answer.from_bytes(found) if found else None
        return None

    def close(self) -> None:
        self._cache.close()


@contextmanager
def _facts(shot: Shot) -> Iterator[Facts]:
    if shot.remote is None:
        yield {"path": str(shot.path), "seen": None}
        return
    with shot.remote.copied() as path:
        yield {"path": str(path), "seen": shot.remote.seen.to_json()}


def _told(told: Told[Shot], judging: Judging, warn: Callable[[str], None]) -> Row:
    for sentence in told.warnings:
        warn(sentence)
    if isinstance(told.answer, ModelUnavailable | Internal):
        raise told.answer
    if isinstance(told.answer, bytes):
        return _row(told.task, Answer.from_bytes(told.answer), judging)
    return _row(told.task, Answer(Capture(), error=Rejection.of(told.answer)), judging)


def _row(shot: Shot, answer: Answer, judging: Judging) -> Row:
    assessment = answer.assessment and judging.judged(answer.assessment)
    result = Result(image=ObjectRef(key=shot.name), assessment=assessment, error=answer.error)
    return Row(shot.path, shot.name, result, answer.capture, shot.companions)
