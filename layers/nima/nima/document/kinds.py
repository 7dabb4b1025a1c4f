"""The kinds of picture that NIMA is known to judge unfairly. ``nima.assess.traits`` measures them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of picture.

    Attributes:
        unit: Code of its measure's unit.
        digits: Decimals of its measure.
    """

    unit: str
    digits: int


KINDS: Mapping[str, Kind] = {
    "monochrome": Kind("color_spread", 2),
    "high_contrast": Kind("pixel_share", 3),
    "minimalist": Kind("tile_share", 3),
    "abstract": Kind("pixel_share", 3),
}
"""Every measured trait by its name."""
