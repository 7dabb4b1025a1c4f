"""Weights from a Keras 2 HDF5 file into a Keras model, every tensor accounted for."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import ModelUnavailable
from nima.model.keras_graph import HEAD_LAYER

Name = tuple[str, str]
"""A layer and its tensor, such as ``("conv_dw_1", "kernel")``."""

# Keras 2 named a depthwise convolution's kernel apart.
_RENAMED = {"depthwise_kernel": "kernel"}
_SHOWN = 5


def load_weights(model: Any, content: bytes) -> None:
    """Sets every variable of a model from a file, by the names of layers and tensors.

    The layers have the names of ``keras_graph.build``, except that the head may have any: Keras numbered it by itself.

    Args:
        model: A model made by ``keras_graph.build``.
        content: The HDF5 file.

    Raises:
        ModelUnavailable: It is no HDF5 file, or does not have exactly the model's tensors in the model's shapes.
    """
    tensors = _read(content)
    variables = {(layer.name, weight.name): weight for layer in model.layers for weight in layer.weights}
    tensors = _with_head(tensors, {layer for layer, _ in variables})
    wrong = [
        "/".join(name)
        for name in {**variables, **tensors}
        if name not in variables
        or name not in tensors
        or tuple(variables[name].shape) != tensors[name].shape
        or not _is_finite_float32(tensors[name])
    ]
    if wrong:
        raise ModelUnavailable(
            "The weights do not fit NIMA's MobileNet: missing, unknown, of another shape or not finite float32: "
            f"{', '.join(wrong[:_SHOWN])}{' ...' if len(wrong) > _SHOWN else ''}."
        )
    for name, variable in variables.items():
        variable.assign(tensors[name])


def _read(content: bytes) -> dict[Name, NDArray[Any]]:
    """Every dataset of the file: ``conv1/conv1/kernel:0`` is layer ``conv1``, tensor ``kernel``."""
    import h5py

    found: list[tuple[Name, NDArray[Any]]] = []

    def visit(path: str, entry: object) -> None:
        if isinstance(entry, h5py.Dataset):
            layer, leaf = path.partition("/")[0], path.rpartition("/")[2].partition(":")[0]
            found.append(((layer, _RENAMED.get(leaf, leaf)), np.asarray(entry)))

    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            file.visititems(visit)
    except (OSError, RuntimeError) as error:
        raise ModelUnavailable("The weights are not a readable HDF5 file.", detail=str(error)) from error
    tensors = dict(found)
    if len(tensors) != len(found):
        raise ModelUnavailable("The weights file holds a tensor twice.")
    return tensors


def _with_head(tensors: dict[Name, NDArray[Any]], layers: set[str]) -> dict[Name, NDArray[Any]]:
    """The one layer of the file that the model does not know by name is the head."""
    strangers = {layer for layer, _ in tensors} - layers
    if len(strangers) != 1 or HEAD_LAYER in {layer for layer, _ in tensors}:
        return tensors
    return {(HEAD_LAYER if layer in strangers else layer, name): t for (layer, name), t in tensors.items()}


def _is_finite_float32(tensor: NDArray[Any]) -> bool:
    return tensor.dtype == np.float32 and bool(np.isfinite(tensor).all())
