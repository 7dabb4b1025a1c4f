"""Weights of a trunk from a file: every layer gets its own, by name, or nothing is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.training.networks import trunks
from nima.training.networks.architecture import APPLICATIONS, TRUNK, Architecture
from nima.training.networks.litert import read_layers
from nima.training.networks.weight_files import Tensor, is_litert, read_tensors
from nima.training.networks.weights import start_from

ALPHAS = (0.25, 0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
"""The widths that weights are published in."""
_CLASSES = {
    "Conv2D": "conv2d",
    "DepthwiseConv2D": "depthwise_conv2d",
    "BatchNormalization": "batch_normalization",
}
"""What Keras numbers layers by in a file that does not name them."""
# What names of tensors and parts of names of layers were in other releases of Keras.
_RENAMED = {"depthwise_kernel": "kernel", "batchnorm": "bn"}
_SHOWN = 3


@dataclass(frozen=True)
class _Match:
    """What of a file is for the layers of a trunk.

    Attributes:
        fits: The arrays of each layer that fits, in its own order.
        missing: Layers that the file lacks.
        other: Layers that are there in another way, and how.
        aside: Layers of the file that the trunk lacks.
    """

    fits: dict[str, list[NDArray[np.float32]]]
    missing: list[str]
    other: list[str]
    aside: list[str]

    @property
    def whole(self) -> bool:
        return not self.missing and not self.other


def take(model: Any, architecture: Architecture, path: Path) -> str:
    """Takes the weights of the trunk from a file.

    Args:
        model: A model made by ``build``.
        architecture: Its architecture.
        path: Weights or a whole model of Keras, the trunk by itself or within another network; for ``mobilenet_folded``
            a LiteRT file of a MobileNetV1.

    Returns:
        What was taken and what not, in a line for people.

    Raises:
        InvalidRequest: It is no file of weights, or they do not fit all layers; nothing was taken then.
        ModelUnavailable: It is a LiteRT file that cannot be parsed.
    """
    content = path.read_bytes()
    take_from = _take_litert if is_litert(content) else _take_keras
    return take_from(model, architecture, path, content)


def _take_keras(model: Any, architecture: Architecture, path: Path, content: bytes) -> str:
    tensors = read_tensors(path, content)
    if architecture.backbone == "mobilenet_folded":
        raise InvalidRequest(
            f"{path} is of Keras, and mobilenet_folded begins with a LiteRT file. For weights of MobileNetV1 in Keras "
            "take --backbone mobilenet."
        )
    trunk = model.get_layer(TRUNK)
    found = _match(tensors, trunk)
    if not found.whole:
        raise InvalidRequest(_misfit(path, architecture, found) + _instead(architecture, APPLICATIONS, tensors))
    if not all(np.isfinite(values).all() for arrays in found.fits.values() for values in arrays):
        raise InvalidRequest(f"The weights in {path} are not all numbers.")
    for name, arrays in found.fits.items():
        trunk.get_layer(name).set_weights(arrays)
    return _taken(path, architecture, found)


def _take_litert(model: Any, architecture: Architecture, path: Path, content: bytes) -> str:
    if architecture.backbone != "mobilenet_folded":
        raise InvalidRequest(
            f"{path} is of LiteRT, where batch normalisation is folded into the convolutions: take --backbone "
            "mobilenet_folded, or weights of Keras."
        )
    layers = [layer for layer in read_layers(content) if layer.kind != "dense"]
    # Its names are those of whoever made it; the layers run in one order.
    names = [name for name, _ in _weighted(model.get_layer(TRUNK))]
    aside = [layer.name.partition(";")[0] for layer in layers[len(names) :]]
    tensors = [
        Tensor((name,), tensor, values)
        for name, layer in zip(names, layers, strict=False)
        for tensor, values in (("kernel", layer.kernel), ("bias", layer.bias))
    ]
    found = replace(_match(tensors, model.get_layer(TRUNK)), aside=aside)
    if not found.whole:
        raise InvalidRequest(
            _misfit(path, architecture, found) + _instead(architecture, (architecture.backbone,), tensors)
        )
    start_from(model, [(content, ())])
    return _taken(path, architecture, found)


def _match(tensors: Iterable[Tensor], trunk: Any) -> _Match:
    """Finds the layers of a trunk in a file by their names, as any release of Keras wrote them."""
    weighted = _weighted(trunk)
    known = {_plain(name): name for name, _ in weighted} | dict(_numbered(trunk))
    found: dict[str, dict[str, NDArray[np.float32]]] = {}
    twice: set[str] = set()
    aside: dict[str, None] = {}
    for place, tensor, values in tensors:
        name = next((known[run] for run in _runs(place) if run in known), None)
        if name is None:
            aside["/".join(place[-1:]) or tensor] = None
            continue
        arrays = found.setdefault(name, {})
        if arrays.setdefault(_RENAMED.get(tensor, tensor), values) is not values:
            twice.add(name)
    fits, missing, other = {}, [], []
    for name, weights in weighted:
        arrays = found.get(name, {})
        own = [arrays.get(weight.name, arrays.get(str(number))) for number, weight in enumerate(weights)]
        whole = [values for values in own if values is not None]
        if len(whole) < len(weights):
            missing.append(name)
        elif name in twice:
            other.append(f"{name} is there twice")
        elif wrong := [pair for pair in zip(whole, weights, strict=True) if pair[0].shape != tuple(pair[1].shape)]:
            there, here = ("x".join(map(str, array.shape)) for array in wrong[0])
            other.append(f"{name} has {there} for {here}")
        else:
            fits[name] = whole
    return _Match(fits, missing, other, list(aside))


def _weighted(trunk: Any) -> list[tuple[str, list[Any]]]:
    return [(layer.name, layer.weights) for layer in trunk.layers if layer.weights]


def _plain(name: str) -> str:
    return _RENAMED.get(name.casefold(), name.casefold())


def _runs(place: Sequence[str]) -> Iterator[str]:
    """What of a place may be the name of a layer, the innermost and longest first: names had slashes once."""
    parts = [_plain(part) for part in place]
    for end in range(len(parts), 0, -1):
        for start in range(end):
            yield "_".join(parts[start:end])


def _numbered(trunk: Any) -> Iterator[tuple[str, str]]:
    """The names of layers by what Keras numbers them by, ``conv2d``, ``conv2d_1`` and so on."""
    count: Counter[str] = Counter()
    for layer in trunk.layers:
        if kind := _CLASSES.get(type(layer).__name__):
            yield f"{kind}_{count[kind]}" if count[kind] else kind, layer.name
            count[kind] += 1


def _taken(path: Path, architecture: Architecture, found: _Match) -> str:
    line = f"{path.name}: all {len(found.fits)} layers of {_named(architecture)} are taken from it"
    return f"{line}; left aside: {_some(found.aside)}." if found.aside else f"{line}."


def _misfit(path: Path, architecture: Architecture, found: _Match) -> str:
    total = len(found.fits) + len(found.missing) + len(found.other)
    lacks = f"; not there are {_some(found.missing)}" if found.missing else ""
    other = f"; {_some(found.other)}" if found.other else ""
    return (
        f"The weights in {path} do not fit {_named(architecture)}: of its {total} layers {len(found.fits)} fit"
        f"{lacks}{other}."
    )


def _instead(architecture: Architecture, backbones: Iterable[str], tensors: Sequence[Tensor]) -> str:
    """What would fit."""
    for backbone in backbones:
        for alpha in ALPHAS:
            found = _match(tensors, trunks.trunk(replace(architecture, backbone=backbone, alpha=alpha)))
            if found.whole:
                return f" They fit --backbone {backbone} --alpha {alpha:g}."
            if found.missing:
                break
    return " They fit no trunk of a usual width."


def _named(architecture: Architecture) -> str:
    return f"{architecture.backbone} {architecture.alpha:g}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
