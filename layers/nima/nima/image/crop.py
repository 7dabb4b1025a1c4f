"""Which part of an extreme panorama is assessed."""

from __future__ import annotations

EXTREME_ASPECT = 3.0
CROPPED_ASPECT = 2

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in whole pixels."""

Region = tuple[float, float, float, float]
"""The same, between pixels too."""


def central_crop(width: int, height: int) -> Box:
    """The assessed box ``(left, top, right, bottom)`` of a picture.

    Wider than 3:1 gives the central 2:1, taller than 1:3 the central 1:2, anything else the whole picture.
    """
    crop_width, crop_height = width, height
    if width > EXTREME_ASPECT * height:
        crop_width = CROPPED_ASPECT * height
    elif height > EXTREME_ASPECT * width:
        crop_height = CROPPED_ASPECT * width
    left, top = (width - crop_width) // 2, (height - crop_height) // 2
    return left, top, left + crop_width, top + crop_height
