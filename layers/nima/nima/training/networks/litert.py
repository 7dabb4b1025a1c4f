"""The convolutions and dense layers of a LiteRT file as float32 arrays in Keras's layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import ModelUnavailable


@dataclass(frozen=True)
class Convolution:
    """A layer with weights.

    Attributes:
        kind: ``conv`` with a kernel ``[height, width, in, out]``, ``depthwise`` with ``[height, width, channels, 1]``,
            or ``dense`` with ``[in, out]``.
        kernel: The kernel.
        bias: ``[out]``.
        name: What the converter called its output; it has the names of the parts of the network that it is in.
    """

    kind: str
    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    name: str


def parsed(content: bytes) -> Any:
    """A LiteRT file as its schema has it; raises ``ModelUnavailable`` where it is none."""
    from ai_edge_litert import schema_py_generated as schema

    if content[4:8] != b"TFL3":
        raise ModelUnavailable("The file is not a LiteRT model.")
    return schema.ModelT.InitFromPackedBuf(content, 0)


def read_layers(content: bytes) -> list[Convolution]:
    """Reads the layers of a LiteRT file whose weights are float32, float16 or integers with scales.

    Returns:
        The convolutions in the order they run, then the dense layers in the order of the outputs they lead to (those
        that lead to the same one in the order they run).

    Raises:
        ModelUnavailable: It cannot be parsed.
    """
    from ai_edge_litert import schema_py_generated as schema

    model = parsed(content)
    graph = model.subgraphs[0]
    operators = schema.BuiltinOperator
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    # Weights that are stored in half precision pass through an operator that widens them.
    widened = {op.outputs[0]: op.inputs[0] for op in graph.operators if codes[op.opcodeIndex] == operators.DEQUANTIZE}
    follower = {op.inputs[0]: op.outputs[0] for op in graph.operators}
    outputs = [int(output) for output in graph.outputs]
    found = []
    dense = []
    for op in graph.operators:
        kind = {
            operators.CONV_2D: "conv",
            operators.DEPTHWISE_CONV_2D: "depthwise",
            operators.FULLY_CONNECTED: "dense",
        }.get(codes[op.opcodeIndex])
        if kind is None:
            continue
        stored = [graph.tensors[widened.get(i, i)] for i in op.inputs[1:3] if i >= 0]
        kernel = _values(model, stored[0])
        kernel = kernel.T if kind == "dense" else kernel.transpose(1, 2, 3, 0)
        # The converter leaves out a bias of nothing but zeros.
        width = graph.tensors[op.outputs[0]].shape[-1]
        bias = _values(model, stored[1]) if len(stored) > 1 else np.zeros(width, np.float32)
        name = graph.tensors[op.outputs[0]].name.decode()
        layer = Convolution(kind, np.ascontiguousarray(kernel), bias, name)
        if kind == "dense":
            end = int(op.outputs[0])
            while end not in outputs and end in follower:
                end = int(follower[end])
            dense.append((outputs.index(end) if end in outputs else -1, layer))
        else:
            found.append(layer)
    return found + [layer for _, layer in sorted(dense, key=lambda pair: pair[0])]


def _values(model: Any, tensor: Any) -> NDArray[np.float32]:
    from ai_edge_litert import schema_py_generated as schema

    names = {getattr(schema.TensorType, name): name for name in vars(schema.TensorType) if not name.startswith("_")}
    raw = np.asarray(model.buffers[tensor.buffer].data, np.uint8)
    values = raw.view(np.dtype(names[tensor.type].lower())).reshape(tuple(tensor.shape))
    if values.dtype.kind == "f" or tensor.quantization is None or tensor.quantization.scale is None:
        return np.asarray(values, np.float32)
    shape = [1] * values.ndim
    shape[tensor.quantization.quantizedDimension] = -1
    scale = np.asarray(tensor.quantization.scale, np.float32)
    zero = np.asarray(tensor.quantization.zeroPoint, np.float32)
    if scale.size > 1:
        scale, zero = scale.reshape(shape), zero.reshape(shape)
    return np.asarray((values.astype(np.float32) - zero) * scale, np.float32)
