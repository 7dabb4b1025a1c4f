"""Training samples of a distillation: pictures changed in many ways, as the student will see them, and their labels.

Samples come in rounds. Round 0 shows every photograph as it is; every later round shows a part of it, at some size,
with some change of its quality. Rounds of mixtures show parts of two photographs, those of ladders parts of some
photographs in falling steps. A round is written whole or not at all, so that a killed preparation goes on where it was;
each sample's randomness depends on the seed, the round and the picture alone.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.assess.prepare import prepare
from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.product import Product, find_product
from nima.model.manifest import InputSpec, Manifest
from nima.training import distort
from nima.training.mixture import mixed
from nima.training.teacher import VIEWS, BatchTeacher, Teacher, see

LADDER_SHARE = 0.15
"""Share of the pictures of a round that are shown in five falling steps of one change."""

PEOPLE = 1
"""The group, in ``Samples.orders``, of the pictures that people have rated."""

UNCHANGED_WEIGHT = 2.0
"""The weight of the teacher's technical label for a picture whose quality was not changed."""

_LADDER_STEP = 0.3
# Of a ladder's first picture and of the others: the first step is the one that is missed most.
_LADDER_ORDER_WEIGHTS = (297.0, 148.5)
# The first steps into the dark, 70 % of the brightness, and into noise are missed more than others.
_LADDER_KIND_WEIGHTS = {"darken": 7.0, "noise": 2.2}
_LADDER_JITTER = (0.85, 1.1)
_STRONGEST_STEP = 0.97
_CHANGED_WEIGHT = 0.3
_UNCHANGED_SHARE = 0.35
_STRONG_SHARE = 0.25
# What a change of these kinds costs is learned from people and from ladders; see ``_weight``.
_RATED = {*distort.TID2013.values(), *distort.LADDERS}
_CLEAN_VIEWS = (0, 3)
_ASKED_AT_ONCE = 256


class Kind(StrEnum):
    """What is made of each picture of a round: it changed or not, a mixture with another, or falling steps."""

    ROUND = "round"
    MIXTURES = "mixtures"
    LADDERS = "ladders"


# What the draw is named, and which part of the pictures is drawn: each of a ladder makes six samples.
_DRAWN = {Kind.ROUND: ("share", 1.0), Kind.MIXTURES: ("mixture share", 1.0), Kind.LADDERS: ("ladder share", 0.25)}


