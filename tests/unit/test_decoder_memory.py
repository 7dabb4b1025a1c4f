"""A picture whose decoder would need more memory than the function has is refused before it is decoded."""

from __future__ import annotations

import io

import pytest
from PIL import ExifTags, Image, TiffImagePlugin

from nima.errors import TooManyPixels
from nima.image.buffers import bytes_per_pixel
from nima.image.decode import read_picture
from nima.image.jpeg import structure
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


def tiff(mode: str = "RGB", **options: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (1200, 1000)).save(file, "TIFF", **options)
    return file.getvalue()


def jpeg(mode: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (1200, 1000), "teal").save(file, "JPEG", **options)
    return file.getvalue()


ONE_STRIP, ONE_TENTH = {TiffImagePlugin.ROWSPERSTRIP: 1000}, {TiffImagePlugin.ROWSPERSTRIP: 100}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (tiff(tiffinfo=ONE_STRIP), 8),
        (tiff(tiffinfo=ONE_TENTH), 4.4),
        (tiff(tiffinfo={**ONE_TENTH, ExifTags.Base.Orientation: 6}), 8.4),
        (tiff("L", tiffinfo=ONE_STRIP), 2),
        (tiff("I;16", tiffinfo=ONE_STRIP), 8),
        (jpeg("RGB"), 0),
        (jpeg("CMYK"), 0),
        (jpeg("CMYK", progressive=True), 8),
        (jpeg("RGB", progressive=True, subsampling=0), 6),
        (jpeg("RGB", progressive=True, subsampling=2), 3),
        (webp(1200, 1000), 0),
    ],
)
def test_what_one_file_needs_is_told_by_its_header(data: bytes, expected: float) -> None:
    with Image.open(io.BytesIO(data)) as image:
        jpeg = structure(data) if image.format == "JPEG" else None
        assert bytes_per_pixel(image, jpeg) == pytest.approx(expected, abs=0.01)


def test_a_tiff_that_needs_more_than_its_format_does_is_refused() -> None:
    limits = Limits(memory=192 * MEBIBYTE)
    assert read_picture(tiff(tiffinfo=ONE_TENTH), Limits(memory=1769 * MEBIBYTE)).format == "TIFF"
    with pytest.raises(TooManyPixels):
        read_picture(tiff(tiffinfo={**ONE_STRIP, ExifTags.Base.Orientation: 6}), limits)
