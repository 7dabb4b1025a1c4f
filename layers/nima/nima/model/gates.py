"""Gates: small trees that say of a picture's numbers whether a defect is there. Plain arrays, hashed before parsed."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import ModelUnavailable
from nima.model.reasons import MAX_BYTES, Reasons

_MOST_CODES, _MOST_TREES, _MOST_NODES = 64, 1000, 255
_LEAF = -1
_PARTS = ("feature", "threshold", "left", "right", "value")


class Gates:
    """The gates of a model folder. Safe to share between threads.

    A tree starts at its node 0. At a node with a ``feature`` it goes on at ``left`` where that number is at most
    ``threshold``, else at ``right``; a node without (-1) adds its ``value``. Children come after their node. A code's
    logit is its ``bias`` and what its trees add.

    Args:
        content: The ``.npz``: ``numbers``, the names that features index; ``codes``; of each code the arrays
            ``code.feature``, ``.threshold``, ``.left``, ``.right`` and ``.value``, ``[trees, nodes]``, and ``.bias``.

    Raises:
        ModelUnavailable: It is no such file.
    """

    def __init__(self, content: bytes) -> None:
        try:
            arrays = _arrays(content)
            self.numbers = tuple(str(name) for name in arrays["numbers"])
            self.codes = _codes(arrays)
            self._bias = _finite(np.array([float(arrays[f"{code}.bias"]) for code in self.codes]))
            trees = [_trees(arrays, code, len(self.numbers)) for code in self.codes]
        except (ValueError, TypeError, KeyError, OSError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
            raise ModelUnavailable("The model's reasons cannot be read.", detail=repr(error)) from error
        counts = [len(feature) for feature, *_ in trees]
        nodes = max(feature.shape[1] for feature, *_ in trees)
        joined = [np.concatenate([_widened(tree[part], nodes) for tree in trees]) for part in range(len(_PARTS))]
        self._feature, self._threshold, self._left, self._right, self._value = joined
        self._starts = np.cumsum([0, *counts[:-1]])

    @classmethod
    def read(cls, folder: Path, reasons: Reasons) -> Gates:
        """Those of a model folder.

        Raises:
            ModelUnavailable: The file is missing, not as the manifest says, or has no such gates.
        """
        path = folder / reasons.file
        try:
            with path.open("rb") as file:
                content = file.read(reasons.bytes + 1)
        except OSError as error:
            raise ModelUnavailable("The model's reasons cannot be read.", detail=f"{path}: {error}") from error
        digest = hashlib.sha256(content).hexdigest()
        if len(content) != reasons.bytes or digest != reasons.sha256:
            raise ModelUnavailable(
                "The model's reasons are damaged.",
                detail=f"{path} has SHA-256 {digest}, the manifest says {reasons.sha256}",
            )
        gates = cls(content)
        if set(gates.codes) != set(reasons.thresholds):
            raise ModelUnavailable(
                "The model's reasons have other codes than its manifest.",
                detail=f"{path}: {sorted(set(gates.codes) ^ set(reasons.thresholds))}",
            )
        return gates

    def logits(self, found: Mapping[str, float]) -> dict[str, float]:
        """How much the numbers of a picture, by their names, speak for each defect.

        Raises:
            ModelUnavailable: The gates read a number that is not among them.
        """
        unknown = [name for name in self.numbers if name not in found]
        if unknown:
            raise ModelUnavailable(
                "The model's reasons read numbers that this release does not have: train them again, or use the "
                "release that they were made with.",
                detail=", ".join(unknown),
            )
        known = np.array([found[name] for name in self.numbers], np.float32)
        rows = np.arange(len(self._feature))
        at = np.zeros(len(rows), np.intp)
        while True:
            feature = self._feature[rows, at]
            inner = feature != _LEAF
            if not inner.any():
                break
            less = known[feature] <= self._threshold[rows, at]
            at = np.where(inner, np.where(less, self._left[rows, at], self._right[rows, at]), at)
        sums = np.add.reduceat(self._value[rows, at].astype(np.float64), self._starts) + self._bias
        return dict(zip(self.codes, sums.tolist(), strict=True))


def _arrays(content: bytes) -> Mapping[str, NDArray[Any]]:
    # What is packed says how large it unpacks before anything is.
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
            raise ValueError(f"the arrays have more than {MAX_BYTES} bytes")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def _codes(arrays: Mapping[str, NDArray[Any]]) -> tuple[str, ...]:
    codes = tuple(str(code) for code in arrays["codes"])
    if not 0 < len(codes) <= _MOST_CODES or len(set(codes)) != len(codes):
        raise ValueError(f"the codes are {codes[:_MOST_CODES]}")
    return codes


def _finite(values: NDArray[Any]) -> NDArray[Any]:
    if not np.isfinite(values).all():
        raise ValueError("numbers that are not finite")
    return values


def _trees(arrays: Mapping[str, NDArray[Any]], code: str, numbers: int) -> tuple[NDArray[Any], ...]:
    """The arrays of one code, which lead to a leaf whatever the numbers are."""
    feature, threshold, left, right, value = (arrays[f"{code}.{part}"] for part in _PARTS)
    shape = feature.shape
    if len(shape) != 2 or not 0 < shape[0] <= _MOST_TREES or not 0 < shape[1] <= _MOST_NODES:
        raise ValueError(f"{code}: {shape} trees and nodes")
    if {part.shape for part in (threshold, left, right, value)} != {shape}:
        raise ValueError(f"{code}: arrays of several shapes")
    feature, left, right = (part.astype(np.intp, casting="safe") for part in (feature, left, right))
    threshold, value = (part.astype(np.float32, casting="same_kind") for part in (threshold, value))
    inner, here = feature != _LEAF, np.arange(shape[1])
    if (feature < _LEAF).any() or (feature >= numbers).any():
        raise ValueError(f"{code}: features beyond the {numbers} numbers")
    for child in (left, right):
        if not ((child > here) & (child < shape[1]))[inner].all():
            raise ValueError(f"{code}: a tree that does not end")
    return feature, _finite(threshold), left, right, _finite(value)


def _widened(part: NDArray[Any], nodes: int) -> NDArray[Any]:
    return np.pad(part, ((0, 0), (0, nodes - part.shape[1])))
