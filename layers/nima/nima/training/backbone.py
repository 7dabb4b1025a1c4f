"""NIMA networks in Keras 3: one trunk, one or two heads; every backend of Keras can train them.

The trunks are those of ``keras.applications``, and ``mobilenet_folded``: MobileNetV1 as it is served, each batch
normalisation folded into the convolution before it. The latter starts from a LiteRT file, whose weights are folded
already, and keeps its function exactly.

A network may have a second, short trunk for the technical head alone, which sees the middle of the picture at full
detail: what is fine in a picture is gone when the whole of it is brought to the size of an input. It is the beginning
of a MobileNetV1, and its strongest answers count beside the mean ones: the sharpest edge tells more of blur than the
average one. The technical head may have a hidden layer as well, which sees its features, those of detail and the first
blocks' answers for both; out of these it makes one number, how much a fault of the picture lowers its
score: the head's logits are tilted by it.

A trunk may also fork before its last two blocks, of which each head has its own then: up to there networks that were
trained for technical and for aesthetic scores hardly differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.model.manifest import HEADS, KERNELS, SCORES, InputSpec, Manifest
from nima.training.litert_weights import Convolution, read_layers

BACKBONES = ("mobilenet", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "mobilenet_folded")
TRUNK, DETAIL, STANDARD = "trunk", "detail", "standard"
JOINED, HIDDEN, SEVERITY = "joined", "technical_hidden", "technical_severity"
SEVERITY_PATH = (STANDARD, f"{STANDARD}_dropout", HIDDEN, f"{HIDDEN}_dropout", SEVERITY)
"""The layers that make the severity out of what it sees, ``JOINED``."""
BRANCHES = {head: f"{head}_branch" for head in HEADS}

# Width and stride of the thirteen separable convolutions (Howard et al., MobileNets, 2017, table 1).
_BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    *((512, 1),) * 5,
    (1024, 2), (1024, 1),
)  # fmt: skip

EVERYTHING = 10_000
"""More layers than any network has, for ``freeze``."""

_DETAIL_BLOCKS = 3
_EARLY_DETAIL_BLOCKS = (1, 2)
_EARLY_BLOCKS = (2, 4)
_SHARED_BLOCKS = 11
_HIDDEN_DROPOUT = 0.15
# A logit's change for a severity of 1; the mean score then rises or falls with the severity, whatever the logits are.
_TILT = (np.arange(1, SCORES + 1, dtype=np.float32) - (SCORES + 1) / 2) / ((SCORES - 1) / 2)


@dataclass(frozen=True)
class Architecture:
    """A network.

    Attributes:
        backbone: One of ``BACKBONES``.
        alpha: Width of the trunk, 1 for the published one.
        side: Side of the square input in pixels.
        tile: Rows of full detail below it; 0 goes without.
        fork: Width of the last block where each head has its own last two (``mobilenet_folded`` only); 0 goes without.
        hidden: Width of the technical head's hidden layer (``mobilenet_folded`` only); 0 goes without.
        kernel: What brings a picture to the input's size: an antialiased one of ``nima.model.manifest.KERNELS``.
        heads: The heads on the trunk, in the order of ``nima.model.manifest.HEADS``.
        dropout: Share of the features dropped before the heads in training, 0..1.
    """

    backbone: str = "mobilenet_v2"
    alpha: float = 1.0
    side: int = 224
    heads: tuple[str, ...] = HEADS
    dropout: float = 0.2
    tile: int = 0
    fork: int = 0
    hidden: int = 0
    kernel: str = "bicubic"

    def __post_init__(self) -> None:
        if self.backbone not in BACKBONES:
            raise InvalidRequest(f"The backbone {self.backbone!r} is not one of {', '.join(BACKBONES)}.")
        if not self.heads or any(head not in HEADS for head in self.heads):
            raise InvalidRequest(f"The heads must be some of {', '.join(HEADS)}.")
        if (self.fork or self.hidden) and self.backbone != "mobilenet_folded":
            raise InvalidRequest("Only a folded MobileNet forks or has a hidden layer.")
        if self.kernel not in KERNELS or self.kernel == "nearest":
            raise InvalidRequest(f"The kernel {self.kernel!r} is not an antialiased one.")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def input_spec(architecture: Architecture) -> InputSpec:
    """A network's input: antialiased, so that it does not matter how a JPEG was decoded at a smaller size."""
    side = architecture.side
    return InputSpec(width=side, height=side, kernel=architecture.kernel, tile=architecture.tile)


