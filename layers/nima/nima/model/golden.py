"""Golden scores: what a model answered when its folder was made, and whether it answers the same here."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.errors import ModelUnavailable
from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.product import find_product
from nima.model import seal
from nima.model.litert import Model
from nima.model.manifest import Golden, InputSpec
from nima.model.prepare import prepare

SEED = 20180601
TOLERANCE = 5e-3
"""Largest difference of one probability. Processors round differently, most with int8 weights; another model, or other
pixels, differ by tens of times as much, and another kernel by twice as much or more."""

Answers = Mapping[str, NDArray[np.float64]]


def picture(seed: int, spec: InputSpec) -> NDArray[np.uint8]:
    """Random pixels of the input's shape, which tell of the network alone."""
    return np.random.default_rng(seed).integers(0, 256, spec.shape, dtype=np.uint8)


def _photograph() -> NDArray[np.uint8]:
    """Tiles of a smooth sky, of rings that every kernel samples otherwise, and of noise."""
    y, x = np.mgrid[:640, :960]
    sky = np.stack([60 + y // 5, 110 + y // 6, 230 - y // 4], axis=-1)
    rings = ((x - 480) ** 2 + (y - 320) ** 2) // 5 % 256 * 3 // 4 + 20
    noise = np.random.default_rng(SEED).integers(0, 256, sky.shape)
    tile = ((x // 160 + y // 160) % 3)[..., np.newaxis]
    return np.where(tile == 0, sky, np.where(tile == 1, rings[..., np.newaxis], (noise + sky) // 2)).astype(np.uint8)


def _product() -> NDArray[np.uint8]:
    """A striped thing on white, which is framed anew."""
    y, x = np.mgrid[:800, :600]
    stripes = ((x - 300) ** 2 + (y - 420) ** 2) // 11 % 120
    thing = np.stack([60 + stripes, 60 + x // 6, 40 + y // 8], axis=-1)
    inside = ((x - 300) * 10 // 16) ** 2 + ((y - 420) * 10 // 25) ** 2 < 110**2
    return np.where(inside[..., np.newaxis], thing, 255).astype(np.uint8)


PICTURES: Mapping[str, Callable[[], NDArray[np.uint8]]] = {"photograph": _photograph, "product": _product}
"""Pictures by their names in manifests: pixels ``[height, width, 3]``, made of whole numbers, the same everywhere."""


@cache
def file_of(name: str) -> bytes:
    """The picture file of one of ``PICTURES``: a PNG, of which every decoder makes the same pixels."""
    file = io.BytesIO()
    Image.fromarray(PICTURES[name]()).save(file, "PNG", compress_level=1)
    return file.getvalue()


def measure(model: Model) -> Golden:
    """The golden scores of a model as it answers on this machine.

    Raises:
        ModelUnavailable: Its heads answer alike.
    """
    manifest = model.manifest
    distributions = model.predict(picture(SEED, manifest.input))
    pictures = {name: _answers(model, file_of(name)) for name in PICTURES}
    try:
        return Golden(
            SEED,
            _stated(distributions),
            {name: _stated(answers) for name, answers in pictures.items()},
            seal.network_of(manifest.to_json()),
        )
    except ValueError as error:
        raise ModelUnavailable("Two heads of the model answer alike.", detail=f"{manifest.id}: {error}") from error


def check(model: Model) -> float:
    """Compares a model's answer for the golden input with its manifest's.

    Returns:
        The largest difference of a probability.

    Raises:
        ModelUnavailable: The manifest has no golden scores, or a probability differs by more than ``TOLERANCE``.
    """
    golden = model.manifest.golden
    if golden is None:
        raise ModelUnavailable(f"The manifest of {model.manifest.id} has no golden scores.")
    return check_answers(model, golden.distributions, model.predict(picture(golden.seed, model.manifest.input)))


def check_answers(model: Model, expected: Mapping[str, tuple[float, ...]], answers: Answers) -> float:
    """The largest difference of a probability; raises as ``check`` does."""
    difference = max(float(np.abs(answers[head] - golden).max()) for head, golden in expected.items())
    if not difference <= TOLERANCE:
        raise ModelUnavailable(
            f"{model.manifest.id} does not give its golden scores: a probability differs by {difference:.4f}, "
            f"more than {TOLERANCE}."
        )
    return difference


def _answers(model: Model, file: bytes) -> Answers:
    """What the heads say of a picture file."""
    frame = read_picture(file, Limits()).frame
    return model.predict(prepare(frame, find_product(np.asarray(frame)), model.manifest.input))


def _stated(answers: Answers) -> dict[str, tuple[float, ...]]:
    return {head: tuple(distribution.tolist()) for head, distribution in answers.items()}
