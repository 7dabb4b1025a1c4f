"""What a model sees of a frame: a version of the preprocessing stands for the same pixels for ever."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PIL import Image

from nima.image.product import find_product
from nima.model.manifest import InputSpec
from nima.model.prepare import PREPROCESSING, prepare
from tests.bench.preparation import version_2
from tests.pictures import difference

PUBLISHED = InputSpec()
TILED = InputSpec(width=192, height=192, kernel="lanczos", tile=192)


def waves(width: int, height: int) -> Image.Image:
    """Detail at every scale, the same on every machine."""
    y, x = np.mgrid[:height, :width]
    return Image.fromarray(np.stack([x * x // 97 + y, x * y // 61, y * y // 89 + 3 * x], -1).astype(np.uint8))


def cut_out(width: int, height: int, size: tuple[int, int], at: tuple[int, int]) -> Image.Image:
    """A product of a size on white: an ellipse without soft edges."""
    frame = Image.new("RGB", (width, height), (255, 255, 255))
    y, x = np.mgrid[: size[1], : size[0]]
    inside = ((2 * x + 1) / size[0] - 1) ** 2 + ((2 * y + 1) / size[1] - 1) ** 2 <= 1
    frame.paste(waves(*size), at, Image.fromarray(inside))
    return frame


FRAMES = {
    "large": waves(960, 640),
    "tall": waves(300, 900),
    "small": waves(120, 90),
    "product": cut_out(700, 500, (260, 180), (60, 200)),
    "large product": cut_out(900, 960, (700, 660), (90, 280)),
}


@pytest.mark.parametrize(
    ("name", "spec", "digest"),
    [
        ("large", PUBLISHED, "fa205637b98c1c68"),
        ("large", TILED, "a5b49a1a76a48ded"),
        ("tall", PUBLISHED, "a840959b85fb2359"),
        ("tall", TILED, "71aceba4fe2bc7aa"),
        ("small", PUBLISHED, "a061c5a91a0b19d7"),
        ("small", TILED, "3b5b185c8506ffbb"),
        ("product", PUBLISHED, "4ec14024c56284fd"),
        ("product", TILED, "73300b4af5b65167"),
        ("large product", PUBLISHED, "27891abe4f8346e6"),
        ("large product", TILED, "8583cfbbe1ec2758"),
    ],
)
def test_the_pixels_of_version_3(name: str, spec: InputSpec, digest: str) -> None:
    frame = FRAMES[name]
    found = find_product(np.asarray(frame))
    assert (found is not None) == (name in ("product", "large product"))
    pixels = prepare(frame, found, spec)
    assert (PREPROCESSING, pixels.shape) == ("3", spec.shape)
    assert hashlib.sha256(pixels.tobytes()).hexdigest()[:16] == digest


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("spec", [PUBLISHED, TILED], ids=["published", "tiled"])
def test_they_are_nearly_those_of_version_2(name: str, spec: InputSpec) -> None:
    found = find_product(np.asarray(FRAMES[name]))
    before, after = (Image.fromarray(way(FRAMES[name], found, spec)) for way in (version_2, prepare))
    assert difference(before, after) < 4


def test_the_tile_of_a_large_frame_is_the_middle_of_the_whole_canonical_one() -> None:
    frame = FRAMES["large"]
    whole = frame.resize((640, 427), Image.Resampling.BICUBIC).crop((224, 117, 416, 309))
    tile = prepare(frame, None, TILED)[192:].astype(int)
    assert np.abs(tile - np.asarray(whole)).max() <= 1
