"""Boosted trees of a logistic loss, in NumPy alone: histograms of quantiles, grown leaf by leaf.

Friedman, Greedy function approximation: a gradient boosting machine (2001), with the second-order leaves of Chen and
Guestrin, XGBoost (2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_BINS = 48
_LEAST_GAIN = 1e-3

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Growth:
    """How trees are grown.

    Attributes:
        trees: Their number.
        leaves: Of each tree, at most.
        rate: What of each tree's answer counts.
        weight: Least sum of second derivatives in a leaf.
        ridge: Added to it where a leaf's answer is chosen.
        share: Of the numbers, drawn anew for each tree.
        seed: Of the draw.
    """

    trees: int = 100
    leaves: int = 8
    rate: float = 0.12
    weight: float = 2.5
    ridge: float = 2.0
    share: float = 0.5
    seed: int = 0


@dataclass(frozen=True)
class Trees:
    """Grown trees, as ``nima.model.gates`` reads them.

    Attributes:
        feature: ``[trees, nodes]``, the column that a node asks for; -1 is a leaf.
        threshold: Values up to this go on to the left.
        left: The node's children.
        right: The node's children.
        value: What a leaf adds.
        bias: What every row begins with.
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    value: NDArray[np.float32]
    bias: float

    @classmethod
    def blank(cls, growth: Growth, bias: float) -> Trees:
        """Trees of one empty leaf each."""
        shape = (growth.trees, 2 * growth.leaves - 1)
        left, right = (np.zeros(shape, np.int16) for _ in range(2))
        threshold, value = (np.zeros(shape, np.float32) for _ in range(2))
        return cls(np.full(shape, -1, np.int16), threshold, left, right, value, bias)

    def logits(self, values: NDArray[np.float32]) -> Floats:
        """``[n]``, of ``[n, columns]``."""
        found = np.full(len(values), self.bias)
        rows = np.arange(len(values))
        for feature, threshold, left, right, value in zip(
            self.feature, self.threshold, self.left, self.right, self.value, strict=True
        ):
            at = np.zeros(len(values), np.intp)
            while (inner := feature[at] >= 0).any():
                less = values[rows, feature[at]] <= threshold[at]
                at = np.where(inner, np.where(less, left[at], right[at]), at)
            found += value[at]
        return found


class _Split(NamedTuple):
    gain: float
    column: int
    cut: int


class _Leaf(NamedTuple):
    split: _Split
    rows: NDArray[np.intp]
    sums: tuple[Floats, Floats]


def grow(values: NDArray[np.float32], wanted: NDArray[np.bool_], weights: Floats, growth: Growth) -> Trees:
    """Trees that tell where something is wanted.

    Args:
        values: ``[n, numbers]``.
        wanted: ``[n]``.
        weights: ``[n]``, what each row counts.
        growth: How.
    """
    return _Grower(values, growth).grow(wanted.astype(np.float64), weights)


class _Grower:
    def __init__(self, values: NDArray[np.float32], growth: Growth) -> None:
        self._growth = growth
        shares = np.linspace(0, 1, _BINS + 1)[1:-1]
        self._cuts = [np.unique(np.quantile(column, shares).astype(np.float32)) for column in values.T]
        placed = [np.searchsorted(cuts, column, "left") for cuts, column in zip(self._cuts, values.T, strict=True)]
        self._bins = np.stack(placed, axis=1).astype(np.int32)
        self._flat = self._bins + np.arange(values.shape[1], dtype=np.int32) * _BINS

    def grow(self, wanted: Floats, weights: Floats) -> Trees:
        how, (count, columns) = self._growth, self._bins.shape
        rng = np.random.default_rng(how.seed)
        share = float((weights * wanted).sum() / weights.sum())
        bias = float(np.log(share / (1 - share)))
        logits = np.full(count, bias)
        trees = Trees.blank(how, bias)
        for tree in range(how.trees):
            chance = 1 / (1 + np.exp(-logits))
            pull = weights * (wanted - chance), weights * chance * (1 - chance)
            used = np.sort(rng.permutation(columns)[: max(1, int(how.share * columns))])
            for node, leaf in self._split(trees, tree, used, pull).items():
                slopes, bends = (each[leaf.rows].sum() for each in pull)
                answer = how.rate * slopes / (bends + how.ridge)
                trees.value[tree, node] = answer
                logits[leaf.rows] += answer
        return trees

    def _split(self, trees: Trees, tree: int, used: NDArray[np.intp], pull: tuple[Floats, Floats]) -> dict[int, _Leaf]:
        """Splits the best leaf of one tree until there are enough; the leaves by their nodes.

        Args:
            trees: Where nodes are written.
            tree: Which one.
            used: The columns that it may ask for.
            pull: First and second derivatives of the loss, of every row.
        """
        every = np.arange(len(pull[0]))
        leaves = {0: self._leaf(every, self._sums(every, used, pull))}
        nodes = 1
        while nodes + 2 <= trees.feature.shape[1]:
            node = max(leaves, key=lambda n: leaves[n].split.gain)
            (gain, place, cut), rows, sums = leaves[node]
            if gain <= _LEAST_GAIN:
                break
            del leaves[node]
            column = used[place]
            goes_left = self._bins[rows, column] <= cut
            left, right = rows[goes_left], rows[~goes_left]
            # The sums of the larger part are what the smaller one leaves.
            few = self._sums(min(left, right, key=len), used, pull)
            rest = sums[0] - few[0], sums[1] - few[1]
            of_left, of_right = (few, rest) if len(left) <= len(right) else (rest, few)
            cuts = self._cuts[column]
            trees.feature[tree, node], trees.threshold[tree, node] = column, cuts[min(cut, len(cuts) - 1)]
            trees.left[tree, node], trees.right[tree, node] = nodes, nodes + 1
            leaves[nodes], leaves[nodes + 1] = self._leaf(left, of_left), self._leaf(right, of_right)
            nodes += 2
        return leaves

    def _leaf(self, rows: NDArray[np.intp], sums: tuple[Floats, Floats]) -> _Leaf:
        how = self._growth
        slopes, bends = (each.cumsum(axis=1) for each in sums)
        all_slopes, all_bends = slopes[:, -1:], bends[:, -1:]
        other_slopes, other_bends = all_slopes - slopes, all_bends - bends
        gain = (
            slopes**2 / (bends + how.ridge)
            + other_slopes**2 / (other_bends + how.ridge)
            - all_slopes**2 / (all_bends + how.ridge)
        )
        gain[(bends < how.weight) | (other_bends < how.weight)] = -1
        best = int(gain.argmax())
        return _Leaf(_Split(float(gain.ravel()[best]), best // _BINS, best % _BINS), rows, sums)

    def _sums(
        self, rows: NDArray[np.intp], used: NDArray[np.intp], pull: tuple[Floats, Floats]
    ) -> tuple[Floats, Floats]:
        """``[columns, bins]`` of both derivatives."""
        places = self._flat[np.ix_(rows, used)].ravel()
        size = self._bins.shape[1] * _BINS

        def added(each: Floats) -> Floats:
            sums = np.bincount(places, np.repeat(each[rows], len(used)), size).astype(np.float64)
            return np.asarray(sums.reshape(-1, _BINS)[used])

        return added(pull[0]), added(pull[1])
