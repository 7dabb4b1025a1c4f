"""What each sales channel asks of a main image, as it was read on a day. Data: ``nima.document.policy`` judges by it.

Bytes are counted in thousands, sizes in pixels. White is white within five levels everywhere, as compression moves it.
What a channel asks beyond that stands in ``not_checked``: it is neither passed nor failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OFFICIAL, PARTNER, QUOTED = SOURCES = ("official", "partner", "quoted")
"""Where rules were read: on the channel's own pages, on those of a partner of it, on others that quote them."""

NOT_CHECKED = (
    *("text", "logo", "watermark", "model", "props", "shadow", "seamless", "neutral_ground", "white_space"),
    *("colour_mode", "extension", "apparel", "later_minimum"),
)
"""What may be asked and is not measured, by its code."""

_JPEG, _PNG, _GIF, _TIFF, _BMP, _WEBP = "JPEG", "PNG", "GIF", "TIFF", "BMP", "WEBP"


@dataclass(frozen=True, kw_only=True)
class Channel:
    """The thresholds of a channel, None for what it does not ask, by the names that checks have for them.

    Attributes:
        source: One of ``SOURCES``.
        read: The month in which it was read, as ``2026-11``.
        advised: Codes of checks that the channel advises only.
        not_checked: Codes of ``NOT_CHECKED``.
        white_share: Least share of the ground that is white, 0..1.
        fill, greatest_fill: What the product takes of the frame's longer side, 0..1.
        minimum_side, zoom_side, recommended_side: Pixels of the longer side, as of ``MainImageRules``.
        minimum_shorter_side, zoom_shorter_side, recommended_shorter_side: The same of the shorter side.
        greatest_side: Most pixels of the longer side.
        greatest_size: Most pixels in all.
        aspect: Width over height.
        least_kilobytes, most_kilobytes: Of the file.
        formats: Of files, by their codes.
        border: Greatest width of a border, over the longer side.
        text: Greatest share of the picture with text or a mark over it.
    """

    source: str
    read: str = "2026-11"
    advised: frozenset[str] = frozenset()
    not_checked: tuple[str, ...] = ()
    white_share: float | None = None
    white_tolerance: int = 5
    fill: float | None = None
    greatest_fill: float | None = None
    minimum_side: int | None = None
    zoom_side: int | None = None
    recommended_side: int | None = None
    minimum_shorter_side: int | None = None
    zoom_shorter_side: int | None = None
    recommended_shorter_side: int | None = None
    greatest_side: int | None = None
    greatest_size: int | None = None
    aspect: float | None = None
    least_kilobytes: int | None = None
    most_kilobytes: int | None = None
    formats: tuple[str, ...] | None = None
    border: float | None = None
    text: float | None = None

    @property
    def white_level(self) -> int:
        """The least level, of 255, that counts as white."""
        return 255 - self.white_tolerance


_ZOOM = frozenset({"zoom_size", "recommended_size", "zoom_shorter_side", "recommended_shorter_side"})
_WHITE = 0.98

CHANNELS: Mapping[str, Channel] = {
    "amazon": Channel(
        source=QUOTED,
        advised=_ZOOM,
        not_checked=("logo", "watermark", "props"),
        text=0.0,
        white_share=_WHITE,
        fill=0.85,
        minimum_side=500,
        zoom_side=1000,
        recommended_side=1600,
        greatest_side=10_000,
        formats=(_JPEG, _PNG, _TIFF, _GIF),
    ),
    "walmart": Channel(
        source=OFFICIAL,
        advised=_ZOOM,
        not_checked=("seamless", "colour_mode"),
        white_share=_WHITE,
        zoom_shorter_side=1500,
        recommended_shorter_side=2200,
        aspect=1.0,
        most_kilobytes=5_000,
        formats=(_JPEG, _PNG, _BMP),
    ),
    "ebay": Channel(
        source=OFFICIAL,
        advised=_ZOOM | {"product_fill", "greatest_fill"},
        not_checked=("watermark",),
        text=0.0,
        fill=0.8,
        greatest_fill=0.9,
        minimum_side=500,
        recommended_side=1600,
        most_kilobytes=12_000,
        border=0.0,
    ),
    "google": Channel(
        source=OFFICIAL,
        advised=_ZOOM | {"white_background", "product_fill", "greatest_fill"},
        not_checked=("apparel", "later_minimum", "extension"),
        white_share=_WHITE,
        fill=0.75,
        greatest_fill=0.9,
        minimum_shorter_side=100,
        recommended_shorter_side=1500,
        greatest_size=64_000_000,
        most_kilobytes=16_000,
        formats=(_JPEG, _WEBP, _PNG, _GIF, _BMP, _TIFF),
    ),
    "bol": Channel(
        source=OFFICIAL,
        advised=_ZOOM,
        not_checked=("white_space", "shadow", "model", "logo"),
        text=0.0,
        white_share=_WHITE,
        minimum_shorter_side=500,
        recommended_shorter_side=1200,
        greatest_side=6_000,
        least_kilobytes=30,
        most_kilobytes=10_000,
    ),
    "zalando": Channel(
        source=OFFICIAL,
        advised=_ZOOM,
        white_share=_WHITE,
        minimum_side=1100,
        recommended_side=2600,
        minimum_shorter_side=762,
        recommended_shorter_side=1801,
        aspect=1 / 1.44,
        most_kilobytes=20_000,
        formats=(_JPEG,),
    ),
    "otto": Channel(
        source=PARTNER,
        not_checked=("neutral_ground", "colour_mode"),
        fill=0.85,
        minimum_side=960,
        minimum_shorter_side=480,
        greatest_side=4_500,
        formats=(_JPEG, _PNG),
    ),
    "tiktok": Channel(
        source=QUOTED,
        advised=_ZOOM,
        white_share=_WHITE,
        minimum_shorter_side=600,
        recommended_shorter_side=1000,
        aspect=1.0,
        most_kilobytes=5_000,
        formats=(_JPEG, _PNG),
    ),
    "etsy": Channel(
        source=QUOTED,
        advised=_ZOOM,
        minimum_shorter_side=635,
        recommended_shorter_side=2000,
        most_kilobytes=10_000,
    ),
    "icecat": Channel(
        source=OFFICIAL,
        advised=_ZOOM,
        white_share=_WHITE,
        minimum_shorter_side=500,
        zoom_shorter_side=2000,
        recommended_shorter_side=4000,
        greatest_side=10_000,
        least_kilobytes=30,
        most_kilobytes=10_000,
    ),
}
"""Every channel by the name of its policy."""
