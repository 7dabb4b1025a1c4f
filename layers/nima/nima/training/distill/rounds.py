"""The samples of a distillation: made once, round by round, and kept in a folder."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

from nima.errors import InvalidRequest
from nima.model.manifest import SCORES, Manifest
from nima.model.prepare import prepare
from nima.training.distill import data_list, tid2013
from nima.training.distill.task import Distillation
from nima.training.progress import StepTick, Tick
from nima.training.samples import distortions
from nima.training.samples.changes import random_part
from nima.training.samples.maker import Maker
from nima.training.samples.recipe import Kind, Recipe
from nima.training.samples.samples import PEOPLE, TECHNICAL, Samples, collect
from nima.training.samples.teacher import Teacher
from nima.training.trainer.claim import claim

# Raised whenever samples are written or labelled in another way.
_FORM = 6
HELD_OUT = "held-out"
_HUMAN = "tid2013"
_HUMAN_WEIGHT = 0.3
_HUMAN_ORDER_WEIGHT = 21.6
_HUMAN_REPEATS = 2
_HUMAN_PARTS = 4
_HUMAN_LEAST_PART = 0.6


def prepare_samples(
    task: Distillation, folder: Path, workers: int, tick: StepTick
) -> tuple[dict[str, tuple[Samples, float]], Samples]:
    """Makes the samples that a folder does not have yet.

    Returns:
        The training samples by name with their share of an epoch, and the held-out ones.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _claim(folder / "samples.json", task)
    training = task.pictures(data_list.TRAIN)
    parts = {}
    with Maker(Recipe(task.teacher, task.spec, task.seed, task.teacher_alone, task.in_batches), workers) as maker:
        if not Samples.written(folder / HELD_OUT):
            held_out = [(path, 1.0) for path, _ in task.pictures(data_list.HELD_OUT)]
            maker.round(0, held_out, lambda d, n: tick("held out", d, n)).write(folder / HELD_OUT)
        for kind, rounds, share in (
            (Kind.ROUND, task.rounds, task.epoch_share),
            (Kind.MIXTURES, task.mixtures, task.mixture_share),
            (Kind.LADDERS, task.ladders, task.ladder_share),
        ):
            for number in range(rounds):
                path = folder / f"{kind}-{number:02d}"
                if not Samples.written(path):
                    made = maker.round(number, training, partial(tick, path.name), kind=kind)
                    made.write(path)
                clean = kind is Kind.ROUND and number == 0
                parts[path.name] = Samples.read(path), share * (task.clean_repeats if clean else 1)
    if task.kodak and task.human_scores and not task.teacher_alone:
        path = folder / _HUMAN
        if not Samples.written(path):
            rated_samples(task, lambda d, n: tick("TID2013", d, n)).write(path)
        parts[path.name] = Samples.read(path), task.epoch_share * _HUMAN_REPEATS
    return parts, Samples.read(folder / HELD_OUT)


def rated_samples(task: Distillation, tick: Tick) -> Samples:
    """TID2013's scores on regenerated distortions of the scenes that are not held out; the teacher's aesthetic ones."""
    if task.kodak is None or task.human_scores is None:
        raise InvalidRequest("TID2013's human scores need the Kodak photographs and the file of scores.")
    scenes = tuple(scene for scene in range(1, 25) if scene not in tid2013.HELD_OUT_SCENES)
    kinds = tuple(distortions.TID2013)
    teacher = Teacher(task.teacher)
    made = []
    total = len(scenes) * len(kinds) * len(distortions.LEVEL_PSNR)
    for done, rated in enumerate(tid2013.regenerate(task.kodak, task.human_scores, scenes, kinds), 1):
        rng = np.random.default_rng((task.seed, done))
        parts = (random_part(rated.image, _HUMAN_LEAST_PART, rng) for _ in range(_HUMAN_PARTS))
        for image in (rated.image, *parts):
            labels = teacher.label(image)
            labels[TECHNICAL] = rated.distribution
            order = (float(PEOPLE), float(rated.distribution @ np.arange(1, SCORES + 1)), _HUMAN_ORDER_WEIGHT)
            made.append((prepare(image, None, task.spec), labels, (_HUMAN_WEIGHT, 1.0), order))
        tick(done, total)
    return collect(made)


def _claim(path: Path, task: Distillation) -> None:
    """Samples in a folder were all made in one way."""
    made = {
        "form": _FORM,
        "teacher": Manifest.read(task.teacher).name + (", asked in batches" if task.in_batches else ""),
        "input": asdict(task.spec),
        "seed": task.seed,
        "pictures": len(task.entries),
        "teacher_alone": task.teacher_alone,
    }
    claim(path, made, "samples that were made in another way")
