"""Where in a picture something lies: what scores come from, and the reasons. Made on request, never in the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from nima.document.defects import DEFECTS
from nima.document.record import Record, member
from nima.document.values import OneOf
from nima.heads import HEADS


@dataclass(frozen=True)
class MapKind:
    """One kind of map.

    Attributes:
        unit: Code of its values' unit.
        defects: Codes of the deductions that it shows the places of.
    """

    unit: str
    defects: tuple[str, ...] = ()


MAPS: Mapping[str, MapKind] = {
    **{head: MapKind("points") for head in HEADS},
    "soft": MapKind("softness", ("soft", "motion_blur")),
    "clipped": MapKind("clipped_share", ("overexposure",)),
    "not_white": MapKind("off_white_share", ("background",)),
    "text": MapKind("likeness", ("text_overlay",)),
}
"""Every map by its name: of each head, what its score comes from; of the others, how much of it there is at a place."""

MapName = Annotated[str, OneOf(lambda: MAPS, always=lambda: ())]
_Defect = Annotated[str, OneOf(lambda: DEFECTS)]


@dataclass(frozen=True)
class PlaceMap(Record):
    """A grid of numbers over a picture, row by row from the top left.

    Attributes:
        unit: What the values are. A head's are points of its mean opinion score, of either sign; others are 0..1.
        box: What the grid covers, evenly, as shares of the picture's width and height: left, top, right, bottom. Beyond
            0..1 where the network saw more ground around a product than the picture has.
        values: ``[rows][columns]``.
        exact: Whether a head's values and ``base`` sum to its mean. Where not, each value is what the mean lost when
            the place was covered: an approximation, of which the sum says nothing.
        base: What the head answers without anything seen, 1..10; None where the map is not exact.
        codes: The deductions that it shows the places of.
    """

    unit: str
    box: tuple[float, float, float, float]
    values: tuple[tuple[float, ...], ...]
    exact: bool = False
    base: float | None = None
    codes: tuple[_Defect, ...] = ()


Maps = Mapping[MapName, PlaceMap]
"""The maps of a picture by their names, as far as it has them."""


@dataclass(frozen=True)
class KeptMaps(Record):
    """The maps of a picture as they are kept beside its thumbnail."""

    maps: Maps = field(default_factory=dict, metadata=member(alone=True))
