"""Why scores deserve less trust: where NIMA is known to be biased, or the picture is not what it judges."""

from __future__ import annotations

from nima.document.kinds import KINDS

SMALLEST_SIDE = 224
"""Pixels of the shorter side below which the model sees enlarged pixels."""

DOUBTS = (*KINDS, "extreme_aspect", "tiny", "color_profile")
"""Every reason's code. ``nima.assess.confidence`` tells which of them hold."""