@dataclass(frozen=True)
class Samples:
    """Pictures and labels, in memory or mapped.

    Attributes:
        pixels: ``[n, height, width, 3]`` 8-bit sRGB.
        labels: ``[n, 2, 10]`` distributions, the heads in the order of ``HEADS``.
        weights: ``[n, 2]``; 0 where a sample has no label for a head.
        orders: ``[n, 3]``: what ``nima.training.loss.order_violation`` needs of the technical head; rows of 0 for none.
            Rows of the same group lie together.
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
            part = path.with_name(f"{path.name}-{name}.part")
            with part.open("wb") as file:
                np.save(file, getattr(self, name))
            part.replace(path.with_name(f"{path.name}-{name}.npy"))

    @classmethod
    def read(cls, path: Path) -> Samples:
        """Maps what ``write`` wrote; raises ``OSError`` where it is missing."""
        pixels, labels, weights, orders = (
            np.load(path.with_name(f"{path.name}-{name}.npy"), mmap_mode="r" if name == "pixels" else None)
            for name in ("pixels", "labels", "weights", "orders")
        )
        return cls(pixels, labels, weights, orders)

    @staticmethod
    def written(path: Path) -> bool:
        return path.with_name(f"{path.name}-labels.npy").is_file()


@dataclass(frozen=True)
class Recipe:
    """How samples are made.

    Attributes:
        teacher: The teacher's model folder.
        spec: The student's input.
        seed: Of all randomness.
        teacher_alone: Whether every technical label is the teacher's own, and the steps of ladders have none.
        in_batches: Whether the teacher is asked in batches on Keras's backend instead of in each process.
    """

    teacher: Path
    spec: InputSpec
    seed: int
    teacher_alone: bool = False
    in_batches: bool = False


class Maker:
    """Makes rounds of samples in processes of its own, which end with the ``with`` that it is used in.

    Args:
        recipe: How samples are made.
        workers: Processes.
    """

    def __init__(self, recipe: Recipe, workers: int) -> None:
        self._recipe = recipe
        self._teacher: BatchTeacher | None = None
        context = multiprocessing.get_context("spawn")
        # Processes start with their first task.
        self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(recipe,))

    def __enter__(self) -> Maker:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def round(
        self,
        number: int,
        pictures: Sequence[tuple[Path, float]],
        tick: Callable[[int, int], None] | None = None,
        *,
        kind: Kind = Kind.ROUND,
    ) -> Samples:
        """Makes the samples of one round.

        Args:
            number: The round's number from 0.
            pictures: Each picture with the share of the rounds that it is in; round 0 of ``Kind.ROUND`` shows them all.
            tick: Told how many of how many pictures are done.
            kind: What is made of each picture.

        Raises:
            NimaError: A picture cannot be decoded, or the teacher cannot be loaded.
        """
        recipe = self._recipe
        shown = _shown(recipe, number, pictures, kind)
        mixes = kind is Kind.MIXTURES
        tasks: list[_Task] = [
            (kind, number, path, shown[_rng(recipe, number, path, "other").integers(len(shown))] if mixes else None)
            for path in shown
        ]
        made: list[_Sample] = []
        waiting: list[_Sample] = []
        for done, samples in enumerate(self._pool.map(_make, tasks, chunksize=4), 1):
            if not recipe.in_batches:
                made += samples
            else:
                waiting += samples
                if len(waiting) >= _ASKED_AT_ONCE or done == len(tasks):
                    made += self._labelled(waiting)
                    waiting = []
            if tick:
                tick(done, len(tasks))
        return collect(made)

    def _labelled(self, samples: Sequence[_Sample]) -> list[_Sample]:
        """Samples with the teacher's answers in the place of what it sees."""
        if self._teacher is None:
            self._teacher = BatchTeacher(self._recipe.teacher, _ASKED_AT_ONCE)
        labels = self._teacher.label([views for _, views, *_ in samples])
        return [(pixels, found, *rest) for (pixels, _, *rest), found in zip(samples, labels, strict=True)]


_Task = tuple[Kind, int, Path, Path | None]
"""A round's kind and number, a picture, and the one that is mixed in."""

NO_ORDER = (0.0, 0.0, 0.0)
_Sample = tuple[NDArray[np.uint8], NDArray[Any], tuple[float, float], tuple[float, float, float]]


def collect(made: Sequence[_Sample]) -> Samples:
    """Samples out of single ones: pixels, labels ``[2, 10]``, the weights of both heads, and the order."""
    pixels, labels, weights, orders = zip(*made, strict=True)
    return Samples(
        np.stack(pixels),
        np.stack(labels).astype(np.float32),
        np.array(weights, np.float32),
        np.array(orders, np.float32),
    )


def _shown(recipe: Recipe, number: int, pictures: Sequence[tuple[Path, float]], kind: Kind) -> list[Path]:
    """The pictures of a round, at least one."""
    if kind is Kind.ROUND and number == 0:
        return [path for path, _ in pictures]
    purpose, part = _DRAWN[kind]
    drawn = [path for path, share in pictures if _rng(recipe, number, path, purpose).random() < part * share]
    return drawn or [path for path, _ in pictures[:1]]


class _Worker:
    recipe: Recipe
    ask: Callable[[Image.Image, Product | None, Sequence[int]], NDArray[Any]]
    """The teacher's labels of a picture, or the views of it that it will be asked about."""


def _start(recipe: Recipe) -> None:
    _Worker.recipe = recipe
    if recipe.in_batches:
        spec = Manifest.read(recipe.teacher).input
        _Worker.ask = lambda frame, product, views: np.stack([see(frame, product, view, spec) for view in views])
    else:
        _Worker.ask = Teacher(recipe.teacher).label


def _make(task: _Task) -> list[_Sample]:
    kind, number, path, other = task
    frame = _frame(path)
    if other is not None:
        rng = _rng(_Worker.recipe, number, path, "mixture")
        return [_sample(mixed(frame, _frame(other), rng), (int(rng.choice(VIEWS)),))]
    if kind is Kind.LADDERS:
        rng = _rng(_Worker.recipe, number, path, "ladder")
        return list(_ladder(_part(frame, rng), rng, _group(rng)))
    if number == 0:
        return [_sample(frame, _CLEAN_VIEWS)]
    rng = _rng(_Worker.recipe, number, path, "change")
    frame = _part(frame, rng)
    if rng.random() < LADDER_SHARE:
        return list(_ladder(frame, rng, _group(_rng(_Worker.recipe, number, path, "group"))))
    # One view each: the labels of many samples average out as those of many views would, and show more pictures.
    changed, kinds = _changed(frame, rng)
    pixels, labels, (_, aesthetic), order = _sample(changed, (int(rng.choice(VIEWS)),))
    return [(pixels, labels, (_weight(kinds, _Worker.recipe), aesthetic), order)]


