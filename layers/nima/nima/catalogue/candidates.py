"""Scored pictures as rankings see them: judged, each in a tier, near-duplicates behind the one that stands for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, cast

from nima.document.assessment import Assessment
from nima.document.composite import DIVISIVE, Composite
from nima.document.policy import Verdict
from nima.document.record import Record, member
from nima.document.result import Result
from nima.document.short import CANDIDATE
from nima.document.values import Key, Limits
from nima.words import names, say


@dataclass(frozen=True)
class Tier(Record):
    """What counts for a place beside the composite (``nima.catalogue.order``).

    Attributes:
        number: 1 without a sure defect or one that the style minds, 2 with one. Where a policy is required these are
            the pictures that pass it, and those that fail it are in 3 and 4 likewise.
        codes: The sure defects, those that the style minds, and the required policy's checks that failed.
        reason: One plain sentence.
    """

    number: Annotated[int, Limits(minimum=1, maximum=4)] = field(metadata=member(name="tier"))
    codes: tuple[str, ...] = field(metadata=member(name="tier_codes"))
    reason: str = field(metadata=member(name="tier_reason"))

    @property
    def defective(self) -> bool:
        """Whether there is a sure defect, or one that the style minds."""
        return self.number % 2 == 0

    @property
    def failing(self) -> bool:
        """Whether it fails a policy that it has to pass."""
        return self.number > 2

    @classmethod
    def of(cls, assessment: Assessment, *, required: bool) -> Tier:
        """That of a judged picture; ``required`` says that it has to pass the policy."""
        sure = [deduction.code for deduction in assessment.sure]
        minded = [deduction.code for deduction in assessment.minded]
        failed = [check.code for check in assessment.verdict.failures] if required else []
        fails = required and not assessment.verdict.passed
        reasons = [say("tiers", "failing", names=names("checks", failed))] if fails else []
        if sure:
            reasons.append(say("tiers", "defective", names=names("deductions", sure)))
        if minded:
            reasons.append(say("tiers", "minded", names=names("deductions", minded)))
        number = 1 + bool(sure or minded) + 2 * fails
        return cls(number, (*sure, *minded, *failed), " ".join(reasons or [say("tiers", "sound")]))


class Scored:
    """What is asked of a scored picture in a ranking, whose ``result`` is judged by the ranking's style and policy."""

    result: Result
    tier: Tier

    @property
    def key(self) -> str:
        return self.result.image.key

    @property
    def assessment(self) -> Assessment:
        return cast(Assessment, self.result.assessment)

    @property
    def composite(self) -> Composite:
        return self.assessment.composite

    @property
    def verdict(self) -> Verdict:
        return self.assessment.verdict

    @property
    def divided(self) -> bool:
        """Whether opinions on it split, and that counts against it."""
        return self.composite.note == DIVISIVE

    @property
    def pixels(self) -> int:
        return self.assessment.image.width * self.assessment.image.height


@dataclass(frozen=True)
class Candidate(Scored, Record):
    """A scored picture."""

    result: Result = field(metadata=member(flat=True, view=CANDIDATE))
    tier: Tier = field(metadata=member(flat=True))

    @classmethod
    def of(cls, result: Result, *, required: bool) -> Candidate:
        """A judged picture; ``required`` says that it has to pass the policy."""
        return cls(result, Tier.of(cast(Assessment, result.assessment), required=required))


@dataclass(frozen=True)
class Entry(Scored, Record):
    """A candidate with its place, or the best of a group of near-duplicates.

    Attributes:
        rank: 1 for the best.
        result: The picture's result.
        tier: What comes before its score.
        duplicates: The keys of its near-duplicates.
        copies: Its near-duplicates, the better first.
    """

    rank: Annotated[int, Limits(minimum=1)]
    result: Result = field(metadata=member(flat=True, view=CANDIDATE))
    tier: Tier = field(metadata=member(flat=True))
    duplicates: tuple[Key, ...] = field(init=False)
    copies: tuple[Candidate, ...]

    def __post_init__(self) -> None:
        self._derive(duplicates=tuple(copy.key for copy in self.copies))

    @property
    def pictures(self) -> tuple[Scored, ...]:
        """It and its near-duplicates, the better first."""
        return (self, *self.copies)
