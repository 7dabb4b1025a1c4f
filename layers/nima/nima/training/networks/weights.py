"""Weights of served models, taken over into networks; and what of a network is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.model.manifest import HEADS, SCORES
from nima.training.networks.architecture import BRANCHES, DETAIL, HIDDEN, SEVERITY, STANDARD, TRUNK
from nima.training.networks.litert import Convolution, read_layers

# A logit's change for a severity of 1; the mean score then rises or falls with the severity, whatever the logits are.
_TILT = (np.arange(1, SCORES + 1, dtype=np.float32) - (SCORES + 1) / 2) / ((SCORES - 1) / 2)
_MISFIT = "The LiteRT files do not have the layers of this network."
_SINGLE_LAYERS = (HIDDEN, SEVERITY)
_OWN_PARTS = (DETAIL, *BRANCHES.values(), *_SINGLE_LAYERS)
_PARTS_OF = {"technical": (DETAIL, BRANCHES["technical"], *_SINGLE_LAYERS), "aesthetic": (BRANCHES["aesthetic"],)}
# Features that vary less than that are not brought to a variance of 1.
_LEAST_DEVIATION = 1e-3


def freeze(model: Any, layers: int, *, heads: bool = False, detail: bool = False, unrated: str | None = None) -> None:
    """Freezes the first ``layers`` layers of each trunk, batch normalisation included; 0 trains everything.

    The layers of a branch are counted after those of the trunk.

    Args:
        model: A model made by ``build``.
        layers: How many.
        heads: Whether to freeze the heads too; what a hidden layer adds to them is trained all the same.
        detail: Whether to train the whole trunk for detail, whatever is frozen of the other.
        unrated: A head whose answers stay as they are: all that they depend on is frozen.
    """
    import keras

    before = dict.fromkeys(BRANCHES.values(), len(model.get_layer(TRUNK).layers))
    for trunk in [layer for layer in model.layers if layer.name in (TRUNK, DETAIL, *before)]:
        trunk.trainable = True
        for position, layer in enumerate(trunk.layers, before.get(trunk.name, 0)):
            layer.trainable = position >= layers or (detail and trunk.name == DETAIL)
    for layer in model.layers:
        if layer.name in HEADS:
            layer.trainable = not heads
    if unrated:
        for layer in keras.Model(model.input, model.output[unrated]).layers:
            layer.trainable = False


def start_from(model: Any, files: Sequence[tuple[bytes, Sequence[str]]], shares: Sequence[float] = ()) -> None:
    """Takes the weights of LiteRT MobileNetV1s over into ``mobilenet_folded``.

    What a file has for a head that the model lacks is left aside. Where the model has parts that no file has, a trunk
    for detail begins as the first layers of the trunk; each branch as the last blocks of the file that answers for its
    head, of whose last channels those are kept that count most for it; a hidden layer with random weights; and the
    technical head without regard to what is new. The severity out of a hidden layer is nothing at first.

    Args:
        model: A model made by ``build``.
        files: LiteRT files with the same convolutions, whose weights may be float32, float16 or quantised, each with
            the heads that its dense layers stand for, in the order of its outputs; without heads only the trunk is
            taken over, whatever is behind it.
        shares: The share of each file in the trunk; equal ones where this is empty.

    Raises:
        InvalidRequest: They have other layers.
        ModelUnavailable: One cannot be parsed.
    """
    names = {layer.name for layer in model.layers}
    aside = {part for head in {*HEADS} - {*model.output} for part in _PARTS_OF[head]}
    read = [(read_layers(content), heads) for content, heads in files]
    trunks = [_of_part(TRUNK, layers) for layers, _ in read]
    own = {part: _of_part(part, read[0][0]) for part in _OWN_PARTS if part not in aside} if len(read) == 1 else {}
    shapes = {tuple(layer.kernel.shape for layer in trunk) for trunk in trunks}
    if len(shapes) > 1 or any(found and part not in names for part, found in own.items()):
        raise InvalidRequest(_MISFIT)
    mean = [
        [
            np.average([layer.kernel for layer in same], 0, shares or None),
            np.average([layer.bias for layer in same], 0, shares or None),
        ]
        for same in zip(*trunks, strict=True)
    ]
    trunk = _weighted(model.get_layer(TRUNK))
    forks = any(branch in names and not own.get(branch) for branch in BRANCHES.values())
    longer = forks or not any(heads for _, heads in read)
    _set_weights(trunk, mean[: len(trunk)] if longer else mean)
    if DETAIL in names and not own.get(DETAIL):
        detail = _weighted(model.get_layer(DETAIL))
        _set_weights(detail, mean[: len(detail)])
    for part, found in own.items():
        if found:
            layer = model.get_layer(part)
            _set_weights([layer] if part in _SINGLE_LAYERS else _weighted(layer), _pairs(found))
    if own.get(HIDDEN) or (own.get(DETAIL) and HIDDEN not in names):
        pass_on(model)
    for (layers, heads), convolutions in zip(read, trunks, strict=True):
        dense = [layer for layer in layers if layer.kind == "dense" and not _in_part(layer, _SINGLE_LAYERS)]
        if len(dense) < len(heads):
            raise InvalidRequest(_MISFIT)
        for head, layer in zip(heads, dense, strict=False):
            kernel = layer.kernel
            if BRANCHES[head] in names and not own.get(BRANCHES[head]):
                kernel = _start_branch(model.get_layer(BRANCHES[head]), _pairs(convolutions[len(trunk) :]), kernel)
            if head in names:
                _start_head(model, head, kernel, layer.bias)


def _start_branch(
    branch: Any, blocks: Sequence[list[NDArray[np.float32]]], kernel: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Gives a branch the last blocks of a trunk; returns the head's kernel for the channels that were kept."""
    *others, (last, bias) = blocks
    width = last.shape[-1]
    kept = _strongest(kernel[:width], branch.output.shape[-1])
    _set_weights(_weighted(branch), [*others, [last[..., kept], bias[kept]]])
    return np.concatenate([kernel[kept], kernel[width:]])


