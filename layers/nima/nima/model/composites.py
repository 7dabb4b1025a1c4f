"""How composites are spread over pictures: what the stars are by."""

from __future__ import annotations

from dataclasses import dataclass

PERCENTILES = 101
"""Of every population: the percentiles 0, 1, .. 100."""


@dataclass(frozen=True)
class Composites:
    """How composites are spread over a stated set of pictures, for any weights of both heads.

    Weighted sums have the mean and the variance that follow from those of their parts. In units of that deviation from
    that mean their quantiles hardly depend on the weights, so that one row, the average over technical shares of 0, .1,
    .. 1, stands for all.

    Attributes:
        name: What the pictures are, as ``Population`` has it.
        means: Of the means of ``nima.model.manifest.HEADS``.
        deviations: Their standard deviations.
        correlation: Of the two.
        quantiles: ``quantiles[i]`` is the i-th percentile in deviations from the mean, i = 0..100.
        divisive_from: The aesthetic standard deviation that 5 % of the pictures reach.
    """

    name: str
    means: tuple[float, float]
    deviations: tuple[float, float]
    correlation: float
    quantiles: tuple[float, ...]
    divisive_from: float

    def __post_init__(self) -> None:
        sizes = tuple(map(len, (self.means, self.deviations, self.quantiles)))
        if sizes != (2, 2, PERCENTILES) or list(self.quantiles) != sorted(self.quantiles):
            raise ValueError(f"composites have the means and deviations of two heads and {PERCENTILES} quantiles")
