"""Why scores deserve less trust: where NIMA is known to be biased, or the picture is not what it judges."""

from __future__ import annotations

from nima.document.kinds import KINDS

SMALLEST_SIDE = 224
"""Pixels of the shorter side below which the model sees enlarged pixels."""

KNOWN = (*KINDS, "extreme_aspect", "tiny", "color_profile")
"""Where NIMA itself is known to err."""

UNCERTAIN = (
    *("uncertain_scores", "uncertain_shape", "uncertain_colors"),
    *("uncertain_light", "uncertain_detail", "uncertain_layout"),
)
"""What pictures have in common about which a model agrees less with the one that it was taught by."""

DOUBTS = (*KNOWN, *UNCERTAIN)
"""Every reason's code. ``nima.assess.confidence`` tells which of them hold."""
