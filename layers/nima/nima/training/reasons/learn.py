"""Gates out of rows: trees for each code, and from which logit on each names a defect, and is sure of it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.model.reasons import ECOMMERCE, PHOTOGRAPHS, PRODUCTS
from nima.training.reasons.examples import CLEAN, LOOK_ALIKE
from nima.training.reasons.rows import Rows
from nima.training.reasons.strengths import CODES, STAGED_WAYS
from nima.training.reasons.trees import Growth, Trees, grow

Mask = NDArray[np.bool_]
Logits = NDArray[np.float64]

# What is so much like a defect that it is no example of a picture without it.
_ALIKE: Mapping[str, tuple[str, ...]] = {
    "soft": ("motion_blur",),
    "underexposure": ("low_contrast",),
    "background": ("clutter", "underexposure", "low_contrast", "color_cast"),
}
_FOLDS = 3
_CLEAN_WEIGHT = 3.0
_POSITIVE_SHARE = 0.09
_LEAST_CLEAN, _LEAST_EXAMPLES = 60, 20
# Shares of the examples of a defect below which it is not looked for.
_BEGINS, _BEGINS_SURELY = 0.05, 0.15
_MARGIN = 0.8


@dataclass(frozen=True)
class Rates:
    """Which shares of clean pictures, and of clean ones that look as if they had a defect, may be named, and surely."""

    named: float
    named_look_alikes: float
    sure: float
    sure_look_alikes: float


RATES: Mapping[str, Rates] = {
    PHOTOGRAPHS: Rates(0.014, 0.045, 0.005, 0.015),
    PRODUCTS: Rates(0.025, 0.06, 0.01, 0.03),
    ECOMMERCE: Rates(0.02, 0.04, 0.008, 0.02),
}
"""Those of each group of pictures; what is staged wrongly has the last ones wherever it is judged."""


@dataclass(frozen=True)
class Learned:
    """What was learned of one defect.

    Attributes:
        trees: On every number.
        thresholds: Of each group of pictures: the logit from which it is named, and that from which it is sure.
        recall: Shares of held-back examples that are named, and surely.
    """

    trees: Trees
    thresholds: Mapping[str, tuple[float, float]]
    recall: tuple[float, float]


def learn(
    rows: Rows,
    growth: Growth,
    rates: Mapping[str, Rates] = RATES,
    tick: Callable[[str, int, int], None] = lambda *_: None,
    only: Collection[str] = CODES,
) -> dict[str, Learned]:
    """Learns the codes of which there are examples.

    Args:
        rows: Measured examples.
        growth: How trees grow.
        rates: What thresholds are chosen by, of each group of pictures; on rows that the trees did not see.
        tick: Called with what is learned and how many of how many steps are done.
        only: The codes to learn.
    """
    codes = [code for code in CODES if code in only and (rows.codes == code).any()]
    found = {}
    for done, code in enumerate(codes):
        tick("reasons", done, len(codes))
        found[code] = _learn(code, rows, growth, rates)
    tick("reasons", len(codes), len(codes))
    return found


def packed(gates: Mapping[str, Trees], names: tuple[str, ...]) -> bytes:
    """The file that ``nima.model.gates`` reads: the numbers that are asked for, and the trees of each code."""
    used = sorted({int(column) for trees in gates.values() for column in np.unique(trees.feature) if column >= 0})
    place = np.full(len(names) + 1, -1, np.int16)
    place[used] = np.arange(len(used))
    arrays: dict[str, Any] = {"numbers": np.array([names[column] for column in used]), "codes": np.array(list(gates))}
    for code, trees in gates.items():
        arrays[f"{code}.feature"] = place[trees.feature]
        arrays[f"{code}.threshold"] = trees.threshold
        arrays[f"{code}.left"], arrays[f"{code}.right"] = trees.left, trees.right
        arrays[f"{code}.value"] = trees.value
        arrays[f"{code}.bias"] = np.float32(trees.bias)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def unpacked(content: bytes, names: tuple[str, ...]) -> dict[str, Trees]:
    """The trees of each code in such a file, which ``Gates`` reads too.

    Args:
        content: The file.
        names: Of the numbers that the trees are to ask for by their places.

    Raises:
        InvalidRequest: It asks for a number that is not among them.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        numbers = [str(name) for name in arrays["numbers"]]
        if unknown := set(numbers) - set(names):
            raise InvalidRequest(
                f"The model's reasons ask for what is not measured any more ({', '.join(sorted(unknown))}): "
                "learn all of them anew."
            )
        place = np.array([*(names.index(name) for name in numbers), -1], np.int16)
        return {
            str(code): Trees(
                feature=place[arrays[f"{code}.feature"]],
                **{part: arrays[f"{code}.{part}"] for part in ("threshold", "left", "right", "value")},
                bias=float(arrays[f"{code}.bias"]),
            )
            for code in arrays["codes"]
        }


