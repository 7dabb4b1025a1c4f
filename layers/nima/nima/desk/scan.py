"""Pictures of this machine, scored: one row each, as they come."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nima.desk.cache import Cache
from nima.desk.judging import Answer, Judging, Stamp, judge, unpacked
from nima.desk.shots import Shot
from nima.desk.workers import Workers
from nima.document.assessment import Assessment
from nima.document.result import ObjectRef, Rejection, Result
from nima.interrupt import raise_if_lost
from nima.native import without_info
from nima.shoot.capture import Capture

FEW = 4
"""Pictures up to which no processes are started for them."""


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
    shots: Iterable[Shot],
    judging: Judging,
    *,
    workers: int | None = None,
    cache: Cache | None = None,
    verify: bool = False,
) -> Iterator[Row]:
    """Scores pictures, and yields a row for each as soon as it is done, in no order that can be relied on.

    What was judged before comes first.

    Args:
        shots: The pictures.
        judging: How they are judged.
        workers: Processes that judge side by side; None for one on each processor that this process may use.
        cache: What was judged before; None judges everything anew.
        verify: Whether every file is read, even if by its size and time it is as it was.

    Raises:
        ModelUnavailable: No picture can be scored.
    """
    known = cache if judging.kept else None
    waiting = []
    for shot in shots:
        record = known.of_file(shot.path, Stamp.of(shot.path)) if known and not verify else None
        before = unpacked(record) if record else None
        if before:
            raise_if_lost()
            yield _row(shot, judging.of(before[0]), before[1])
        else:
            waiting.append(shot)
    for shot, answer in _judged(waiting, judging, workers or processors(), known):
        if known and answer.digest:
            known.keep(shot.path, answer.stamp, answer.digest, answer.record)
        raise_if_lost()
        yield _row(shot, answer.found, answer.capture)


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _judged(
    shots: Sequence[Shot], judging: Judging, workers: int, cache: Cache | None
) -> Iterator[tuple[Shot, Answer]]:
    if min(len(shots), workers) > 1 and len(shots) > FEW:
        with Workers(min(workers, len(shots)), judging, cache.place if cache else None) as running:
            for number, answer in running.answers(shot.path for shot in shots):
                yield shots[number], answer
    elif shots:
        assessor = judging.assessor()
        with without_info():
            assessor.model.get()
        for shot in shots:
            raise_if_lost()
            yield shot, judge(shot.path, judging, assessor, cache.of_content if cache else None)


def _row(shot: Shot, found: Assessment | Rejection, capture: Capture) -> Row:
    image = ObjectRef(key=shot.name)
    known = {"assessment": found} if isinstance(found, Assessment) else {"error": found}
    return Row(shot.path, shot.name, Result(image=image, **known), capture, shot.companions)
