"""Photographs with a margin, which are no products."""

from __future__ import annotations

import numpy as np

from nima.image.ground import Plane
from nima.image.regions import Mask

_INSET, _STRAIGHT, _SEEN, _WHOLE, _TEXTURE = 3, 0.98, 0.85, 0.94, 2.0
_TONE, _FEW, _TONES = 8, 0.03, 4.5
# Less of the frame than a photograph takes: a carton, which is a rectangle with a picture on it.
_LEAST_SHARE = 0.32


def has_margin(mask: Mask, luma: Plane) -> bool:
    """Whether what is shown is a photograph with a margin: a rectangle, and a scene up to its edges.

    Args:
        mask: ``[height, width]``, true where it is shown.
        luma: ``[height, width]``, 0..255.
    """
    if mask.mean() < _LEAST_SHARE:
        return False
    vertical, horizontal = _span(mask), _span(mask.T)
    if vertical is None or horizontal is None:
        return False
    top, bottom, rows = vertical
    left, right, columns = horizontal
    across, down = slice(left, right + 1), slice(top, bottom + 1)
    lines = [*((slice(y, y + 1), across) for y in rows), *((down, slice(x, x + 1)) for x in columns)]
    covered = [float(mask[line].mean()) for line in lines]
    corners = [bool(mask[y, x]) for y in rows for x in columns]
    if not corners:
        # A strip from side to side.
        square = len(lines) == 2 and min(covered) >= _STRAIGHT
    else:
        # Where the scene is as light as the margin, its edge is not seen.
        seen = sum(covered) >= _SEEN * len(covered)
        square = sum(corners) >= len(corners) - 1 and max(covered) >= _STRAIGHT and seen
    if not square or mask[down, across].mean() < _WHOLE:
        return False
    edges = [luma[line].ravel() for line in lines]
    steps = sum(float(np.abs(edge[1:] - edge[:-1]).mean()) for edge in edges)
    tones = sum(np.count_nonzero(np.bincount(edge // _TONE) > _FEW * edge.size) for edge in edges)
    return bool(steps >= _TEXTURE * len(edges) or tones >= _TONES * len(edges))


def _span(mask: Mask) -> tuple[int, int, list[int]] | None:
    """The first and the last row of what is as high at its sides as in its middle, and rows just within its edges.

    There is no such row where the frame cuts it: edges are told some pixels away from where compression rings.
    """
    rows = mask.mean(axis=1)
    every, wide = np.flatnonzero(rows), np.flatnonzero(rows >= rows.max() / 2)
    first, last = int(wide[0]), int(wide[-1])
    if last - first <= 4 * _INSET or max(first - every[0], every[-1] - last) > 3 * _INSET:
        return None
    return first, last, [first + _INSET] * (first > _INSET) + [last - _INSET] * (last < len(mask) - 1 - _INSET)
