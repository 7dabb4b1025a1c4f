"""The candidates of a product in order, near-duplicates grouped, and which one should be the main image. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from nima.assess.assessment import Assessment, Result
from nima.assess.composite import DIVISIVE, Composite, Weights, compose
from nima.assess.policy import Policy, Verdict
from nima.catalogue.duplicates import group
from nima.words import say

MAIN_DEDUCTIONS = 3
"""Deductions that an entry names."""


@dataclass(frozen=True)
class Candidate:
    """A scored picture.

    Attributes:
        result: The picture's result, as it was given.
        assessment: Its assessment.
        composite: The score by the ranking's style.
        verdict: How it stands to the policy for main images.
    """

    result: Result
    assessment: Assessment
    composite: Composite
    verdict: Verdict

    @property
    def key(self) -> str:
        return self.result.image.key

    def to_json(self) -> dict[str, Any]:
        """What a list shows of the candidate, and the hash by which near-duplicates are known."""
        technical, aesthetic = self.assessment.technical.to_json(), self.assessment.aesthetic.to_json()
        return {
            "key": self.key,
            "score": self.composite.score,
            "stars": self.composite.stars,
            "band": self.composite.band,
            "note": self.composite.note,
            **{
                head: {name: score[name] for name in ("mean", "std", "percentile")}
                for head, score in (("technical", technical), ("aesthetic", aesthetic))
            },
            "deductions": [asdict(deduction) for deduction in self.assessment.deductions[:MAIN_DEDUCTIONS]],
            "confidence": self.assessment.confidence.level,
            "phash": self.assessment.phash,
            "policy": self.verdict.to_json(),
        }


@dataclass(frozen=True)
class Entry(Candidate):
    """A candidate with its place, or the best of a group of near-duplicates.

    Attributes:
        rank: 1 for the best.
        copies: Its near-duplicates, the better first.
    """

    rank: int
    copies: tuple[Candidate, ...]

    @property
    def duplicates(self) -> tuple[str, ...]:
        """The keys of its near-duplicates."""
        return tuple(copy.key for copy in self.copies)

    def to_json(self) -> dict[str, Any]:
        """What a list shows of the candidate and its near-duplicates."""
        return {
            "rank": self.rank,
            **super().to_json(),
            "duplicates": list(self.duplicates),
            "copies": [copy.to_json() for copy in self.copies],
        }


@dataclass(frozen=True)
class Recommendation:
    """The proposed main image.

    Attributes:
        key: Its key.
        why: One plain sentence.
        runner_up: The key that comes next, None where there is none.
        lead: Points ahead of the runner-up.
    """

    key: str
    why: str
    runner_up: str | None
    lead: float | None


@dataclass(frozen=True)
class Ranking:
    """Candidates in order.

    Attributes:
        style: Name of the style, ``custom`` for weights of one's own.
        weights: The weights used.
        entries: The best first.
        rejected: Results without scores, by key.
        recommended: The proposed main image; None where there is no candidate or none passes the required policy.
        note: Why nothing is recommended.
    """

    style: str
    weights: Weights
    entries: tuple[Entry, ...]
    rejected: tuple[Result, ...]
    recommended: Recommendation | None
    note: str | None

    def to_json(self) -> dict[str, Any]:
        return {
            "style": self.style,
            "weights": asdict(self.weights),
            "recommended": self.recommended and asdict(self.recommended),
            "note": self.note,
            "entries": [entry.to_json() for entry in self.entries],
            "rejected": [{"key": result.image.key, "error": dict(result.error or {})} for result in self.rejected],
        }


def rank(
    results: Iterable[Result],
    style: str,
    weights: Weights | None = None,
    policy: Policy | None = None,
) -> Ranking:
    """Ranks pictures by their composite in one style.

    Equal scores: the one with divided opinions comes later (not in creative style), then the keys decide, so that the
    order is total. With a policy, pictures that fail it come after those that pass and are not recommended.

    Args:
        results: At most one for each key; rejected ones are listed apart.
        style: A name of ``STYLES``; ignored where ``weights`` are given.
        weights: Custom weights.
        policy: Rules that the main image has to keep; None requires none, and only tells how each picture stands to
            the rules it was read with.

    Raises:
        InvalidRequest: There is no such style.
    """
    used = compose(1.0, 1.0, 0.0, style, weights)
    candidates: dict[str, Candidate] = {}
    rejected: list[Result] = []
    for result in results:
        assessed = result.assessment
        if assessed is None:
            rejected.append(result)
            continue
        aesthetic = assessed.aesthetic.distribution
        composite = compose(assessed.technical.mean, aesthetic.mean, aesthetic.std, style, weights)
        verdict = policy.judge(assessed.main_image) if policy else assessed.verdict
        candidates[result.image.key] = Candidate(result, assessed, composite, verdict)

    def order(candidate: Candidate) -> tuple[bool, float, bool, str]:
        fails = policy is not None and not candidate.verdict.passed
        return fails, -candidate.composite.score, candidate.composite.note == DIVISIVE, candidate.key

    ordered = sorted(candidates.values(), key=order)
    groups = group((candidate.key, candidate.assessment.phash) for candidate in ordered)
    entries = tuple(
        Entry(**vars(candidates[key]), rank=place, copies=tuple(candidates[copy] for copy in copies))
        for place, (key, copies) in enumerate(groups.items(), 1)
    )
    recommended, note = _recommend(entries, required=policy is not None)
    return Ranking(
        style=used.style,
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
