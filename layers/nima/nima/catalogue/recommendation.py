"""Which picture should be the main image, how sure that is, and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from nima.catalogue.candidates import Entry
from nima.catalogue.order import CLEAR, OUTWEIGHED, Merits, lead, merits, tied
from nima.document.record import Record
from nima.document.values import Key, OneOf
from nima.words import names, say

CLEARLY, SLIGHTLY, IN_A_TIE = PREFERENCES = ("clear", "slight", "tied")
"""How sure it is that the first picture is the best, as the API says it."""

Preference = Annotated[str, OneOf(lambda: PREFERENCES)]

_NAMED = 5


@dataclass(frozen=True)
class Recommendation(Record):
    """The proposed main image.

    Attributes:
        key: Its key.
        why: One plain sentence.
        runner_up: The key that comes next, None where there is none.
        lead: Points ahead of the runner-up, fewer than 0 where that one scores more and has less for itself otherwise;
            None where there is none.
        preference: ``tied`` where it is too close to call, else ``clear`` where the lead is at least 0.3 (1.3 where
            a defect weighs on it and none on the runner-up) and ``slight`` where it is not; None where there is nothing
            to choose from.
        tied: The keys between which it is too close to call, the recommended one first; empty where it is not.
    """

    key: Key
    why: str
    runner_up: Key | None
    lead: float | None
    preference: Preference | None
    tied: tuple[Key, ...]


def recommend(entries: Sequence[Entry], *, required: bool) -> tuple[Recommendation | None, str | None]:
    """The first entry with a sentence why, or a sentence why there is none."""
    if not entries:
        return None, say("ranking", "none_scored")
    best = entries[0]
    if required and not best.verdict.passed:
        failed = names("checks", (check.code for check in best.verdict.failures))
        return None, say("ranking", "none_passes", key=best.key, checks=failed)
    rivals = [entry for entry in entries if entry.verdict.passed or not required]
    together = tied(rivals)
    runner_up = rivals[1] if len(rivals) > 1 else None
    ahead = lead(best, runner_up) if runner_up else None
    preference: str | None = None
    if runner_up is None or ahead is None:
        place = "only"
    elif len(together) > 1:
        place = preference = IN_A_TIE
    else:
        costs = OUTWEIGHED * (best.tier.defective and not runner_up.tier.defective)
        preference = CLEARLY if ahead - costs >= CLEAR else SLIGHTLY
        place = _beside(best, rivals[1:]) or ("despite" if costs and preference == SLIGHTLY else preference)
    technical, aesthetic = best.assessment.technical.mean, best.assessment.aesthetic.mean
    why = say(
        "ranking",
        place,
        subject=say("ranking", "passing" if required else "subject"),
        means=say("ranking", "means", score=best.composite.score, technical=technical, aesthetic=aesthetic),
        among=len(rivals),
        lead=ahead,
        next=runner_up and runner_up.key,
        tied=_listed(together),
        decided=say("decided", _decided(together[:2])) if len(together) > 1 else "",
    )
    worst = names("deductions", (deduction.code for deduction in best.assessment.deductions[:1]))
    faultless = say("faultless", best.composite.band)
    why += say("ranking", "deduction", name=worst) if worst else say("ranking", "faultless", faultless=faultless)
    keys = tuple(entry.key for entry in together) if len(together) > 1 else ()
    return Recommendation(best.key, why, runner_up.key if runner_up else None, ahead, preference, keys), None


def _beside(best: Entry, others: Sequence[Entry]) -> str | None:
    """What of their defects put all others, or those not clearly below it, after the best; None where nothing did."""
    defective = [] if best.tier.defective else [other for other in others if other.tier.defective]
    if len(defective) == len(others):
        return "sound" if all(other.assessment.sure for other in others) else "unminded"
    return "outweighed" if any(lead(best, other) < CLEAR for other in defective) else None


def _decided(pair: Sequence[Entry]) -> str:
    """What put the first of two tied entries before the second."""
    one, other = map(merits, pair)
    return next(name for name, a, b in zip(Merits._fields, one, other, strict=True) if a != b)


def _listed(entries: Sequence[Entry]) -> str:
    keys = ", ".join(entry.key for entry in entries[:_NAMED])
    left = len(entries) - _NAMED
    return say("texts", "more", names=keys, left=left) if left > 0 else keys
