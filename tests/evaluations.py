"""Evaluations of pictures that are made here, for what shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.training.evaluate.chosen import Chosen
from nima.training.evaluate.comparison import Comparison
from nima.training.evaluate.evaluation import compare
from nima.training.labels.dataset import Division
from nima.training.labels.findings import WARNING, Finding
from nima.training.labels.labels import Labels
from tests.pictures import scene

MADE = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
START, SHOP = "nima-lite 1a2b3c4d5e6f", "shop 0123456789ab"
HOSTILE = "<script>document.title = 'run'</script>.jpg"
SIDEWAYS = 6
"""The EXIF orientation of the first picture: its top is on the right."""


def rated(folder: Path, count: int = 24) -> Labels:
    """Rated pictures, of which the first lies on its side and has a name that would be markup."""
    files = []
    for number in range(count):
        files.append(folder / f"{number}.jpg")
        picture, exif = scene(160, 80, seed=number), Image.Exif()
        exif[0x0112] = SIDEWAYS if number == 0 else 1
        picture.save(files[-1], quality=80, exif=exif)
    return Labels(
        images=(HOSTILE, *(f"shoe {number}.jpg" for number in range(1, count))),
        files=tuple(files),
        distributions=bells(np.linspace(3, 8, count)),
        votes=np.full(count, 12),
        groups=tuple(map(str, range(count))),
        hashes=tuple(f"{number:016x}" for number in range(count)),
        distortions=(None,) * count,
        sides=("test",) * count,
        raters=12,
    )


def bells(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distributions around some means."""
    votes = np.exp(-((np.arange(1, 11) - means[:, np.newaxis]) ** 2) / 2)
    shares: NDArray[np.float64] = votes / votes.sum(axis=1, keepdims=True)
    return shares


def compared(labels: Labels, head: str = "aesthetic") -> Comparison:
    """A model that follows the raters but for the first picture, and the one that it began with, which does not."""
    count = len(labels)
    follows, other = np.linspace(3.4, 7.6, count), bells(np.linspace(4, 6, count))
    follows[0] = 6
    start = compare(START, head, bells(np.resize([4.0, 6.0, 5.0], count)), labels, other=other)
    moved = bells(np.linspace(4, 6, count) + 0.25)
    return Comparison((compare(SHOP, head, bells(follows), labels, other=moved, began=START), start))


def chosen(labels: Labels) -> Chosen:
    """They are the test side of a run; of 100 rated pictures two are gone."""
    return Chosen(
        labels=labels,
        side="test",
        rated=100,
        findings=(Finding("missing_file", WARNING, "left out: 2 of 100 labels, without a file.", ("a.jpg", "b.jpg")),),
        seen=0,
        division=Division(98, "folder", 30, {"train": 64, "validation": 10, "test": len(labels)}),
        seed=7,
        label_file={"name": "votes.csv", "sha256": "ab" * 32},
        run=Path("runs/shop"),
    )
