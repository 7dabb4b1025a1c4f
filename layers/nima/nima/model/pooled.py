"""What a model's answer is made of, place by place, where a head is a linear layer on features' means over places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nima.model.manifest import SCORES

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter

Plane = NDArray[np.float64]

_OPINIONS = np.arange(1, SCORES + 1, dtype=np.float64)
# Nodes of the quadrature along the path: more change nothing that float64 could tell.
_NODES = 32


@dataclass(frozen=True)
class Contributions:
    """A mean opinion score by places: ``base`` and all of ``points`` together are the mean.

    Attributes:
        base: The mean that the head would answer where every feature is 0: a constant of the model, 1..10.
        points: ``[rows, columns]``, each place's part of the mean in points of it, of either sign.
    """

    base: float
    points: Plane


def contributions(features: Plane, kernel: Plane, bias: Plane) -> Contributions:
    """The mean of ``softmax(kernel @ mean of features + bias)``, by the features' places.

    The logits are linear in the features, so that a place's part of them is exact. The mean opinion score is not linear
    in the logits: each logit's part of it is its derivative, averaged along the straight path from no features to these
    (Aumann and Shapley's value; in Sundararajan, Taly and Yan, Axiomatic attribution for deep networks, 2017, the
    integrated gradient). What all parts sum to is the difference of both ends of the path.

    Args:
        features: ``[rows, columns, channels]``.
        kernel: ``[10, channels]``.
        bias: ``[10]``.
    """
    places = features.shape[0] * features.shape[1]
    logits = features @ kernel.T / places
    way = logits.sum(axis=(0, 1))
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    slopes = np.zeros(SCORES)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        probabilities = _softmax(bias + node * way)
        slopes += weight * probabilities * (_OPINIONS - probabilities @ _OPINIONS)
    return Contributions(float(_softmax(bias) @ _OPINIONS), logits @ slopes)


@dataclass(frozen=True)
class PooledHead:
    """A head of a model's file whose answer is a softmax of a linear layer on features' means.

    Attributes:
        features: The index of the tensor whose means over rows and columns are taken.
        kernel: ``[10, channels]`` weights.
        bias: ``[10]``.
    """

    features: int
    kernel: Plane
    bias: Plane

    def read(self, interpreter: Interpreter) -> Contributions:
        """What the last invocation's answer is made of."""
        return contributions(interpreter.get_tensor(self.features)[0].astype(np.float64), self.kernel, self.bias)


def pooled_heads(interpreter: Interpreter, heads: Sequence[str]) -> dict[str, PooledHead]:
    """Those of a file's heads that are linear on means, by name; the interpreter keeps what is on the way."""
    by_output = {int(output): operation for operation in _operations(interpreter) for output in operation["outputs"]}
    found = {}
    for head, output in zip(heads, interpreter.get_output_details(), strict=True):
        head_found = _pooled(interpreter, by_output, int(output["index"]))
        if head_found:
            found[head] = head_found
    return found


def _pooled(interpreter: Interpreter, by_output: Mapping[int, Any], output: int) -> PooledHead | None:
    at, path = output, []
    for name in ("SOFTMAX", "FULLY_CONNECTED", "MEAN"):
        operation = by_output.get(at)
        if operation is None or operation["op_name"] != name:
            return None
        path.append(operation)
        at = int(operation["inputs"][0])
    _, linear, mean = path
    details = {int(detail["index"]): detail for detail in interpreter.get_tensor_details()}
    if len(details[at]["shape"]) != 4 or interpreter.get_tensor(int(mean["inputs"][1])).tolist() != [1, 2]:
        return None
    kernel, *bias = (_constant(interpreter, by_output, details, int(i)) for i in linear["inputs"][1:] if i >= 0)
    return PooledHead(at, kernel, bias[0] if bias else np.zeros(SCORES))


def _constant(interpreter: Interpreter, by_output: Mapping[int, Any], details: Mapping[int, Any], at: int) -> Plane:
    """Weights in float64, whatever they are stored as."""
    if at in by_output:  # half precision, which an operation widens
        at = int(by_output[at]["inputs"][0])
    values = np.asarray(interpreter.get_tensor(at), np.float64)
    quantised = details[at]["quantization_parameters"]
    if not len(quantised["scales"]):
        return values
    shape = [1] * values.ndim
    shape[quantised["quantized_dimension"]] = -1
    zeros, scales = (np.asarray(quantised[name], np.float64).reshape(shape) for name in ("zero_points", "scales"))
    return (values - zeros) * scales


def _operations(interpreter: Interpreter) -> list[Any]:
    """What the file computes; what a delegate does in its place is left out. LiteRT has no public name for it."""
    return [one for one in interpreter._get_ops_details() if one["op_name"] != "DELEGATE"]


def _softmax(logits: Plane) -> Plane:
    powers = np.exp(logits - logits.max())
    shares: Plane = powers / powers.sum()
    return shares
