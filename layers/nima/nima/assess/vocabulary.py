"""The closed sets of words that a result document is made of."""

from __future__ import annotations

from nima.assess.composite import ARTISTIC, DIVISIVE, STEPS

SCORED, REJECTED, DELETED = STATUSES = ("scored", "rejected", "deleted")
"""What an item of the table is of: a picture with scores, one without, or none any more."""

BANDS = tuple(dict.fromkeys(band for _, _, band in reversed(STEPS)))
"""Bands of the composite, the worst first."""

NOTES = (DIVISIVE, ARTISTIC)
"""What may be noted beside a composite."""

HIGH, MEDIUM, LOW = LEVELS = ("high", "medium", "low")
"""Levels of confidence."""
