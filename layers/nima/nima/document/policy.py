"""What the large marketplaces ask of a main image, which no aesthetic model knows. Pure: judges stored measures.

The measures are taken once, by ``nima.assess.main_image``, and stored with the result, so that every reader can judge
them again by rules of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from operator import ge, le
from typing import Annotated, Any, NamedTuple, Protocol

from nima.document.channels import CHANNELS, Channel
from nima.document.record import Record, member
from nima.document.rules import TOLERANCES, MainImageRules
from nima.document.values import Count, OneOf, Share
from nima.words import say, words

MAIN_IMAGE = "marketplace_main_image"
"""The policy's name in a result document."""

REQUIRED, RECOMMENDED = "required", "recommended"
DEFAULT_RULES = MainImageRules()

# Sides are whole pixels, and shops cut a little.
_SAME_SHAPE = 0.01


class Pictured(Protocol):
    """What is known of a picture's file."""

    @property
    def bytes(self) -> int: ...
    @property
    def format(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


class _Unknown(NamedTuple):
    bytes: int = 0
    format: str = ""
    width: int = 0
    height: int = 0


UNKNOWN_FILE: Pictured = _Unknown()
"""A file of which nothing is known: what depends on it is not measured."""


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
        text: Share of the picture with text or a mark over it, 0..1; 0 where none is named, None where nobody looked:
            an older release, or a model without learned reasons.
    """

    white: Mapping[int, Share] = field(default_factory=dict)
    fill: Share | None = None
    longest_side: Count = 0
    border: Share | None = None
    text: Share | None = None


PolicyName = Annotated[str, OneOf(lambda: POLICIES)]
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

    Attributes:
        passed: Whether it is.
        checks: What was checked.
        measures: What it was judged by.
        policy: The name of the policy, one of ``POLICIES``.
        source: Where a channel's rules were read, one of ``nima.document.channels.SOURCES``.
        read: The month in which they were.
        not_checked: What is asked and was not measured.

    The table keeps only the measures, as every kilobyte is billed. What it gives back has no checks, and is not passed,
    until whoever makes an answer of it judges it by the rules of its own day.
    """

    passed: bool = field(init=False, metadata=member(name="pass", stored=False))
    checks: tuple[Check, ...] = field(default=(), metadata=member(stored=False))
    measures: MainImage = MainImage()
    policy: PolicyName = field(default=MAIN_IMAGE, metadata=member(stored=False))
    source: str = field(default="", metadata=member(stored=False, blank="left out"))
    read: str = field(default="", metadata=member(stored=False, blank="left out"))
    not_checked: tuple[str, ...] = field(default=(), metadata=member(stored=False))

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


Rules = MainImageRules | Channel
Measure = Callable[[MainImage, Pictured, Rules], float | None]


@dataclass(frozen=True)
class Rule:
    """How one thing is checked.

    Attributes:
        level: As in ``Check``.
        threshold: The name of its threshold in ``MainImageRules`` or ``Channel``.
        unit: Code of the unit of measure and threshold.
        measure: What is compared; None where it could not be measured.
        holds: Whether a measure passes a threshold; by default where it is no less.
        facts: Other measures that the check's message tells of, by the names that they have in it.
        unchecked: Code of ``NOT_CHECKED`` under which a verdict names it where it could not be measured, instead of
            failing it: not every model measures it.
    """

    level: str
    threshold: str
    unit: str
    measure: Measure
    holds: Callable[[float, float], bool] = ge
    facts: Mapping[str, Measure] = field(default_factory=dict)
    unchecked: str = ""

    def check(self, code: str, measured: MainImage, image: Pictured, rules: Rules) -> Check:
        measure, threshold = self.measure(measured, image, rules), getattr(rules, self.threshold)
        if isinstance(threshold, tuple):
            threshold = 1.0
        passed = measure is not None and self.holds(measure, threshold)
        facts: dict[str, Any] = {name: measure(measured, image, rules) for name, measure in self.facts.items()}
        message = _message(code, passed, measure=measure, threshold=threshold, **facts)
        unit = say("units", self.unit, level=rules.white_level)
        advised = isinstance(rules, Channel) and code in rules.advised
        return Check(code, RECOMMENDED if advised else self.level, measure, unit, threshold, passed, message)


def _message(code: str, passed: bool, **facts: Any) -> str:
    """What is said of a check: what was measured, if it was, and where it failed, what to do."""
    texts = words()["checks"][code]
    if None in facts.values():
        return say("checks", code, "missing") if "missing" in texts else say("texts", "notMeasured")
    if "zero" in texts and facts["measure"] == 0:
        return say("checks", code, "zero")
    return say("checks", code, "failed" if "failed" in texts and not passed else "measured", **facts)


def _white(tolerance: int) -> Measure:
    return lambda measured, _, __: measured.white.get(tolerance)


def _fill(measured: MainImage, _: Pictured, __: Rules) -> float | None:
    return measured.fill


def _longer(measured: MainImage, _: Pictured, __: Rules) -> float:
    return measured.longest_side


def _shorter(_: MainImage, image: Pictured, __: Rules) -> float | None:
    return min(image.width, image.height) or None


def _kilobytes(_: MainImage, image: Pictured, __: Rules) -> float | None:
    return image.bytes / 1000 or None


def _accepted(_: MainImage, image: Pictured, rules: Rules) -> float:
    return float(isinstance(rules, Channel) and image.format in (rules.formats or ()))


def _alike(measure: float, threshold: float) -> bool:
    return abs(measure / threshold - 1) <= _SAME_SHAPE


CHECKS: Mapping[str, Rule] = {
    "white_background": Rule(
        REQUIRED,
        "white_share",
        "white_share",
        lambda measured, _, rules: measured.white.get(rules.white_tolerance),
        facts={"pure": _white(0), "near": _white(TOLERANCES[-1])},
    ),
    "product_fill": Rule(REQUIRED, "fill", "longer_side_share", _fill),
    "minimum_size": Rule(REQUIRED, "minimum_side", "longer_side", _longer),
    "zoom_size": Rule(REQUIRED, "zoom_side", "longer_side", _longer),
    "recommended_size": Rule(RECOMMENDED, "recommended_side", "longer_side", _longer),
    "no_border": Rule(REQUIRED, "border", "longer_side_share", lambda measured, _, __: measured.border, le),
    "no_text": Rule(REQUIRED, "text", "picture_share", lambda measured, _, __: measured.text, le, unchecked="text"),
    "greatest_fill": Rule(REQUIRED, "greatest_fill", "longer_side_share", _fill, le),
    "minimum_shorter_side": Rule(REQUIRED, "minimum_shorter_side", "shorter_side", _shorter),
    "zoom_shorter_side": Rule(REQUIRED, "zoom_shorter_side", "shorter_side", _shorter),
    "recommended_shorter_side": Rule(RECOMMENDED, "recommended_shorter_side", "shorter_side", _shorter),
    "greatest_side": Rule(REQUIRED, "greatest_side", "longer_side", _longer, le),
    "greatest_size": Rule(
        REQUIRED, "greatest_size", "pixels", lambda _, image, __: image.width * image.height or None, le
    ),
    "aspect": Rule(
        REQUIRED,
        "aspect",
        "aspect",
        lambda _, image, __: round(image.width / image.height, 4) if image.height else None,
        _alike,
    ),
    "least_file": Rule(REQUIRED, "least_kilobytes", "kilobytes", _kilobytes),
    "greatest_file": Rule(REQUIRED, "most_kilobytes", "kilobytes", _kilobytes, le),
    "file_format": Rule(REQUIRED, "formats", "accepted", _accepted),
}
"""Everything that can be checked, by its code."""


@dataclass(frozen=True)
class Policy:
    """What pictures are asked for, by the thresholds of rules: those that there are, are checked.

    Attributes:
        rules: The thresholds.
        name: The policy's.
    """

    rules: Rules = DEFAULT_RULES
    name: str = MAIN_IMAGE

    def judge(self, measured: MainImage, image: Pictured = UNKNOWN_FILE) -> Verdict:
        """Judges the measures of a picture and what is known of its file."""
        asked = [(code, rule) for code, rule in CHECKS.items() if getattr(self.rules, rule.threshold, None) is not None]
        left = {
            code: rule.unchecked
            for code, rule in asked
            if rule.unchecked and rule.measure(measured, image, self.rules) is None
        }
        checks = tuple(rule.check(code, measured, image, self.rules) for code, rule in asked if code not in left)
        if not isinstance(self.rules, Channel):
            return Verdict(checks, measured, self.name, not_checked=tuple(left.values()))
        not_checked = (*left.values(), *self.rules.not_checked)
        return Verdict(checks, measured, self.name, self.rules.source, self.rules.read, not_checked)


POLICIES: Mapping[str, Policy] = {
    MAIN_IMAGE: Policy(),
    **{name: Policy(channel, name) for name, channel in CHANNELS.items()},
}
"""Every policy by its name; a deployment has rules of its own for the first."""


def policies(rules: MainImageRules) -> Mapping[str, Policy]:
    """``POLICIES`` with a deployment's own rules."""
    return {**POLICIES, MAIN_IMAGE: replace(POLICIES[MAIN_IMAGE], rules=rules)}


def judge_main_image(measured: MainImage, rules: MainImageRules = DEFAULT_RULES) -> Verdict:
    """Judges the measures of a picture by ``marketplace_main_image`` with the given rules."""
    return policies(rules)[MAIN_IMAGE].judge(measured)
