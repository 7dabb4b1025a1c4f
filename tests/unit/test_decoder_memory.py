"""What decoding takes is counted as it was measured; a picture that does not fit is refused before it is decoded."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, TiffImagePlugin

from nima.errors import TooManyPixels
from nima.image.buffers import decoding_need
from nima.image.container import Container, inspect
from nima.image.decode import read_picture
from nima.image.formats import FORMATS
from nima.image.limits import MEBIBYTE, Limits, Need
from tests.pictures import encode, heic, scene

LEAST, DEFAULT = Limits(memory=512 * MEBIBYTE), Limits(memory=1769 * MEBIBYTE)
PHONE, LARGEST = (4000, 3000), (8660, 5773)
ONE_STRIP, ONE_TENTH = {TiffImagePlugin.ROWSPERSTRIP: 1000}, {TiffImagePlugin.ROWSPERSTRIP: 100}
TURNED = {ExifTags.Base.Orientation: 6}


def header(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture of which only the header is asked."""
    image = Image.new(mode, (1, 1))
    image._size = (width, height)
    return image


def need(data: bytes) -> Need:
    with Image.open(io.BytesIO(data)) as image:
        return decoding_need(image, inspect(image.format or "", data), len(data))


def need_of_header(kind: str, size: tuple[int, int], file: int = 5 * MEBIBYTE) -> Need:
    return decoding_need(header(*size), Container(kind, b""), file)


def made(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    return encode(Image.new(mode, (1200, 1000)), kind, **options)


# What is counted


def test_lambda_tells_how_much_memory_there_is() -> None:
    assert Limits.from_env({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"}).memory == 512 * MEBIBYTE
    assert Limits.from_env({}).memory is None


@pytest.mark.parametrize("kind", FORMATS)
def test_a_phone_s_picture_fits_into_the_least_memory_and_the_largest_into_the_default(kind: str) -> None:
    for limits, size in ((LEAST, PHONE), (DEFAULT, LARGEST)):
        limits.check_memory(kind, *size, need_of_header(kind, size))


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "HEIF"])
def test_what_does_not_fit_is_refused_with_what_would(kind: str) -> None:
    takes = need_of_header(kind, LARGEST)
    with pytest.raises(TooManyPixels, match=rf"of such a {kind} file at most [12]\d\.\d million"):
        LEAST.check_memory(kind, *LARGEST, takes)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (made("TIFF", tiffinfo=ONE_STRIP), 8),
        (made("TIFF", tiffinfo=ONE_TENTH), 4.4),
        (made("TIFF", tiffinfo={**ONE_TENTH, **TURNED}), 8.4),
        (made("TIFF", "L", tiffinfo=ONE_STRIP), 2),
        (made("TIFF", "I;16", tiffinfo=ONE_STRIP), 4),
        (made("JPEG"), 4),
        (made("JPEG", "L"), 1),
        (made("JPEG", "CMYK", progressive=True), 4 + 8),
        (made("JPEG", progressive=True, subsampling=0), 4 + 6),
        (made("JPEG", progressive=True, subsampling=2), 4 + 3),
        (made("PNG"), 4),
        (made("PNG", "I;16"), 2),
        (made("PNG", "P"), 1),
        (made("WEBP"), 17),
    ],
)
def test_what_one_file_needs_is_told_by_its_header(data: bytes, expected: float) -> None:
    assert need(data).per_pixel == pytest.approx(expected, abs=0.01)


def test_a_jpeg_that_is_decoded_smaller_needs_less() -> None:
    data = made("JPEG")
    with Image.open(io.BytesIO(data)) as image:
        assert decoding_need(image, inspect("JPEG", data), len(data), draft=4).per_pixel == 4 / 16


@pytest.mark.parametrize("kind", FORMATS)
def test_a_decoder_of_its_own_and_large_files_count(kind: str) -> None:
    small, large = (need_of_header(kind, PHONE, size) for size in (0, 20 * MEBIBYTE))
    assert large.total(0) - small.total(0) >= 2 * 20 * MEBIBYTE
    in_process = need_of_header("PNG", PHONE, 0)
    assert (small.processes > in_process.processes) == FORMATS[kind].isolated


# What is refused


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "TIFF", "PNG", "GIF", "BMP", "JPEG"])
def test_decoding_asks(kind: str) -> None:
    data = made(kind, "P" if kind == "GIF" else "RGB")
    takes = need(data).total(1200 * 1000)

    assert read_picture(data, Limits(memory=takes)).format == kind
    with pytest.raises(TooManyPixels, match="memory"):
        read_picture(data, Limits(memory=takes - 2 * MEBIBYTE))


