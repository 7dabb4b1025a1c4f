"""How surely a model is right of a picture: how far it usually is from its teacher where measures are as they are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

SIGNALS = (
    *("gap", "aesthetic", "aesthetic_std", "aspect", "color_spread", "tint", "dark", "light"),
    *("detail", "sharpness", "empty", "flat", "centre_luma", "top_luma", "centre_detail"),
)
"""What may be measured of a picture and its scores. ``nima.assess.signals`` measures them."""


@dataclass(frozen=True)
class Curve:
    """What a signal adds: ``adds[i]`` where it is ``at[i]``, straight lines between, and level beyond them."""

    at: tuple[float, ...]
    adds: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.at or len(self.at) != len(self.adds) or list(self.at) != sorted(set(self.at)):
            raise ValueError("a curve needs rising places, and what is added at each")

    def of(self, value: float) -> float:
        right = bisect_right(self.at, value)
        if right in (0, len(self.at)):
            return self.adds[min(right, len(self.at) - 1)]
        left = right - 1
        share = (value - self.at[left]) / (self.at[right] - self.at[left])
        return self.adds[left] + share * (self.adds[right] - self.adds[left])


@dataclass(frozen=True)
class Agreement:
    """How the distance of a model's composite from its teacher's depends on ``SIGNALS``.

    The curves add up to the logarithm of how many times as far as usual it is.

    Attributes:
        teacher: Id and version of the other model.
        pictures: What it was measured on.
        curves: By signal.
        medium_from: Sum from which the confidence is medium.
        low_from: Sum from which it is low.
    """

    teacher: str
    pictures: str
    curves: Mapping[str, Curve]
    medium_from: float
    low_from: float

    def __post_init__(self) -> None:
        if not set(self.curves) <= set(SIGNALS) or not self.medium_from <= self.low_from:
            raise ValueError(f"an agreement has curves of {sorted(SIGNALS)}, and its limits rise")

    def adds(self, signals: Mapping[str, float]) -> dict[str, float]:
        """What each signal adds; together how much less sure than usual the scores are.

        Args:
            signals: The value of each of ``SIGNALS``.
        """
        return {name: curve.of(signals[name]) for name, curve in self.curves.items()}
