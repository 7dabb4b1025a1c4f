"""Distillation: a small student learns a teacher's distributions on photographs that nobody has rated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.assess.prepare import prepare
from nima.errors import InvalidRequest
from nima.model.manifest import HEADS, SCORES, InputSpec, Manifest
from nima.training import backbone, data_list, distort, severity, tid2013, trainer
from nima.training.claim import claim
from nima.training.dataset import as_input, batches
from nima.training.samples import (
    PEOPLE,
    UNCHANGED_WEIGHT,
    Kind,
    Maker,
    Recipe,
    Samples,
    collect,
    random_part,
)
from nima.training.teacher import Teacher

# Raised whenever samples are written or labelled in another way.
_FORM = 6
_HELD_OUT = "held-out"
_HUMAN = "tid2013"
_HUMAN_WEIGHT = 0.3
_HUMAN_ORDER_WEIGHT = 21.6
_HUMAN_REPEATS = 2
_TECHNICAL, _AESTHETIC = HEADS.index("technical"), HEADS.index("aesthetic")
_HUMAN_PARTS = 4
# One of so many samples says what is typical of the features.
_TYPICAL = 8
_HUMAN_LEAST_PART = 0.6

Tick = Callable[[str, int, int], None]
"""Told what is done, and how many of how many."""


@dataclass(frozen=True)
class Distillation:
    """A distillation.

    Attributes:
        teacher: The teacher's model folder.
        architecture: The student.
        folders: The folder of each collection of the data list.
        entries: The data list.
        rounds: How many rounds of samples are made.
        seed: Of the samples.
        batch_size: Pictures in a batch.
        epoch_share: Share of all samples that one epoch draws.
        clean_repeats: How often as many of round 0, the pictures as they are, it draws.
        mixtures: How many rounds of mixtures of two pictures are made.
        mixture_share: Share of them that one epoch draws.
        ladders: How many rounds are made of some of the pictures in falling steps.
        ladder_share: Share of them that one epoch draws.
        teacher_alone: Whether technical labels are the teacher's only, those of noise and blur too; people's scores
            and pictures in falling steps are left to a later run.
        in_batches: Whether the teacher is asked in batches on Keras's backend, as a GPU wants it.
        keep_answers: Whether the technical labels of pictures whose quality is not changed are what the start says of
            them instead of the teacher's, with a large weight.
        aesthetic_weight: What the weights of aesthetic labels are multiplied by.
        kept_weight: The weight of an answer that is kept.
        ladder_weight: What the weights of the order of falling steps are multiplied by.
        people_weight: What those of the order of people's scores are multiplied by.
        kodak: Folder of the Kodak photographs, for TID2013's human scores; None goes without.
        human_scores: JSON of TID2013's distributions.
        start: ``teacher`` starts from the teacher's weights (a mean, where it has a trunk for each head); else a
            model folder, a file of weights of the trunk, or None.
        aesthetic_share: The share of the teacher's trunk for the aesthetic head in that mean, 0..1.
    """

    teacher: Path
    architecture: backbone.Architecture
    folders: Mapping[str, Path]
    entries: Sequence[data_list.Entry]
    rounds: int
    seed: int
    batch_size: int = 32
    epoch_share: float = 0.25
    clean_repeats: float = 1.0
    mixtures: int = 0
    mixture_share: float = 0.5
    ladders: int = 0
    ladder_share: float = 0.25
    teacher_alone: bool = False
    in_batches: bool = False
    keep_answers: bool = False
    aesthetic_weight: float = 1.0
    kept_weight: float = 30.0
    ladder_weight: float = 1.0
    people_weight: float = 1.0
    kodak: Path | None = None
    human_scores: Path | None = None
    start: str | Path | None = None
    aesthetic_share: float = 0.5

    @property
    def spec(self) -> InputSpec:
        """The student's input."""
        return backbone.input_spec(self.architecture)

    def pictures(self, split: str) -> list[tuple[Path, float]]:
        """The files of a split with their shares.

        Raises:
            InvalidRequest: The list names a collection that has no folder.
        """
        if missing := {entry.collection for entry in self.entries} - set(self.folders):
            raise InvalidRequest(f"There is no folder for the collections {', '.join(sorted(missing))}.")
        return [(self.folders[e.collection] / e.picture, e.share) for e in self.entries if e.split == split]


