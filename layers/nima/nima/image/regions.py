"""Connected regions of a mask, found run by run along rows and columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def reached(mask: Mask, seeds: Mask) -> Mask:
    """What of a mask is connected to its ``seeds``, along rows and columns."""
    rows, columns = _Runs(mask), _Runs(mask.T)
    found = mask & seeds
    while True:
        before = np.count_nonzero(found)
        found = columns.spread(rows.spread(found).T).T
        if np.count_nonzero(found) == before:
            return found & mask


def rim(mask: Mask) -> Mask:
    """What of a mask lies along its four sides."""
    found = np.zeros_like(mask)
    found[[0, -1]], found[:, [0, -1]] = mask[[0, -1]], mask[:, [0, -1]]
    return found


def labels(mask: Mask) -> NDArray[np.int64]:
    """The number, from 1, of the region that each pixel of a mask lies in, and 0 outside it."""
    rows, columns = _Runs(mask), _Runs(mask.T)
    found = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        before = found
        found = columns.spread(rows.spread(found).T).T
        if np.array_equal(found, before):
            numbers = np.zeros(mask.size + 1, np.int64)
            present = np.unique(found[mask])
            numbers[present] = np.arange(1, len(present) + 1)
            numbered: NDArray[np.int64] = numbers[found]
            return numbered


class _Runs:
    """The runs of equal pixels along a mask's rows; what lies outside the mask keeps its value 0."""

    def __init__(self, mask: Mask) -> None:
        starts = np.ones(mask.shape, np.bool_)
        starts[:, 1:] = mask[:, 1:] != mask[:, :-1]
        self._starts = np.flatnonzero(starts)
        self._lengths = np.diff(self._starts, append=mask.size)

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Every run of one value: the greatest that any of its pixels has."""
        greatest = np.maximum.reduceat(np.ascontiguousarray(values).ravel(), self._starts)
        return greatest.repeat(self._lengths).reshape(values.shape)
