"""How good each frame of a group is beside the others: score, faults, sharpness of the subject, exposure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nima.image.look import TALL, WIDE, Look
from nima.shoot.frames import Frame
from nima.shoot.likeness import shaken
from nima.shoot.turns import LEAST, turns

BLUR = ("soft", "motion_blur")
"""Faults that may be meant."""

LIKE_BLUR = ("compression",)
"""What blur is taken for as well: smeared detail."""

SCENE = frozenset(("color_cast", "clutter", "background", "text_overlay"))
"""Faults of what stands before the camera and of the light on it: where most frames of a group have one, all do."""

_LIGHT_FAULTS = frozenset(("underexposure", "overexposure"))

# Points of the score that each costs: half the sharpness, a stop of light, a degree and a side of the frame beyond what
# hardly shows, and a fault.
_SHARPNESS, _LIGHT, _TURN, _ASIDE, _SURE, _MINDED, _FAULT = 0.6, 1.0, 0.15, 4.0, 0.6, 0.3, 0.1
_UNSEEN_STOPS, _UNSEEN_TURN, _UNSEEN_ASIDE = 0.3, 0.5, 0.04
# How well a frame lies on another for it to be told how far aside.
_LIES = 0.5
_GAMMA = 2.2
# How far around the middle a subject is looked for, in shares of a side.
_MIDDLE = 0.3


@dataclass(frozen=True, eq=False)
class Merits:
    """How good each frame of a group is beside the others.

    Attributes:
        frames: The group's.
    """

    frames: Sequence[Frame]

    @cached_property
    def values(self) -> tuple[float, ...]:
        """Points by which the group's frames are put in order: the score, less what faults cost."""
        return tuple(
            frame.score
            - _faults(frame, self.common)
            - _SHARPNESS * (max(self._sharpness) - sharp)
            - _LIGHT * max(0.0, abs(stops) - _UNSEEN_STOPS)
            - _TURN * max(0.0, abs(turn) - _UNSEEN_TURN)
            - _ASIDE * max(0.0, aside - _UNSEEN_ASIDE)
            for frame, sharp, stops, turn, aside in zip(
                self.frames, self._sharpness, self.stops, self.turns, self.aside, strict=True
            )
        )

    @cached_property
    def common(self) -> frozenset[str]:
        """Faults of the scene that most frames have, so that it says nothing of the others that they were missed."""
        found = Counter(fault.code for frame in self.frames for fault in frame.assessment.deductions)
        return frozenset(code for code in SCENE if 2 * found[code] > len(self.frames))

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The frames' places, the best first; of two that are equal the one taken first."""
        return tuple(sorted(range(len(self.frames)), key=lambda place: -round(self.values[place], 4)))

    def sharpness(self, place: int, beside: int) -> float:
        """One frame's sharpness of the subject over another's."""
        return float(2.0 ** (self._sharpness[place] - self._sharpness[beside]))

    @cached_property
    def stops(self) -> tuple[float, ...]:
        """By how many stops each frame is lighter than the group's usual one; 0 where that is not known, or the usual
        one is exposed wrongly and it is not."""
        lights = [None if one.look is None else _light(one.look) for one in self.frames]
        known = [light for light in lights if light is not None]
        usual = float(np.median(known)) if known else 0.0
        wrong = [bool(_LIGHT_FAULTS & {fault.code for fault in one.assessment.deductions}) for one in self.frames]
        mostly = 2 * sum(wrong) > len(wrong)
        return tuple(
            0.0 if light is None or (mostly and not bad) else light - usual
            for light, bad in zip(lights, wrong, strict=True)
        )

    @cached_property
    def turns(self) -> tuple[float, ...]:
        """By how many degrees, clockwise, each frame is turned against the usual one; 0 where that is unknown."""
        return turns(self.frames)

    @cached_property
    def aside(self) -> tuple[float, ...]:
        """How far each frame is framed aside of the usual one, in shares of the frame; 0 where that is unknown."""
        if len(self.frames) < LEAST:
            return (0.0,) * len(self.frames)
        found = [shaken(self.frames[0], one) for one in self.frames]
        known = np.array([(one.across, one.down) for one in found if one.value >= _LIES])
        usual = np.median(known, axis=0) if len(known) >= LEAST else None
        return tuple(
            0.0 if usual is None or one.value < _LIES else float(np.abs((one.across, one.down) - usual).max())
            for one in found
        )

    @cached_property
    def _sharpness(self) -> tuple[float, ...]:
        """Binary logarithm of each frame's contrast of fine detail where the subject is, over that of its shapes."""
        looks = [one.look for one in self.frames]
        details = [None if look is None else look.detail.min(axis=0) for look in looks]
        known = [detail for detail in details if detail is not None]
        if not known:
            return (0.0,) * len(looks)
        weights = _subject(np.max(known, axis=0))
        found = [
            None if look is None or detail is None else (float((detail * weights).sum()) - _contrast(look)) / 2
            for look, detail in zip(looks, details, strict=True)
        ]
        usual = float(np.median([sharp for sharp in found if sharp is not None]))
        return tuple(usual if sharp is None else sharp for sharp in found)


def solitary(frame: Frame) -> float:
    """Points by which frames of different groups are put in order."""
    return frame.score - _faults(frame)


def _faults(frame: Frame, common: Collection[str] = ()) -> float:
    """What they cost, but for those that are common. Blur is left to the comparison of sharpness."""
    assessment = frame.assessment
    minds = {one.code for one in assessment.minded}
    costs = (
        _SURE if one.sure else _MINDED if one.code in minds else _FAULT
        for one in assessment.deductions
        if one.code not in BLUR and one.code not in common
    )
    return sum(costs)


def _subject(sharpest: NDArray[np.float32]) -> NDArray[np.float64]:
    """``[TALL, WIDE]`` weights, which sum to 1: where some frame has detail, and rather in the middle."""
    down, across = (np.linspace(-0.5, 0.5, count) for count in (TALL, WIDE))
    middle = np.exp(-(down[:, None] ** 2 + across[None, :] ** 2) / (2 * _MIDDLE**2))
    weights: NDArray[np.float64] = middle * (np.maximum(sharpest - np.median(sharpest), 0) + 1e-3)
    weights /= weights.sum()
    return weights


def _contrast(look: Look) -> float:
    """Binary logarithm of the mean squared step between pixels of the look, which neither focus nor shake moves."""
    light = look.light.astype(np.float64)
    steps = np.square(np.diff(light, axis=1)).mean() + np.square(np.diff(light, axis=0)).mean()
    return float(np.log2(steps + 1))


def _light(look: Look) -> float:
    """Binary logarithm of the mean light of a picture, as the sensor saw it."""
    return float(np.log2(np.mean((look.light / 255.0) ** _GAMMA) + 1e-3))
