"""The closed sets of words that have no registry of their own."""

from __future__ import annotations

SCORED, REJECTED, DELETED = STATUSES = ("scored", "rejected", "deleted")
"""What an item of the table is of: a picture with scores, one without, or none any more."""

HIGH, MEDIUM, LOW = LEVELS = ("high", "medium", "low")
"""Levels of confidence."""
