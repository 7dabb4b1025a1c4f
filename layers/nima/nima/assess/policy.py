"""What the large marketplaces ask of a main image, which no aesthetic model knows. Pure: judges stored measures.

The measures are taken once, by ``nima.assess.main_image``, and stored with the result, so that every reader can judge
them again by rules of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nima import env
from nima.errors import InvalidRequest

MAIN_IMAGE = "marketplace_main_image"
"""The policy's name in a result document."""

TOLERANCES = (0, 1, 2, 5)
"""Levels below 255 down to which white is measured: JPEG compression makes 254 of 255."""

REQUIRED, RECOMMENDED = "required", "recommended"
_NOT_MEASURED = "An older release did not measure this; score the picture again."
_MAX_SIDE = 100_000


@dataclass(frozen=True)
class MainImage:
    """The measures of one picture.

    Attributes:
        white: Share 0..1 of the background that is white within each of ``TOLERANCES``. Where no product lies alone on
            a plain light background, the picture's rim is taken for the background. Empty where an older release
            measured nothing.
        fill: The product's longest extent over the frame's longer side, 0..1; None where there is no such product.
        longest_side: The picture's longer side in pixels.
        border: Width of a frame drawn around the picture over its longer side, 0..1; 0 without one, None where an
            older release did not measure it.
    """

    white: Mapping[int, float]
    fill: float | None
    longest_side: int
    border: float | None

    def to_json(self) -> dict[str, Any]:
        return {
            "white": {str(tolerance): share for tolerance, share in self.white.items()},
            "fill": self.fill,
            "longest_side": self.longest_side,
            "border": self.border,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> MainImage:
        fill, border = (None if document[name] is None else float(document[name]) for name in ("fill", "border"))
        return cls(
            white={int(tolerance): float(share) for tolerance, share in sorted(document["white"].items())},
            fill=fill,
            longest_side=int(document["longest_side"]),
            border=border,
        )


@dataclass(frozen=True)
class MainImageRules:
    """The thresholds of the policy, each with its variable.

    Attributes:
        white_share: Least share of the background that is white, 0..1; ``NIMA_MAIN_IMAGE_WHITE_SHARE``.
        white_tolerance: One of ``TOLERANCES``; 0 asks for exactly (255, 255, 255); ``NIMA_MAIN_IMAGE_WHITE_TOLERANCE``.
        fill: Least share of the frame's longer side that the product takes, 0..1; ``NIMA_MAIN_IMAGE_FILL``.
        minimum_side: Pixels of the longer side below which a picture is refused; ``NIMA_MAIN_IMAGE_MINIMUM_SIDE``.
        zoom_side: Pixels that the zoom of a product page needs; ``NIMA_MAIN_IMAGE_ZOOM_SIDE``.
        recommended_side: Pixels from which the zoom is sharp; falling short of it fails nothing;
            ``NIMA_MAIN_IMAGE_RECOMMENDED_SIDE``.
        border: Greatest width of a border, over the longer side; ``NIMA_MAIN_IMAGE_BORDER``.

    Raises:
        InvalidRequest: A threshold is outside its range.
    """

    white_share: float = 0.98
    white_tolerance: int = 0
    fill: float = 0.85
    minimum_side: int = 500
    zoom_side: int = 1000
    recommended_side: int = 1600
    border: float = 0.0

    def __post_init__(self) -> None:
        for name in ("white_share", "fill", "border"):
            share = getattr(self, name)
            if not math.isfinite(share) or not 0 <= share <= 1:
                raise InvalidRequest(f"{name}: a number from 0 to 1.")
        if self.white_tolerance not in TOLERANCES:
            raise InvalidRequest(f"white_tolerance: one of {', '.join(map(str, TOLERANCES))}.")
        for name in ("minimum_side", "zoom_side", "recommended_side"):
            if not 1 <= getattr(self, name) <= _MAX_SIDE:
                raise InvalidRequest(f"{name}: a whole number from 1 to {_MAX_SIDE}.")

    @classmethod
    def from_env(cls, variables: Mapping[str, str]) -> MainImageRules:
        """Reads the environment.

        Raises:
            BadSetting: A threshold is outside its range.
        """
        levels = [str(level) for level in TOLERANCES]
        return cls(
            white_share=env.number(variables, "NIMA_MAIN_IMAGE_WHITE_SHARE", cls.white_share, 0, 1),
            white_tolerance=int(
                env.choice(variables, "NIMA_MAIN_IMAGE_WHITE_TOLERANCE", str(cls.white_tolerance), levels)
            ),
            fill=env.number(variables, "NIMA_MAIN_IMAGE_FILL", cls.fill, 0, 1),
            minimum_side=env.integer(variables, "NIMA_MAIN_IMAGE_MINIMUM_SIDE", cls.minimum_side, 1, _MAX_SIDE),
            zoom_side=env.integer(variables, "NIMA_MAIN_IMAGE_ZOOM_SIDE", cls.zoom_side, 1, _MAX_SIDE),
            recommended_side=env.integer(
                variables, "NIMA_MAIN_IMAGE_RECOMMENDED_SIDE", cls.recommended_side, 1, _MAX_SIDE
            ),
            border=env.number(variables, "NIMA_MAIN_IMAGE_BORDER", cls.border, 0, 1),
        )


@dataclass(frozen=True)
class Check:
    """One thing that was checked.

    Attributes:
        code: white_background, product_fill, minimum_size, zoom_size, recommended_size or no_border.
        level: ``required``, or ``recommended`` where the policy does not depend on it.
        measure: What was measured, in ``unit``; None where it could not be.
        threshold: What it was compared with.
        passed: Whether it holds; ``pass`` in JSON.
        message: One plain sentence.
    """

    code: str
    level: str
    measure: float | None
    unit: str
    threshold: float
    passed: bool
    message: str

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "level": self.level,
            "measure": self.measure,
            "unit": self.unit,
            "threshold": self.threshold,
            "pass": self.passed,
            "message": self.message,
        }