def build(architecture: Architecture, weights: str | Path | None = None) -> Any:
    """A Keras model: input ``[n, side + tile, side, 3]`` in -1..1, a dict of ``[n, 10]`` probabilities by head.

    Args:
        architecture: What to build.
        weights: ``"imagenet"`` (Keras downloads them), a Keras weights file of the trunk (``.h5``), a LiteRT file
            (``mobilenet_folded`` only), or None for random ones.

    Raises:
        InvalidRequest: The weights do not fit the architecture.
    """
    import keras

    trunk = _trunk(architecture, weights)
    side, tile = architecture.side, architecture.tile
    inputs = keras.Input((side + tile, side, 3), name="picture")
    whole = keras.layers.Cropping2D(((0, tile), (0, 0)), name="whole")(inputs) if tile else inputs
    shared, early = trunk(whole) if architecture.hidden else (trunk(whole), None)
    features = dict.fromkeys(architecture.heads, shared)
    if architecture.fork:
        features = {head: _branch(architecture, head, shared.shape[1:])(shared) for head in architecture.heads}
    if "technical" in features:
        features["technical"] = _technical(architecture, features["technical"], early, inputs)
    outputs = {
        # The softmax stays in float32 when the rest computes in half precision.
        head: keras.layers.Dense(SCORES, activation="softmax", dtype="float32", name=head)(
            keras.layers.Dropout(architecture.dropout, name=f"{head}_dropout")(features[head])
        )
        for head in architecture.heads
    }
    model = keras.Model(inputs, outputs)
    if isinstance(weights, Path) and weights.suffix == ".tflite":
        start_from(model, [(weights.read_bytes(), ())])
    return model


def _technical(architecture: Architecture, features: Any, early: Any, inputs: Any) -> Any:
    """What the technical head sees: its features, and those of detail or what a hidden layer makes of all."""
    import keras

    side, tile = architecture.side, architecture.tile
    seen = [features, early] if architecture.hidden else [features]
    if tile:
        middle = keras.layers.Cropping2D(((side, 0), (0, 0)), name="middle")(inputs)
        blocks = _EARLY_DETAIL_BLOCKS if architecture.hidden else ()
        detail = _folded(DETAIL, (tile, side, 3), architecture.alpha, _DETAIL_BLOCKS, strongest=True, early=blocks)
        # Few of these features vary much, so that a layer would hardly learn from them as they are.
        seen += detail(middle) if architecture.hidden else [_standardised(detail(middle))]
    joined = keras.layers.Concatenate(name=JOINED)(seen) if len(seen) > 1 else features
    if not architecture.hidden:
        return joined
    dropped = keras.layers.Dropout(_HIDDEN_DROPOUT, name=f"{STANDARD}_dropout")(_standardised(joined))
    hidden = keras.layers.Dense(architecture.hidden, "relu", name=HIDDEN)(dropped)
    severity = keras.layers.Dense(1, kernel_initializer="zeros", name=SEVERITY)(
        keras.layers.Dropout(_HIDDEN_DROPOUT, name=f"{HIDDEN}_dropout")(hidden)
    )
    return keras.layers.Concatenate(name="with_severity")([features, severity])


def _standardised(features: Any) -> Any:
    import keras

    return keras.layers.BatchNormalization(momentum=0.95, name=STANDARD)(features)


def freeze(model: Any, layers: int, *, heads: bool = False, detail: bool = False) -> int:
    """Freezes the first ``layers`` layers of each trunk, batch normalisation included; 0 trains everything.

    The layers of a branch are counted after those of the trunk.

    Args:
        model: A model made by ``build``.
        layers: How many.
        heads: Whether to freeze the heads too; what a hidden layer adds to them is trained all the same.
        detail: Whether to train the whole trunk for detail, whatever is frozen of the other.

    Returns:
        How many layers of the trunk are still trained.
    """
    shared = len(model.get_layer(TRUNK).layers)
    before = dict.fromkeys(BRANCHES.values(), shared)
    for trunk in [layer for layer in model.layers if layer.name in (TRUNK, DETAIL, *before)]:
        for position, layer in enumerate(trunk.layers, before.get(trunk.name, 0)):
            layer.trainable = position >= layers or (detail and trunk.name == DETAIL)
    for layer in model.layers:
        if layer.name in HEADS:
            layer.trainable = not heads
    return max(0, shared - layers)


def start_from(model: Any, files: Sequence[tuple[bytes, Sequence[str]]], shares: Sequence[float] = ()) -> None:
    """Takes the weights of LiteRT MobileNetV1s over into ``mobilenet_folded``.

    Where the model has parts that no file has, a trunk for detail begins as the first layers of the trunk; each branch
    as the last blocks of the file that answers for its head, of whose last channels those are kept that count most for
    it; a hidden layer with random weights; and the technical head without regard to what is new. The severity out of a
    hidden layer is nothing at first.

    Args:
        model: A model made by ``build``.
        files: LiteRT files with the same convolutions, whose weights may be float32, float16 or quantised, each with
            the heads that its dense layers stand for, in the order of its outputs; without heads only the trunk is
            taken over.
        shares: The share of each file in the trunk; equal ones where this is empty.

    Raises:
        InvalidRequest: They have other layers.
        ModelUnavailable: One cannot be parsed.
    """
    names = {layer.name for layer in model.layers}
    read = [(read_layers(content), heads) for content, heads in files]
    trunks = [_of_part(TRUNK, layers) for layers, _ in read]
    own = {part: _of_part(part, read[0][0]) for part in _OWN_PARTS} if len(read) == 1 else {}
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
    _set_weights(trunk, mean[: len(trunk)] if forks else mean)
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
    names = {layer.name for layer in model.layers}
    standard, head = model.get_layer(STANDARD), model.get_layer(HIDDEN if HIDDEN in names else "technical")
    gamma, beta, mean, variance = standard.get_weights()
    scale = gamma / np.sqrt(variance + standard.epsilon)
    kernel, bias = head.get_weights()
    weighed = kernel[-len(scale) :]
    bias = bias + (beta - mean * scale) @ weighed
    kernel[-len(scale) :] = weighed * scale[:, np.newaxis]
    head.set_weights([kernel, bias])
    pass_on(model)


