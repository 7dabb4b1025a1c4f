"""What would help a picture: each change that was tried, with the composite that it would have then. Never stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from nima.document.defects import DEFECTS
from nima.document.record import Record
from nima.document.values import Count, OneOf, Opinion

EXPOSURE, LEVELS, HAZE, BALANCE, GROUND, CLOSER, RETAKE = CHANGES = (
    *("exposure", "levels", "dehaze", "white_balance"),
    *("white_ground", "crop_closer", "shoot_again"),
)
"""What can be done about a fault; the last is all that can be done about some."""

MENDED_CHECKS = ("white_background", "product_fill")
"""Checks of a policy that a change can make a picture pass."""

NUMBERS = ("stops", "black", "white", "red", "green", "blue", "left", "top", "width", "height")
"""What changes are told in: stops of exposure; the levels 0..255 that become black and white; gains of the linear light
of red, green and blue; a box in pixels of the upright picture."""

RATIOS: Mapping[str, float] = {"1:1": 1.0, "4:5": 4 / 5, "16:9": 16 / 9, "9:16": 9 / 16}
"""Shapes that shops and social media ask for: width over height by their names."""

Fault = Annotated[str, OneOf(lambda: (*DEFECTS, *MENDED_CHECKS))]
Change = Annotated[str, OneOf(lambda: CHANGES)]
Number = Annotated[str, OneOf(lambda: NUMBERS, always=lambda: ())]
Ratio = Annotated[str, OneOf(lambda: RATIOS)]


@dataclass(frozen=True)
class Gain(Record):
    """The composite of a picture as it is, and as it would be."""

    before: Opinion
    after: Opinion


@dataclass(frozen=True)
class Advice(Record):
    """What to do about one fault.

    Attributes:
        code: The fault: a deduction's code, or a check's that fails.
        change: What undoes it.
        parameters: The change in numbers, by names of ``NUMBERS``.
        composite: What it does to the composite; None where nothing was tried.
        helps: Whether it does: by the composite, or because the check then passes. None where nothing was tried.
        message: One plain sentence or two.
    """

    code: Fault
    change: Change
    parameters: Mapping[Number, float] = field(default_factory=dict)
    composite: Gain | None = None
    helps: bool | None = None
    message: str = ""


@dataclass(frozen=True)
class Part(Record):
    """A part of the upright picture, in its pixels."""

    left: Count
    top: Count
    width: Count
    height: Count


@dataclass(frozen=True)
class Crop(Record):
    """The best part of a shape.

    Attributes:
        ratio: Its shape, width to height.
        box: The part; None where the product does not fit into that shape.
        composite: What the crop does to the composite; None without a box.
    """

    ratio: Ratio
    box: Part | None = None
    composite: Gain | None = None
