"""Reasons beside the scores: each defect has a measure with a unit, a severity 0..1 and one plain sentence.

Whether a defect is there is said by the gates of the model's learned reasons; of a model without them by the severity
alone. How bad it is, is always measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from nima.assess.measures import MEASURES
from nima.document.assessment import Deduction
from nima.document.defects import DEFECTS
from nima.errors import ModelUnavailable
from nima.image.decode import Picture
from nima.image.measure import Frame
from nima.image.numbers import numbers
from nima.model.gates import Gates
from nima.model.reasons import Threshold
from nima.words import say

REPORTED_FROM = 0.1
"""Severities below this are not worth a sentence."""

HARD_JPEG = 38
"""Quality by a JPEG's own table up to which it is compressed hard, whatever it shows."""

# What is named is never told as if it were nothing.
_LEAST_SEVERITY, _LEAST_SURE_SEVERITY = 0.15, 0.3
# What a file itself states counts as much as a gate this far beyond its threshold.
_TABLE_MARGIN = 6.0
_SIZE_MARGIN = 4.0


class _Named(NamedTuple):
    margin: float
    sure: bool
    style: str | None = None


def find_deductions(
    picture: Picture, frame: Frame, gates: Gates | None = None, thresholds: Mapping[str, Threshold] | None = None
) -> tuple[Deduction, ...]:
    """Every visible defect of a picture.

    Args:
        picture: The picture.
        frame: Its frame.
        gates: Those of the model's learned reasons.
        thresholds: Of each code that is judged.

    Returns:
        By gates the sure ones first, then those that are the plainest; without gates the worst first.

    Raises:
        ModelUnavailable: The gates read numbers, or name defects, that this release does not know.
    """
    if gates is not None:
        return _by_gates(picture, frame, gates, thresholds or {})
    worst = (_worst(code, picture, frame) for code, defect in DEFECTS.items() if not defect.learned)
    visible = [deduction for deduction in worst if deduction and deduction.severity >= REPORTED_FROM]
    return tuple(sorted(visible, key=lambda deduction: (-deduction.severity, deduction.code)))


def _by_gates(
    picture: Picture, frame: Frame, gates: Gates, thresholds: Mapping[str, Threshold]
) -> tuple[Deduction, ...]:
    unknown = sorted(set(thresholds) - set(DEFECTS))
    if unknown:
        raise ModelUnavailable(
            "The model's reasons name defects that this release does not know: use the release they were made with.",
            detail=", ".join(unknown),
        )
    logits = gates.logits(numbers(frame))
    named = {
        code: _Named(logits[code] - threshold.named, logits[code] >= threshold.sure, threshold.style)
        for code, threshold in thresholds.items()
        if logits[code] >= threshold.named
    }
    if picture.jpeg_quality is not None and picture.jpeg_quality <= HARD_JPEG:
        named["compression"] = _Named(max(_TABLE_MARGIN, named.get("compression", (0, False))[0]), True)
    small = _worst("low_resolution", picture, frame)
    if small and small.severity >= REPORTED_FROM:
        named["low_resolution"] = _Named(_SIZE_MARGIN * small.severity, False)
    found = [
        (not each.sure, -each.margin, code, deduction)
        for code, each in named.items()
        if (deduction := _worst(code, picture, frame, each))
    ]
    return tuple(deduction for *_, deduction in sorted(found, key=lambda one: one[:3]))


def _worst(code: str, picture: Picture, frame: Frame, named: _Named | None = None) -> Deduction | None:
    """A defect on the scale on which it is the worst; None where it cannot be measured."""
    defect, found = DEFECTS[code], []
    for measure, at in MEASURES[code](picture, frame):
        scale = defect.scales[at]
        severity = scale.severity(measure)
        sure = defect.is_sure(severity)
        if named:
            sure = named.sure
            severity = max(severity, _LEAST_SURE_SEVERITY if sure else _LEAST_SEVERITY)
        unit, message = say("units", scale.unit), say("deductions", code, scale.unit, measure=measure)
        told = Deduction(
            code, round(severity, 3), round(float(measure), 3), unit, message, sure, named.style if named else None
        )
        found.append((scale.severity(measure), told))
    return max(found, key=lambda one: one[0])[1] if found else None
