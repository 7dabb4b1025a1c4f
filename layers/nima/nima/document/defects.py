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


DEFECTS: Mapping[str, tuple[Scale, ...]] = {
    "blur": (Scale("edge_width", 1.1, 3.5),),
    "overexposure": (Scale("blown_out", 0.08, 0.45),),
    "underexposure": (Scale("mean_luma", 60, 12),),
    "noise": (Scale("luma_deviation", 3.0, 15.0),),
    "low_contrast": (Scale("tones", 115, 30),),
    "compression": (
        Scale("block_step", 1.15, 2.0),
        Scale("jpeg_quality", 55, 10),
    ),
    "low_resolution": (Scale("longer_side", 800, 160),),
    "color_cast": (
        Scale("even_cast", 4.0, 8.0),
        Scale("background_cast", 4.0, 16.0),
    ),
}
"""Every code of a deduction, with the scales that it may be measured on."""