def jpeg_with_metadata(size: int) -> bytes:
    block = bytes(65_000)
    segment = b"\xff\xe5" + struct.pack(">H", len(block) + 2) + block
    data = made("JPEG")
    return data[:2] + segment * (size // len(segment)) + data[2:]


def png_with_metadata(size: int) -> bytes:
    from PIL import PngImagePlugin

    info = PngImagePlugin.PngInfo()
    info.add_text("key", "x" * size)
    return made("PNG", pnginfo=info)


def gif_with_metadata(size: int) -> bytes:
    return made("GIF", "P", comment=b"x" * size)


@pytest.mark.parametrize("make", [jpeg_with_metadata, png_with_metadata, gif_with_metadata])
def test_megabytes_of_metadata_count(make: Any) -> None:
    tight = Limits(memory=260 * MEBIBYTE)
    assert read_picture(make(1000), tight).width == 1200
    with pytest.raises(TooManyPixels, match="memory"):
        read_picture(make(24 * MEBIBYTE), tight)


def test_the_decoder_s_process_gets_no_more_than_was_counted() -> None:
    script = (
        "from nima.image.child import EnforcedLimits, held_bytes\n"
        "limits = EnforcedLimits(held=held_bytes())\n"
        "limits.give(0, 0)\n"
        "kept = bytearray(40 << 20)\n"
        "try: bytearray(200 << 20)\n"
        "except MemoryError: print('refused')\n"
        "limits.give(0, 300 << 20)\n"
        "bytearray(200 << 20)\n"
        "print('given')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "refused\ngiven\n"


# What was measured

MEASURE = """
import json, os, re, sys, warnings
from pathlib import Path
from nima.image import decode
from nima.image.limits import Limits

warnings.simplefilter("ignore")
decode.register_decoders(2)

def held(what):
    return int(re.search(what + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024

class Asked(Limits):
    def check_memory(self, format, width, height, need):
        takes.append(need.total(width * height) - need.processes)

for name in sys.argv[1:]:
    if pid := os.fork():
        assert os.waitpid(pid, 0)[1] == 0, name
        continue
    takes = []
    Path("/proc/self/clear_refs").write_text("5")
    before = held("VmRSS")
    decode.decode_picture(Path(name).read_bytes(), Asked())
    print(json.dumps([Path(name).name, (held("VmHWM") - before) / 1e6, takes[0] / 1e6]), flush=True)
    os._exit(0)
"""


def deep(side: int) -> dict[str, bytes]:
    """A picture in the formats whose decoders take as much for each pixel of any file as for those of the deepest."""
    alpha = scene(320, 240).resize((side, side * 7 // 9), Image.Resampling.BICUBIC)
    alpha.putalpha(alpha.getchannel(0))
    return {
        "avif": encode(alpha, "AVIF", speed=10, subsampling="4:4:4"),
        "heif": bytes(heic(alpha, chroma=444, enc_params={"preset": "ultrafast"})),
        "webp": encode(alpha, "WEBP", lossless=True, method=0, quality=0),
    }


def test_no_format_takes_more_than_is_counted(tmp_path: Path) -> None:
    picture = scene(320, 240).resize((1800, 1400), Image.Resampling.BICUBIC)
    alpha = picture.copy()
    alpha.putalpha(picture.getchannel(0))
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6
    small = deep(1800)
    files = {
        **small,
        **{f"{name}, larger": data for name, data in deep(2700).items()},
        "png": encode(alpha, "PNG"),
        "jpeg progressive": encode(picture, "JPEG", progressive=True, subsampling=0),
        "gif": encode(picture.convert("P"), "GIF"),
        "tiff turned": encode(picture, "TIFF", compression="tiff_lzw", exif=turned),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *(str(tmp_path / name) for name in files)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = {name: (took, counted) for name, took, counted in map(json.loads, done.stdout.splitlines())}
    assert list(found) == list(files)
    assert {name: pair for name, pair in found.items() if pair[0] > pair[1]} == {}
    # What is counted for work could hide too few bytes for each pixel, but not where only the pixels are more.
    more = {name: tuple(b - a for a, b in zip(found[name], found[f"{name}, larger"], strict=True)) for name in small}
    assert {name: pair for name, pair in more.items() if pair[0] > pair[1]} == {}
