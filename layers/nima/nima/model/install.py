"""Making a model folder: of LiteRT files, and these from the published weights."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nima.model import golden, populations
from nima.model.agreement import Agreement
from nima.model.composites import Composites
from nima.model.folder import SHIPPED, find_model
from nima.model.litert import Model
from nima.model.manifest import HEADS, InputSpec, Manifest, ModelFile, Population
from nima.model.place import PUBLISHED, check_place
from nima.model.prepare import PREPROCESSING
from nima.model.published import IDEALO, LABELS, LICENCE, Weights
from nima.model.reasons import Reasons
from nima.model.staging import staged
from nima.model.votes import Votes

if TYPE_CHECKING:
    from nima.model.parity import Difference


CALIBRATION = ("votes", "population", "products", "composites", "agreement")
"""What a manifest says of the scores that `nima calibrate` saw."""


@dataclass(frozen=True)
class Origin:
    """What a manifest says about where a model comes from, its output layers, and what its scores are compared with.

    ``version`` is a name that stands before the hash of the content, and may be empty.
    """

    id: str
    version: str
    description: str
    source: str
    licence: str = ""
    training_data: str = ""
    population: Mapping[str, Population] = field(default_factory=dict)
    products: Mapping[str, Population] = field(default_factory=dict)
    composites: Mapping[str, Composites] = field(default_factory=dict)
    agreement: Mapping[str, Agreement] = field(default_factory=dict)
    votes: Mapping[str, Votes] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)


def pack(
    folder: Path,
    origin: Origin,
    content: Mapping[tuple[str, ...], bytes],
    spec: InputSpec | None = None,
    *,
    reasons: Path | None = None,
    earlier: Path | None = None,
) -> Model:
    """Writes a model folder with its files, their hashes and golden scores, and loads it.

    Gates read pictures and no network, so that it can have those of another model. What a model was given after it was
    made, its calibration and gates, is kept where the same network is made again.

    Args:
        folder: Where.
        origin: What the manifest says.
        content: Each file by the heads of its outputs, in order.
        spec: The input; None for that of NIMA's MobileNet.
        reasons: The folder of the model whose gates it gets; None for that which comes with the package.
        earlier: The folder of the model whose place it takes, if it takes one.

    Raises:
        ModelUnavailable: A file is not a model with the shapes that the input names, or two heads answer alike.
    """
    files = []
    for heads, data in content.items():
        path = f"{heads[0] if len(heads) == 1 else 'nima'}.tflite"
        (folder / path).write_bytes(data)
        files.append(ModelFile(path, hashlib.sha256(data).hexdigest(), len(data), heads))
    spec = spec or InputSpec()
    manifest = Manifest(**vars(origin), preprocessing=PREPROCESSING, files=tuple(files), input=spec)
    before = Manifest.read(earlier) if earlier else None
    if before and _answers(before) == _answers(manifest):
        manifest, reasons = replace(manifest, **{name: getattr(before, name) for name in CALIBRATION}), earlier
    manifest = replace(manifest, reasons=_with_reasons(folder, reasons or find_model([SHIPPED])))
    manifest.write(folder)
    model = Model(folder)
    model.manifest = replace(manifest, golden=golden.measure(model)).renewed(origin.version)
    model.manifest.write(folder)
    return model


def _answers(manifest: Manifest) -> tuple[object, ...]:
    """What decides on the answers of a model's network."""
    return manifest.files, manifest.input, manifest.preprocessing


def _with_reasons(folder: Path, source: Path) -> Reasons | None:
    """Copies the gates of another model into a folder; None where it has none."""
    reasons = Manifest.read(source).reasons
    if reasons:
        shutil.copyfile(source / reasons.file, folder / reasons.file)
    return reasons


def install_published(
    content: Mapping[str, bytes], models: Path, weights: Sequence[Weights] = IDEALO, *, replacing: bool = False
) -> tuple[Path, list[Difference]]:
    """Converts the published weights to float32 LiteRT and installs them as ``nima-mobilenet``.

    Args:
        content: The HDF5 file of each head, as ``fetch`` returned it.
        models: The folder of model folders.
        weights: The pins that ``fetch`` checked, which begin the version.
        replacing: Whether it may take the place of another model.

    Returns:
        The model's folder, and how the converted model's answers differ from Keras's.

    Raises:
        InvalidRequest: Another model lies in its place.
        ModelUnavailable: A tensor is missing, unknown or misshapen, or the answers differ too much.
        ImportError: TensorFlow or h5py is not installed (extra ``train``).
    """
    from nima.model import keras_graph, parity
    from nima.model.hdf5 import load_weights

    origin = Origin(
        id=PUBLISHED,
        version="-".join(wanted.blob[:8] for wanted in sorted(weights, key=lambda w: HEADS.index(w.head))),
        description="idealo's two NIMA MobileNets, converted from the published Keras weights to float32 LiteRT.",
        source="https://github.com/idealo/image-quality-assessment, "
        + ", ".join(f"{wanted.file} (git blob {wanted.blob})" for wanted in weights),
        licence=LICENCE,
        training_data=LABELS,
        population=populations.of_weights(weights),
    )
    earlier = check_place(models, origin.id, lambda other: other.source == origin.source, replacing=replacing)
    originals = {}
    for head in HEADS:
        originals[head] = keras_graph.build()
        load_weights(originals[head], content[head])
    with staged(models, origin.id) as folder:
        served = pack(folder, origin, {(h,): keras_graph.to_litert(m) for h, m in originals.items()}, earlier=earlier)
        differences = parity.compare(originals, served)
        parity.check(differences)
    return models / origin.id, differences
