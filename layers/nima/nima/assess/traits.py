"""What kind of picture it is: kinds that NIMA is known to judge unfairly are recognised by a measure each."""

from __future__ import annotations

from nima.assess.assessment import Trait
from nima.image.measure import Frame

MONOCHROME_BELOW = 4.0
HIGH_CONTRAST_FROM = 0.45
HIGH_CONTRAST_EACH = 0.1
MINIMALIST_FROM = 0.75
ABSTRACT_FROM = 0.45
_DARK, _LIGHT = 32, 224


def find_kinds(frame: Frame) -> dict[str, Trait]:
    """The measured traits of a frame, whether they hold or not.

    - ``monochrome``: spread of colours around one tint in CIELAB a*b*, below ``MONOCHROME_BELOW``. A toned
      black-and-white picture has a mean far from grey, but no spread.
    - ``high_contrast``: share of pixels that are nearly black (luma < 32) or nearly white (>= 224), from
      ``HIGH_CONTRAST_FROM`` on where both ends hold at least ``HIGH_CONTRAST_EACH``.
    - ``minimalist``: share of 32-pixel tiles without detail, from ``MINIMALIST_FROM`` on.
    - ``abstract``: share of pixels that equal their neighbours exactly, from ``ABSTRACT_FROM`` on: flat shapes and
      smooth gradients, which no camera delivers.
    """
    _, spread = frame.chroma
    dark, light = float(frame.histogram[:_DARK].sum()), float(frame.histogram[_LIGHT:].sum())
    return {
        "monochrome": Trait(spread < MONOCHROME_BELOW, round(spread, 2), "a*b* units"),
        "high_contrast": Trait(
            dark + light >= HIGH_CONTRAST_FROM and min(dark, light) >= HIGH_CONTRAST_EACH,
            round(dark + light, 3),
            "share of pixels",
        ),
        "minimalist": Trait(frame.empty_share >= MINIMALIST_FROM, round(frame.empty_share, 3), "share of tiles"),
        "abstract": Trait(frame.flat_share >= ABSTRACT_FROM, round(frame.flat_share, 3), "share of pixels"),
    }
