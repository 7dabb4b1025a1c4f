"""A LiteRT file of some of another one's heads: the same operators and weights, without what they do not need."""

from __future__ import annotations

from collections.abc import Sequence

from nima.training.networks.litert import parsed


def restricted(content: bytes, heads: Sequence[str], wanted: Sequence[str]) -> bytes:
    """The part of a LiteRT file that answers for some of its heads, exactly as it does.

    Args:
        content: The file.
        heads: The heads of its outputs, in order.
        wanted: Which of them are kept, in that order.

    Raises:
        ModelUnavailable: It cannot be parsed.
    """
    import flatbuffers

    model = parsed(content)
    (graph,) = model.subgraphs
    graph.outputs = [output for head, output in zip(heads, graph.outputs, strict=True) if head in wanted]
    needed, kept = {int(output) for output in graph.outputs}, []
    for operator in reversed(graph.operators):
        if needed & {int(output) for output in operator.outputs}:
            kept.append(operator)
            # A missing optional input is -1.
            needed |= {int(tensor) for tensor in operator.inputs if tensor >= 0}
    graph.operators = kept[::-1]
    needed |= {int(tensor) for tensor in graph.inputs} | {int(t) for op in kept for t in op.outputs}
    used = {graph.tensors[tensor].buffer for tensor in needed}
    for number, buffer in enumerate(model.buffers):
        if number not in used:
            buffer.data = None
    # A signature names outputs that are gone, and metadata counts on the buffers; neither is read in serving.
    model.signatureDefs, model.metadata = [], []
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
