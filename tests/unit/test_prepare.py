"""What a model sees of a frame: a version of the preprocessing stands for the same pixels for ever."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PIL import Image

from nima.image.product import find_product
from nima.model.manifest import InputSpec
from nima.model.prepare import PREPROCESSING, prepare

PUBLISHED = InputSpec()
TILED = InputSpec(width=192, height=192, kernel="lanczos", tile=192)


def waves(width: int, height: int) -> Image.Image:
    """Detail at every scale, the same on every machine."""
    y, x = np.mgrid[:height, :width]
    return Image.fromarray(np.stack([x * x // 97 + y, x * y // 61, y * y // 89 + 3 * x], -1).astype(np.uint8))


def cut_out() -> Image.Image:
    """A product on white, off the middle: an ellipse without soft edges."""
    frame = Image.new("RGB", (700, 500), (255, 255, 255))
    y, x = np.mgrid[:180, :260]
    inside = ((x - 129.5) / 130) ** 2 + ((y - 89.5) / 90) ** 2 <= 1
    frame.paste(waves(260, 180), (60, 200), Image.fromarray(inside))
    return frame


FRAMES = {"large": waves(960, 640), "tall": waves(300, 900), "small": waves(120, 90), "product": cut_out()}


@pytest.mark.parametrize(
    ("name", "spec", "digest"),
    [
        ("large", PUBLISHED, "fa205637b98c1c68"),
        ("large", TILED, "7df8668371b97aae"),
        ("tall", PUBLISHED, "a840959b85fb2359"),
        ("tall", TILED, "439be261e20f70be"),
        ("small", PUBLISHED, "a061c5a91a0b19d7"),
        ("small", TILED, "91369ba75905cdd3"),
        ("product", PUBLISHED, "4ec14024c56284fd"),
        ("product", TILED, "ffc2a756f24136be"),
    ],
)
def test_the_pixels_of_version_1(name: str, spec: InputSpec, digest: str) -> None:
    frame = FRAMES[name]
    found = find_product(np.asarray(frame))
    assert (found is not None) == (name == "product")
    pixels = prepare(frame, found, spec)
    assert (PREPROCESSING, pixels.shape) == ("1", spec.shape)
    assert hashlib.sha256(pixels.tobytes()).hexdigest()[:16] == digest
