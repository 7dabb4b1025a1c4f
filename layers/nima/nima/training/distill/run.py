"""Distillation: a small student learns a teacher's distributions on photographs that nobody has rated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.model.manifest import Manifest
from nima.training import backend
from nima.training.distill import severity
from nima.training.distill.rounds import HELD_OUT, prepare_samples
from nima.training.distill.task import Distillation
from nima.training.networks.architecture import EVERYTHING
from nima.training.networks.build import build, start_from_folder
from nima.training.networks.pretrained import take
from nima.training.progress import StepTick
from nima.training.samples.batches import as_input, batches
from nima.training.samples.samples import AESTHETIC, PEOPLE, TECHNICAL, UNCHANGED_WEIGHT, Samples
from nima.training.trainer.history import History
from nima.training.trainer.plan import Plan
from nima.training.trainer.train import train, whole

# One of so many samples says what is typical of the features.
_TYPICAL = 8


def distill(
    task: Distillation,
    plan: Plan,
    folder: Path,
    *,
    workers: int,
    tick: StepTick,
    loaders: int = 1,
    callbacks: Callable[[int], Sequence[Any]] = lambda stage: (),
    told: Callable[[History], None] = lambda history: None,
) -> Any:
    """Makes the samples and trains the student in a folder; goes on with what is there.

    Where only the severity is trained, the features that it sees are computed once, in float32.

    Returns:
        The Keras model.

    Raises:
        InvalidRequest: The start's answers shall be kept, and there is no start; or as the preparation does.
    """
    if task.keep_answers and task.start is None:
        raise InvalidRequest("Answers can be kept only of a model to start from.")
    backend.load()  # whoever lacks it is told before samples are made
    named, held_out = prepare_samples(task, folder / "samples", workers, tick)
    parts = list(named.values())
    heads: tuple[str, ...] = task.architecture.heads
    model, part = (start(task) if task.keep_answers else None), whole
    if task.keep_answers and task.architecture.hidden and all(s.frozen == EVERYTHING for s in plan.stages):
        heads = ("technical",)
        seen = {**{name: samples for name, (samples, _) in named.items()}, HELD_OUT: held_out}
        *found, held_out = severity.with_features(
            model,
            seen,
            folder / "features",
            _start_claim(task),
            batch_size=task.batch_size,
            tick=partial(tick, "features"),
        )
        parts = [(samples, share) for samples, (_, share) in zip(found, parts, strict=True)]
        part = partial(severity.on_features, features=_typical(found))
    if task.keep_answers:
        parts = _with_answers(parts, part(model), task, tick)
    parts = [(weighed(samples, task), share) for samples, share in parts]
    return train(
        folder,
        task.architecture,
        plan,
        lambda: start(task),
        training=batches(parts, heads, task.batch_size, plan.seed, workers=loaders),
        validation=batches([(held_out, 1.0)], heads, task.batch_size, plan.seed, shuffle=False),
        callbacks=callbacks,
        told=told,
        part=part,
    )


def _typical(features: Sequence[Samples]) -> NDArray[np.float32]:
    """Features of changed pictures, by which all are standardised: what varies with changes alone counts less then."""
    changed = [s.pixels[s.weights[:, TECHNICAL] != UNCHANGED_WEIGHT][::_TYPICAL] for s in features]
    return np.concatenate(changed if any(map(len, changed)) else [s.pixels for s in features])


def _start_claim(task: Distillation) -> dict[str, Any]:
    """What decides the weights that a run starts from."""
    folder = task.start if isinstance(task.start, Path) else task.teacher
    return {
        "start": Manifest.read(folder).name if folder.is_dir() else str(folder),
        "aesthetic_share": task.aesthetic_share if task.start == "teacher" else None,
        # The features are what comes before the hidden layer.
        "architecture": {k: v for k, v in asdict(task.architecture).items() if k not in ("hidden", "dropout")},
    }


def _with_answers(
    parts: Sequence[tuple[Samples, float]], model: Any, task: Distillation, tick: StepTick
) -> list[tuple[Samples, float]]:
    """The samples with a model's technical answers as the labels of the pictures whose quality is not changed."""
    kept = []
    for done, (samples, share) in enumerate(parts, 1):
        labels, weights = samples.labels.copy(), samples.weights.copy()
        rows = np.flatnonzero(weights[:, TECHNICAL] == UNCHANGED_WEIGHT)
        for some in np.split(rows, range(task.batch_size, len(rows), task.batch_size)) if len(rows) else ():
            labels[some, TECHNICAL] = model.predict_on_batch(as_input(samples.pixels[some]))["technical"]
        weights[rows, TECHNICAL] = task.kept_weight
        kept.append((replace(samples, labels=labels, weights=weights), share))
        tick("answers to keep", done, len(parts))
    return kept


def weighed(samples: Samples, task: Distillation) -> Samples:
    """Samples with the weights that the task gives to their labels and orders."""
    weights, orders = samples.weights.copy(), samples.orders.copy()
    weights[:, AESTHETIC] *= task.aesthetic_weight
    orders[:, 2] *= np.where(orders[:, 0] == PEOPLE, task.people_weight, task.ladder_weight)
    return replace(samples, weights=weights, orders=orders)


def start(task: Distillation) -> Any:
    """The student before training."""
    if isinstance(task.start, Path) and task.start.is_dir():
        return start_from_folder(task.architecture, task.start)
    if task.start == "teacher":
        return start_from_folder(task.architecture, task.teacher, task.aesthetic_share)
    model = build(task.architecture, imagenet=task.start == "imagenet")
    if isinstance(task.start, Path):
        take(model, task.architecture, task.start)
    return model