def _start_head(model: Any, head: str, kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    """Sets a head; what only the technical one sees and is new here does not count at first."""
    layer = model.get_layer(head)
    missing = layer.kernel.shape[0] - len(kernel)
    extended = head == "technical" and {DETAIL, HIDDEN} & {part.name for part in model.layers}
    if missing < 0 or (missing and not extended):
        raise InvalidRequest(_MISFIT)
    added = np.zeros((missing, SCORES), np.float32)
    if missing and SEVERITY in {part.name for part in model.layers}:
        added[-1] = _TILT
    layer.set_weights([np.concatenate([kernel, added]), bias])


def _strongest(kernel: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """The ``count`` inputs of a dense layer before a softmax that move its answer most, in their order."""
    weight = np.linalg.norm(kernel - kernel.mean(1, keepdims=True), axis=1)
    return np.sort(np.argsort(-weight, kind="stable")[:count])


def fold_standard(model: Any) -> None:
    """Moves what standardises features into the layer behind it; the network answers as before."""
    if STANDARD not in {layer.name for layer in model.layers}:
        return
    standard, head = model.get_layer(STANDARD), _behind_standard(model)
    gamma, beta, mean, variance = standard.get_weights()
    scale = gamma / np.sqrt(variance + standard.epsilon)
    kernel, bias = head.get_weights()
    weighed = kernel[-len(scale) :]
    bias = bias + (beta - mean * scale) @ weighed
    kernel[-len(scale) :] = weighed * scale[:, np.newaxis]
    head.set_weights([kernel, bias])
    pass_on(model)


def standardise(model: Any, features: NDArray[np.float32]) -> None:
    """Makes what standardises features do so by the mean and the deviation of some, for good.

    Args:
        model: A model with a hidden layer, or a trunk for detail.
        features: ``[n, k]``, what is standardised.
    """
    standard = model.get_layer(STANDARD)
    variance = features.var(0)
    # The layer's own epsilon is large beside the variances of many features, which would hardly count then.
    gamma = np.sqrt(variance + standard.epsilon) / (np.sqrt(variance) + _LEAST_DEVIATION)
    standard.set_weights([gamma, 0 * gamma, features.mean(0), variance])
    standard.trainable = False


def unfold_standard(model: Any, features: NDArray[np.float32]) -> None:
    """Takes what standardises features out of the layer behind it again; the network answers as before.

    Where it is folded, features come to the dropout as they are, far from 0: what is dropped then is not left out, but
    said to be as no picture has it.

    Args:
        model: A model whose features pass as they are.
        features: ``[n, k]``, what was standardised, of some pictures.
    """
    standardise(model, features)
    gamma, _, mean, variance = model.get_layer(STANDARD).get_weights()
    scale = gamma / np.sqrt(variance + model.get_layer(STANDARD).epsilon)
    behind = _behind_standard(model)
    kernel, bias = behind.get_weights()
    bias = bias + mean @ kernel[-len(scale) :]
    kernel[-len(scale) :] /= scale[:, np.newaxis]
    behind.set_weights([kernel, bias])


def passes_on(model: Any) -> bool:
    """Whether the model has what standardises features, and it lets them through as they are."""
    if STANDARD not in {layer.name for layer in model.layers}:
        return False
    standard = model.get_layer(STANDARD)
    _, beta, mean, variance = standard.get_weights()
    return not (beta.any() or mean.any()) and np.allclose(variance, 1 - standard.epsilon)


def pass_on(model: Any) -> None:
    """Lets the features that are standardised through as they are, in training too."""
    if STANDARD not in {layer.name for layer in model.layers}:
        return
    standard = model.get_layer(STANDARD)
    ones = np.ones(standard.gamma.shape, np.float32)
    standard.set_weights([ones, 0 * ones, 0 * ones, ones * (1 - standard.epsilon)])
    standard.trainable = False


def _behind_standard(model: Any) -> Any:
    return model.get_layer(HIDDEN if HIDDEN in {layer.name for layer in model.layers} else "technical")


def _weighted(trunk: Any) -> list[Any]:
    return [layer for layer in trunk.layers if layer.weights]


def _of_part(part: str, layers: Sequence[Convolution]) -> list[Convolution]:
    """The layers of a part of the network; files of another origin have a trunk only."""
    if part == TRUNK:
        return [layer for layer in layers if layer.kind != "dense" and not _in_part(layer, _OWN_PARTS)]
    return [layer for layer in layers if _in_part(layer, (part,))]


def _in_part(layer: Convolution, parts: Sequence[str]) -> bool:
    return any(f"/{part}" in layer.name for part in parts)


def _pairs(layers: Sequence[Convolution]) -> list[list[NDArray[np.float32]]]:
    return [[layer.kernel, layer.bias] for layer in layers]


def _set_weights(layers: Sequence[Any], weights: Sequence[list[NDArray[np.float32]]]) -> None:
    if [layer.kernel.shape for layer in layers] != [kernel.shape for kernel, _ in weights]:
        raise InvalidRequest(_MISFIT)
    for layer, found in zip(layers, weights, strict=True):
        layer.set_weights(found)
