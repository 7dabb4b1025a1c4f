"""Which frames of a shoot are kept, which are close to it, and which are not; each with its reasons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nima.catalogue.order import CLEAR, TIED
from nima.shoot.exposure import steps
from nima.shoot.frames import Frame, Hand
from nima.shoot.groups import Group, is_same_shot
from nima.shoot.merits import BLUR, LIKE_BLUR, Merits, solitary
from nima.shoot.reasons import Reason

PICK, ALTERNATE, REJECT = VERDICTS = ("pick", "alternate", "reject")
"""Kept; close to it, and so for a person to look at; left out."""

TIE, CLOSE, CLEARLY = CONFIDENCES = ("tie", "close", "clear")
"""How sure it is that a frame belongs on its side of the line that it is nearest to."""

# From which a difference beside the others is worth a sentence.
_SOFTER = 0.85
_STOPS = 0.4
_TURN = 1.5
_ASIDE = 0.06
_SET_REASONS = {"bracket": "exposures", "stack": "focus", "panorama": "views"}


@dataclass(frozen=True)
class Quota:
    """How many frames are picked.

    Attributes:
        per_group: Of each group of frames alike.
        share: Of all frames that are in no set, 0..1, the best of each group before any second one; None for as many
            as there are groups times ``per_group``.
        sets: Whether sets are kept whole, beside that share; else each is a group like others.
    """

    per_group: int = 1
    share: float | None = None
    sets: bool = True


@dataclass(frozen=True)
class Choice:
    """What becomes of a frame.

    Attributes:
        frame: The frame.
        verdict: One of ``VERDICTS``.
        group: The number of its group, from 1.
        kind: The group's kind.
        rank: Its place in the group, from 1; in a set that is kept whole the order in which it was taken.
        confidence: One of ``CONFIDENCES``; None where nothing was weighed.
        reasons: At least one, the weightiest first.
    """

    frame: Frame
    verdict: str
    group: int
    kind: str
    rank: int
    confidence: str | None
    reasons: tuple[Reason, ...]


def choose(groups: Sequence[Group], quota: Quota) -> tuple[Choice, ...]:
    """What becomes of every frame, group by group, the best of each first."""
    weighed = {number: _Weighed.of(one) for number, one in enumerate(groups, 1) if not (quota.sets and one.is_set)}
    line = _line(weighed, quota)
    found: list[Choice] = []
    for number, one in enumerate(groups, 1):
        if number in weighed:
            found += _of_group(number, weighed[number], line, quota)
        else:
            found += _of_set(number, one)
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Weighed:
    """A group with its frames in order, the best first; those picked by hand before all others."""

    kind: str
    merits: Merits
    order: tuple[int, ...]
    doubtful: frozenset[str]

    @classmethod
    def of(cls, group: Group) -> _Weighed:
        merits = Merits(group.frames)
        hands = [one.hand.kept for one in group.frames]
        order = tuple(sorted(merits.order, key=lambda place: _side(hands[place])))
        return cls(group.kind, merits, order, group.doubtful)

    def frame(self, place: int) -> Frame:
        return self.merits.frames[place]


def _side(kept: bool | None) -> int:
    return {True: 0, None: 1, False: 2}[kept]


@dataclass(frozen=True)
class _Line:
    """Who is picked, by name; of a share of the shoot also the points of the last one in and the first one out."""

    picked: frozenset[str]
    last: float | None = None
    next: float | None = None


def _line(weighed: Mapping[int, _Weighed], quota: Quota) -> _Line:
    by_hand = {f.name for one in weighed.values() for f in one.merits.frames if f.hand.kept}
    free = [
        (rank, one.frame(place))
        for one in weighed.values()
        for rank, place in enumerate(one.order)
        if one.frame(place).hand.kept is None and not _is_copy(one, rank)
    ]
    if quota.share is None:
        return _Line(frozenset(by_hand | {frame.name for rank, frame in free if rank < quota.per_group}))
    count = sum(len(one.order) for one in weighed.values())
    room = max(0, math.ceil(round(quota.share * count, 6)) - len(by_hand))
    free.sort(key=lambda one: (one[0] // quota.per_group, -solitary(one[1]), one[1].name))
    chosen, left = ([frame for _, frame in part] for part in (free[:room], free[room:]))
    return _Line(
        frozenset(by_hand | {frame.name for frame in chosen}),
        min(map(solitary, chosen), default=None),
        solitary(left[0]) if left else None,
    )


def _is_copy(one: _Weighed, rank: int) -> bool:
    content = one.frame(one.order[rank]).content
    return content is not None and content in {one.frame(place).content for place in one.order[:rank]}


def _of_set(number: int, group: Group) -> Iterator[Choice]:
    reason = Reason(_SET_REASONS[group.kind], _stops(group), count=len(group.frames))
    for rank, frame in enumerate(group.frames, 1):
        if frame.hand.kept is False:
            yield Choice(frame, REJECT, number, group.kind, rank, None, (Reason("hand_rejected"), reason))
        else:
            yield Choice(frame, PICK, number, group.kind, rank, None, (*_by_hand(frame), reason))


def _stops(group: Group) -> float | None:
    if group.kind != "bracket":
        return None
    return sum(steps(group.frames))


def _of_group(number: int, one: _Weighed, line: _Line, quota: Quota) -> Iterator[Choice]:
    picked = [place for place in one.order if one.frame(place).name in line.picked]
    spare = len(picked)  # that may be as good without being too many
    for rank, place in enumerate(one.order):
        if place in picked or one.frame(place).hand.kept is not None:
            verdict, confidence, reasons = _picked(one, rank, picked, line, quota)
        elif picked:
            verdict, confidence, reasons = _left(one, rank, picked[0], spare)
            spare -= any(reason.code == "tie" for reason in reasons)
        else:
            verdict, confidence, reasons = _outside(one.frame(place), line, quota)
        hand = _by_hand(one.frame(place))
        if verdict == REJECT and _is_spared(one.frame(place).hand):
            verdict = ALTERNATE
            hand = hand or (Reason("hand_unreadable"),)
        elif verdict == REJECT and one.frame(place).name in one.doubtful and one.frame(place).hand.kept is None:
            verdict, reasons = ALTERNATE, (Reason("may_be_bracket", count=len(one.doubtful)), *reasons)
        yield Choice(one.frame(place), verdict, number, one.kind, rank + 1, confidence, (*hand, *reasons))


def _is_spared(hand: Hand) -> bool:
    return hand.kept is None and (bool(hand.stars) or hand.unreadable)


_Weighing = tuple[str, str | None, tuple[Reason, ...]]


def _picked(one: _Weighed, rank: int, picked: Sequence[int], line: _Line, quota: Quota) -> _Weighing:
    """What is said of a pick, or of what a hand has decided."""
    place, values = one.order[rank], one.merits.values
    frame = one.frame(place)
    if frame.hand.kept is not None:
        return (PICK if frame.hand.kept else REJECT), None, ()
    others = [p for p in one.order if p not in picked and _is_rival(one.frame(p), frame)]
    reasons, confidence = [], None
    if others:
        apart = values[place] - values[others[0]]
        confidence, rival = _confidence(apart), one.frame(others[0]).name
        code = "tie" if confidence == TIE else "best" if rank == 0 else "ranked"
        reasons.append(Reason(code, max(0.0, apart) if code != "ranked" else None, rival, len(one.order), rank + 1))
    elif len(one.order) == 1:
        reasons.append(Reason("alone"))
    else:
        reasons.append(Reason("ranked", count=len(one.order), rank=rank + 1))
    if quota.share is not None:
        ahead = None if line.next is None else max(0.0, solitary(frame) - line.next)
        confidence = confidence or (None if ahead is None else _confidence(ahead))
        reasons.append(Reason("among_best", ahead, share=quota.share))
    if faults := tuple(fault.code for fault in frame.assessment.sure):
        reasons.append(Reason("flawed", faults=faults))
    return PICK, confidence, tuple(reasons)


def _is_rival(one: Frame, pick: Frame) -> bool:
    return one.hand.kept is None and not is_same_shot(one, pick)


def _left(one: _Weighed, rank: int, best: int, spare: int) -> _Weighing:
    """What is said of a frame beside which another of its group is picked."""
    place, pick = one.order[rank], one.frame(best)
    frame = one.frame(place)
    if _is_copy(one, rank):
        same = next(f for f in (one.frame(p) for p in one.order) if f.content == frame.content)
        return REJECT, CLEARLY, (Reason("copy", beside=same.name),)
    apart = one.merits.values[best] - one.merits.values[place]
    confidence = _confidence(apart)
    reasons = tuple(_beside(one, place, best))
    if is_same_shot(frame, pick):
        return ALTERNATE, confidence, (Reason("version", beside=pick.name), *reasons)
    if confidence == TIE:
        even = Reason("tie" if spare > 0 else "redundant", max(0.0, apart), beside=pick.name)
        return (ALTERNATE if spare > 0 else REJECT), TIE, (even, *(one for one in reasons if one.code in _SHOWN))
    if _is_blur_alone(reasons):
        return ALTERNATE, confidence, (*reasons, Reason("blur_may_be_meant"))
    if [reason.code for reason in reasons] == ["aside"]:  # framed otherwise, and as good
        return ALTERNATE, confidence, reasons
    return REJECT, confidence, reasons or (Reason("behind", apart, beside=pick.name),)


def _outside(frame: Frame, line: _Line, quota: Quota) -> _Weighing:
    """What is said of a frame of whose group none is among the share that is picked."""
    behind = math.inf if line.last is None else max(0.0, line.last - solitary(frame))
    reasons = (Reason("beyond_share", None if line.last is None else behind, share=quota.share), *_faults(frame))
    confidence = _confidence(behind)
    if confidence == TIE:
        return ALTERNATE, TIE, reasons
    if _is_blur_alone(reasons):
        return ALTERNATE, confidence, (*reasons, Reason("blur_may_be_meant"))
    return REJECT, confidence, reasons


def _faults(frame: Frame) -> Iterator[Reason]:
    if faults := tuple(fault.code for fault in frame.assessment.deductions):
        yield Reason("flawed", faults=faults)


def _beside(one: _Weighed, place: int, best: int) -> Iterator[Reason]:
    """How a frame differs from the pick of its group, for the worse."""
    merits, frame, pick = one.merits, one.frame(place), one.frame(best)
    stops = merits.stops[place]
    if abs(stops) >= _STOPS and abs(stops) > abs(merits.stops[best]):
        yield Reason("brighter" if stops > 0 else "darker", abs(stops))
    if abs(merits.turns[place]) >= _TURN and abs(merits.turns[place]) > abs(merits.turns[best]):
        yield Reason("turned", abs(merits.turns[place]))
    sharp = merits.sharpness(place, best)
    if sharp <= _SOFTER:
        yield Reason("softer", sharp, beside=pick.name)
    if merits.aside[place] >= _ASIDE and merits.aside[place] > merits.aside[best]:
        yield Reason("aside", merits.aside[place])
    known = {*merits.common, *(fault.code for fault in pick.assessment.deductions)}
    if faults := tuple(fault.code for fault in frame.assessment.deductions if fault.code not in known):
        yield Reason("fault", beside=pick.name, faults=faults)
    if pick.score - frame.score >= TIED:
        yield Reason("lower", pick.score - frame.score, beside=pick.name)


# Of a frame that is as good, what is still worth a sentence.
_OTHERWISE = ("darker", "brighter", "turned")
_SHOWN = (*_OTHERWISE, "aside", "softer", "fault")


def _is_blur_alone(reasons: Sequence[Reason]) -> bool:
    """Whether nothing but blur, and the score that it takes, speaks against a frame."""
    faults = {code for reason in reasons for code in reason.faults}
    softer = any(reason.code == "softer" for reason in reasons)
    blurred = softer or bool(faults & {*BLUR})
    return blurred and faults <= {*BLUR, *LIKE_BLUR} and not any(reason.code in _OTHERWISE for reason in reasons)


def _confidence(apart: float) -> str:
    return TIE if apart < TIED else CLOSE if apart < CLEAR else CLEARLY


def _by_hand(frame: Frame) -> tuple[Reason, ...]:
    if frame.hand.kept is not None:
        return (Reason("hand_picked" if frame.hand.kept else "hand_rejected"),)
    return (Reason("hand_rated", float(frame.hand.stars)),) if frame.hand.stars else ()
