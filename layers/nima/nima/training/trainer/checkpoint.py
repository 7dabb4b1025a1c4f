"""Checkpoints of a training: written whole or not at all, so that a run that is killed at any moment goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nima.whole import whole

_SUFFIX = ".weights.h5"


def epochs(folder: Path) -> int:
    """The number of epochs that are over, by the newest checkpoint in a folder; 0 where there is none."""
    return max((int(path.name.removesuffix(_SUFFIX)) for path in folder.glob(f"[0-9]*{_SUFFIX}")), default=0)


def restore(model: Any, folder: Path) -> int:
    """Loads the newest checkpoint, optimiser included, into a compiled model; returns as ``epochs`` does."""
    over = epochs(folder)
    if over:
        model.optimizer.build(model.trainable_variables)
        model.load_weights(_file(folder, over))
    return over


def keep(model: Any, folder: Path, over: int) -> None:
    """Makes the checkpoint of so many epochs, optimiser included, in place of the older ones."""
    folder.mkdir(parents=True, exist_ok=True)
    older, path = list(folder.glob(f"[0-9]*{_SUFFIX}")), _file(folder, over)
    save(model, path)
    for old in older:
        if old != path:
            old.unlink()


def save(model: Any, path: Path) -> None:
    """Saves a model's weights; ``path`` ends with ``.weights.h5``."""
    with whole(path) as part:
        model.save_weights(part, overwrite=True)


def _file(folder: Path, over: int) -> Path:
    return folder / f"{over:05d}{_SUFFIX}"
