"""Training with checkpoints: a run lives in a folder, and a killed run goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from nima.errors import InvalidRequest
from nima.training import backend
from nima.training.networks.architecture import Architecture
from nima.training.networks.weights import freeze
from nima.training.trainer import checkpoint
from nima.training.trainer.claim import claim
from nima.training.trainer.epochs import closing, seeds
from nima.training.trainer.folder import ANOTHER, HISTORY, RUN, WEIGHTS, done_mark
from nima.training.trainer.history import MEASURES, Epoch, History
from nima.training.trainer.judge import Judge
from nima.training.trainer.loss import loss
from nima.training.trainer.plan import Plan, Stage
from nima.whole import clear

_CLIP = 1.0


def whole(model: Any) -> Any:
    """The part of a model that is all of it."""
    import keras

    # Compiled in the model's place, so that the optimiser is no part of the weights that are kept.
    return keras.Model(model.input, model.output)


def identity(architecture: Architecture, plan: Plan, task: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What makes a run the run that it is, as its ``run.json`` says it."""
    return {"architecture": asdict(architecture), "plan": asdict(plan), **({"task": task} if task else {})}


def set_up(plan: Plan) -> None:
    """Sets the seeds and the precision that a plan is carried out with."""
    backend.load()
    import keras

    keras.utils.set_random_seed(plan.seed)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if plan.mixed_precision else "float32")


def train(
    folder: Path,
    architecture: Architecture,
    plan: Plan,
    make: Callable[[], Any],
    *,
    training: Any,
    validation: Any,
    head: str | None = None,
    callbacks: Callable[[int], Sequence[Any]] = lambda stage: (),
    told: Callable[[History], None] = lambda history: None,
    part: Callable[[Any], Any] = whole,
    task: Mapping[str, Any] | None = None,
) -> Any:
    """Trains a model in a folder, or goes on with what is there.

    After every epoch the weights, the optimiser and the position in the schedule are on disk; the weights that the
    plan keeps are in ``model.weights.h5``, those of the start before an epoch is better.

    Args:
        folder: The run's folder; made where it is missing.
        architecture: Kept beside the weights.
        plan: The schedule.
        make: Builds the model with the weights to start from.
        training: Batches as ``nima.training.samples.batches.batches`` makes them.
        validation: The same, not shuffled.
        head: What was rated, and what the best epoch is told by; not needed where the last one is kept.
        callbacks: Makes more Keras callbacks for a stage, 1 for the first, such as a progress bar.
        told: Called with what is known of the start and all epochs: before the first one that is trained, and after
            each.
        part: Makes the model that the batches are for out of the whole one, with which it shares its layers.
        task: What else makes the run what it is, kept beside the weights.

    Returns:
        The Keras model with the weights that were kept.

    Raises:
        InvalidRequest: The folder holds another run, or what is known of its epochs is damaged.
    """
    import keras

    set_up(plan)
    folder.mkdir(parents=True, exist_ok=True)
    claim(folder / RUN, identity(architecture, plan, task), ANOTHER)
    clear(folder)
    model = make()
    judge = Judge(validation, head, plan.loss) if head and plan.keep in MEASURES else None
    run = _Run(folder, plan, model, part(model), training, validation, judge, told)
    run.begin()
    for number in range(len(plan.stages)):
        if not done_mark(folder, number).exists():
            run.train(number, callbacks(number + 1))
    model.load_weights(folder / WEIGHTS)
    # What is built later computes in full precision.
    keras.mixed_precision.set_global_policy("float32")
    return model


@dataclass
class _Run:
    """A run on its way.

    Attributes:
        whole: The model whose weights are kept.
        model: The part of it that is trained.
        history: What is known of the epochs that are over.
    """

    folder: Path
    plan: Plan
    whole: Any
    model: Any
    training: Any
    validation: Any
    judge: Judge | None
    told: Callable[[History], None]
    history: History = field(default_factory=History)

    def begin(self) -> None:
        """Measures the start, or finds what is known of the epochs that are over."""
        path = self.folder / HISTORY
        self.history = History.read(path, self.plan.keep)
        if self.judge and not self.history.epochs:
            if (self.folder / WEIGHTS).exists():
                raise InvalidRequest(f"{path} is gone, by which the best epoch is told. Choose another folder.")
            self.history = self.history.add(Epoch(0, 0, self.judge(self.model)))
            self.history.write(path)
        for number in range(len(self.plan.stages)):
            if not done_mark(self.folder, number).exists():
                self.history = self.history.until(number + 1, checkpoint.epochs(self._checkpoints(number)))
                break
        if self.history.epochs:
            self.told(self.history)

    def train(self, number: int, callbacks: Sequence[Any]) -> None:
        """Trains a stage, counted from 0, to its end."""
        import keras

        stage, kept = self.plan.stages[number], self.folder / WEIGHTS
        if kept.exists():
            self.whole.load_weights(kept)
        freeze(self.whole, stage.frozen, heads=self.plan.keep_heads, detail=stage.detail, unrated=self.plan.unrated)
        _compile(self.model, self.plan, stage, len(self.training))
        over = checkpoint.restore(self.model, self._checkpoints(number))
        self._keep_best()
        if not self._has_waited(number):
            self.model.fit(
                self.training,
                validation_data=None if self.judge else self.validation,
                initial_epoch=over,
                epochs=stage.epochs,
                shuffle=False,  # The batches have an order, which Keras would shuffle by a state that a kill loses.
                verbose=0,
                callbacks=[
                    seeds(self.training, self.plan.seed, sum(stage.epochs for stage in self.plan.stages[:number])),
                    *([keras.callbacks.SwapEMAWeights()] if self.plan.ema else []),
                    closing(self.judge, partial(self._close, number)),
                    *callbacks,
                ],
            )
        if self.plan.keep == "last":
            # With a moving average, the model has it in the place of its weights now.
            checkpoint.save(self.whole, kept)
        done_mark(self.folder, number).touch()

    def _close(self, number: int, epochs: int, figures: dict[str, float]) -> bool:
        # The checkpoint says that the epoch is over. What is known of it is written before, and left out by the next
        # start where there is no checkpoint; weights that are kept after it are kept again by the next start.
        self.history = self.history.add(Epoch(number + 1, epochs, figures))
        self.history.write(self.folder / HISTORY)
        checkpoint.keep(self.model, self._checkpoints(number), epochs)
        self._keep_best()
        self.told(self.history)
        return self._has_waited(number)

    def _keep_best(self) -> None:
        if self.judge and self.history.best == self.history.epochs[-1]:
            checkpoint.save(self.whole, self.folder / WEIGHTS)

    def _has_waited(self, number: int) -> bool:
        return self.judge is not None and 0 < self.plan.patience <= self.history.of(number + 1).waited

    def _checkpoints(self, number: int) -> Path:
        return self.folder / f"stage-{number}"


def _compile(model: Any, plan: Plan, stage: Stage, batches: int) -> None:
    import keras

    steps = stage.epochs * batches
    schedule = keras.optimizers.schedules.CosineDecay(
        stage.learning_rate / 20,
        decay_steps=max(1, steps - steps // 20),
        warmup_target=stage.learning_rate,
        warmup_steps=max(1, steps // 20),
    )
    average = {"use_ema": True, "ema_momentum": plan.ema} if plan.ema else {}
    optimizer = keras.optimizers.Adam(schedule, global_clipnorm=_CLIP, **average)
    model.compile(optimizer, loss={head: loss(plan.loss) for head in model.output})
