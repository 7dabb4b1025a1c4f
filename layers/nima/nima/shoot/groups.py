"""Which frames of a shoot belong together: copies and versions of one shot, sets, and bursts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from nima.document.similarity import NEAR_DUPLICATE_BITS
from nima.shoot.frames import Frame, Lost, gap
from nima.shoot.likeness import bits, is_alike
from nima.shoot.order import by_number, in_order
from nima.shoot.sets import find_sets

SINGLE, BURST = "single", "burst"
"""The kinds of groups that are no sets."""

# An edited crop is 20 bits from its shot, which the moment to the fraction of a second tells as well.
_VERSION = 3


@dataclass(frozen=True)
class Rules:
    """When frames belong together.

    Attributes:
        burst: Most seconds from the end of one frame of a burst to the start of the next.
        similar: Most bits, of 64, by which their hashes differ; half of them where no moment is stated.
    """

    burst: float = 2.0
    similar: int = NEAR_DUPLICATE_BITS


@dataclass(frozen=True, eq=False)
class Group:
    """Frames that belong together.

    Attributes:
        kind: ``SINGLE``, ``BURST`` or a kind of set.
        frames: In the order in which they were taken.
        doubtful: Names of those of a burst that may be a bracket, which nothing but their light tells.
    """

    kind: str
    frames: tuple[Frame, ...]
    doubtful: frozenset[str] = frozenset()

    @property
    def is_set(self) -> bool:
        """Whether its frames are to be made into one picture."""
        return self.kind not in (SINGLE, BURST)


def group(frames: Iterable[Frame], rules: Rules, lost: Collection[Lost] = ()) -> tuple[Group, ...]:
    """The groups of a shoot, each frame in one of them, in the order of what was taken first.

    Args:
        lost: Shots of which no picture can be read. What is left of a set is one.
    """
    shots = _shots(list(frames), rules)
    versions = {shot[0].name: shot for shot in shots}
    groups: list[Group] = []
    for sequence in in_order([shot[0] for shot in shots], lost):
        bursts = _Bursts(rules)
        doubtful: set[str] = set()
        for found in find_sets(sequence):
            if found.kind and found.sure:
                groups.append(Group(found.kind, found.frames))
            else:
                bursts.add(found.frames)
                doubtful |= {frame.name for frame in found.frames if not found.sure}
        groups += [_loose(those, doubtful) for those in bursts.found]
    whole = [_with_versions(one, versions) for one in _joined(groups, rules)]
    return tuple(sorted(whole, key=lambda one: _when(one.frames[0])))


def _loose(frames: Sequence[Frame], doubtful: Collection[str]) -> Group:
    maybe = frozenset(frame.name for frame in frames if frame.name in doubtful)
    return Group(BURST if len(frames) > 1 else SINGLE, tuple(frames), maybe)


def _shots(frames: Sequence[Frame], rules: Rules) -> list[list[Frame]]:
    """Files of one shot together: the same bytes, or one made of the other."""
    found: list[list[Frame]] = []
    known: dict[object, list[list[Frame]]] = defaultdict(list)
    for frame in sorted(frames, key=_original):
        signs = [sign for sign in (frame.content, _moment(frame)) if sign is not None]
        shots = (shot for sign in signs for shot in known[sign])
        shot = next((shot for shot in shots if _is_version(shot[0], frame, rules)), None)
        if shot is None:
            shot = []
            found.append(shot)
        shot.append(frame)
        for sign in signs:
            known[sign].append(shot)
    return found


def _original(frame: Frame) -> tuple[int, int, str]:
    """What sorts a shot's own file before what was made of it: the larger first, then the shorter name."""
    image = frame.assessment.image
    return -image.width * image.height, len(frame.name), frame.name


def _moment(frame: Frame) -> object:
    """What files of one shot state alike; None where nothing is stated."""
    capture = frame.capture
    stated = capture.taken, capture.camera, capture.shutter
    return None if stated == (None, None, None) else stated


def _is_version(one: Frame, other: Frame, rules: Rules) -> bool:
    return _is_copy(one, other) or (_is_made_of(one, other) and bits(one, other) <= _VERSION * rules.similar)


def is_same_shot(one: Frame, other: Frame) -> bool:
    """Whether two frames of one group are files of one press of the button, one of them made of the other."""
    return _is_copy(one, other) or _is_made_of(one, other)


def _is_copy(one: Frame, other: Frame) -> bool:
    return one.content is not None and one.content == other.content


def _is_made_of(one: Frame, other: Frame) -> bool:
    """Whether one of two files was made of the other: both state one moment, to the fraction of its second or by a name
    that goes on where the other's ends, as IMG_1 and IMG_1-edited."""
    if _moment(one) != _moment(other) or _moment(one) is None or not one.capture.may_be_of(other.capture):
        return False
    if one.capture.taken and one.capture.taken.microsecond:
        return True
    shorter, longer = sorted((PurePath(name).stem.casefold() for name in (one.name, other.name)), key=len)
    return longer.startswith(shorter) and not longer[len(shorter) :][:1].isdigit()


class _Bursts:
    """Takes one camera's frames in their order, what is together to the latest burst that any of it belongs to."""

    def __init__(self, rules: Rules) -> None:
        self.found: list[list[Frame]] = []
        self._open: list[list[Frame]] = []
        self._rules = rules

    def add(self, frames: Sequence[Frame]) -> None:
        self._open = [burst for burst in self._open if not self._has_ended(burst, frames[0])]
        for burst in reversed(self._open):
            if any(_belongs(one, frame, self._rules) for frame in frames for one in reversed(burst)):
                burst.extend(frames)
                return
        self._open.append(list(frames))
        self.found.append(self._open[-1])

    def _has_ended(self, burst: list[Frame], frame: Frame) -> bool:
        pause = gap(burst[-1], frame)
        return pause is not None and pause > self._rules.burst


def _belongs(one: Frame, other: Frame, rules: Rules) -> bool:
    if gap(one, other) is None:
        return bits(one, other) <= rules.similar // 2
    return is_alike(one, other, rules.similar)


def _joined(groups: Sequence[Group], rules: Rules) -> Iterator[Group]:
    """Frames without a moment go to what they are nearly the same as, if that is no set."""
    timed = [one for one in groups if one.is_set or one.frames[0].capture.taken]
    more: dict[int, list[Frame]] = defaultdict(list)
    for one in groups:
        if one in timed:
            continue
        near = (
            place
            for place, other in enumerate(timed)
            if not other.is_set and any(bits(one.frames[0], frame) <= rules.similar // 2 for frame in other.frames)
        )
        place = next(near, None)
        if place is None:
            yield one
        else:
            more[place] += one.frames
    for place, one in enumerate(timed):
        yield replace(one, kind=BURST, frames=(*one.frames, *more[place])) if place in more else one


def _with_versions(one: Group, versions: dict[str, list[Frame]]) -> Group:
    frames = tuple(version for frame in one.frames for version in versions[frame.name])
    return replace(one, kind=BURST if one.kind == SINGLE and len(frames) > 1 else one.kind, frames=frames)


def _when(frame: Frame) -> tuple[bool, str, tuple[str | int, ...]]:
    taken = frame.capture.taken
    return taken is None, taken.isoformat() if taken else "", by_number(frame.name)
