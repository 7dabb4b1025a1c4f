"""Adopting models of a folder: one that was exported elsewhere, or LiteRT files that somebody has made."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from nima.assess.verify import verify
from nima.errors import ModelUnavailable
from nima.model import populations
from nima.model.install import Origin, pack
from nima.model.litert import number_types
from nima.model.manifest import FILE_NAME, HEADS, Manifest
from nima.model.place import check_own_id, check_place
from nima.model.published import LABELS, LICENCE
from nima.model.staging import staged


def adoptable(source: Path) -> bool:
    """Whether a folder holds an exported model, or a LiteRT file for each head, named after it."""
    return (source / FILE_NAME).is_file() or all((source / f"{head}.tflite").is_file() for head in HEADS)


def adopt(
    source: Path, models: Path, model_id: str | None = None, *, licence: str | None = None, replacing: bool = False
) -> Path:
    """Installs the model of a folder, whole or not at all.

    An exported model keeps its manifest, and is verified before it is there. ``technical.tflite`` and
    ``aesthetic.tflite`` alone are packed as they are.

    Args:
        source: The folder.
        models: The folder of model folders.
        model_id: The model's id. None keeps that of an exported model; LiteRT files, of which nothing proves where they
            come from, are ``nima-mobilenet-int8`` where weights are int8, else ``nima-mobilenet-adopted``.
        licence: What the manifest of LiteRT files says; None knows that of conversions of the published weights only.
        replacing: Whether it may take the place of another model.

    Returns:
        The model's folder.

    Raises:
        InvalidRequest: The id is none of one's own, or another model lies in its place.
        ModelUnavailable: There is no model, it is not as it was made, or both files are one network.
    """
    if model_id is not None:
        check_own_id(model_id)
    if (source / FILE_NAME).is_file():
        return _exported(source, models, model_id, replacing)
    return _files(source, models, model_id, licence, replacing)


def _exported(source: Path, models: Path, model_id: str | None, replacing: bool) -> Path:
    manifest = Manifest.read(source)
    if model_id is not None:
        manifest = replace(manifest, id=model_id)
    check_own_id(manifest.id)

    def same(other: Manifest) -> bool:
        return (other.files, other.version) == (manifest.files, manifest.version)

    check_place(models, manifest.id, same, replacing=replacing)
    with staged(models, manifest.id) as folder:
        for name in (FILE_NAME, *manifest.contents):
            try:
                shutil.copyfile(source / name, folder / name)
            except OSError as error:
                raise ModelUnavailable("A model file cannot be read.", detail=f"{source / name}: {error}") from error
        if model_id is not None:
            manifest.write(folder)
        verify(folder)
    return models / manifest.id


def _files(source: Path, models: Path, model_id: str | None, licence: str | None, replacing: bool) -> Path:
    try:
        content = {head: (source / f"{head}.tflite").read_bytes() for head in HEADS}
    except OSError as error:
        raise ModelUnavailable(
            f"{source} holds no {FILE_NAME}, nor {' and '.join(f'{head}.tflite' for head in HEADS)}.", detail=str(error)
        ) from error
    int8 = "int8" in {name for head in HEADS for name in number_types(content[head])}
    if model_id is None:
        model_id = "nima-mobilenet-int8" if int8 else "nima-mobilenet-adopted"
    check_own_id(model_id)
    origin = _origin(model_id, content, int8, licence)
    hashes = {head: hashlib.sha256(data).hexdigest() for head, data in content.items()}
    if len(set(hashes.values())) < len(hashes):
        raise ModelUnavailable(f"{' and '.join(f'{head}.tflite' for head in HEADS)} in {source} are the same file.")

    def same(other: Manifest) -> bool:
        return {head: file.sha256 for file in other.files for head in file.heads} == hashes

    earlier = check_place(models, origin.id, same, replacing=replacing)
    if earlier and licence is None:
        origin = replace(origin, licence=Manifest.read(earlier).licence)
    with staged(models, origin.id) as folder:
        pack(folder, origin, {(head,): content[head] for head in HEADS}, earlier=earlier)
    return models / origin.id


def _origin(model_id: str, content: Mapping[str, bytes], int8: bool, licence: str | None) -> Origin:
    """What is known of LiteRT files: much of conversions of the published weights, of others nothing."""
    found = populations.of_files(content)
    known = found.keys() == content.keys()
    weights = " with weights in int8 (scores are a few hundredths off the float32 model's)" if int8 else ""
    return Origin(
        id=model_id,
        version="",
        description=f"{'NIMA MobileNets' if known else 'Networks'} adopted as LiteRT files{weights}.",
        source="LiteRT files made elsewhere"
        + (" from the weights of https://github.com/idealo/image-quality-assessment" if known else ""),
        licence=licence if licence is not None else LICENCE if known else "",
        training_data=LABELS if known else "",
        population=found,
    )