def _group(rng: np.random.Generator) -> float:
    # Whole numbers up to 2^24 are exact in float32.
    return float(rng.integers(PEOPLE + 1, 1 << 24))


def _frame(path: Path) -> Image.Image:
    return read_picture(path.read_bytes(), Limits()).frame


def _weight(kinds: Sequence[str], recipe: Recipe) -> float:
    """The weight of a teacher's technical label: teachers of this kind hardly see noise and blur that people mind."""
    if not kinds:
        return UNCHANGED_WEIGHT
    if recipe.teacher_alone:
        return 1.0
    return 0.0 if _RATED.intersection(kinds) else _CHANGED_WEIGHT


def _sample(frame: Image.Image, views: Sequence[int]) -> _Sample:
    product = find_product(np.asarray(frame))
    labels = _Worker.ask(frame, product, views)
    return prepare(frame, product, _Worker.recipe.spec), labels, (UNCHANGED_WEIGHT, 1.0), NO_ORDER


def _ladder(frame: Image.Image, rng: np.random.Generator, group: float) -> Iterator[_Sample]:
    """A picture and five steps down; each of these should score lower than those before, whatever the teacher says."""
    name = sorted(distort.LADDERS)[rng.integers(len(distort.LADDERS))]
    change = distort.CHANGES[name]
    for number, step in enumerate((0.0, *distort.LADDERS[name])):
        strength = min(step * rng.uniform(*_LADDER_JITTER), _STRONGEST_STEP)
        pixels, labels, (unchanged, aesthetic), _ = _sample(change(frame, strength, rng) if strength else frame, (0,))
        weight = _LADDER_ORDER_WEIGHTS[min(number, 1)] * _LADDER_KIND_WEIGHTS.get(name, 1.0)
        order = (group, -_LADDER_STEP * number, weight)
        technical = 0.0 if number else unchanged
        yield pixels, labels, (technical, aesthetic), NO_ORDER if _Worker.recipe.teacher_alone else order


def random_part(frame: Image.Image, least: float, rng: np.random.Generator) -> Image.Image:
    """A random part of a frame: of each of its sides at least a share of ``least``."""
    width, height = (max(1, round(side * rng.uniform(least, 1))) for side in frame.size)
    left, top = int(rng.integers(frame.width - width + 1)), int(rng.integers(frame.height - height + 1))
    return frame.crop((left, top, left + width, top + height))


def _part(frame: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A random part of a frame, often the whole, at a random size."""
    if rng.random() < 0.65:
        frame = random_part(frame, 0.6, rng)
    longest = max(frame.size)
    if rng.random() < 0.35 and longest > 320:
        scale = rng.uniform(320, min(longest, 640)) / longest
        frame = frame.resize((max(1, round(frame.width * scale)), max(1, round(frame.height * scale))))
    return frame


def _changed(frame: Image.Image, rng: np.random.Generator) -> tuple[Image.Image, list[str]]:
    """A frame with no change, or one, mild for most, or two; and their names."""
    kind = rng.random()
    if kind < _UNCHANGED_SHARE:
        return frame, []
    names = sorted(distort.CHANGES)
    strong = kind > 1 - _STRONG_SHARE
    made = []
    for first in (True, False):
        if first or rng.random() < 0.25:
            strength = rng.uniform(0.1, 1) if first and strong else 0.5 * rng.random() ** 1.5
            made.append(names[rng.integers(len(names))])
            frame = distort.CHANGES[made[-1]](frame, float(strength), rng)
    return frame, made


def _rng(recipe: Recipe, number: int, path: Path, purpose: str) -> np.random.Generator:
    name = f"{recipe.seed} {number} {path.parent.name}/{path.name} {purpose}"
    return np.random.default_rng(list(hashlib.sha256(name.encode()).digest()))
