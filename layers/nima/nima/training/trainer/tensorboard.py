"""Epochs for TensorBoard, which is installed apart."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nima.errors import InvalidRequest


def check() -> None:
    """Checks that epochs can be written.

    Raises:
        InvalidRequest: TensorBoard is not installed, or TensorFlow, with which it writes.
    """
    if not (find_spec("tensorboard") and find_spec("tensorflow")):
        raise InvalidRequest("--tensorboard needs TensorBoard: pip install '.[train,tensorboard]'.")


def writer(folder: Path, stage: int) -> Any:
    """A Keras callback that writes the figures of a stage's epochs to ``stage-N`` of a folder, to go on there later."""
    import keras

    return keras.callbacks.TensorBoard(folder / f"stage-{stage}", write_graph=False)
