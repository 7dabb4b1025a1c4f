"""The candidates of a product in order, near-duplicates grouped, and which one should be the main image. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from nima.catalogue.candidates import Candidate, Entry
from nima.catalogue.order import arranged, grouped
from nima.catalogue.recommendation import Recommendation, recommend
from nima.document.composite import Minded, NotJudged, StyleName, Weights, choose_style
from nima.document.policy import MAIN_IMAGE, POLICIES, Policy
from nima.document.record import Record, member
from nima.document.result import Result
from nima.document.short import REFUSED
from nima.document.values import Key


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
        best: The key that comes first whether it passes the policy or not; None where there is no candidate.
        best_passing: The key that comes first of those that pass the policy; None where none does.
        minds: Codes of the defects that the style minds: one weighs as much as a sure one.
        not_judged: What the style does not judge, though people do.
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
    best: Key | None = None
    best_passing: Key | None = None
    minds: tuple[Minded, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()


def rank(
    results: Iterable[Result],
    style: str,
    weights: Weights | None = None,
    policy: Policy = POLICIES[MAIN_IMAGE],
    *,
    required: bool = False,
) -> Ranking:
    """Ranks pictures in one style by composite, in which a sure defect, or one that the style minds, weighs a point.

    Where that does not decide, what is wrong with each and its size do (see ``nima.catalogue.order``), then whether
    opinions on it are divided (not in creative style), then the keys, so that the order is total. Pictures that fail a
    required policy come after those that pass and are not recommended.

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
    scored: dict[str, Result] = {}
    rejected: list[Result] = []
    for result in results:
        if result.assessment is None:
            rejected.append(result)
        else:
            judged = result.assessment.weighed(style, weights).judged(policy)
            scored[result.image.key] = replace(result, assessment=judged)
    groups = grouped(scored.values())
    freely, strictly = (
        arranged([Candidate.of(scored[key], required=strict) for key in keys] for keys in groups)
        for strict in (False, True)
    )
    entries = strictly if required else freely
    recommended, note = recommend(entries, required=required)
    return Ranking(
        style=name,
        weights=used.weights,
        entries=entries,
        rejected=tuple(sorted(rejected, key=lambda result: result.image.key)),
        recommended=recommended,
        note=note,
        best=next((entry.key for entry in freely), None),
        best_passing=next((entry.key for entry in strictly if entry.verdict.passed), None),
        minds=used.minds,
        not_judged=used.not_judged,
    )
