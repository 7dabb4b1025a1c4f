"""What the large marketplaces ask of a main image, which no aesthetic model knows. Pure: judges stored measures.

The measures are taken once, by ``nima.assess.main_image``, and stored with the result, so that every reader can judge
them again by rules of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from nima.document.record import Record, member
from nima.document.rules import TOLERANCES, MainImageRules
from nima.document.values import Count, OneOf, Share
from nima.words import say, words

MAIN_IMAGE = "marketplace_main_image"
"""The policy's name in a result document."""

REQUIRED, RECOMMENDED = "required", "recommended"
DEFAULT_RULES = MainImageRules()


@dataclass(frozen=True)
class MainImage(Record):
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

    white: Mapping[int, Share] = field(default_factory=dict)
    fill: Share | None = None
    longest_side: Count = 0
    border: Share | None = None


CheckCode = Annotated[str, OneOf(lambda: CHECKS)]
Level = Annotated[str, OneOf(lambda: (REQUIRED, RECOMMENDED))]


@dataclass(frozen=True)
class Check(Record):
    """One thing that was checked.

    Attributes:
        code: One of ``CHECKS``.
        level: ``required``, or ``recommended`` where the policy does not depend on it.
        measure: What was measured, in ``unit``; None where it could not be.
        threshold: What it was compared with.
        passed: Whether it holds; ``pass`` in JSON.
        message: One plain sentence.
    """

    code: CheckCode
    level: Level
    measure: float | None
    unit: str
    threshold: float
    passed: bool = field(metadata=member(name="pass"))
    message: str


@dataclass(frozen=True)
class Verdict(Record):
    """Every check; the policy is passed where all the required ones are.

    The table keeps only the measures, as every kilobyte is billed. What it gives back has no checks, and is not passed,
    until whoever makes an answer of it judges it by the rules of its own day.
    """

    passed: bool = field(init=False, metadata=member(name="pass", stored=False))
    checks: tuple[Check, ...] = field(default=(), metadata=member(stored=False))
    measures: MainImage = MainImage()

    def __post_init__(self) -> None:
        self._derive(passed=bool(self.checks) and not self.failures)

    @property
    def failures(self) -> tuple[Check, ...]:
        """The required checks that failed."""
        return tuple(check for check in self.checks if check.level == REQUIRED and not check.passed)


@dataclass(frozen=True)
class Verdicts(Record):
    """Verdicts by their policies' names."""

    marketplace_main_image: Verdict


Measure = Callable[[MainImage, MainImageRules], float | None]


@dataclass(frozen=True)
class Rule:
    """How one thing is checked.

    Attributes:
        level: As in ``Check``.
        threshold: The name of its threshold in ``MainImageRules``.
        unit: Code of the unit of measure and threshold.
        measure: What is compared; None where it could not be measured.
        at_most: Whether the threshold is the greatest that passes, not the least.
        facts: Other measures that the check's message tells of, by the names that they have in it.
    """

    level: str
    threshold: str
    unit: str
    measure: Measure
    at_most: bool = False
    facts: Mapping[str, Measure] = field(default_factory=dict)

    def check(self, code: str, measured: MainImage, rules: MainImageRules) -> Check:
        measure, threshold = self.measure(measured, rules), getattr(rules, self.threshold)
        passed = measure is not None and (measure <= threshold if self.at_most else measure >= threshold)
        facts: dict[str, Any] = {name: measure(measured, rules) for name, measure in self.facts.items()}
        message = _message(code, passed, measure=measure, threshold=threshold, **facts)
        unit = say("units", self.unit, level=rules.white_level)
        return Check(code, self.level, measure, unit, threshold, passed, message)


def _message(code: str, passed: bool, **facts: Any) -> str:
    """What is said of a check: what was measured, if it was, and where it failed, what to do."""
    texts = words()["checks"][code]
    if None in facts.values():
        return say("checks", code, "missing") if "missing" in texts else say("texts", "notMeasured")
    if "zero" in texts and facts["measure"] == 0:
        return say("checks", code, "zero")
    return say("checks", code, "failed" if "failed" in texts and not passed else "measured", **facts)


def _white(tolerance: int) -> Measure:
    return lambda measured, _: measured.white.get(tolerance)


def _side(level: str, threshold: str) -> Rule:
    return Rule(level, threshold, "longer_side", lambda measured, _: measured.longest_side)


CHECKS: Mapping[str, Rule] = {
    "white_background": Rule(
        REQUIRED,
        "white_share",
        "white_share",
        lambda measured, rules: measured.white.get(rules.white_tolerance),
        facts={"pure": _white(0), "near": _white(TOLERANCES[-1])},
    ),
    "product_fill": Rule(REQUIRED, "fill", "longer_side_share", lambda measured, _: measured.fill),
    "minimum_size": _side(REQUIRED, "minimum_side"),
    "zoom_size": _side(REQUIRED, "zoom_side"),
    "recommended_size": _side(RECOMMENDED, "recommended_side"),
    "no_border": Rule(REQUIRED, "border", "longer_side_share", lambda measured, _: measured.border, at_most=True),
}
"""Everything that can be checked, by its code."""


@dataclass(frozen=True)
class Policy:
    """What pictures are asked for: codes of ``CHECKS``, and the thresholds of these."""

    checks: tuple[str, ...] = tuple(CHECKS)
    rules: MainImageRules = DEFAULT_RULES

    def judge(self, measured: MainImage) -> Verdict:
        """Judges the measures of a picture."""
        return Verdict(tuple(CHECKS[code].check(code, measured, self.rules) for code in self.checks), measured)


POLICIES: Mapping[str, Policy] = {MAIN_IMAGE: Policy()}
"""Every policy by its name; a deployment has rules of its own for the first."""


def policies(rules: MainImageRules) -> Mapping[str, Policy]:
    """``POLICIES`` with a deployment's own rules."""
    return {**POLICIES, MAIN_IMAGE: replace(POLICIES[MAIN_IMAGE], rules=rules)}


def judge_main_image(measured: MainImage, rules: MainImageRules = DEFAULT_RULES) -> Verdict:
    """Judges the measures of a picture by ``marketplace_main_image`` with the given rules."""
    return policies(rules)[MAIN_IMAGE].judge(measured)
