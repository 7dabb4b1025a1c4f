"""The defects that cost points: how bad a measure of each is. ``nima.assess.deductions`` measures them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Severity by a measure: 0 up to ``harmless``, 1 from ``spoilt`` on, straight between (either may be larger).

    Attributes:
        unit: Code of the measure's unit, by which ``nima.words`` have a sentence on it.
        harmless: The worst measure that costs nothing.
        spoilt: The measure from which it is as bad as can be.
    """

    unit: str
    harmless: float
    spoilt: float

    def severity(self, measure: float) -> float:
        """How bad a measure is, 0..1."""
        return float(min(max((measure - self.harmless) / (self.spoilt - self.harmless), 0.0), 1.0))


@dataclass(frozen=True)
class Defect:
    """A defect.

    Attributes:
        scales: Those that it may be measured on.
        sure_from: Severity from which it is surely there where no learned reasons say so, so that it
            weighs in rankings; None where no severity says it.
        learned: Whether only learned reasons name it: no severity tells it from what is none.
    """

    scales: tuple[Scale, ...]
    sure_from: float | None = None
    learned: bool = False

    def is_sure(self, severity: float) -> bool:
        """Whether a defect of this severity is surely there."""
        return self.sure_from is not None and severity >= self.sure_from


# ``sure_from`` is the least tenth that no more than 1 of 530 clean pictures reaches: photographs, goods and cut-outs of
# the training side of `make bench-judgement`. Where one of them is as severe as can be, no severity is sure.
DEFECTS: Mapping[str, Defect] = {
    "soft": Defect((Scale("edge_width", 1.1, 3.5),), sure_from=0.2),
    "motion_blur": Defect((Scale("streak", 2, 30),), learned=True),
    "overexposure": Defect((Scale("blown_out", 0.08, 0.45), Scale("blown_out_product", 0.08, 0.45))),
    "underexposure": Defect((Scale("mean_luma", 60, 12),)),
    "noise": Defect((Scale("luma_deviation", 3.0, 15.0),)),
    "low_contrast": Defect((Scale("tones", 115, 30),)),
    "compression": Defect((Scale("block_step", 1.15, 2.0), Scale("jpeg_quality", 55, 10)), sure_from=0.6),
    "low_resolution": Defect((Scale("longer_side", 800, 160),)),
    "color_cast": Defect((Scale("even_cast", 4.0, 8.0), Scale("background_cast", 4.0, 16.0)), sure_from=0.4),
    "text_overlay": Defect((Scale("lettering_share", 0, 0.1),), learned=True),
    "cut_off": Defect((Scale("met_rim", 0.02, 0.3),), learned=True),
    "clutter": Defect((Scale("busy_rim", 0.1, 1),), learned=True),
    "background": Defect((Scale("off_white", 5, 60), Scale("shaded_share", 0.02, 0.4)), learned=True),
}
"""Every code of a deduction."""

RENAMED: Mapping[str, str] = {"blur": "soft"}
"""Codes of earlier releases, and what they are now."""
