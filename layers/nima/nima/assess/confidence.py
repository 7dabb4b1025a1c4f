"""How far the scores can be trusted: lowered where NIMA is known to be biased or the picture is not what it judges."""

from __future__ import annotations

from nima.assess.assessment import Confidence, Reason, Traits
from nima.assess.vocabulary import HIGH, LOW, MEDIUM
from nima.image.colour import UNUSABLE

SMALLEST_SIDE = 224
"""Pixels of the shorter side below which the model sees enlarged pixels."""

_KINDS = {
    "monochrome": "NIMA was trained on colour photographs and misjudges monochrome ones.",
    "high_contrast": "NIMA misjudges pictures of mostly black and white tones.",
    "minimalist": "NIMA underrates minimalist pictures with much empty space.",
    "abstract": "NIMA was trained on photographs and misjudges graphics and abstract art.",
}


def judge_confidence(traits: Traits, width: int, height: int) -> Confidence:
    """The confidence in the scores of a picture of ``width`` x ``height`` pixels with these traits."""
    reasons = [Reason(kind, _KINDS[kind]) for kind, trait in traits.kinds.items() if trait.present]
    if traits.cropped:
        reasons.append(Reason("extreme_aspect", "Only the centre of the picture was assessed: its shape is extreme."))
    if min(width, height) < SMALLEST_SIDE:
        reasons.append(Reason("tiny", f"The picture's shorter side has less than {SMALLEST_SIDE} px."))
    if traits.color_space == UNUSABLE:
        reasons.append(Reason("color_profile", "The colour profile could not be used, so colours may be off."))
    level = HIGH if not reasons else MEDIUM if len(reasons) == 1 else LOW
    return Confidence(level, tuple(reasons))
