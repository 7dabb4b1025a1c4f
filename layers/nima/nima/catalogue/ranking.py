"""The candidates of a product in order, near-duplicates grouped, and which one should be the main image. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Annotated, cast

from nima.catalogue.duplicates import group
from nima.document.assessment import Assessment
from nima.document.composite import DIVISIVE, Composite, StyleName, Weights, choose_style
from nima.document.policy import MAIN_IMAGE, POLICIES, Policy, Verdict
from nima.document.record import Record, member
from nima.document.result import Result
from nima.document.short import CANDIDATE, REFUSED
from nima.document.values import Key, Limits, Positive
from nima.words import say


class Scored:
    """What is asked of a scored picture in a ranking, whose ``result`` is judged by the ranking's style and policy."""

    result: Result

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


@dataclass(frozen=True)
class Candidate(Scored, Record):
    """A scored picture."""

    result: Result = field(metadata=member(flat=True, view=CANDIDATE))


@dataclass(frozen=True)
class Entry(Scored, Record):
    """A candidate with its place, or the best of a group of near-duplicates.

    Attributes:
        rank: 1 for the best.
        result: The picture's result.
        duplicates: The keys of its near-duplicates.
        copies: Its near-duplicates, the better first.
    """

    rank: Annotated[int, Limits(minimum=1)]
    result: Result = field(metadata=member(flat=True, view=CANDIDATE))
    duplicates: tuple[Key, ...] = field(init=False)
    copies: tuple[Candidate, ...]

    def __post_init__(self) -> None:
        self._derive(duplicates=tuple(copy.key for copy in self.copies))


@dataclass(frozen=True)
class Recommendation(Record):
    """The proposed main image.

    Attributes:
        key: Its key.
        why: One plain sentence.
        runner_up: The key that comes next, None where there is none.
        lead: Points ahead of the runner-up.
    """

    key: Key
    why: str
    runner_up: Key | None
    lead: Positive | None


@dataclass(frozen=True)
class Ranking(Record):
    """Candidates in order, near-duplicates in one entry.

    Attributes:
        style: Name of the style, ``custom`` for weights of one's own.
        weights: The weights used.
        recommended: The proposed main image; None where there is no candidate or none passes the required policy.
        note: Why nothing is recommended.
        entries: The best first.
        rejected: Results without scores, by key.
        missing: Keys without a result.
        complete: Whether every picture was ranked that there is.
        cursor: Where to go on where these are not all entries.
    """

    style: StyleName
    weights: Weights
    recommended: Recommendation | None
    note: str | None
    entries: tuple[Entry, ...]
    rejected: tuple[Result, ...] = field(metadata=member(view=REFUSED))
    missing: tuple[Key, ...] = ()
    complete: bool = True
    cursor: str | None = None


def rank(
    results: Iterable[Result],
    style: str,
    weights: Weights | None = None,
    policy: Policy = POLICIES[MAIN_IMAGE],
    *,
    required: bool = False,
) -> Ranking:
    """Ranks pictures by their composite in one style.

    Equal scores: the one with divided opinions comes later (not in creative style), then the keys decide, so that the
    order is total. Pictures that fail a required policy come after those that pass and are not recommended.

    Args:
        results: At most one for each key; rejected ones are listed apart.
        style: A name of ``STYLES``; ignored where ``weights`` are given.
        weights: Custom weights.
        policy: What the pictures are judged by.
        required: Whether the main image has to pass it.

    Raises:
        InvalidRequest: There is no such style.
    """
    name, used = choose_style(style, weights)
    candidates: dict[str, Candidate] = {}
    rejected: list[Result] = []
    for result in results:
        if result.assessment is None:
            rejected.append(result)
        else:
            judged = result.assessment.weighed(style, weights).judged(policy)
            candidates[result.image.key] = Candidate(replace(result, assessment=judged))

    def order(candidate: Candidate) -> tuple[bool, float, bool, str]:
        fails = required and not candidate.verdict.passed
        return fails, -candidate.composite.score, candidate.composite.note == DIVISIVE, candidate.key

    ordered = sorted(candidates.values(), key=order)
    groups = group((candidate.key, candidate.assessment.phash) for candidate in ordered)
    entries = tuple(
        Entry(place, candidates[key].result, tuple(candidates[copy] for copy in copies))
        for place, (key, copies) in enumerate(groups.items(), 1)
    )
    recommended, note = _recommend(entries, required=required)
    return Ranking(
        style=name,
        weights=used.weights,
        entries=entries,
        rejected=tuple(sorted(rejected, key=lambda result: result.image.key)),
        recommended=recommended,
        note=note,
    )


def _recommend(entries: tuple[Entry, ...], *, required: bool) -> tuple[Recommendation | None, str | None]:
    """The first entry with a sentence why, or a sentence why there is none."""
    if not entries:
        return None, say("ranking", "none_scored")
    best = entries[0]
    if required and not best.verdict.passed:
        codes = ", ".join(check.code for check in best.verdict.failures)
        return None, say("ranking", "none_passes", key=best.key, checks=codes)
    rivals = [entry for entry in entries[1:] if entry.verdict.passed or not required]
    runner_up = rivals[0] if rivals else None
    lead = round(best.composite.score - runner_up.composite.score, 4) if runner_up else None
    if runner_up is None:
        place = "only"
    elif lead:
        place = "highest"
    elif runner_up.composite.note == DIVISIVE and best.composite.note != DIVISIVE:
        place = "divided"
    else:
        place = "by_key"
    technical, aesthetic = best.assessment.technical.mean, best.assessment.aesthetic.mean
    why = say(
        "ranking",
        place,
        subject=say("ranking", "passing" if required else "subject"),
        means=say("ranking", "means", score=best.composite.score, technical=technical, aesthetic=aesthetic),
        among=1 + len(rivals),
        lead=lead,
        next=runner_up and runner_up.key,
    )
    worst = [say("deductions", deduction.code, "name") for deduction in best.assessment.deductions[:1]]
    why += say("ranking", "deduction", name=worst[0]) if worst else say("ranking", "nothing")
    return Recommendation(best.key, why, runner_up.key if runner_up else None, lead), None
