"""What the large marketplaces ask of a main image, which no aesthetic model knows. Pure: judges stored measures.

The measures are taken once, by ``nima.assess.main_image``, and stored with the result, so that every reader can judge
them again by rules of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nima.assess.rules import TOLERANCES, MainImageRules

MAIN_IMAGE = "marketplace_main_image"
"""The policy's name in a result document."""

REQUIRED, RECOMMENDED = "required", "recommended"
DEFAULT_RULES = MainImageRules()

_NOT_MEASURED = "An older release did not measure this; score the picture again."


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
class Check:
    """One thing that was checked.

    Attributes:
        code: One of ``CHECKS``.
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


@dataclass(frozen=True)
class Rule:
    """How one thing is checked.

    Attributes:
        level: As in ``Check``.
        threshold: The name of its threshold in ``MainImageRules``.
        unit: Of measure and threshold; may name what ``rules`` say.
        measure: What is compared; None where it could not be measured.
        message: One plain sentence.
        at_most: Whether the threshold is the greatest that passes, not the least.
    """

    level: str
    threshold: str
    unit: str
    measure: Callable[[MainImage, MainImageRules], float | None]
    message: Callable[[MainImage, MainImageRules], str]
    at_most: bool = False

    def check(self, code: str, measured: MainImage, rules: MainImageRules) -> Check:
        measure, threshold = self.measure(measured, rules), getattr(rules, self.threshold)
        passed = measure is not None and (measure <= threshold if self.at_most else measure >= threshold)
        message = self.message(measured, rules)
        return Check(code, self.level, measure, self.unit.format(rules=rules), threshold, passed, message)


def _white(measured: MainImage, rules: MainImageRules) -> str:
    share, pure, widest = (measured.white.get(level) for level in (rules.white_tolerance, 0, TOLERANCES[-1]))
    if share is None or pure is None or widest is None:
        return _NOT_MEASURED
    return f"{_percent(pure)} of the background is pure white, {_percent(widest)} within {TOLERANCES[-1]} levels of it."


def _fill(measured: MainImage, _: MainImageRules) -> str:
    if measured.fill is None:
        return "No product alone on a plain light background was found."
    return f"The product takes {_percent(measured.fill)} of the frame's longer side."


def _border(measured: MainImage, _: MainImageRules) -> str:
    if measured.border is None:
        return _NOT_MEASURED
    return "A border is drawn around the picture." if measured.border else "There is no border."


def _side(level: str, threshold: str, purpose: str) -> Rule:
    return Rule(
        level,
        threshold,
        "px (longer side)",
        lambda measured, _: measured.longest_side,
        lambda measured, rules: (
            f"The longer side has {measured.longest_side} px; {getattr(rules, threshold)} px are needed {purpose}."
        ),
    )


CHECKS: Mapping[str, Rule] = {
    "white_background": Rule(
        REQUIRED,
        "white_share",
        "share of the background at {rules.white_level} or more in red, green and blue",
        lambda measured, rules: measured.white.get(rules.white_tolerance),
        _white,
    ),
    "product_fill": Rule(REQUIRED, "fill", "share of the longer side", lambda measured, _: measured.fill, _fill),
    "minimum_size": _side(REQUIRED, "minimum_side", "to be accepted at all"),
    "zoom_size": _side(REQUIRED, "zoom_side", "for the zoom"),
    "recommended_size": _side(RECOMMENDED, "recommended_side", "for a sharp zoom"),
    "no_border": Rule(
        REQUIRED, "border", "share of the longer side", lambda measured, _: measured.border, _border, at_most=True
    ),
}
"""Everything that can be checked, by its code."""


@dataclass(frozen=True)
class Policy:
    """What pictures are asked for: codes of ``CHECKS``, and the thresholds of these."""

    checks: tuple[str, ...] = tuple(CHECKS)
    rules: MainImageRules = DEFAULT_RULES

    def judge(self, measured: MainImage) -> Verdict:
        """Judges the measures of a picture."""
        return Verdict(tuple(CHECKS[code].check(code, measured, self.rules) for code in self.checks))


POLICIES: Mapping[str, Policy] = {MAIN_IMAGE: Policy()}
"""Every policy by its name; a deployment has rules of its own for the first."""


def policies(rules: MainImageRules) -> Mapping[str, Policy]:
    """``POLICIES`` with a deployment's own rules."""
    return {**POLICIES, MAIN_IMAGE: replace(POLICIES[MAIN_IMAGE], rules=rules)}


def judge_main_image(measured: MainImage, rules: MainImageRules = DEFAULT_RULES) -> Verdict:
    """Judges the measures of a picture by ``marketplace_main_image`` with the given rules."""
    return policies(rules)[MAIN_IMAGE].judge(measured)


def _percent(share: float) -> str:
    """Rounded down, so that only the whole is called 100 %."""
    return f"{math.floor(share * 1000) / 10:g}%"
