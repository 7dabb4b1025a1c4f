"""Shows kinds of files to this project, to libvips and to Chromium, and prints how far their pictures lie apart.

``make bench-colour`` installs libvips and tifffile, which only this needs. Differences are mean levels of 255;
``-`` stands where another program does not read such a file.
"""

from __future__ import annotations

import base64
import io
import shutil
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
import tifffile
from PIL import ExifTags, Image
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from nima.errors import NimaError
from nima.image.decode import read_picture
from nima.image.limits import Limits
from tests.pictures import difference, encode, scene
from tests.unit import test_colour as colour
from tests.unit.test_complete import chunk, with_chunk
from tests.unit.test_decode import ADOBE_RGB, EXIF_ADOBE, SRGB, UNKNOWN, exif, png_16, rgb_profile

SMALL = scene(320, 240)
GREY, PALETTE = SMALL.convert("L"), SMALL.quantize(64)
WIDE = np.asarray(SMALL).astype(np.uint16) * 257
WIDE_GREY = np.asarray(GREY).astype(np.uint16) * 257
MEDIA_TYPES = {b"\xff\xd8": "jpeg", b"\x89P": "png", b"GI": "gif", b"BM": "bmp", b"RI": "webp", b"\0\0": "avif"}


def files() -> Iterator[tuple[str, bytes]]:
    """Every kind: what it is called, and the file."""
    yield from portable_network_graphics()
    yield from other_formats()
    yield from tagged_image_files()


def portable_network_graphics() -> Iterator[tuple[str, bytes]]:
    plain, linear = encode(SMALL), (colour.light(SMALL) * 65535).round().astype(np.uint16)
    for primaries, transfer, name, stored in colour.ENCODED:
        yield f"PNG cICP {name}", colour.cicp(stored, primaries, transfer)
    for name, profile in (("Display P3", colour.DISPLAY_P3), ("Adobe RGB", ADOBE_RGB), ("gamma 1.8", UNKNOWN)):
        yield f"PNG profile {name}", encode(SMALL, icc_profile=profile)
    yield "PNG cICP sRGB and profile", colour.cicp(SMALL, 1, 13, icc_profile=colour.DISPLAY_P3)
    yield "PNG gAMA 1, 16 bits", with_chunk(png_16(linear, 2), colour.gamma(1))
    yield "PNG gAMA 1 and cHRM", with_chunk(png_16(linear, 2), colour.SRGB_CHROMATICITIES + colour.gamma(1))
    yield "PNG gAMA 1/2.6", with_chunk(plain, colour.gamma(1 / 2.6))
    yield "PNG gAMA 1/2.2", with_chunk(plain, colour.gamma(0.45455))
    yield "PNG cHRM P3 and gAMA", with_chunk(plain, colour.P3_CHROMATICITIES + colour.gamma(0.45455))
    yield "PNG cHRM P3 alone", with_chunk(plain, colour.P3_CHROMATICITIES)
    yield "PNG sRGB and gAMA 1", with_chunk(plain, chunk(b"sRGB", b"\0") + colour.gamma(1))
    keyed = WIDE.copy()
    keyed[:120] = 0x1234
    yield "PNG tRNS, 16-bit RGB", with_chunk(png_16(keyed, 2), chunk(b"tRNS", struct.pack(">HHH", *[0x1234] * 3)))
    yield "PNG tRNS, 16-bit grey", with_chunk(png_16(keyed[..., 0], 0), chunk(b"tRNS", struct.pack(">H", 0x1234)))
    block = exif({ExifTags.Base.Orientation: 6}).tobytes().removeprefix(b"Exif\0\0")
    yield "PNG eXIf orientation", with_chunk(plain, chunk(b"eXIf", block))
    yield "PNG eXIf behind IDAT", with_chunk(plain, chunk(b"eXIf", block), b"IEND")
    yield "PNG XMP orientation", with_chunk(plain, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + colour.XMP))


def other_formats() -> Iterator[tuple[str, bytes]]:
    for primaries, transfer, name, stored in colour.ENCODED:
        yield f"AVIF nclx {name}", colour.avif(stored, primaries, transfer)
    yield "AVIF nclx PQ and profile P3", colour.avif(SMALL, 9, 16, icc_profile=colour.DISPLAY_P3)
    jpeg: dict[str, Any] = {"quality": 95, "subsampling": 0}
    linear = rgb_profile(colour.SRGB_COLORANTS, 1, "sRGB IEC61966-2.1")
    yield "JPEG profile sRGB", encode(SMALL, "JPEG", icc_profile=SRGB, **jpeg)
    yield "JPEG profile sRGB by name, linear", encode(SMALL, "JPEG", icc_profile=linear, **jpeg)
    yield "JPEG grey with RGB profile", encode(GREY, "JPEG", quality=95, icc_profile=linear)
    yield "JPEG EXIF Adobe RGB", encode(SMALL, "JPEG", exif=EXIF_ADOBE, **jpeg)
    yield "JPEG CMYK", encode(SMALL.convert("CMYK"), "JPEG", quality=95)
    for kind in ("JPEG", "WEBP", "AVIF"):
        yield f"{kind} XMP orientation", encode(SMALL, kind, quality=95, xmp=colour.XMP)
        turned = exif({ExifTags.Base.Orientation: 6})
        yield f"{kind} EXIF orientation", encode(SMALL, kind, quality=95, exif=turned)
    yield "BMP 32 bits, alpha 0", colour.bitmap_32(0, mask=0xFF000000)
    yield "BMP 32 bits, alpha 128", colour.bitmap_32(128, mask=0xFF000000)
    yield "GIF on a larger canvas", colour.gif((400, 300), PALETTE, (50, 20))


