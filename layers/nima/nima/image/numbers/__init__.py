"""Some two hundred and sixty cheap numbers of a picture, out of which learned gates tell whether a defect is there.

They say how light, coloured, sharp, grainy and cut up a picture is, and nothing of its file: neither its size nor its
shape or format, which would tell how a training picture was made rather than what is wrong with it.
"""

from __future__ import annotations

from nima.image.measure import Frame
from nima.image.numbers import coding, colour, detail, direction, ground, lettering, slopes, spectrum, tones
from nima.image.numbers.view import View

GROUPS = (ground, tones, colour, detail, direction, spectrum, slopes, coding, lettering)
"""The modules that measure; each has a ``measure(view) -> dict[str, float]``."""


def numbers(frame: Frame) -> dict[str, float]:
    """Every number of a frame by its name; each is finite."""
    view = View(frame)
    return {name: value for group in GROUPS for name, value in group.measure(view).items()}
