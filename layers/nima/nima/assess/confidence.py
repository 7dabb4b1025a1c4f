"""How far the scores can be trusted: which doubts a picture raises."""

from __future__ import annotations

from nima.document.assessment import Confidence, Reason, Traits
from nima.document.doubts import SMALLEST_SIDE
from nima.document.vocabulary import HIGH, LOW, MEDIUM
from nima.image.colour import UNUSABLE
from nima.words import say


def judge_confidence(traits: Traits, width: int, height: int) -> Confidence:
    """The confidence in the scores of a picture of ``width`` x ``height`` pixels with these traits."""
    holds = {
        **{name: trait.present for name, trait in traits.kinds.items()},
        "extreme_aspect": traits.cropped,
        "tiny": min(width, height) < SMALLEST_SIDE,
        "color_profile": traits.color_space == UNUSABLE,
    }
    reasons = tuple(Reason(code, say("reasons", code)) for code, found in holds.items() if found)
    return Confidence((HIGH, MEDIUM, LOW)[min(len(reasons), 2)], reasons)
