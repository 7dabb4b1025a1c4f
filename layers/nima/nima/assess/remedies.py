"""How each fault can be undone, as far as it can: pictures as an editor would mend them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from PIL import Image

from nima.document.advice import BALANCE, CLOSER, EXPOSURE, GROUND, HAZE, LEVELS
from nima.image.measure import Frame
from nima.image.mend import framing, ground, light, tint

_LEAST_STOPS = 0.2
_LEAST_TINT = 1.03
_FILL = 0.9


@dataclass(frozen=True)
class Mended:
    """A frame after a change.

    Attributes:
        image: The frame.
        change: One of ``nima.document.advice.CHANGES``.
        parameters: The change in numbers; boxes in pixels of the frame.
    """

    image: Image.Image
    change: str
    parameters: Mapping[str, float] = field(default_factory=dict)


Remedy = Callable[[Frame], Iterator[Mended]]
"""Ways to undo a fault; none where there is nothing to do."""


def _brightened(frame: Frame) -> Iterator[Mended]:
    stops = round(light.missing_stops(frame.image), 1)
    if stops >= _LEAST_STOPS:
        yield Mended(light.exposed(frame.image, stops), EXPOSURE, {"stops": stops})


def _stretched(frame: Frame) -> Iterator[Mended]:
    black, white = light.ends(frame.image)
    ends = {"black": black, "white": white}
    if ends != {"black": 0, "white": 255}:
        yield Mended(light.dehazed(frame.image, black, white), HAZE, ends)
        yield Mended(light.levelled(frame.image, black, white), LEVELS, ends)


def _balanced(frame: Frame) -> Iterator[Mended]:
    gains = tint.ground_gains(frame.product) if frame.product else tint.scene_gains(frame.image)
    if max(gains) >= _LEAST_TINT:
        named = dict(zip(("red", "green", "blue"), (round(gain, 2) for gain in gains), strict=True))
        yield Mended(light.lit(frame.image, gains), BALANCE, named)


def _whitened(frame: Frame) -> Iterator[Mended]:
    if frame.product:
        yield Mended(ground.on_white(frame.image, frame.product), GROUND)


def _closer(frame: Frame) -> Iterator[Mended]:
    if frame.product:
        box = framing.around(frame.product.box, frame.image.size, _FILL)
        left, top, right, bottom = box
        parameters = {"left": left, "top": top, "width": right - left, "height": bottom - top}
        yield Mended(frame.image.crop(box), CLOSER, parameters)


REMEDIES: Mapping[str, Remedy | None] = {
    "soft": None,
    "motion_blur": None,
    "overexposure": None,
    "underexposure": _brightened,
    "noise": None,
    "low_contrast": _stretched,
    "compression": None,
    "low_resolution": None,
    "color_cast": _balanced,
    "text_overlay": None,
    "cut_off": None,
    "clutter": None,
    "background": _whitened,
    "white_background": _whitened,
    "product_fill": _closer,
}
"""Of every defect, and of each check that can be mended: what undoes it; None where nothing does but another shot."""
