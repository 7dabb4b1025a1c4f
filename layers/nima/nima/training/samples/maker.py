"""Training samples of a distillation: pictures changed in many ways, as the student will see them, and their labels.

Samples come in rounds. Round 0 shows every photograph as it is; every later round shows a part of it, at some size,
with some change of its quality. Rounds of mixtures show parts of two photographs, those of ladders parts of some
photographs in falling steps. A round is written whole or not at all, so that a killed preparation goes on where it was;
each sample's randomness depends on the seed, the round and the picture alone.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from nima.training.progress import Tick
from nima.training.samples.recipe import Kind, Recipe, random_for
from nima.training.samples.samples import Sample, Samples, collect
from nima.training.samples.teacher import BatchTeacher
from nima.training.samples.worker import Task, make, start

_ASKED_AT_ONCE = 256
# What the draw is named, and which part of the pictures is drawn: each of a ladder makes six samples.
_DRAWN = {Kind.ROUND: ("share", 1.0), Kind.MIXTURES: ("mixture share", 1.0), Kind.LADDERS: ("ladder share", 0.25)}


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
        self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=start, initargs=(recipe,))

    def __enter__(self) -> Maker:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def round(
        self,
        number: int,
        pictures: Sequence[tuple[Path, float]],
        tick: Tick | None = None,
        *,
        kind: Kind = Kind.ROUND,
    ) -> Samples:
        """Makes the samples of one round.

        Args:
            number: The round's number from 0.
            pictures: Each picture with the share of the rounds that it is in; round 0 of ``Kind.ROUND`` shows them all.
            tick: Called with how many of how many pictures are done.
            kind: What is made of each picture.

        Raises:
            NimaError: A picture cannot be decoded, or the teacher cannot be loaded.
        """
        recipe = self._recipe
        shown = _shown(recipe, number, pictures, kind)
        mixes = kind is Kind.MIXTURES
        tasks: list[Task] = [
            (
                kind,
                number,
                path,
                shown[random_for(recipe, number, path, "other").integers(len(shown))] if mixes else None,
            )
            for path in shown
        ]
        made: list[Sample] = []
        waiting: list[Sample] = []
        for done, samples in enumerate(self._pool.map(make, tasks, chunksize=4), 1):
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

    def _labelled(self, samples: Sequence[Sample]) -> list[Sample]:
        """Samples with the teacher's answers in the place of what it sees."""
        if self._teacher is None:
            self._teacher = BatchTeacher(self._recipe.teacher, _ASKED_AT_ONCE)
        labels = self._teacher.label([views for _, views, *_ in samples])
        return [(pixels, found, *rest) for (pixels, _, *rest), found in zip(samples, labels, strict=True)]


def _shown(recipe: Recipe, number: int, pictures: Sequence[tuple[Path, float]], kind: Kind) -> list[Path]:
    """The pictures of a round, at least one."""
    if kind is Kind.ROUND and number == 0:
        return [path for path, _ in pictures]
    purpose, part = _DRAWN[kind]
    drawn = [path for path, share in pictures if random_for(recipe, number, path, purpose).random() < part * share]
    return drawn or [path for path, _ in pictures[:1]]
