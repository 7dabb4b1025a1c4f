"""The trunks of networks, and the parts that are made of the same blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nima.errors import InvalidRequest, ModelUnavailable
from nima.training.networks.architecture import APPLICATIONS, BRANCHES, TRUNK, Architecture

# Width and stride of the thirteen separable convolutions (Howard et al., MobileNets, 2017, table 1).
_BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    *((512, 1),) * 5,
    (1024, 2), (1024, 1),
)  # fmt: skip


_EARLY_BLOCKS = (2, 4)
_SHARED_BLOCKS = 11


def trunk(architecture: Architecture, *, imagenet: bool = False) -> Any:
    """The trunk of a network, with random weights or with those of ImageNet, which Keras downloads.

    Raises:
        InvalidRequest: There are none of ImageNet for it.
        ModelUnavailable: They cannot be fetched.
    """
    import keras

    shape = (architecture.side, architecture.side, 3)
    if architecture.backbone == "mobilenet_folded":
        if imagenet:
            raise InvalidRequest("A folded MobileNet starts from a LiteRT file or from nothing.")
        blocks = _SHARED_BLOCKS if architecture.fork else len(_BLOCKS)
        early = _EARLY_BLOCKS if architecture.hidden else ()
        return folded(TRUNK, shape, architecture.alpha, blocks, pooled=not architecture.fork, early=early)
    make = getattr(keras.applications, APPLICATIONS[architecture.backbone])
    options: dict[str, Any] = {"include_preprocessing": False} if "_v3_" in architecture.backbone else {}
    try:
        return make(
            input_shape=shape,
            alpha=architecture.alpha,
            include_top=False,
            pooling="avg",
            weights="imagenet" if imagenet else None,
            name=TRUNK,
            **options,
        )
    except ValueError as error:
        raise InvalidRequest(f"There are no such weights: {_first_line(error)}") from error
    except Exception as error:
        # What Keras raises where a download fails is of no class of its own.
        if "fetch" not in str(error):
            raise
        raise ModelUnavailable(
            f"The ImageNet weights of {architecture.backbone} cannot be fetched ({_first_line(error)}). "
            "Fetch the file elsewhere and name it with --weights, or begin with --weights none."
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def folded(
    name: str,
    shape: tuple[int, int, int],
    alpha: float,
    blocks: int,
    *,
    strongest: bool = False,
    pooled: bool = True,
    early: Sequence[int] = (),
) -> Any:
    """The first blocks of a MobileNetV1 and their mean over the picture.

    Args:
        name: Of the part.
        shape: Of its input.
        alpha: Its width.
        blocks: How many of the thirteen.
        strongest: Whether their maximum over the picture follows the mean.
        pooled: False for the blocks' answer as it is.
        early: Blocks whose means and maxima are a second output.
    """
    import keras
    from keras import layers

    inputs = keras.Input(shape)
    x = _activated(layers.Conv2D(round(32 * alpha), 3, 2, "same", name="conv1"), inputs)
    seen = []
    for number, (width, stride) in enumerate(_BLOCKS[:blocks], 1):
        x = _separable(x, number, round(width * alpha), stride)
        if number in early:
            seen.append(_mean_and_maximum(x, f"early_{number}"))
    if strongest:
        x = _mean_and_maximum(x, "last")
    elif pooled:
        x = layers.GlobalAveragePooling2D(name="pooled")(x)
    return keras.Model(inputs, [x, layers.Concatenate(name="early")(seen)] if early else x, name=name)


def _mean_and_maximum(x: Any, name: str) -> Any:
    from keras import layers

    pooled = [
        layers.GlobalAveragePooling2D(name=f"{name}_mean")(x),
        layers.GlobalMaxPooling2D(name=f"{name}_maximum")(x),
    ]
    return layers.Concatenate(name=f"{name}_mean_and_maximum")(pooled)


def branch(architecture: Architecture, head: str, shape: tuple[int, int, int]) -> Any:
    """The last two blocks for one head, and their mean over the picture."""
    import keras

    inputs = keras.Input(shape)
    (width, stride), (_, last_stride) = _BLOCKS[_SHARED_BLOCKS:]
    x = _separable(inputs, _SHARED_BLOCKS + 1, round(width * architecture.alpha), stride)
    x = _separable(x, _SHARED_BLOCKS + 2, architecture.fork, last_stride)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling2D(name="pooled")(x), name=BRANCHES[head])


def _separable(x: Any, number: int, width: int, stride: int) -> Any:
    from keras import layers

    # In bfloat16 the gradient of a strided depthwise convolution is computed ten times slower on processors.
    exact = {"dtype": "float32"} if stride > 1 else {}
    x = _activated(layers.DepthwiseConv2D(3, stride, "same", name=f"conv_dw_{number}", **exact), x)
    return _activated(layers.Conv2D(width, 1, 1, "same", name=f"conv_pw_{number}"), x)


def _activated(layer: Any, inputs: Any) -> Any:
    from keras import layers

    return layers.ReLU(6.0, name=f"{layer.name}_relu")(layer(inputs))
