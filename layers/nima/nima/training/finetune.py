"""Fine-tuning: a model learns the ratings of one's own field for one head and keeps what it says with the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nima.errors import InvalidRequest
from nima.image.product import find_product
from nima.model.litert import Model
from nima.model.manifest import HEADS, Manifest
from nima.model.prepare import prepare
from nima.native import without_info
from nima.training.evaluate.evaluation import Answering, predict
from nima.training.evaluate.held_out import HeldOut
from nima.training.evaluate.run import RunModel
from nima.training.labels.dataset import Dataset, Source, make, sha256
from nima.training.labels.kept import keep
from nima.training.labels.labels import Labels, Located
from nima.training.metrics import Array, means
from nima.training.networks.architecture import STANDARD, Architecture, input_spec
from nima.training.networks.build import build, start_from_folder
from nima.training.networks.pretrained import take
from nima.training.networks.weights import passes_on, unfold_standard
from nima.training.pictures import read_frame
from nima.training.progress import StepTick, Tick
from nima.training.samples.batches import as_input, batches
from nima.training.samples.changes import random_part
from nima.training.samples.samples import NO_ORDER, Samples, collect
from nima.training.trainer.claim import claim
from nima.training.trainer.folder import ANOTHER, HELD_OUT, RUN, check_free, finished, held
from nima.training.trainer.history import History
from nima.training.trainer.plan import Plan
from nima.training.trainer.train import identity, set_up, train
from nima.training.unrated import check_input, keep_start, other_head

FREEZE = {
    "mobilenet_folded": 30,
    "mobilenet": 55,
    "mobilenet_v2": 100,
    "mobilenet_v3_small": 100,
    "mobilenet_v3_large": 100,
}
"""Layers of each trunk that stay as they are in the second stage, by default: half to two thirds."""

CROPS = 2
"""Mildly cropped copies of every training picture."""

_LEAST_CROP = 0.92
# So many pictures say what is typical of features; so many are seen at once.
_TYPICAL = 256
_AT_ONCE = 32


@dataclass(frozen=True)
class Finetuning:
    """A fine-tuning.

    Attributes:
        start: The model folder whose other head is kept, and where the weights come from if ``weights`` is
            ``"start"``.
        architecture: The network; of both heads where they share one, else of the rated one.
        head: The head that the ratings are for.
        weights: ``"imagenet"``, a file, ``"start"`` for those of ``start``, or None for random ones.
        batch_size: Pictures in a batch.
    """

    start: Path
    architecture: Architecture
    head: str
    weights: str | Path | None = "start"
    batch_size: int = 16

    @property
    def unrated(self) -> str | None:
        """The network's head that is not rated; None where that has a network of its own."""
        return other_head(self.head) if len(self.architecture.heads) > 1 else None

    def to_json(self) -> dict[str, Any]:
        """What tells this fine-tuning from others, beside its architecture; where files lie counts for nothing.

        Raises:
            ModelUnavailable: There is no model to start from.
            InvalidRequest: There is no such file of weights.
        """
        manifest = Manifest.read(self.start)
        weights: Any = self.weights or "random"
        if isinstance(weights, Path):
            if not weights.is_file():
                raise InvalidRequest(f"There is no file of weights {weights}.")
            weights = {"file": weights.name, "sha256": sha256(weights)}
        return {
            "head": self.head,
            "start": {
                "model": manifest.name,
                "licence": manifest.licence,
                "source": manifest.source,
                "files": [file.sha256 for file in manifest.files],
            },
            "weights": weights,
            "batch_size": self.batch_size,
        }


@dataclass(frozen=True, eq=False)
class Beginning:
    """A run that can begin or go on: nothing that it needs is missing.

    Attributes:
        folder: The run's folder, which no other process trains in.
        task, source, plan: What is trained, on what and how.
        located: The ratings, their pictures found.
        model: The Keras model to start from.
        taken: What of a file of weights the model starts with, in a line; None where it starts with others.
    """

    folder: Path
    task: Finetuning
    source: Source
    plan: Plan
    located: Located
    model: Any
    taken: str | None = None


@contextmanager
def begin(task: Finetuning, source: Source, plan: Plan, folder: Path) -> Iterator[Beginning | None]:
    """Finds out what is missing or wrong, in the order of how long that takes, before any picture is decoded.

    Yields:
        What ``finetune`` takes; None where the run in the folder is over already.

    Raises:
        InvalidRequest: The folder holds another run, there is no side to stop by, or the weights do not fit.
        Refused: Nothing should be trained on the labels.
        ModelUnavailable: Weights cannot be fetched, or the model to start from is missing or damaged.
    """
    check_free(folder, identity(task.architecture, plan, _about(task, source)))
    if finished(folder, plan) and (folder / HELD_OUT).exists():
        yield None
        return
    with held(folder):
        located = source.locate()
        source.check_trainable(located)
        set_up(plan)
        with without_info():
            Model(task.start)
        check_input(Manifest.read(task.start), task.architecture)
        own = task.weights == "start"
        model = (
            start_from_folder(task.architecture, task.start)
            if own
            else build(task.architecture, imagenet=task.weights == "imagenet")
        )
        taken = take(model, task.architecture, task.weights) if isinstance(task.weights, Path) else None
        yield Beginning(folder, task, source, plan, located, model, taken)


