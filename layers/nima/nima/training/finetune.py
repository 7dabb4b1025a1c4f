"""Fine-tuning: a model learns the ratings of one's own field for one head and keeps what it says with the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.image.product import find_product
from nima.model.manifest import HEADS
from nima.model.prepare import prepare
from nima.training.labels.labels import Labels
from nima.training.labels.splits import Split
from nima.training.networks.architecture import Architecture, input_spec
from nima.training.networks.build import build, start_from_folder
from nima.training.pictures import read_frame
from nima.training.progress import StepTick, Tick
from nima.training.samples.batches import batches
from nima.training.samples.changes import random_part
from nima.training.samples.samples import NO_ORDER, Samples, collect
from nima.training.samples.teacher import Teacher
from nima.training.trainer.plan import Plan
from nima.training.trainer.train import train

FREEZE = 100
"""Layers of the trunk that stay as they are in the second stage, by default."""

CROPS = 2
"""Mildly cropped copies of every training picture."""

_LEAST_CROP = 0.92


@dataclass(frozen=True)
class Finetuning:
    """A fine-tuning.

    Attributes:
        start: The model folder that the other head is learned from, and where the weights come from if ``weights``
            is None and the architecture is ``mobilenet_folded``.
        architecture: The network; both heads.
        head: The head that the ratings are for.
        weights: ``"imagenet"``, a file, ``"start"`` for those of ``start``, or None for random ones.
        batch_size: Pictures in a batch.
    """

    start: Path
    architecture: Architecture
    head: str
    weights: str | Path | None = "start"
    batch_size: int = 16


def finetune(
    task: Finetuning,
    labels: Labels,
    parts: Split,
    plan: Plan,
    folder: Path,
    *,
    tick: StepTick,
    callbacks: Sequence[Any] = (),
) -> Any:
    """Trains in a folder on the training side, stops by the validation side; goes on with what is there.

    Returns:
        The Keras model.

    Raises:
        InvalidRequest: There is no validation side, or the weights do not fit.
    """
    if not len(parts.validation):
        raise InvalidRequest("Training stops by the validation pictures, and there are none.")
    training = _samples(
        task, labels.subset(parts.train), CROPS, plan.seed, lambda d, n: tick("training pictures", d, n)
    )
    validation = _samples(task, labels.subset(parts.validation), 0, 0, lambda d, n: tick("validation pictures", d, n))
    heads = task.architecture.heads
    return train(
        folder,
        task.architecture,
        plan,
        lambda: (
            start_from_folder(task.architecture, task.start)
            if task.weights == "start"
            else build(task.architecture, task.weights)
        ),
        training=batches([(training, 1.0)], heads, task.batch_size, plan.seed),
        validation=batches([(validation, 1.0)], heads, task.batch_size, plan.seed, shuffle=False),
        callbacks=callbacks,
    )


def _samples(task: Finetuning, labels: Labels, crops: int, seed: int, tick: Tick) -> Samples:
    teacher, spec = Teacher(task.start), input_spec(task.architecture)
    made = []
    for done, (file, distribution) in enumerate(zip(labels.files, labels.distributions, strict=True), 1):
        frame = read_frame(file)
        rng = np.random.default_rng((seed, done))
        for view in (frame, *(random_part(frame, _LEAST_CROP, rng) for _ in range(crops))):
            product = find_product(np.asarray(view))
            answer: NDArray[np.float32] = teacher.label(view, product)
            answer[HEADS.index(task.head)] = distribution
            made.append((prepare(view, product, spec), answer, (1.0, 1.0), NO_ORDER))
        tick(done, len(labels))
    return collect(made)
