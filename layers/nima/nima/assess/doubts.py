"""Why scores deserve less trust: where NIMA is known to be biased, or the picture is not what it judges."""

from __future__ import annotations

from collections.abc import Mapping

from nima.assess.kinds import KINDS

SMALLEST_SIDE = 224
"""Pixels of the shorter side below which the model sees enlarged pixels."""

DOUBTS: Mapping[str, str] = {
    **{name: kind.doubt for name, kind in KINDS.items()},
    "extreme_aspect": "Only the centre of the picture was assessed: its shape is extreme.",
    "tiny": f"The picture's shorter side has less than {SMALLEST_SIDE} px.",
    "color_profile": "The colour profile could not be used, so colours may be off.",
}
"""Every reason by its code, each with one plain sentence. ``nima.assess.confidence`` tells which of them hold."""
