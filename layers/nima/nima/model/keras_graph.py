"""NIMA's MobileNet in Keras: the oracle that served models are compared with, and what they are converted from."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from nima.model.manifest import SCORES

INPUT_SIDE = 224
HEAD_LAYER = "scores"
_DROPOUT = 0.75


def tensorflow() -> Any:
    """TensorFlow, imported when first needed and without its greetings.

    Raises:
        ImportError: It is not installed (extra ``train``).
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Plain kernels add in one fixed order, so that the oracle says the same on every processor.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    import tensorflow as tf

    return tf


def build(alpha: float = 1.0) -> Any:
    """The graph, with random weights: input ``[n, 224, 224, 3]`` in -1..1, output ``[n, 10]`` probabilities.

    Args:
        alpha: Width of the network; the published weights have 1.
    """
    keras = tensorflow().keras
    base = keras.applications.MobileNet(
        input_shape=(INPUT_SIDE, INPUT_SIDE, 3), alpha=alpha, include_top=False, weights=None, pooling="avg"
    )
    dropped = keras.layers.Dropout(_DROPOUT)(base.output)
    scores = keras.layers.Dense(SCORES, activation="softmax", name=HEAD_LAYER)(dropped)
    return keras.Model(base.input, scores)


def to_litert(model: Any, *, half: bool = False) -> bytes:
    """The same graph and weights as a LiteRT file that computes in float32, for one picture at a time.

    Args:
        model: A Keras model.
        half: Store the weights as float16; they are widened when the file is loaded.
    """
    tf = tensorflow()
    with tempfile.TemporaryDirectory() as folder:
        model.export(
            folder,
            format="tf_saved_model",
            verbose=False,
            input_signature=[tf.TensorSpec((1, *model.input_shape[1:]), tf.float32)],
        )
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if half:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        return bytes(converter.convert())
