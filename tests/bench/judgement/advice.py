"""Whether advice leads back to the unspoiled picture: ``python -m tests.bench.judgement.advice``.

Held-out photographs and goods on white are darkened by 1.5 stops, or hazed. Asked is whether advice names exposure or
contrast first, and whether the mended picture is nearer the unspoiled one, in composite and in structural similarity.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import nima
from nima.assess.remedies import REMEDIES
from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.measure import Frame
from nima.image.product import find_product
from nima.training.defects.light import exposed, hazed
from nima.training.distill.data_list import HELD_OUT
from tests.bench.judgement import measures, sources
from tests.bench.judgement.sources import ROOT

PHOTOS = ROOT / os.environ.get("NIMA_SHARED_DATA", "../shared/data") / "photos"
PHOTOGRAPHS, GOODS = 40, 20
SPOILED: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "-1.5 EV": lambda image: exposed(image, -1.5),
    "haze .6": lambda image: hazed(image, 0.6),
}
_WINDOW = 7
FAULTS = {"underexposure", "low_contrast"}


def similarity(one: Image.Image, other: Image.Image) -> float:
    """Mean structural similarity of the luma (Wang et al., Image quality assessment, 2004), windows of 7 pixels."""
    a, b = (np.asarray(image.convert("L"), np.float64) for image in (one, other))
    mean_a, mean_b = _means(a), _means(b)
    var_a, var_b = _means(a * a) - mean_a**2, _means(b * b) - mean_b**2
    covariance = _means(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    found = (2 * mean_a * mean_b + c1) * (2 * covariance + c2) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return float(found.mean())


def _means(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of every window of 7 by 7 pixels."""
    sums = np.pad(plane, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    found = (
        sums[_WINDOW:, _WINDOW:] - sums[:-_WINDOW, _WINDOW:] - sums[_WINDOW:, :-_WINDOW] + sums[:-_WINDOW, :-_WINDOW]
    )
    return np.asarray(found / _WINDOW**2)


def main() -> None:
    photographs = sources.drawn(sources.of(sources.photographs(PHOTOS), HELD_OUT), PHOTOGRAPHS)
    goods = sources.drawn(sources.of(sources.packshots(PHOTOS), HELD_OUT), GOODS)
    print("| of | spoiled by | exposure or contrast named first | then nearer in composite and SSIM | both |")
    print("|---|---|---|---|---|")
    for title, chosen, style in (("photographs", photographs, "general"), ("goods on white", goods, "ecommerce")):
        images = [read_picture(source.path.read_bytes(), Limits()).frame for source in chosen]
        for name, spoil in SPOILED.items():
            cases = [_case(image, spoil(image), style) for image in images]
            first = measures.share(sum(named for named, _ in cases), len(cases))
            nearer = measures.share(sum(near for named, near in cases if named), first.n and sum(n for n, _ in cases))
            both = measures.share(sum(named and near for named, near in cases), len(cases))
            print(f"| {len(cases)} {title} | {name} | {' | '.join(map(measures.text, (first, nearer, both)))} |")


def _case(image: Image.Image, spoiled: Image.Image, style: str) -> tuple[bool, bool]:
    """Whether the fault is advised on first, and whether the mended picture is nearer in both."""
    found = nima.score(spoiled, style=style, advice=True)
    first = next((one for one in found.advice or () if one.code != "low_resolution"), None)
    if first is None or first.code not in FAULTS or first.composite is None:
        return bool(first and first.code in FAULTS), False
    aim = nima.score(image, style=style).composite.score
    remedy = REMEDIES[first.code]
    frame = Frame(spoiled, find_product(np.asarray(spoiled)))
    mended = next(way.image for way in (remedy(frame) if remedy else ()) if way.change == first.change)
    gain = first.composite
    nearer = abs(gain.after - aim) < abs(gain.before - aim)
    return True, nearer and similarity(mended, image) > similarity(spoiled, image)


if __name__ == "__main__":
    main()
