"""The closed sets of words that a result document is made of."""

from __future__ import annotations

from nima.assess.composite import ARTISTIC, DIVISIVE, STEPS

SCORED, REJECTED, DELETED = STATUSES = ("scored", "rejected", "deleted")
"""What an item of the table is of: a picture with scores, one without, or none any more."""

DEFECTS = (
    "blur",
    "overexposure",
    "underexposure",
    "noise",
    "low_contrast",
    "compression",
    "low_resolution",
    "color_cast",
)
"""Codes of deductions."""

KINDS = ("monochrome", "high_contrast", "minimalist", "abstract")
"""Names of the measured traits."""

BANDS = tuple(dict.fromkeys(band for _, _, band in reversed(STEPS)))
"""Bands of the composite, the worst first."""

NOTES = (DIVISIVE, ARTISTIC)
"""What may be noted beside a composite."""

HIGH, MEDIUM, LOW = LEVELS = ("high", "medium", "low")
"""Levels of confidence."""
