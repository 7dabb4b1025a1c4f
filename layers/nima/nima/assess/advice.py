"""What would help a picture: whatever undoes a named fault is tried out, and for the rest it is said what to shoot.

Only what undoes a named fault is tried: a network likes sharpening and saturation in any picture, so that a higher
score alone is no reason to advise anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PIL import Image

from nima.assess.main_image import measure_main_image
from nima.assess.remedies import REMEDIES, Mended, Remedy
from nima.document.advice import CLOSER, MENDED_CHECKS, RATIOS, RETAKE, Advice, Crop, Gain, Part
from nima.document.assessment import Deduction
from nima.document.policy import MainImage, Verdict
from nima.image.crop import Box
from nima.image.decode import Picture
from nima.image.measure import Frame
from nima.image.mend import framing
from nima.words import say

MOST_TRIALS = 5
"""Inferences that advice on one picture takes at most."""

_LEAST_GAIN = 0.01
_PLACES = 3
_FILL = 0.9
_BOX = ("left", "top", "width", "height")

Trial = Callable[[Image.Image], float]
"""The composite that a frame would have; takes an inference."""

Judge = Callable[[MainImage], Verdict]
"""How a picture with these measures stands to a policy."""


def advise(
    picture: Picture,
    frame: Frame,
    deductions: Sequence[Deduction],
    verdict: Verdict,
    *,
    judge: Judge,
    trial: Trial,
    composite: float,
) -> tuple[Advice, ...]:
    """What to do about each named fault, in their order, then about each check that fails and can be mended.

    Args:
        picture: The picture.
        frame: Its frame, with the product on it.
        deductions: What was named.
        verdict: How it stands to the policy.
        judge: Tells how measures do.
        trial: Asks the model.
        composite: The composite as it is.
    """
    failing = [check.code for check in verdict.checks if not check.passed and check.code in MENDED_CHECKS]
    left = MOST_TRIALS
    done: set[Remedy] = set()
    found = []
    for code in (*(deduction.code for deduction in deductions), *failing):
        remedy = REMEDIES[code]
        if remedy in done:  # one change is tried once, for the fault that is named first
            continue
        ways = list(remedy(frame))[:left] if remedy else []
        if remedy:
            done.add(remedy)
        if not ways:
            found += [] if code in failing else [Advice(code, RETAKE, message=say("retakes", code))]
        elif ways[0].change == CLOSER:
            # Products are re-framed before they are scored: a crop changes nothing but how they stand to the rules.
            if not picture.cropped and _passes(code, picture, ways[0], judge):
                found.append(_advice(code, CLOSER, _whole(ways[0], picture), None, helps=True))
        else:
            left -= len(ways)
            after, best = max(((trial(way.image), way) for way in ways), key=lambda one: one[0])
            mended = (check for check in failing if REMEDIES[check] is remedy)
            helps = after - composite >= _LEAST_GAIN or any(_passes(check, picture, best, judge) for check in mended)
            found.append(_advice(code, best.change, best.parameters, Gain(composite, after), helps=helps))
    return tuple(found)


def crop(picture: Picture, frame: Frame, trial: Trial, composite: float) -> tuple[Crop, ...]:
    """The best part of each of ``RATIOS``; a product is never cut. Takes at most three inferences a shape.

    Args:
        picture: The picture.
        frame: Its frame, with the product on it.
        trial: Asks the model.
        composite: The composite as it is.
    """
    found = []
    size = frame.image.size
    for ratio, aspect in RATIOS.items():
        if frame.product:
            one = framing.shaped(frame.product.box, size, aspect, _FILL)
            boxes = [one] if one else []
        else:
            boxes = framing.windows(size, aspect, _PLACES)
        tried = [(trial(frame.image.crop(box)), box) for box in boxes]
        if not tried or picture.cropped:
            found.append(Crop(ratio))
            continue
        after, box = max(tried, key=lambda one: one[0])
        left, top, width, height = _of_picture(box, picture)
        found.append(Crop(ratio, Part(left, top, width, height), Gain(composite, after)))
    return tuple(found)


def _advice(code: str, change: str, parameters: Mapping[str, float], gain: Gain | None, *, helps: bool) -> Advice:
    facts: dict[str, Any] = {**parameters}
    message = say("changes", change, **facts)
    if gain:
        message += say("texts", "adviceGain" if helps else "adviceNoGain", before=gain.before, after=gain.after)
    return Advice(code, change, parameters, gain, helps, message)


def _passes(code: str, picture: Picture, way: Mended, judge: Judge) -> bool:
    """Whether the mended picture passes a check."""
    width, height = way.image.size
    scale = max(picture.width, picture.height) / max(picture.frame.size)
    mended = replace(picture, frame=way.image, width=round(width * scale), height=round(height * scale))
    frame = Frame.of(way.image)
    verdict = judge(measure_main_image(mended, frame))
    return next(check.passed for check in verdict.checks if check.code == code)


def _whole(way: Mended, picture: Picture) -> dict[str, float]:
    left, top, width, height = (round(way.parameters[name]) for name in _BOX)
    return dict(zip(_BOX, _of_picture((left, top, left + width, top + height), picture), strict=True))


def _of_picture(box: Box, picture: Picture) -> tuple[int, int, int, int]:
    """A box of the frame as left, top, width and height in the pixels of the whole upright picture."""
    across, down = picture.width / picture.frame.width, picture.height / picture.frame.height
    left, top, right, bottom = box
    x, y = round(left * across), round(top * down)
    return x, y, min(round(right * across), picture.width) - x, min(round(bottom * down), picture.height) - y