def prepare_samples(
    task: Distillation, folder: Path, workers: int, tick: Tick
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
        if not Samples.written(folder / _HELD_OUT):
            held_out = [(path, 1.0) for path, _ in task.pictures(data_list.HELD_OUT)]
            maker.round(0, held_out, lambda d, n: tick("held out", d, n)).write(folder / _HELD_OUT)
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
    return parts, Samples.read(folder / _HELD_OUT)


def rated_samples(task: Distillation, tick: Callable[[int, int], None]) -> Samples:
    """TID2013's scores on regenerated distortions of the scenes that are not held out; the teacher's aesthetic ones."""
    if task.kodak is None or task.human_scores is None:
        raise InvalidRequest("TID2013's human scores need the Kodak photographs and the file of scores.")
    scenes = tuple(scene for scene in range(1, 25) if scene not in tid2013.HELD_OUT_SCENES)
    kinds = tuple(distort.TID2013)
    teacher = Teacher(task.teacher)
    made = []
    total = len(scenes) * len(kinds) * len(distort.LEVEL_PSNR)
    for done, rated in enumerate(tid2013.regenerate(task.kodak, task.human_scores, scenes, kinds), 1):
        rng = np.random.default_rng((task.seed, done))
        parts = (random_part(rated.image, _HUMAN_LEAST_PART, rng) for _ in range(_HUMAN_PARTS))
        for image in (rated.image, *parts):
            labels = teacher.label(image)
            labels[_TECHNICAL] = rated.distribution
            order = (float(PEOPLE), float(rated.distribution @ np.arange(1, SCORES + 1)), _HUMAN_ORDER_WEIGHT)
            made.append((prepare(image, None, task.spec), labels, (_HUMAN_WEIGHT, 1.0), order))
        tick(done, total)
    return collect(made)


def distill(
    task: Distillation,
    plan: trainer.Plan,
    folder: Path,
    *,
    workers: int,
    tick: Tick,
    loaders: int = 1,
    callbacks: Sequence[Any] = (),
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
    named, held_out = prepare_samples(task, folder / "samples", workers, tick)
    parts = list(named.values())
    heads: tuple[str, ...] = task.architecture.heads
    model, part = (start(task) if task.keep_answers else None), trainer.whole
    if task.keep_answers and task.architecture.hidden and all(s.frozen == backbone.EVERYTHING for s in plan.stages):
        heads = ("technical",)
        seen = {**{name: samples for name, (samples, _) in named.items()}, _HELD_OUT: held_out}
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
    return trainer.train(
        folder,
        task.architecture,
        plan,
        lambda: start(task),
        training=batches(parts, heads, task.batch_size, plan.seed, workers=loaders),
        validation=batches([(held_out, 1.0)], heads, task.batch_size, plan.seed, shuffle=False),
        callbacks=callbacks,
        part=part,
    )


def _typical(features: Sequence[Samples]) -> NDArray[np.float32]:
    """Features of changed pictures, by which all are standardised: what varies with changes alone counts less then."""
    changed = [s.pixels[s.weights[:, _TECHNICAL] != UNCHANGED_WEIGHT][::_TYPICAL] for s in features]
    return np.concatenate(changed if any(map(len, changed)) else [s.pixels for s in features])


def _start_claim(task: Distillation) -> dict[str, Any]:
    """What decides the weights that a run starts from."""
    folder = task.start if isinstance(task.start, Path) else task.teacher
    return {
        "start": _version(folder) if folder.is_dir() else str(folder),
        "aesthetic_share": task.aesthetic_share if task.start == "teacher" else None,
        # The features are what comes before the hidden layer.
        "architecture": {k: v for k, v in task.architecture.to_json().items() if k not in ("hidden", "dropout")},
    }


def _version(folder: Path) -> str:
    manifest = Manifest.read(folder)
    return f"{manifest.id} {manifest.version}"


def _with_answers(
    parts: Sequence[tuple[Samples, float]], model: Any, task: Distillation, tick: Tick
) -> list[tuple[Samples, float]]:
    """The samples with a model's technical answers as the labels of the pictures whose quality is not changed."""
    kept = []
    for done, (samples, share) in enumerate(parts, 1):
        labels, weights = samples.labels.copy(), samples.weights.copy()
        rows = np.flatnonzero(weights[:, _TECHNICAL] == UNCHANGED_WEIGHT)
        for some in np.split(rows, range(task.batch_size, len(rows), task.batch_size)) if len(rows) else ():
            labels[some, _TECHNICAL] = model.predict_on_batch(as_input(samples.pixels[some]))["technical"]
        weights[rows, _TECHNICAL] = task.kept_weight
        kept.append((replace(samples, labels=labels, weights=weights), share))
        tick("answers to keep", done, len(parts))
    return kept


def weighed(samples: Samples, task: Distillation) -> Samples:
    """Samples with the weights that the task gives to their labels and orders."""
    weights, orders = samples.weights.copy(), samples.orders.copy()
    weights[:, _AESTHETIC] *= task.aesthetic_weight
    orders[:, 2] *= np.where(orders[:, 0] == PEOPLE, task.people_weight, task.ladder_weight)
    return replace(samples, weights=weights, orders=orders)


def start(task: Distillation) -> Any:
    """The student before training."""
    if isinstance(task.start, Path) and task.start.is_dir():
        return backbone.start_from_folder(task.architecture, task.start)
    if task.start == "teacher":
        return backbone.start_from_folder(task.architecture, task.teacher, task.aesthetic_share)
    return backbone.build(task.architecture, task.start)


def _claim(path: Path, task: Distillation) -> None:
    """Samples in a folder were all made in one way."""
    made = {
        "form": _FORM,
        "teacher": _version(task.teacher) + (", asked in batches" if task.in_batches else ""),
        "input": asdict(task.spec),
        "seed": task.seed,
        "pictures": len(task.entries),
        "teacher_alone": task.teacher_alone,
    }
    claim(path, made, "samples that were made in another way")
