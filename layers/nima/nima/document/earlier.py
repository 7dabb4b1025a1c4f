"""What the stars of models are by that shipped before documents said so themselves, and whose means are today's."""

from __future__ import annotations

from collections.abc import Mapping

from nima.document.scale import Scale, Spread

_PHOTOGRAPHS = Scale(
    "1,856 everyday photographs",
    technical=Spread(4.9447, 0.6411),
    aesthetic=Spread(4.7654, 0.4961),
    correlation=0.1207,
    steps=(-5.0612, -1.9901, -1.3182, -0.7977, -0.262, 0.3499, 0.8398, 1.2845, 1.7587),
    divisive_from=1.477,
)
_PRODUCTS = Scale(
    "156 products on a plain ground",
    technical=Spread(5.4808, 0.5296),
    aesthetic=Spread(4.5586, 0.2937),
    correlation=0.471,
    steps=(-2.9076, -2.3814, -1.8554, -0.6931, 0.0837, 0.4746, 0.7482, 0.997, 1.1976),
    divisive_from=1.4931,
)

EARLIER: Mapping[tuple[str, str], tuple[Scale, Scale]] = {("nima-lite", "3a69b7ba75f1"): (_PHOTOGRAPHS, _PRODUCTS)}
"""By a model's id and version: for photographs and for products."""
