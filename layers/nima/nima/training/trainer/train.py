"""Training with checkpoints: a run lives in a folder, and a killed run goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nima.training import backend
from nima.training.networks.architecture import Architecture
from nima.training.networks.weights import freeze
from nima.training.trainer import checkpoint
from nima.training.trainer.claim import claim
from nima.training.trainer.folder import ANOTHER, HISTORY, RUN, WEIGHTS, done_mark
from nima.training.trainer.loss import loss
from nima.training.trainer.plan import Plan

_CLIP = 1.0


def whole(model: Any) -> Any:
    """The part of a model that is all of it."""
    return model


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
    callbacks: Sequence[Any] = (),
    part: Callable[[Any], Any] = whole,
    task: Mapping[str, Any] | None = None,
) -> Any:
    """Trains a model in a folder, or goes on with what is there.

    After every epoch the weights, the optimiser and the position in the schedule are on disk; the weights that the
    plan keeps are in ``model.weights.h5``.

    Args:
        folder: The run's folder; made where it is missing.
        architecture: Kept beside the weights.
        plan: The schedule.
        make: Builds the model with the weights to start from.
        training: Batches as ``nima.training.samples.batches.batches`` makes them.
        validation: The same, not shuffled.
        callbacks: More Keras callbacks, such as a progress bar.
        part: Makes the model that the batches are for out of the whole one, with which it shares its layers. Needs a
            plan with ``keep="last"``: what is kept of the best epoch would be the part alone.
        task: What else makes the run what it is, kept beside the weights.

    Returns:
        The Keras model with the weights that were kept.

    Raises:
        InvalidRequest: The folder holds another run.
    """
    import keras

    set_up(plan)
    folder.mkdir(parents=True, exist_ok=True)
    claim(folder / RUN, identity(architecture, plan, task), ANOTHER)
    model = make()
    trained = part(model)
    kept = folder / WEIGHTS
    for number, stage in enumerate(plan.stages):
        finished = done_mark(folder, number)
        checkpoints = folder / f"stage-{number}"
        if finished.exists():
            continue
        if number and kept.exists():
            model.load_weights(kept)
        freeze(model, stage.frozen, heads=plan.keep_heads, detail=stage.detail)
        steps = stage.epochs * len(training)
        schedule = keras.optimizers.schedules.CosineDecay(
            stage.learning_rate / 20,
            decay_steps=max(1, steps - steps // 20),
            warmup_target=stage.learning_rate,
            warmup_steps=max(1, steps // 20),
        )
        optimizer = keras.optimizers.Adam(
            schedule, global_clipnorm=_CLIP, **({"use_ema": True, "ema_momentum": plan.ema} if plan.ema else {})
        )
        trained.compile(optimizer, loss={head: loss(plan.loss) for head in trained.output})
        trained.fit(
            training,
            validation_data=validation,
            initial_epoch=checkpoint.restore(trained, checkpoints),
            epochs=stage.epochs,
            verbose=0,
            callbacks=[
                *callbacks,
                *([keras.callbacks.SwapEMAWeights()] if plan.ema else []),
                keras.callbacks.CSVLogger(str(folder / HISTORY), append=True),
                *([keras.callbacks.EarlyStopping("val_loss", patience=plan.patience)] if plan.patience else []),
                checkpoint.callback(checkpoints, kept if plan.keep == "best" else None),
            ],
        )
        if plan.keep == "last":
            # With a moving average, the model has it in the place of its weights now.
            checkpoint.save(model, kept)
        finished.touch()
    model.load_weights(kept)
    return model
