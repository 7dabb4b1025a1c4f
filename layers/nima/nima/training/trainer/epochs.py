"""What happens at the ends of an epoch, so that it is the same epoch whenever it is trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def seeds(training: Any, seed: int, before: int) -> Any:
    """A Keras callback that makes the order, the mirroring and the dropout of an epoch depend on its number alone.

    Args:
        training: Batches as ``nima.training.samples.batches.batches`` makes them.
        seed: The plan's.
        before: How many epochs the stages before have at most.
    """
    import keras

    class Seeds(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            training.seek(before + epoch)
            rng = np.random.default_rng((seed, before + epoch))
            for variable in self.model.non_trainable_variables:
                if variable.name == "seed_generator_state":
                    variable.assign(rng.integers(0, 2**31, variable.shape))

    return Seeds()


def closing(judge: Callable[[Any], dict[str, float]] | None, close: Callable[[int, dict[str, float]], bool]) -> Any:
    """A Keras callback that measures an epoch and closes it.

    Args:
        judge: What it measures joins the figures that later callbacks see; None where Keras measured.
        close: Called with the number of epochs of the stage that are over and all figures; returns whether the stage
            ends.
    """
    import keras

    class Closing(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            logs = {} if logs is None else logs
            logs["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
            logs.update(judge(self.model) if judge else {})
            if close(epoch + 1, {name: float(value) for name, value in logs.items()}):
                self.model.stop_training = True

    return Closing()
