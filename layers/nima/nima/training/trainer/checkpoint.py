"""Checkpoints of a training: written whole or not at all, so that a run that is killed at any moment goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nima.whole import whole

_SUFFIX = ".weights.h5"
_BEST = "best.json"


def restore(model: Any, folder: Path) -> int:
    """Loads the newest checkpoint, optimiser included, into a compiled model.

    Returns:
        The number of epochs that are over; 0 where there is no checkpoint.
    """
    newest = max(folder.glob(f"[0-9]*{_SUFFIX}"), default=None)
    if newest is None:
        return 0
    model.optimizer.build(model.trainable_variables)
    model.load_weights(newest)
    return int(newest.name.removesuffix(_SUFFIX))


def save(model: Any, path: Path) -> None:
    """Saves a model's weights; ``path`` ends with ``.weights.h5``."""
    with whole(path) as part:
        model.save_weights(part, overwrite=True)


def callback(folder: Path, best: Path | None) -> Any:
    """A Keras callback that makes a checkpoint after every epoch.

    Args:
        folder: Of the checkpoints; the newest one is kept.
        best: Where the weights of the epoch with the lowest validation loss are kept as well; None for nowhere.
    """
    import keras

    class Checkpoints(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
            folder.mkdir(parents=True, exist_ok=True)
            record = folder / _BEST
            self._least = json.loads(record.read_text(encoding="utf-8")) if record.exists() else float("inf")

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            loss = float((logs or {})["val_loss"])
            if best and loss < self._least:
                self._least = loss
                save(self.model, best)
                with whole(folder / _BEST) as part:
                    part.write_text(json.dumps(loss), encoding="utf-8")
            older = list(folder.glob(f"[0-9]*{_SUFFIX}"))
            save(self.model, folder / f"{epoch + 1:05d}{_SUFFIX}")
            for path in older:
                path.unlink()

    return Checkpoints()
