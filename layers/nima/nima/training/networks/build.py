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

from dataclasses import replace
from pathlib import Path
from typing import Any

from nima.errors import InvalidRequest
from nima.model.manifest import SCORES, Manifest
from nima.training.networks import trunks
from nima.training.networks.architecture import DETAIL, HIDDEN, JOINED, SEVERITY, STANDARD, Architecture, of_model
from nima.training.networks.weights import start_from

_DETAIL_BLOCKS = 3
_EARLY_DETAIL_BLOCKS = (1, 2)
_HIDDEN_DROPOUT = 0.15


def build(architecture: Architecture, *, imagenet: bool = False) -> Any:
    """A Keras model: input ``[n, side + tile, side, 3]`` in -1..1, a dict of ``[n, 10]`` probabilities by head.

    Args:
        architecture: What to build.
        imagenet: Whether its trunk has the weights of ImageNet, which Keras downloads, instead of random ones.

    Raises:
        InvalidRequest: There are no such weights.
        ModelUnavailable: They cannot be fetched.
    """
    import keras

    trunk = trunks.trunk(architecture, imagenet=imagenet)
    side, tile = architecture.side, architecture.tile
    inputs = keras.Input((side + tile, side, 3), name="picture")
    whole = keras.layers.Cropping2D(((0, tile), (0, 0)), name="whole")(inputs) if tile else inputs
    shared, early = trunk(whole) if architecture.hidden else (trunk(whole), None)
    features = dict.fromkeys(architecture.heads, shared)
    if architecture.fork:
        features = {head: trunks.branch(architecture, head, shared.shape[1:])(shared) for head in architecture.heads}
    if "technical" in features:
        features["technical"] = _technical(architecture, features["technical"], early, inputs)
    outputs = {
        # The softmax stays in float32 when the rest computes in half precision.
        head: keras.layers.Dense(SCORES, activation="softmax", dtype="float32", name=head)(
            keras.layers.Dropout(architecture.dropout, name=f"{head}_dropout")(features[head])
        )
        for head in architecture.heads
    }
    return keras.Model(inputs, outputs)


def start_from_folder(architecture: Architecture, folder: Path, aesthetic_share: float = 0.5) -> Any:
    """A model with the weights of a model folder, of those files that answer for any of its heads.

    Args:
        architecture: The model's.
        folder: The model folder.
        aesthetic_share: Share of the trunk for the aesthetic head, 0..1, where there is a file for each head.

    Raises:
        InvalidRequest, ModelUnavailable: As ``start_from`` does.
    """
    if architecture.backbone != "mobilenet_folded":
        raise InvalidRequest(
            f"Only mobilenet_folded takes the weights of a model folder; this is a {architecture.backbone}."
        )
    files = [file for file in Manifest.read(folder).files if {*file.heads} & {*architecture.heads}]
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
        model = build(replace(of_model(manifest, file.heads[0]), heads=tuple(file.heads)))
        start_from(model, [((folder / file.path).read_bytes(), file.heads)])
        found.append(model)
    return found


def widened(model: Any, tile: int) -> Any:
    """The same network for an input that has so many rows of full detail below what it sees."""
    import keras

    _, rows, columns, channels = model.input_shape
    inputs = keras.Input((rows + tile, columns, channels), name="picture_and_detail")
    return keras.Model(inputs, model(keras.layers.Cropping2D(((0, tile), (0, 0)))(inputs)))


def _technical(architecture: Architecture, features: Any, early: Any, inputs: Any) -> Any:
    """What the technical head sees: its features, and those of detail or what a hidden layer makes of all."""
    import keras

    side, tile = architecture.side, architecture.tile
    seen = [features, early] if architecture.hidden else [features]
    if tile:
        middle = keras.layers.Cropping2D(((side, 0), (0, 0)), name="middle")(inputs)
        blocks = _EARLY_DETAIL_BLOCKS if architecture.hidden else ()
        detail = trunks.folded(
            DETAIL, (tile, side, 3), architecture.alpha, _DETAIL_BLOCKS, strongest=True, early=blocks
        )
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
