"""What one process makes of pictures: their samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.image.product import Product, find_product
from nima.model.manifest import Manifest
from nima.model.prepare import prepare
from nima.training.pictures import read_frame
from nima.training.samples import distortions
from nima.training.samples.changes import changed as changed_frame
from nima.training.samples.changes import part_of
from nima.training.samples.mixtures import mixed
from nima.training.samples.recipe import Kind, Recipe, random_for
from nima.training.samples.samples import NO_ORDER, PEOPLE, UNCHANGED_WEIGHT, Sample
from nima.training.samples.teacher import VIEWS, Teacher, see

LADDER_SHARE = 0.15
"""Share of the pictures of a round that are shown in five falling steps of one change."""

_LADDER_STEP = 0.3
# Of a ladder's first picture and of the others: the first step is the one that is missed most.
_LADDER_ORDER_WEIGHTS = (297.0, 148.5)
# The first steps into the dark, 70 % of the brightness, and into noise are missed more than others.
_LADDER_KIND_WEIGHTS = {"darken": 7.0, "noise": 2.2}
_LADDER_JITTER = (0.85, 1.1)
_STRONGEST_STEP = 0.97
_CHANGED_WEIGHT = 0.3
# What a change of these kinds costs is learned from people and from ladders; see ``_weight``.
_RATED = {*distortions.TID2013.values(), *distortions.LADDERS}
_CLEAN_VIEWS = (0, 3)


Task = tuple[Kind, int, Path, Path | None]
"""A round's kind and number, a picture, and the one that is mixed in."""


class _Worker:
    recipe: Recipe
    ask: Callable[[Image.Image, Product | None, Sequence[int]], NDArray[Any]]
    """The teacher's labels of a picture, or the views of it that it will be asked about."""


def start(recipe: Recipe) -> None:
    _Worker.recipe = recipe
    if recipe.in_batches:
        spec = Manifest.read(recipe.teacher).input
        _Worker.ask = lambda frame, product, views: np.stack([see(frame, product, view, spec) for view in views])
    else:
        _Worker.ask = Teacher(recipe.teacher).label


def make(task: Task) -> list[Sample]:
    kind, number, path, other = task
    frame = read_frame(path)
    if other is not None:
        rng = random_for(_Worker.recipe, number, path, "mixture")
        return [_sample(mixed(frame, read_frame(other), rng), (int(rng.choice(VIEWS)),))]
    if kind is Kind.LADDERS:
        rng = random_for(_Worker.recipe, number, path, "ladder")
        return list(_ladder(part_of(frame, rng), rng, _group(rng)))
    if number == 0:
        return [_sample(frame, _CLEAN_VIEWS)]
    rng = random_for(_Worker.recipe, number, path, "change")
    frame = part_of(frame, rng)
    if rng.random() < LADDER_SHARE:
        return list(_ladder(frame, rng, _group(random_for(_Worker.recipe, number, path, "group"))))
    # One view each: the labels of many samples average out as those of many views would, and show more pictures.
    changed, kinds = changed_frame(frame, rng)
    pixels, labels, (_, aesthetic), order = _sample(changed, (int(rng.choice(VIEWS)),))
    return [(pixels, labels, (_weight(kinds, _Worker.recipe), aesthetic), order)]


def _group(rng: np.random.Generator) -> float:
    # Whole numbers up to 2^24 are exact in float32.
    return float(rng.integers(PEOPLE + 1, 1 << 24))


def _weight(kinds: Sequence[str], recipe: Recipe) -> float:
    """The weight of a teacher's technical label: teachers of this kind hardly see noise and blur that people mind."""
    if not kinds:
        return UNCHANGED_WEIGHT
    if recipe.teacher_alone:
        return 1.0
    return 0.0 if _RATED.intersection(kinds) else _CHANGED_WEIGHT


def _sample(frame: Image.Image, views: Sequence[int]) -> Sample:
    product = find_product(np.asarray(frame))
    labels = _Worker.ask(frame, product, views)
    return prepare(frame, product, _Worker.recipe.spec), labels, (UNCHANGED_WEIGHT, 1.0), NO_ORDER


def _ladder(frame: Image.Image, rng: np.random.Generator, group: float) -> Iterator[Sample]:
    """A picture and five steps down; each of these should score lower than those before, whatever the teacher says."""
    name = sorted(distortions.LADDERS)[rng.integers(len(distortions.LADDERS))]
    change = distortions.CHANGES[name]
    for number, step in enumerate((0.0, *distortions.LADDERS[name])):
        strength = min(step * rng.uniform(*_LADDER_JITTER), _STRONGEST_STEP)
        pixels, labels, (unchanged, aesthetic), _ = _sample(change(frame, strength, rng) if strength else frame, (0,))
        weight = _LADDER_ORDER_WEIGHTS[min(number, 1)] * _LADDER_KIND_WEIGHTS.get(name, 1.0)
        order = (group, -_LADDER_STEP * number, weight)
        technical = 0.0 if number else unchanged
        yield pixels, labels, (technical, aesthetic), NO_ORDER if _Worker.recipe.teacher_alone else order
