"""Training samples: what a network sees of pictures, and what it should answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.model.manifest import HEADS
from nima.whole import whole

TECHNICAL, AESTHETIC = HEADS.index("technical"), HEADS.index("aesthetic")
"""The heads' places in labels and weights."""

PEOPLE = 1
"""The group, in ``Samples.orders``, of the pictures that people have rated."""

UNCHANGED_WEIGHT = 2.0
"""The weight of the teacher's technical label for a picture whose quality was not changed."""


@dataclass(frozen=True)
class Samples:
    """Pictures and labels, in memory or mapped.

    Attributes:
        pixels: ``[n, height, width, 3]`` 8-bit sRGB.
        labels: ``[n, 2, 10]`` distributions, the heads in the order of ``HEADS``.
        weights: ``[n, 2]``; 0 where a sample has no label for a head.
        orders: ``[n, 3]``: what ``nima.training.trainer.loss.order_violation`` needs of the technical head; rows of 0
            for none. Rows of the same group lie together.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.float32]
    weights: NDArray[np.float32]
    orders: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.pixels)

    def write(self, path: Path) -> None:
        """Writes ``.npy`` files that begin with ``path``, whole or not at all (the labels last)."""
        for name in ("pixels", "weights", "orders", "labels"):
            with whole(_file(path, name)) as part:
                np.save(part, getattr(self, name))

    @classmethod
    def read(cls, path: Path) -> Samples:
        """Maps what ``write`` wrote; raises ``OSError`` where it is missing."""
        pixels, labels, weights, orders = (
            np.load(_file(path, name), mmap_mode="r" if name == "pixels" else None)
            for name in ("pixels", "labels", "weights", "orders")
        )
        return cls(pixels, labels, weights, orders)

    @staticmethod
    def written(path: Path) -> bool:
        return _file(path, "labels").is_file()


NO_ORDER = (0.0, 0.0, 0.0)
Sample = tuple[NDArray[np.uint8], NDArray[Any], tuple[float, float], tuple[float, float, float]]


def collect(made: Sequence[Sample]) -> Samples:
    """Samples out of single ones: pixels, labels ``[2, 10]``, the weights of both heads, and the order."""
    pixels, labels, weights, orders = zip(*made, strict=True)
    return Samples(
        np.stack(pixels),
        np.stack(labels).astype(np.float32),
        np.array(weights, np.float32),
        np.array(orders, np.float32),
    )


def _file(path: Path, name: str) -> Path:
    return path.with_name(f"{path.name}-{name}.npy")
