"""How light a picture and its subject are, and what of them is clipped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nima.image.numbers.series import series
from nima.image.numbers.view import View, greatest, least, planes

_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_BINS = 32
_PRESENT = 0.002
_PIXELS = 25_000
_NEAR = 12


def measure(view: View) -> dict[str, float]:
    """Quantiles and histograms of the luma, of the subject (``s``) and the whole (``w``), and what is clipped."""
    luma = view.small_luma
    whole = _tones(luma.ravel())
    subject = whole if view.subject.all() else _tones(luma[view.subject])
    found: dict[str, float] = {}
    for name, (tones, histogram) in (("s", subject), ("w", whole)):
        found |= series(f"tone_{name}", tones) | series(f"hist_{name}", histogram)
    return found | _clipped(view)


def _tones(luma: NDArray[np.float32]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    shares = np.bincount((luma / (256 / _BINS)).astype(np.intp), minlength=_BINS) / luma.size
    present = shares[shares > 0]
    entropy = -float((present * np.log(present)).sum())
    quantiles = np.quantile(luma, _QUANTILES).tolist()
    ends = (shares[31], shares[29:31].sum(), shares[0], shares[1:3].sum(), (shares > _PRESENT).sum(), entropy)
    return (*quantiles, float(luma.mean()), float(luma.std())), ends


def _clipped(view: View) -> dict[str, float]:
    pixels = view.pixels
    step = max(1, pixels.shape[0] * pixels.shape[1] // _PIXELS)
    some = planes(pixels.reshape(-1, 3)[::step], np.uint8)
    if view.even:
        off = greatest(np.abs(some - view.ground[0][:, np.newaxis])) > _NEAR
        some = some[:, off] if off.any() else some
    most, lowest = greatest(some), least(some)
    blown, white = float((most >= 254).mean()), float((lowest >= 254).mean())
    before = float(((most >= 238) & (most < 250)).mean())
    dark = [float((most <= level).mean()) for level in (6, 25)]
    ends = (lowest.min(), *np.quantile(lowest, (0.02, 0.1)), *np.quantile(most, (0.9, 0.98)), most.max())
    return {
        **series("clip", (blown, float((lowest >= 250).mean()), white, *dark, blown - white)),
        **series("ends", map(float, ends)),
        # How abruptly the lights end: what is clipped over what lies just below.
        **series("pile", [float(np.log((blown + 0.002) / (before + 0.004)))]),
    }
