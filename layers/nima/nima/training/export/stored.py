"""How a network's weights are stored: in float16 where that changes nothing that people see, else in float32."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nima.errors import ModelUnavailable
from nima.model import keras_graph, parity
from nima.model.litert import Model
from nima.model.manifest import InputSpec
from nima.native import without_info
from nima.training.networks.fold import fold_norms, round_to_half
from nima.training.progress import Tick

HALF, SINGLE = "float16", "float32"
MAX_ROUNDING = 0.02
"""How far rounded weights may move a mean score: two in the second decimal, the last one that is shown."""


@dataclass(frozen=True)
class Stored:
    """A network as it is served.

    Attributes:
        weights: ``float16`` or ``float32``.
        rounding: How far at most a mean score of ``parity.pictures`` is from that of the network before it was rounded.
        heads: In the order of the file's outputs.
        content: The LiteRT file.
        differences: Its answers beside those of Keras with the same weights.
    """

    weights: str
    rounding: float
    heads: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)
    differences: list[parity.Difference] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        return {"weights": self.weights, "rounding": round(self.rounding, 5)}


def store(
    model: Any, spec: InputSpec, serve: Callable[[tuple[str, ...], bytes], Model], tick: Tick | None = None
) -> Stored:
    """Converts a network to LiteRT, in float32 only where in float16 it does not answer as it should.

    Args:
        model: A model made by ``build``; its weights are folded, and rounded, in place.
        spec: Its input.
        serve: Makes a served model out of a LiteRT file and the heads of its outputs, in order.
        tick: Called with how many of how many pictures are compared.

    Raises:
        ModelUnavailable: It answers as it should in neither; the message says how far off it is in both.
    """
    fold_norms(model)
    weights = model.get_weights()
    keras = parity.of_keras(lambda batch: model(batch, training=False))
    exact = parity.answers(keras, spec)
    failures = []
    for stored_in in (HALF, SINGLE):
        if stored_in == HALF:
            round_to_half(model)
            expected = parity.answers(keras, spec)
        else:
            model.set_weights(weights)
            expected = exact
        content = keras_graph.to_litert(model, half=stored_in == HALF)
        try:
            with without_info():
                served = serve(tuple(model.output), content)
            found = parity.answers(served.predict, spec, tick)
        except ModelUnavailable as error:
            # Weights that float16 cannot hold are answered with what is no distribution.
            failures.append(f"stored in {stored_in}: {error.message.removesuffix('.')}")
            continue
        heads, found = _in_order(expected, found)
        differences = parity.differences(expected, found)
        rounding = max(difference.mean for difference in parity.differences(exact, found))
        if wrong := parity.failure(differences, parity.TRAINED):
            failures.append(f"stored in {stored_in} it {wrong}")
        elif stored_in == SINGLE or rounding <= MAX_ROUNDING:
            return Stored(stored_in, rounding, heads, content, differences)
        else:
            failures.append(f"stored in {stored_in} it moves a mean score by {rounding:.3f}, {MAX_ROUNDING} is allowed")
    raise ModelUnavailable(
        f"The model was not installed: {'; '.join(failures)}. Weights that are very large, or no numbers, do this: "
        "train it again with a lower --learning-rate, and see what `nima evaluate` says of the run before the export."
    )


def _in_order(expected: parity.Answers, found: parity.Answers) -> tuple[tuple[str, ...], parity.Answers]:
    """The heads of the outputs, whose order the converter decides on: the right one is that which agrees."""
    heads = tuple(next(iter(expected.values())))
    other = {
        picture: dict(zip(heads, (answer[h] for h in heads[::-1]), strict=True)) for picture, answer in found.items()
    }
    off = [max(d.probability for d in parity.differences(expected, answers)) for answers in (found, other)]
    return (heads[::-1], other) if off[1] < off[0] else (heads, found)