def finetune(
    beginning: Beginning,
    *,
    tick: StepTick,
    callbacks: Callable[[int], Sequence[Any]] = lambda stage: (),
    read: Callable[[Dataset], None] = lambda dataset: None,
    told: Callable[[History], None] = lambda history: None,
) -> None:
    """Trains on the training side, stops by the validation side; goes on with what is in the run's folder.

    In the end the model is compared with the one that it began with, on the test side.

    Args:
        beginning: What ``begin`` has found.
        tick: Called with how far each step is.
        callbacks, told: As ``nima.training.trainer.train.train`` takes them.
        read: Called with the data when it is read.

    Raises:
        Refused: Nothing should be trained on the labels.
        InvalidRequest: They cannot be split, or the pictures are others than when the run began.
    """
    folder, task, plan = beginning.folder, beginning.task, beginning.plan
    dataset = make(beginning.located, beginning.source, partial(tick, "ratings"))
    read(dataset)
    labels, parts = dataset.labels, dataset.parts
    about = _about(task, beginning.source)
    claim(folder / RUN, identity(task.architecture, plan, about), ANOTHER)
    keep(dataset, beginning.source, folder)
    keep_start(folder, task.start)
    sides = {"training": (parts.train, CROPS, plan.seed), "validation": (parts.validation, 0, 0)}
    training, validation = (
        _samples(beginning, labels.subset(side), crops, seed, partial(tick, f"{name} pictures"))
        for name, (side, crops, seed) in sides.items()
    )
    _unfold(beginning.model, task.head, training)
    train(
        folder,
        task.architecture,
        plan,
        lambda: beginning.model,
        training=batches([(training, 1.0)], (task.head,), task.batch_size, plan.seed),
        validation=batches([(validation, 1.0)], (task.head,), task.batch_size, plan.seed, shuffle=False),
        head=task.head,
        part=partial(_rated, head=task.head),
        callbacks=callbacks,
        told=told,
        task=about,
    )
    _compare(beginning, labels.subset(parts.test), tick).write(folder / HELD_OUT)


def _compare(beginning: Beginning, test: Labels, tick: StepTick) -> HeldOut:
    """The kept weights beside the start's model as it is served, on the same pictures."""
    task = beginning.task
    with without_info():
        start = Model(task.start)

    def answers(model: Answering, name: str) -> Array:
        if not len(test):
            return np.empty(0)
        told = partial(tick, f"test pictures, {name}")
        return means(predict(model, test.files, told)[1][:, HEADS.index(task.head)])

    return HeldOut.compared(
        start.manifest.name,
        answers(RunModel(beginning.folder), "this run"),
        answers(start, start.manifest.id),
        test.means,
    )


def _rated(model: Any, head: str) -> Any:
    """The part of a network that answers for the rated head."""
    import keras

    return keras.Model(model.input, {head: model.output[head]})


def _unfold(model: Any, head: str, training: Samples) -> None:
    """Standardises again what the technical head sees, of a model that is served with the standardisation folded."""
    import keras

    if head == "technical" and passes_on(model):
        seen = keras.Model(model.input, model.get_layer(STANDARD).input)
        some = training.pixels[:: -(-len(training) // _TYPICAL)]
        found = [seen.predict_on_batch(as_input(some[at : at + _AT_ONCE])) for at in range(0, len(some), _AT_ONCE)]
        unfold_standard(model, np.concatenate(found))


def _about(task: Finetuning, source: Source) -> dict[str, Any]:
    return {**task.to_json(), **source.to_json()}


def _samples(beginning: Beginning, labels: Labels, crops: int, seed: int, tick: Tick) -> Samples:
    task, spec = beginning.task, input_spec(beginning.task.architecture)
    weights = (float(task.head == HEADS[0]), float(task.head == HEADS[1]))
    made = []
    for done, (file, distribution) in enumerate(zip(labels.files, labels.distributions, strict=True), 1):
        frame = read_frame(file)
        rng = np.random.default_rng((seed, done))
        for view in (frame, *(random_part(frame, _LEAST_CROP, rng) for _ in range(crops))):
            product = find_product(np.asarray(view))
            made.append((prepare(view, product, spec), np.stack([distribution] * len(HEADS)), weights, NO_ORDER))
        tick(done, len(labels))
    return collect(made)
