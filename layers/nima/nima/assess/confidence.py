"""How far the scores can be trusted: which doubts a picture raises."""

from __future__ import annotations

from collections.abc import Mapping

from nima.assess.signals import DOUBTS
from nima.document.assessment import Confidence, Reason, Traits
from nima.document.doubts import SMALLEST_SIDE, UNCERTAIN
from nima.document.vocabulary import HIGH, LOW, MEDIUM
from nima.image.colour import UNUSABLE
from nima.model.agreement import Agreement
from nima.words import say

# A second doubt is named beside the greatest one where it adds as large a share as this of what that adds.
_BESIDE = 0.5


def judge_confidence(
    traits: Traits,
    width: int,
    height: int,
    agreement: Agreement | None = None,
    signals: Mapping[str, float] | None = None,
) -> Confidence:
    """The confidence in the scores of a picture.

    Where NIMA is known to err, one doubt makes it medium and more make it low; so does, by its limits, how well the
    model agrees with its teacher about such pictures.

    Args:
        traits: The picture's.
        width: Of the whole picture, in pixels.
        height: The same.
        agreement: The model's for pictures of this sort; None where it states none.
        signals: The value of each of ``nima.model.agreement.SIGNALS``; where there is an agreement.
    """
    holds = {
        **{name: trait.present for name, trait in traits.kinds.items()},
        "extreme_aspect": traits.cropped,
        "tiny": min(width, height) < SMALLEST_SIDE,
        "color_profile": traits.color_space == UNUSABLE,
    }
    codes = [code for code, found in holds.items() if found]
    level = min(len(codes), 2)
    if agreement is not None:
        adds = agreement.adds(signals or {})
        total = sum(adds.values())
        uncertain = (total >= agreement.medium_from) + (total >= agreement.low_from)
        codes += _greatest(adds) if uncertain else ()
        level = max(level, uncertain)
    return Confidence((HIGH, MEDIUM, LOW)[level], tuple(Reason(code, say("reasons", code)) for code in codes))


def _greatest(adds: Mapping[str, float]) -> list[str]:
    """The doubt whose signals add most, and those that add nearly as much."""
    doubts = {doubt: sum(add for name, add in adds.items() if DOUBTS[name] == doubt) for doubt in UNCERTAIN}
    most = max(doubts.values())
    return [doubt for doubt, added in doubts.items() if added >= min(most, _BESIDE * most)]
