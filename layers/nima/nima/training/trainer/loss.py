"""Losses between distributions over ordered scores."""

from __future__ import annotations

from typing import Any

from nima.model.manifest import SCORES

LOSSES = ("emd", "cross_entropy")
_EPSILON = 1e-8
_LEAST_DIFFERENCE = 0.2
_WANTED = 0.6


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


def order_violation(order: Any, predicted: Any) -> Any:
    """How far the means of pictures are from the order that they should have among those of their group.

    A picture that is better by more than 0.2 should have a mean that is higher by half of the difference, or by 0.6
    where that is less; what is missing counts, as in a hinge loss (Joachims, Optimizing search engines using
    clickthrough data, 2002).

    Args:
        order: ``[n, 3]``: the group (0 for none), how good the picture is on any scale of its group, and the weight.
        predicted: ``[n, 10]`` probabilities.

    Returns:
        ``[n]``: for each picture the weighted sum over those of its batch that it should be better than.
    """
    from keras import ops

    order = ops.cast(order, "float32")
    group, value, weight = order[:, 0], order[:, 1], order[:, 2]
    mean = ops.matmul(ops.cast(predicted, "float32"), ops.cast(ops.arange(1, SCORES + 1), "float32"))
    better = value[:, None] - value[None]
    pair = (group[:, None] == group[None]) & (group[:, None] > 0) & (better > _LEAST_DIFFERENCE)
    missing = ops.relu(ops.minimum(better / 2, _WANTED) - (mean[:, None] - mean[None]))
    return weight * ops.sum(ops.where(pair, missing, 0.0), axis=1)


def loss(name: str) -> Any:
    """A loss of ``LOSSES`` in the form that Keras's ``compile`` takes; a sample's weight scales it.

    ``emd`` also takes labels ``[n, 14]`` as ``nima.training.samples.batches`` makes them: 10 probabilities, their
    weight, and the three columns of ``order_violation``, which is added.
    """
    import keras

    if name == "cross_entropy":
        return keras.losses.CategoricalCrossentropy(name=name)
    if name == "emd":

        class EarthMoversDistance(keras.losses.Loss):  # type: ignore[misc]
            def call(self, y_true: Any, y_pred: Any) -> Any:
                distance = earth_movers_distance(y_true[:, :SCORES], y_pred)
                if y_true.shape[-1] == SCORES:
                    return distance
                return y_true[:, SCORES] * distance + order_violation(y_true[:, SCORES + 1 :], y_pred)

        return EarthMoversDistance(name=name)
    raise ValueError(f"the loss {name!r} is not one of {LOSSES}")
