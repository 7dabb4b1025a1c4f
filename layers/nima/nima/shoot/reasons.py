"""Why a frame is picked, kept beside a pick, or rejected: a code, a measure in its unit, and one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nima.shoot import WORDS
from nima.words import ENGLISH, names, say

REASONS: Mapping[str, str | None] = {
    "best": "points",
    "ranked": None,
    "alone": None,
    "among_best": "points",
    "flawed": None,
    "exposures": "stops",
    "focus": None,
    "views": None,
    "tie": "points",
    "redundant": "points",
    "lower": "points",
    "behind": "points",
    "softer": "sharpness_share",
    "darker": "stops",
    "brighter": "stops",
    "turned": "degrees",
    "aside": "frame_share",
    "fault": None,
    "copy": None,
    "version": None,
    "beyond_share": "points",
    "blur_may_be_meant": None,
    "may_be_bracket": None,
    "hand_picked": None,
    "hand_rejected": None,
    "hand_rated": "stars",
    "hand_unreadable": None,
}
"""Every code, and that of the unit its measure is in; of None it has no measure."""


@dataclass(frozen=True)
class Reason:
    """Why a frame is where it is.

    Attributes:
        code: One of ``REASONS``.
        measure: How much, in the code's unit.
        beside: The frame that it is compared with, by its name.
        count: How many frames are meant.
        rank: The place among them, from 1.
        faults: Codes of the deductions meant.
        share: A share of the shoot, 0..1.
    """

    code: str
    measure: float | None = None
    beside: str | None = None
    count: int | None = None
    rank: int | None = None
    faults: tuple[str, ...] = ()
    share: float | None = None

    def say(self, language: str = ENGLISH) -> str:
        """The sentence."""
        facts = {name: getattr(self, name) for name in ("measure", "beside", "count", "rank", "share")}
        facts["names"] = names("deductions", self.faults, language)
        return say("picking", self.code, language=language, folder=WORDS, **facts)

    def to_json(self) -> dict[str, Any]:
        """As JSON types, with the English sentence."""
        unit = REASONS[self.code]
        document = {
            "code": self.code,
            "measure": None if self.measure is None else round(self.measure, 3),
            "unit": unit and say("units", unit, folder=WORDS),
            "beside": self.beside,
            "faults": list(self.faults),
            "message": self.say(),
        }
        return {name: content for name, content in document.items() if content not in (None, [])}