def _learn(code: str, rows: Rows, growth: Growth, rates: Mapping[str, Rates]) -> Learned:
    use = np.flatnonzero(_counts(code, rows))
    values, wanted = rows.values[use], rows.codes[use] == code
    clean = np.isin(rows.codes[use], (CLEAN, LOOK_ALIKE))
    weights = np.where(clean, _CLEAN_WEIGHT, 1.0)
    weights[wanted] *= max(1.0, _POSITIVE_SHARE * weights[~wanted].sum() / max(1, int(wanted.sum())))
    folds = np.array([hashlib.sha256(group.encode()).digest()[0] % _FOLDS for group in rows.groups[use].tolist()])
    logits = np.zeros(len(use))
    for fold in range(_FOLDS):
        seen = folds != fold
        if wanted[seen].any() and not wanted[seen].all():
            logits[~seen] = grow(values[seen], wanted[seen], weights[seen], growth).logits(values[~seen])
    thresholds = {
        group: _thresholds(code, logits[inside], rows.codes[use][inside], rates[_rated_as(code, group)])
        for group, inside in _groups(code, rows, use).items()
        if (rows.codes[use][inside] == CLEAN).sum() >= _LEAST_CLEAN
    }
    recall = _recall(code, rows, use, logits, thresholds)
    return Learned(grow(values, wanted, weights, growth), thresholds, recall)


def _counts(code: str, rows: Rows) -> Mask:
    """The rows that a code is learned from: what is staged, from goods alone."""
    counts = ~np.isin(rows.codes, _ALIKE.get(code, ()))
    return counts & rows.goods if code in STAGED_WAYS else counts


def _groups(code: str, rows: Rows, use: NDArray[np.intp]) -> dict[str, Mask]:
    """The rows of each group of pictures that a code is judged in.

    No ground is plain before which a photograph or a deep shadow lies, so that goods of a shop are judged whether a
    product is found or not. Whether a scene is cluttered is no question elsewhere.
    """
    products = rows.products[use]
    every = np.ones(len(use), np.bool_)
    if code not in STAGED_WAYS:
        return {PHOTOGRAPHS: ~products, PRODUCTS: products}
    return {ECOMMERCE: every} if code == "clutter" else {ECOMMERCE: every, PRODUCTS: every}


def _rated_as(code: str, group: str) -> str:
    return ECOMMERCE if code in STAGED_WAYS else group


def _thresholds(code: str, logits: Logits, codes: NDArray[np.str_], rates: Rates) -> tuple[float, float]:
    """Where clean pictures end, or half-way from there to where the defect begins, if there is room between."""
    there = logits[codes == code]

    def at(rate: float, rate_of_look_alikes: float, begins: float) -> float:
        clean, look_alikes = logits[codes == CLEAN], logits[codes == LOOK_ALIKE]
        ends = float(np.quantile(clean, 1 - rate))
        if len(look_alikes) >= _LEAST_CLEAN:
            ends = max(ends, float(np.quantile(look_alikes, 1 - rate_of_look_alikes)))
        if len(there) >= _LEAST_EXAMPLES:
            ends += max(0.0, float(np.quantile(there, begins)) - ends) / 2
        return ends

    named = at(rates.named, rates.named_look_alikes, _BEGINS)
    sure = max(at(rates.sure, rates.sure_look_alikes, _BEGINS_SURELY), named + _MARGIN)
    return round(named, 4), round(sure, 4)


def _recall(
    code: str, rows: Rows, use: NDArray[np.intp], logits: Logits, thresholds: Mapping[str, tuple[float, float]]
) -> tuple[float, float]:
    wanted = rows.codes[use] == code
    named, sure = (np.full(len(use), np.inf) for _ in range(2))
    for group, inside in _groups(code, rows, use).items():
        if group in thresholds:
            named[inside], sure[inside] = thresholds[group]
    return float((logits[wanted] > named[wanted]).mean()), float((logits[wanted] > sure[wanted]).mean())
