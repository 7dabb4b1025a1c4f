"""Which shots are of one camera body, where two of one model took them and no file states a serial number."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from nima.shoot.frames import Frame, Lost

_DIGITS = re.compile(r"\d+")
# By how much the numbers of one body go on from a shot to the next one that is left; and the shots from which, and the
# share of all shots of which, it is known that each body has numbers of its own.
_MOST_ON, _LEAST, _MOST_STRAY = 100, 3, 0.2

_Shot = Frame | Lost
_Count = tuple[str, int]
"""What a shot's number stands in, and the number."""


def bodies(shots: Sequence[_Shot]) -> Iterator[tuple[_Shot, ...]]:
    """Takes shots of one model apart: by owner and lens, where all state them, and by what each body counts.

    Bodies count on from shot to shot. Where numbers rise with time, all may be one body's; where they do not, two were
    at work at once, and what goes on in number and in time is of one. Names that do not count, such as those of
    pictures for the web, tell nothing.

    Args:
        shots: In the order in which they were taken.

    Yields:
        Those of each body, in the same order; all together where nothing tells them apart.
    """
    if any(one.capture.serial for one in shots):
        yield tuple(shots)
        return
    for those in _told_apart(shots):
        yield from _counted_apart(those)


def _told_apart(shots: Sequence[_Shot]) -> list[list[_Shot]]:
    said = [(one.capture.owner, one.capture.lens, one.capture.lens_serial) for one in shots]
    by_all = [all(column) for column in zip(*said, strict=True)]
    found: dict[tuple[str | None, ...], list[_Shot]] = defaultdict(list)
    for one, stated in zip(shots, said, strict=True):
        found[tuple(value for value, known in zip(stated, by_all, strict=True) if known)].append(one)
    return list(found.values())


def _counted_apart(shots: Sequence[_Shot]) -> list[tuple[_Shot, ...]]:
    for counted in (_by_camera, _by_name, _by_folder_and_name):
        counts = [count for count in map(counted, shots) if count is not None]
        if len(counts) < len(shots) or _recurs(counts, shots):
            continue
        found = _strands(counts)
        if len(found) == 1:
            break
        own = [strand for strand in found if len(strand) >= _LEAST]
        if len(own) > 1 and sum(map(len, own)) >= (1 - _MOST_STRAY) * len(shots):
            return [tuple(shots[place] for place in strand) for strand in _with_strays(own, len(shots))]
    return [tuple(shots)]


def _by_camera(one: _Shot) -> _Count | None:
    number = one.capture.number
    return ("", number) if number else None


def _by_name(one: _Shot) -> _Count | None:
    """The longest number in its name, the first of those that are as long, and what stands before it."""
    stem = PurePath(one.name).stem
    number = max(_DIGITS.finditer(stem), key=lambda digits: len(digits[0]), default=None)
    return (stem[: number.start()].strip("_- ").casefold(), int(number[0])) if number else None


def _by_folder_and_name(one: _Shot) -> _Count | None:
    count = _by_name(one)
    return (f"{PurePath(one.name).parent}/{count[0]}", count[1]) if count else None


def _recurs(counts: Sequence[_Count], shots: Sequence[_Shot]) -> bool:
    """Whether a number comes again in another moment, as it does where two bodies count."""
    moments: dict[_Count, object] = {}
    taken = [one.capture.taken for one in shots]
    return any(moments.setdefault(count, moment) != moment for count, moment in zip(counts, taken, strict=True))


def _strands(counts: Sequence[_Count]) -> list[list[int]]:
    """Places of what one body may have counted: runs that rise in number and in time, one after the other."""
    runs: list[list[int]] = []
    for place in sorted(range(len(counts)), key=lambda place: (*counts[place], place)):
        if runs and _goes_on(counts, runs[-1][-1], place):
            runs[-1].append(place)
        else:
            runs.append([place])
    strands: list[list[int]] = []
    for run in sorted(runs):
        ended = [one for one in strands if one[-1] < run[0]]
        if ended:
            min(ended, key=lambda one: _apart(counts[one[-1]], counts[run[0]])).extend(run)
        else:
            strands.append(run)
    return strands


def _goes_on(counts: Sequence[_Count], earlier: int, later: int) -> bool:
    (before, number), (behind, following) = counts[earlier], counts[later]
    return earlier < later and before == behind and following - number <= _MOST_ON


def _apart(one: _Count, other: _Count) -> tuple[bool, bool, int]:
    """How little one count looks as if it went on with another."""
    return one[0] != other[0], other[1] < one[1], abs(other[1] - one[1])


def _with_strays(strands: Sequence[list[int]], count: int) -> list[list[int]]:
    """Strands, and with each the places in none of them that are right behind one of it."""
    whose = {place: number for number, strand in enumerate(strands) for place in strand}
    current = whose[min(whose)]
    found: list[list[int]] = [[] for _ in strands]
    for place in range(count):
        current = whose.get(place, current)
        found[current].append(place)
    return found