def tagged_image_files() -> Iterator[tuple[str, bytes]]:
    rgb, grey = {"photometric": "rgb"}, {"photometric": "minisblack"}
    planes = {**rgb, "planarconfig": "separate"}
    beside, within = {**rgb, "extrasamples": ["unassalpha"]}, {**rgb, "extrasamples": ["assocalpha"]}
    both = {**grey, "planarconfig": "contig", "extrasamples": ["unassalpha"]}
    arrays: list[tuple[str, np.ndarray[Any, Any], dict[str, Any]]] = [
        ("8-bit RGB", np.asarray(SMALL), rgb),
        ("16-bit RGB", WIDE, rgb),
        ("16-bit RGB planes", WIDE.transpose(2, 0, 1), planes),
        ("8-bit RGB planes", np.asarray(SMALL).transpose(2, 0, 1), planes),
        ("16-bit RGBA", np.dstack([WIDE, WIDE_GREY]), beside),
        ("8-bit RGBA, alpha in it", np.dstack([np.asarray(SMALL), np.asarray(GREY)]), within),
        ("8-bit grey", np.asarray(GREY), grey),
        ("8-bit grey, 0 is white", 255 - np.asarray(GREY), {"photometric": "miniswhite"}),
        ("16-bit grey", WIDE_GREY, grey),
        ("16-bit grey, 0 is white", 65535 - WIDE_GREY, {"photometric": "miniswhite"}),
        ("8-bit grey and alpha", np.dstack([np.asarray(GREY)] * 2), both),
        ("16-bit grey and alpha", np.dstack([WIDE_GREY] * 2), both),
        ("8-bit CMYK", np.asarray(SMALL.convert("CMYK")), {"photometric": "separated"}),
        ("16-bit CMYK", np.asarray(SMALL.convert("CMYK")).astype(np.uint16) * 257, {"photometric": "separated"}),
        ("float RGB", np.asarray(SMALL).astype(np.float32) / 255, rgb),
        ("32-bit grey", WIDE_GREY.astype(np.uint32) << 16, grey),
        ("signed 8-bit grey", (np.asarray(GREY).astype(np.int16) - 128).astype(np.int8), grey),
        ("signed 16-bit grey", (WIDE_GREY.astype(np.int32) - 32768).astype(np.int16), grey),
        ("1-bit", np.asarray(GREY.convert("1")), grey),
    ]  # fmt: skip
    for name, array, options in arrays:
        for order in "<>":
            yield f"TIFF {name} {order}", written(array, byteorder=order, **options)
        yield f"TIFF {name}, tiles", written(array, tile=(64, 64), **options)
        for packing in ("lzw", "zlib", "packbits"):
            yield f"TIFF {name}, {packing}", written(array, compression=packing, **options)
        if array.dtype.name in {"uint8", "uint16"}:
            yield f"TIFF {name}, zlib, differences", written(array, compression="zlib", predictor=True, **options)
    for packing in ("jpeg", "webp", "zstd", "lzma", "jpeg2000", "jpegxl", "lerc"):
        yield f"TIFF {packing}", written(np.asarray(SMALL), compression=packing, **rgb)


def written(array: np.ndarray[Any, Any], **options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, array, **options)
    return file.getvalue()


def by_vips(data: bytes) -> Image.Image:
    """The picture by libvips, upright, over white."""
    picture = pyvips.Image.new_from_buffer(data, "", fail_on="truncated").autorot()
    if picture.get_typeof("icc-profile-data"):
        picture = picture.icc_transform("srgb")
    picture = picture.colourspace("srgb")
    if picture.hasalpha():
        picture = picture.flatten(background=255)
    return Image.fromarray(picture.cast("uchar").numpy()[..., :3].squeeze()).convert("RGB")


@contextmanager
def chromium() -> Iterator[Callable[[bytes], Image.Image]]:
    """Shows files in a page of Chromium, on white, on a screen of sRGB."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--force-color-profile=srgb"],
        )
        page: Page = browser.new_page(viewport={"width": 640, "height": 480})

        def show(data: bytes) -> Image.Image:
            kind = MEDIA_TYPES[data[:2]]
            source = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
            page.set_content(f'<body style="margin:0;background:#fff"><img src="{source}" style="display:block">')
            page.wait_for_function("document.images[0].complete", timeout=5000)
            if not page.evaluate("document.images[0].naturalWidth"):
                raise OSError("not shown")
            return Image.open(io.BytesIO(page.locator("img").screenshot())).convert("RGB")

        yield show
        browser.close()


def apart(own: Image.Image | None, other: Callable[[], Image.Image]) -> str:
    try:
        shown = other()
    except (pyvips.Error, KeyError, OSError, ValueError, TypeError):
        return "-"
    if own is None:
        return "reads it"
    return f"{difference(own, shown):.1f}" if own.size == shown.size else f"size {shown.size}"


def main() -> None:
    """Prints the table; files named on the command line come after those made here."""
    table = Table("kind", "answer", "libvips", "Chromium")
    named = ((path, Path(path).read_bytes()) for path in sys.argv[1:])
    with chromium() as show:
        for name, data in (*files(), *named):
            own: Image.Image | None = None
            try:
                picture = read_picture(data, Limits())
                own, answer = picture.frame, picture.color_space
            except NimaError as refused:
                answer = f"{refused.code}: {refused.message}"
            table.add_row(name, answer[:70], apart(own, partial(by_vips, data)), apart(own, partial(show, data)))
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