@dataclass(frozen=True)
class Verdict:
    """Every check; the policy is passed where all the required ones are."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks if check.level == REQUIRED)

    @property
    def failures(self) -> tuple[Check, ...]:
        """The required checks that failed."""
        return tuple(check for check in self.checks if check.level == REQUIRED and not check.passed)

    def to_json(self) -> dict[str, Any]:
        return {"pass": self.passed, "checks": [check.to_json() for check in self.checks]}


DEFAULT_RULES = MainImageRules()


def judge_main_image(measured: MainImage, rules: MainImageRules = DEFAULT_RULES) -> Verdict:
    """Judges the measures of a picture by the given rules."""
    return Verdict(
        (
            _white(measured, rules),
            _fill(measured, rules),
            *(
                _size(measured, code, level, least, purpose)
                for code, level, least, purpose in (
                    ("minimum_size", REQUIRED, rules.minimum_side, "to be accepted at all"),
                    ("zoom_size", REQUIRED, rules.zoom_side, "for the zoom"),
                    ("recommended_size", RECOMMENDED, rules.recommended_side, "for a sharp zoom"),
                )
            ),
            _border(measured, rules),
        )
    )


def _white(measured: MainImage, rules: MainImageRules) -> Check:
    share, pure, widest = (measured.white.get(level) for level in (rules.white_tolerance, 0, TOLERANCES[-1]))
    message = (
        _NOT_MEASURED
        if share is None or pure is None or widest is None
        else f"{_percent(pure)} of the background is pure white, "
        f"{_percent(widest)} within {TOLERANCES[-1]} levels of it."
    )
    return Check(
        "white_background",
        REQUIRED,
        share,
        f"share of the background at {255 - rules.white_tolerance} or more in red, green and blue",
        rules.white_share,
        share is not None and share >= rules.white_share,
        message,
    )


def _fill(measured: MainImage, rules: MainImageRules) -> Check:
    message = (
        "No product alone on a plain light background was found."
        if measured.fill is None
        else f"The product takes {_percent(measured.fill)} of the frame's longer side."
    )
    passed = measured.fill is not None and measured.fill >= rules.fill
    return Check("product_fill", REQUIRED, measured.fill, "share of the longer side", rules.fill, passed, message)


def _size(measured: MainImage, code: str, level: str, least: int, purpose: str) -> Check:
    longest = measured.longest_side
    message = f"The longer side has {longest} px; {least} px are needed {purpose}."
    return Check(code, level, longest, "px (longer side)", least, longest >= least, message)


def _border(measured: MainImage, rules: MainImageRules) -> Check:
    message = "A border is drawn around the picture." if measured.border else "There is no border."
    if measured.border is None:
        message = _NOT_MEASURED
    passed = measured.border is not None and measured.border <= rules.border
    return Check("no_border", REQUIRED, measured.border, "share of the longer side", rules.border, passed, message)


def _percent(share: float) -> str:
    """Rounded down, so that only the whole is called 100 %."""
    return f"{math.floor(share * 1000) / 10:g}%"
