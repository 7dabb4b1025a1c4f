"""Making a model folder: from the published weights, or from LiteRT files that somebody has already made."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nima.errors import ModelUnavailable
from nima.model import golden, populations
from nima.model.folder import SHIPPED, find_model
from nima.model.litert import Model, number_types
from nima.model.manifest import HEADS, InputSpec, Manifest, ModelFile, Population
from nima.model.prepare import PREPROCESSING
from nima.model.published import IDEALO, Weights
from nima.model.reasons import Reasons
from nima.model.staging import staged

if TYPE_CHECKING:
    from nima.model.parity import Difference


@dataclass(frozen=True)
class Origin:
    """What a manifest says about where a model comes from, and the populations that its percentiles are of."""

    id: str
    version: str
    description: str
    source: str
    licence: str = "Apache-2.0"
    training_data: str = "technical: TID2013; aesthetic: AVA"
    population: Mapping[str, Population] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)


def pack(
    folder: Path, origin: Origin, content: Mapping[tuple[str, ...], bytes], spec: InputSpec | None = None
) -> Model:
    """Writes a model folder with its files, their hashes and golden scores, and loads it.

    Gates read pictures and no network, so that it gets those of the models that come with the package; its version then
    names both.

    Args:
        folder: Where.
        origin: What the manifest says.
        content: Each file by the heads of its outputs, in order.
        spec: The input; None for that of NIMA's MobileNet.

    Raises:
        ModelUnavailable: A file is not a model with the shapes that NIMA's MobileNet has.
    """
    files = []
    for heads, data in content.items():
        path = f"{heads[0] if len(heads) == 1 else 'nima'}.tflite"
        (folder / path).write_bytes(data)
        files.append(ModelFile(path, hashlib.sha256(data).hexdigest(), len(data), heads))
    reasons = _with_reasons(folder)
    manifest = Manifest(
        **{**vars(origin), "version": f"{origin.version}-{reasons.version}" if reasons else origin.version},
        preprocessing=PREPROCESSING,
        files=tuple(files),
        input=spec or InputSpec(),
        reasons=reasons,
    )
    manifest.write(folder)
    model = Model(folder)
    replace(manifest, golden=golden.measure(model)).write(folder)
    return model


def _with_reasons(folder: Path) -> Reasons | None:
    """Copies the gates of the package's own model into a folder; None where it has none."""
    source = find_model([SHIPPED])
    reasons = Manifest.read(source).reasons
    if reasons:
        shutil.copyfile(source / reasons.file, folder / reasons.file)
    return reasons


def install_published(
    content: Mapping[str, bytes], models: Path, weights: Sequence[Weights] = IDEALO
) -> tuple[Path, list[Difference]]:
    """Converts the published weights to float32 LiteRT and installs them as ``nima-mobilenet``.

    Args:
        content: The HDF5 file of each head, as ``fetch`` returned it.
        models: The folder of model folders.
        weights: The pins that ``fetch`` checked, which make the version.

    Returns:
        The model's folder, and how the converted model's answers differ from Keras's.

    Raises:
        ModelUnavailable: A tensor is missing, unknown or misshapen, or the answers differ too much.
        ImportError: TensorFlow or h5py is not installed (extra ``train``).
    """
    from nima.model import keras_graph, parity
    from nima.model.hdf5 import load_weights

    originals = {}
    for head in HEADS:
        originals[head] = keras_graph.build()
        load_weights(originals[head], content[head])
    origin = Origin(
        id="nima-mobilenet",
        version="-".join(wanted.blob[:8] for wanted in sorted(weights, key=lambda w: HEADS.index(w.head))),
        description="idealo's two NIMA MobileNets, converted from the published Keras weights to float32 LiteRT.",
        source="https://github.com/idealo/image-quality-assessment, "
        + ", ".join(f"{wanted.file} (git blob {wanted.blob})" for wanted in weights),
        population=populations.of_weights(weights),
    )
    with staged(models, origin.id) as folder:
        served = pack(folder, origin, {(head,): keras_graph.to_litert(model) for head, model in originals.items()})
        differences = parity.compare(originals, served)
        parity.check(differences)
    return models / origin.id, differences


def adoptable(source: Path) -> bool:
    """Whether a folder holds a LiteRT file for each head, named after it."""
    return all((source / f"{head}.tflite").is_file() for head in HEADS)


def adopt(source: Path, models: Path) -> Path:
    """Installs ``technical.tflite`` and ``aesthetic.tflite`` of a folder as they are.

    Nothing proves where such files come from, so they never take the id of the published weights: they are
    ``nima-mobilenet-int8`` where the weights are int8, else ``nima-mobilenet-adopted``; the version is their hash.

    They have percentiles only where they are conversions of the published weights that are known by their hash.

    Returns:
        The model's folder.

    Raises:
        ModelUnavailable: A file is missing, or is not a model with the shapes that NIMA's MobileNet has.
    """
    try:
        content = {head: (source / f"{head}.tflite").read_bytes() for head in HEADS}
    except OSError as error:
        raise ModelUnavailable(
            f"{source} does not hold {' and '.join(f'{head}.tflite' for head in HEADS)}.", detail=str(error)
        ) from error
    types = {name for head in HEADS for name in number_types(content[head])}
    int8 = "int8" in types
    origin = Origin(
        id="nima-mobilenet-int8" if int8 else "nima-mobilenet-adopted",
        version=hashlib.sha256(b"".join(content[head] for head in HEADS)).hexdigest()[:12],
        description="NIMA MobileNets adopted as LiteRT files"
        + (" with weights in int8 (scores are a few hundredths off the float32 model's)." if int8 else "."),
        source="LiteRT files made elsewhere from the weights of https://github.com/idealo/image-quality-assessment; "
        "not checked against the published weights",
        population=populations.of_files(content),
    )
    with staged(models, origin.id) as folder:
        pack(folder, origin, {(head,): content[head] for head in HEADS})
    return models / origin.id