def pass_on(model: Any) -> None:
    """Lets the features that are standardised through as they are, in training too."""
    if STANDARD not in {layer.name for layer in model.layers}:
        return
    standard = model.get_layer(STANDARD)
    ones = np.ones(standard.gamma.shape, np.float32)
    standard.set_weights([ones, 0 * ones, 0 * ones, ones * (1 - standard.epsilon)])
    standard.trainable = False


def start_from_folder(architecture: Architecture, folder: Path, aesthetic_share: float = 0.5) -> Any:
    """A model with the weights of a model folder.

    Args:
        architecture: The model's.
        folder: The model folder.
        aesthetic_share: Share of the trunk for the aesthetic head, 0..1, where the folder has a file for each head.

    Raises:
        InvalidRequest, ModelUnavailable: As ``start_from`` does.
    """
    files = Manifest.read(folder).files
    shares = [aesthetic_share if "aesthetic" in file.heads else 1 - aesthetic_share for file in files]
    model = build(architecture)
    start_from(model, [((folder / f.path).read_bytes(), f.heads) for f in files], shares if len(files) > 1 else ())
    return model


def networks(folder: Path) -> list[Any]:
    """The files of a model folder, each as a model with its heads.

    Raises:
        InvalidRequest, ModelUnavailable: As ``start_from`` does.
    """
    manifest = Manifest.read(folder)
    found = []
    for file in manifest.files:
        model = build(replace(of_model(manifest), heads=tuple(file.heads)))
        start_from(model, [((folder / file.path).read_bytes(), file.heads)])
        found.append(model)
    return found


def of_model(manifest: Manifest) -> Architecture:
    """The architecture of a served model: what its training says, else the trunk of its input's size.

    Raises:
        InvalidRequest: What its training says is no architecture.
    """
    spec = manifest.input
    known = manifest.training.get("architecture", {})
    try:
        given = {"backbone": "mobilenet_folded", "side": spec.width, "tile": spec.tile, **known}
        return Architecture(**{**given, "heads": tuple(given.get("heads", HEADS))})
    except TypeError as error:
        raise InvalidRequest(f"The manifest of {manifest.id} describes no architecture: {error}") from error


_MISFIT = "The LiteRT files do not have the layers of this network."
_SINGLE_LAYERS = (HIDDEN, SEVERITY)
_OWN_PARTS = (DETAIL, *BRANCHES.values(), *_SINGLE_LAYERS)


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


def _trunk(architecture: Architecture, weights: str | Path | None) -> Any:
    import keras

    shape = (architecture.side, architecture.side, 3)
    if architecture.backbone == "mobilenet_folded":
        if weights is not None and not (isinstance(weights, Path) and weights.suffix == ".tflite"):
            raise InvalidRequest("A folded MobileNet starts from a LiteRT file or from nothing.")
        blocks = _SHARED_BLOCKS if architecture.fork else len(_BLOCKS)
        early = _EARLY_BLOCKS if architecture.hidden else ()
        return _folded(TRUNK, shape, architecture.alpha, blocks, pooled=not architecture.fork, early=early)
    makers: dict[str, Callable[..., Any]] = {
        "mobilenet": keras.applications.MobileNet,
        "mobilenet_v2": keras.applications.MobileNetV2,
        "mobilenet_v3_small": keras.applications.MobileNetV3Small,
        "mobilenet_v3_large": keras.applications.MobileNetV3Large,
    }
    options: dict[str, Any] = {"include_preprocessing": False} if "_v3_" in architecture.backbone else {}
    try:
        return makers[architecture.backbone](
            input_shape=shape,
            alpha=architecture.alpha,
            include_top=False,
            pooling="avg",
            weights=str(weights) if weights else None,
            name=TRUNK,
            **options,
        )
    except ValueError as error:
        raise InvalidRequest(f"The weights do not fit the backbone: {error}") from error


def _folded(
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


def _branch(architecture: Architecture, head: str, shape: tuple[int, int, int]) -> Any:
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
