"""A picture whose decoder would need more memory than the function has is refused before it is decoded."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from nima.errors import TooManyPixels
from nima.image.decode import read_picture
from nima.image.limits import MEBIBYTE, Limits

LARGEST = (8660, 5773)


def webp(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "WEBP", quality=1, method=0)
    return file.getvalue()


def test_lambda_tells_how_much_memory_there_is() -> None:
    assert Limits.from_env({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"}).memory == 512 * MEBIBYTE
    assert Limits.from_env({}).memory is None


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "HEIF"])
def test_the_least_memory_refuses_what_would_not_fit_and_the_default_takes_it(kind: str) -> None:
    with pytest.raises(TooManyPixels, match=f"of a {kind} at most"):
        Limits(memory=512 * MEBIBYTE).check_decoder(kind, *LARGEST)

    Limits(memory=1769 * MEBIBYTE).check_decoder(kind, *LARGEST)
    Limits(memory=512 * MEBIBYTE).check_decoder(kind, 4000, 3000)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_formats_that_fit_are_not_refused(kind: str) -> None:
    Limits(memory=512 * MEBIBYTE).check_decoder(kind, *LARGEST)


def test_decoding_asks() -> None:
    picture = webp(1200, 1000)

    assert read_picture(picture, Limits(memory=512 * MEBIBYTE)).format == "WEBP"
    with pytest.raises(TooManyPixels):
        read_picture(picture, Limits(memory=195 * MEBIBYTE))
