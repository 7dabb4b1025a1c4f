"""One number from two: styles and weights, stars and bands; and what a style minds beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Annotated

from nima.document.defects import DEFECTS
from nima.document.record import Record, member
from nima.document.scale import Scale
from nima.document.values import Limits, OneOf, Opinion, Share
from nima.errors import InvalidRequest

DIVISIVE_FROM = 1.9
"""Aesthetic standard deviation from which opinions are expected to split, where the model states none of its own."""

CUSTOM = "custom"

WEIGHED = ("technical", "aesthetic")
"""The heads that the composite is made of, as ``Weights`` has them."""


@dataclass(frozen=True)
class Weights(Record):
    """Shares of the technical and the aesthetic mean; they sum to 1."""

    technical: Share
    aesthetic: Share

    @classmethod
    def of(cls, technical: float, aesthetic: float) -> Weights:
        """Weights in the given proportion.

        Raises:
            InvalidRequest: One is negative or not finite, or both are 0.
        """
        total = technical + aesthetic
        if not math.isfinite(total) or min(technical, aesthetic) < 0 or total <= 0:
            raise InvalidRequest("weights: two numbers that are not negative and not both 0.")
        return cls(round(technical / total, 6), round(aesthetic / total, 6))


DIVISIVE, ARTISTIC = NOTES = ("divisive", "possible_artistic_value")
"""What may be noted of a composite where opinions split."""


@dataclass(frozen=True)
class Style:
    """How pictures of a kind are judged.

    Attributes:
        weights: What the composite is made of.
        split: The note where opinions split.
        minds: Codes of the defects that weigh more in it: each weighs in rankings as if it were a sure one.
            They change no composite.
        not_judged: What people look at in such pictures, and nothing here does.
    """

    weights: Weights
    split: str = DIVISIVE
    minds: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()


STYLES = {
    "general": Style(Weights(0.5, 0.5)),
    "ecommerce": Style(Weights(0.4, 0.6), not_judged=("true_colors", "side_shown")),
    "landscape": Style(Weights(0.7, 0.3), minds=("overexposure", "underexposure"), not_judged=("horizon",)),
    "portrait": Style(
        Weights(0.3, 0.7), minds=("soft", "motion_blur", "color_cast"), not_judged=("skin_tone", "expression")
    ),
    "creative": Style(Weights(0.5, 0.5), split=ARTISTIC),
}

NOT_JUDGED = tuple(dict.fromkeys(code for style in STYLES.values() for code in style.not_judged))
"""Everything that a style says is not judged."""

DEFAULT_STYLE = "general"

Steps = tuple[tuple[float, float, str], ...]

STEPS: Steps = (
    (7.7, 5.0, "excellent"),
    (7.35, 4.5, "excellent"),
    (7.0, 4.0, "very good"),
    (6.0, 3.5, "good"),
    (5.3, 3.0, "good"),
    (4.8, 2.5, "fair"),
    (4.3, 2.0, "fair"),
    (3.8, 1.5, "weak"),
    (3.0, 1.0, "weak"),
    (0.0, 0.5, "poor"),
)
"""Least score, stars and band, the best first: the scale where the model states no population. Ordinary photographs
crowd between 4 and 7, so the steps are narrow there."""

BANDS = tuple(dict.fromkeys(band for _, _, band in reversed(STEPS)))
"""Bands of the composite, the worst first."""

StyleName = Annotated[str, OneOf(lambda: (*STYLES, CUSTOM))]
Stars = Annotated[float, Limits(minimum=0.5, maximum=5, multipleOf=0.5)]
Band = Annotated[str, OneOf(lambda: BANDS)]
Note = Annotated[str, OneOf(lambda: NOTES)]
Minded = Annotated[str, OneOf(lambda: DEFECTS)]
NotJudged = Annotated[str, OneOf(lambda: NOT_JUDGED)]


@dataclass(frozen=True)
class Composite(Record):
    """A weighted score.

    Attributes:
        style: A name of ``STYLES``, or ``custom``.
        weights: The weights used.
        score: Weighted mean of both means, 1..10.
        stars: 0.5..5 in halves.
        band: poor, weak, fair, good, very good or excellent.
        note: The style's note where the aesthetic opinions split, else None.
        scale: The population that stars and band are by; None where they are by ``STEPS``.
        minds: Codes of the defects that the style minds.
        not_judged: What the style does not judge, though people do.
    """

    style: StyleName
    weights: Weights
    score: Opinion
    stars: Stars
    band: Band
    note: Note | None
    scale: str | None = None
    minds: tuple[Minded, ...] = field(init=False, metadata=member(stored=False))
    not_judged: tuple[NotJudged, ...] = field(init=False, metadata=member(stored=False))

    def __post_init__(self) -> None:
        style = STYLES.get(self.style, Style(self.weights))
        self._derive(minds=style.minds, not_judged=style.not_judged)


def choose_style(style: str, weights: Weights | None = None) -> tuple[str, Style]:
    """What is weighed by, and its name: weights of one's own, which win, or a style.

    Raises:
        InvalidRequest: There is no such style.
    """
    if weights is not None:
        return CUSTOM, Style(weights)
    if style not in STYLES:
        raise InvalidRequest(f"style: one of {', '.join(STYLES)}.")
    return style, STYLES[style]


def compose(
    technical: float,
    aesthetic: float,
    aesthetic_std: float,
    style: str,
    weights: Weights | None = None,
    *,
    scale: Scale | None = None,
) -> Composite:
    """Weighs a technical and an aesthetic mean.

    Args:
        technical: Technical mean, 1..10.
        aesthetic: Aesthetic mean, 1..10.
        aesthetic_std: Standard deviation of the aesthetic distribution.
        style: A name of ``STYLES``; ignored where ``weights`` are given.
        weights: Custom weights.
        scale: What stars and band are by; None for ``STEPS``.

    Raises:
        InvalidRequest: There is no such style.
    """
    style, chosen = choose_style(style, weights)
    score = round(chosen.weights.technical * technical + chosen.weights.aesthetic * aesthetic, 4)
    stars, band = next((stars, band) for least, stars, band in _steps(scale, chosen.weights) if score >= least)
    divisive_from = scale.divisive_from if scale else DIVISIVE_FROM
    note = chosen.split if aesthetic_std >= divisive_from else None
    return Composite(style, chosen.weights, score, stars, band, note, scale.population if scale else None)


def _steps(scale: Scale | None, weights: Weights) -> Steps:
    if scale is None:
        return STEPS
    leasts = (*reversed(scale.leasts(weights.technical, weights.aesthetic)), 0.0)
    return tuple((least, stars, band) for least, (_, stars, band) in zip(leasts, STEPS, strict=True))
