"""Training with checkpoints: a run lives in a folder, and a killed run goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nima.errors import InvalidRequest
from nima.training import backbone, checkpoint
from nima.training.claim import claim
from nima.training.loss import loss

WEIGHTS = "model.weights.h5"
RUN = "run.json"
HISTORY = "history.csv"
_CLIP = 1.0


@dataclass(frozen=True)
class Stage:
    """One stage of a schedule.

    Attributes:
        epochs: At most so many epochs.
        learning_rate: Of Adam, at its highest; it rises over the first twentieth and then falls along a cosine.
        frozen: How many of the trunk's first layers stay as they are.
        detail: Whether all of the trunk for detail is trained, whatever is frozen of the other.
    """

    epochs: int
    learning_rate: float
    frozen: int = 0
    detail: bool = False


@dataclass(frozen=True)
class Plan:
    """How a model is trained.

    Attributes:
        stages: One after the other; a stage begins with the best weights of the one before.
        loss: One of ``nima.training.loss.LOSSES``.
        seed: Of the weights, the order, the mirroring and the dropout.
        patience: A stage ends after so many epochs without a better validation loss; 0 never.
        ema: Momentum of the moving average of the weights that is kept in the end; 0 for none. Needs ``keep="last"``.
        mixed_precision: Whether to compute in bfloat16; weights stay in float32.
        keep_heads: Whether the heads stay as they begin; what is before them and their hidden layer is trained.
        keep: ``best`` keeps the weights of the epoch with the lowest validation loss, ``last`` those of the last one.
    """

    stages: tuple[Stage, ...]
    loss: str = "emd"
    seed: int = 1
    patience: int = 3
    ema: float = 0.0
    mixed_precision: bool = False
    keep_heads: bool = False
    keep: str = "best"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def schedule(
    head_epochs: int,
    epochs: int,
    freeze: int,
    rate: float,
    *,
    head_rate: float | None = None,
    whole_epochs: int = 0,
    whole_rate: float | None = None,
    detail: bool = False,
) -> tuple[Stage, ...]:
    """The two stages: the heads alone, at ten times the rate by default, then all but the first ``freeze`` layers.

    With ``detail`` the second one trains all of the trunk for detail. A third one of ``whole_epochs`` trains every
    layer, at a third of the rate by default.

    Raises:
        InvalidRequest: None of them has an epoch.
    """
    stages = (
        Stage(head_epochs, head_rate or 10 * rate, backbone.EVERYTHING),
        Stage(epochs, rate, freeze, detail),
        Stage(whole_epochs, whole_rate or rate / 3),
    )
    if not any(stage.epochs for stage in stages):
        raise InvalidRequest("There is no epoch to train.")
    return tuple(stage for stage in stages if stage.epochs)


def whole(model: Any) -> Any:
    """The part of a model that is all of it."""
    return model


def train(
    folder: Path,
    architecture: backbone.Architecture,
    plan: Plan,
    make: Callable[[], Any],
    *,
    training: Any,
    validation: Any,
    callbacks: Sequence[Any] = (),
    part: Callable[[Any], Any] = whole,
) -> Any:
    """Trains a model in a folder, or goes on with what is there.

    After every epoch the weights, the optimiser and the position in the schedule are on disk; the weights that the
    plan keeps are in ``model.weights.h5``.

    Args:
        folder: The run's folder; made where it is missing.
        architecture: Kept beside the weights.
        plan: The schedule.
        make: Builds the model with the weights to start from.
        training: Batches as ``nima.training.dataset.batches`` makes them.
        validation: The same, not shuffled.
        callbacks: More Keras callbacks, such as a progress bar.
        part: Makes the model that the batches are for out of the whole one, with which it shares its layers. Needs a
            plan with ``keep="last"``: what is kept of the best epoch would be the part alone.

    Returns:
        The Keras model with the weights that were kept.

    Raises:
        InvalidRequest: The folder holds a run with another architecture or plan.
    """
    import keras

    keras.utils.set_random_seed(plan.seed)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if plan.mixed_precision else "float32")
    folder.mkdir(parents=True, exist_ok=True)
    made = {"architecture": architecture.to_json(), "plan": plan.to_json()}
    claim(folder / RUN, made, "a run with another architecture or plan")
    model = make()
    trained = part(model)
    kept = folder / WEIGHTS
    for number, stage in enumerate(plan.stages):
        finished = folder / f"stage-{number}.done"
        checkpoints = folder / f"stage-{number}"
        if finished.exists():
            continue
        if number and kept.exists():
            model.load_weights(kept)
        backbone.freeze(model, stage.frozen, heads=plan.keep_heads, detail=stage.detail)
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
