"""How a model is trained: in which stages, how long, and with what."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nima.errors import InvalidRequest
from nima.training.networks.architecture import EVERYTHING


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
        loss: One of ``nima.training.trainer.loss.LOSSES``.
        seed: Of the weights, the order, the mirroring and the dropout.
        patience: A stage ends after so many epochs that are not better than its best one; 0 never. Not
            where the last one is kept.
        ema: Momentum of the moving average of the weights that is kept in the end; 0 for none. Needs ``keep="last"``.
        mixed_precision: Whether to compute in bfloat16; weights stay in float32.
        keep_heads: Whether the heads stay as they begin; what is before them and their hidden layer is trained.
        unrated: A head whose answers stay as they begin, with all that they depend on; None trains both.
        keep: ``srcc`` and ``emd`` keep the weights of the epoch that is best by this measure of the rated head, the
            start among them; ``last`` keeps those of the last one.
    """

    stages: tuple[Stage, ...]
    loss: str = "emd"
    seed: int = 1
    patience: int = 3
    ema: float = 0.0
    mixed_precision: bool = False
    keep_heads: bool = False
    unrated: str | None = None
    keep: str = "emd"


def schedule(
    head_epochs: int,
    epochs: int,
    freeze: int,
    learning_rate: float,
    *,
    head_learning_rate: float | None = None,
    whole_epochs: int = 0,
    whole_learning_rate: float | None = None,
    train_detail: bool = False,
) -> tuple[Stage, ...]:
    """The two stages: the heads alone, at ten times the rate by default, then all but the first ``freeze`` layers.

    With ``train_detail`` the second one trains all of the trunk for detail. A third one of ``whole_epochs`` trains
    every layer, at a third of the rate by default.

    Raises:
        InvalidRequest: None of them has an epoch, or a learning rate is no number above 0.
    """
    stages = (
        Stage(head_epochs, head_learning_rate or 10 * learning_rate, EVERYTHING),
        Stage(epochs, learning_rate, freeze, train_detail),
        Stage(whole_epochs, whole_learning_rate or learning_rate / 3),
    )
    if not all(0 < stage.learning_rate < math.inf for stage in stages):
        raise InvalidRequest("A learning rate is a number above 0.")
    if not any(stage.epochs for stage in stages):
        raise InvalidRequest("There is no epoch to train.")
    return tuple(stage for stage in stages if stage.epochs)
