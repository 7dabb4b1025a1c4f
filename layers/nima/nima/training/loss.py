"""Losses between distributions over ordered scores."""

from __future__ import annotations

from typing import Any

LOSSES = ("emd", "cross_entropy")
_EPSILON = 1e-8


def earth_movers_distance(expected: Any, predicted: Any) -> Any:
    """The squared-norm earth mover's distance of each pair of distributions, which NIMA is trained with.

    ``(1/N * sum_k |CDF_p(k) - CDF_q(k)|^r)^(1/r)`` with r = 2 and N = 10 (Talebi and Milanfar, NIMA: Neural Image
    Assessment, 2018, equation 1).

    Args:
        expected: ``[n, 10]`` probabilities.
        predicted: ``[n, 10]`` probabilities.

    Returns:
        ``[n]`` distances, 0..1.
    """
    from keras import ops

    difference = ops.cumsum(ops.cast(expected, "float32") - ops.cast(predicted, "float32"), axis=-1)
    return ops.sqrt(ops.mean(ops.square(difference), axis=-1) + _EPSILON)


def loss(name: str) -> Any:
    """A loss of ``LOSSES`` in the form that Keras's ``compile`` takes; a sample's weight scales it."""
    import keras

    if name == "cross_entropy":
        return keras.losses.CategoricalCrossentropy(name=name)
    if name == "emd":

        class EarthMoversDistance(keras.losses.Loss):  # type: ignore[misc]
            def call(self, y_true: Any, y_pred: Any) -> Any:
                return earth_movers_distance(y_true, y_pred)

        return EarthMoversDistance(name=name)
    raise ValueError(f"the loss {name!r} is not one of {LOSSES}")
