"""The kinds of picture that NIMA is known to judge unfairly. ``nima.assess.traits`` measures them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of picture.

    Attributes:
        unit: Of its measure.
        digits: Decimals of its measure.
        doubt: Why the scores of such a picture deserve less trust.
    """

    unit: str
    digits: int
    doubt: str


KINDS: Mapping[str, Kind] = {
    "monochrome": Kind("a*b* units", 2, "NIMA was trained on colour photographs and misjudges monochrome ones."),
    "high_contrast": Kind("share of pixels", 3, "NIMA misjudges pictures of mostly black and white tones."),
    "minimalist": Kind("share of tiles", 3, "NIMA underrates minimalist pictures with much empty space."),
    "abstract": Kind("share of pixels", 3, "NIMA was trained on photographs and misjudges graphics and abstract art."),
}
"""Every measured trait by its name."""
