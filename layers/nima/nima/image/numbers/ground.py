"""The rim of a picture, what lies on it, and its shadows."""

from __future__ import annotations

import numpy as np

from nima.image.numbers.series import series
from nima.image.numbers.view import Mask, View, greatest, least

_BANDS = (2, 8, 24, 60)
_GREY, _SOFT, _DEEP, _DEEPEST = 14, -3, -20, -110
_LEAST_LINE, _AT_EDGE = 0.01, 0.012


def measure(view: View) -> dict[str, float]:
    """The ground's colour and share of the rim, how far pixels are from it, shadows, and where edges cut."""
    colour, share = view.ground
    distance = view.distance
    within = [float((distance <= band).mean()) for band in _BANDS]
    change = view.small - colour[:, np.newaxis, np.newaxis]
    most, deepest = greatest(change), least(change)
    # Darker than the ground, without another hue.
    shadow = (most < _SOFT) & (most - deepest < _GREY) & (deepest > _DEEPEST)
    return {
        "rim_share": share,
        **series("ground", (*(colour / 255).tolist(), float(np.ptp(colour)))),
        **series("dist", np.diff(within, prepend=0)),
        **series("shadow", (float(shadow.mean()), float((shadow & (deepest < _DEEP)).mean()))),
        **_edges(view.differs),
    }


def _edges(differs: Mask) -> dict[str, float]:
    covered = [
        float(line.mean())
        for line in (
            differs[:2].any(axis=0),
            differs[-2:].any(axis=0),
            differs[:, :2].any(axis=1),
            differs[:, -2:].any(axis=1),
        )
    ]
    rows, columns = (np.flatnonzero(differs.mean(axis=axis) > _LEAST_LINE) for axis in (1, 0))
    margins = np.full(4, 0.5)
    if rows.size and columns.size:
        height, width = differs.shape
        margins = np.array(
            [
                rows[0] / height,
                1 - (rows[-1] + 1) / height,
                columns[0] / width,
                1 - (columns[-1] + 1) / width,
            ]
        )
    touched = margins < _AT_EDGE
    facing = margins[[1, 0, 3, 2]]
    cut = (share for share, at_edge in zip(covered, touched, strict=True) if at_edge)
    return {
        **series(
            "touch",
            (
                float(touched.sum()),
                max(covered),
                sorted(covered)[2],
                float((facing * touched).max()),
                max(cut, default=0),
            ),
        ),
        **series("margin", (abs(margins[0] - margins[1]), abs(margins[2] - margins[3]), margins.min(), margins.max())),
    }
