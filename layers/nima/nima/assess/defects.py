"""The defects that cost points: how bad a measure of each is. ``nima.assess.deductions`` measures them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Severity by a measure: 0 up to ``harmless``, 1 from ``spoilt`` on, straight between (either may be larger).

    Attributes:
        unit: Of the measure.
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
    "blur": (Scale("px (sigma of the edges, in a frame of 960 px)", 1.1, 3.5),),
    "overexposure": (Scale("share of pixels at luma 250 or more", 0.08, 0.45),),
    "underexposure": (Scale("mean luma, 0 to 255", 60, 12),),
    "noise": (Scale("luma levels (standard deviation)", 3.0, 15.0),),
    "low_contrast": (Scale("luma levels between the 2nd and 98th percentile", 115, 30),),
    "compression": (
        Scale("luma step on the 8 px grid over the step elsewhere", 1.15, 2.0),
        Scale("JPEG quality, 1 to 100", 55, 10),
    ),
    "low_resolution": (Scale("px (longer side)", 800, 160),),
    "color_cast": (
        Scale("distance from grey over spread, in a*b*", 4.0, 8.0),
        Scale("a*b* distance of the background from grey", 4.0, 16.0),
    ),
}
"""Every code of a deduction, with the scales that it may be measured on."""
