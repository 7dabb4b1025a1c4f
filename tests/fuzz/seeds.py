"""Sound little pictures of every format and of many kinds each, made here; and small files of the shared data."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from tests.pictures import encode, scene

SIDE = (96, 72)
_ROOT = Path(__file__).resolve().parents[2]
_MOST_BYTES = 48 << 10
_SHARED = ("cases", "corpus")


def seeds() -> list[bytes]:
    """The files, in an order that depends on nothing but the shared data."""
    return [*_made(), *_shared()]


def _made() -> list[bytes]:
    rgb = scene(320, 240).resize(SIDE)
    grey, palette = rgb.convert("L"), rgb.quantize(32)
    alpha = rgb.copy()
    alpha.putalpha(grey)
    exif = Image.Exif()
    exif[274], exif[271] = 6, "maker"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    described: dict[str, Any] = {"exif": exif, "icc_profile": profile}
    pictures: list[tuple[str, Image.Image, dict[str, Any]]] = [
        ("JPEG", rgb, described),
        ("JPEG", rgb, {"progressive": True}),
        ("JPEG", grey, {"restart_marker_blocks": 2}),
        ("JPEG", rgb.convert("CMYK"), {"comment": b"comment"}),
        ("MPO", rgb, {"frames": 2}),
        ("PNG", rgb, described),
        ("PNG", alpha, {}),
        ("PNG", palette, {"transparency": 3}),
        ("PNG", deep, {}),
        ("PNG", grey.convert("1"), {}),
        ("PNG", rgb, {"frames": 2}),
        ("WEBP", rgb, described),
        ("WEBP", alpha, {"lossless": True}),
        ("WEBP", alpha, {}),
        ("WEBP", rgb, {"frames": 2}),
        ("GIF", palette, {"transparency": 0}),
        ("GIF", palette, {"interlace": True, "comment": b"comment"}),
        ("GIF", rgb, {"frames": 2}),
        ("BMP", rgb, {}),
        ("BMP", palette, {}),
        ("BMP", grey.convert("1"), {}),
        ("TIFF", rgb, described),
        ("TIFF", alpha, {"compression": "tiff_lzw"}),
        ("TIFF", rgb, {"compression": "jpeg"}),
        ("TIFF", deep, {"compression": "tiff_deflate"}),
        ("TIFF", palette, {"compression": "packbits"}),
        ("TIFF", grey.convert("1"), {"compression": "group4"}),
        ("TIFF", rgb, {"frames": 2}),
        *(("AVIF", picture, options) for picture in (rgb, alpha, grey) for options in (described, {})),
        ("AVIF", rgb, {"frames": 2}),
    ]
    return [*(_encode(picture, kind, **options) for kind, picture, options in pictures), *_heic(rgb, alpha, described)]


def _encode(picture: Image.Image, kind: str, frames: int = 0, **options: Any) -> bytes:
    if frames:
        options |= {"save_all": True, "append_images": [picture.rotate(90 * (i + 1)) for i in range(frames)]}
    # Some encoders leave their settings in the picture.
    return encode(picture.copy(), kind, **options)


def _heic(rgb: Image.Image, alpha: Image.Image, described: dict[str, Any]) -> list[bytes]:
    import pillow_heif

    deep = np.asarray(rgb).astype("<u2") * 257
    pictures = [
        (pillow_heif.from_pillow(rgb), {"exif": described["exif"].tobytes()}),
        (pillow_heif.from_pillow(alpha), {"chroma": 444}),
        (pillow_heif.from_bytes("RGB;16", rgb.size, deep.tobytes()), {}),
        (pillow_heif.from_pillow(rgb.convert("L")), {}),
    ]
    pictures[0][0].add_from_pillow(rgb.rotate(90))
    files = []
    for picture, options in pictures:
        file = io.BytesIO()
        picture.save(file, quality=40, **options)
        files.append(file.getvalue())
    return files


def _shared() -> list[bytes]:
    folder = (_ROOT / os.environ.get("NIMA_SHARED_DATA", "../shared/data")).resolve()
    paths = sorted(path for name in _SHARED for path in (folder / name).rglob("*") if path.is_file())
    return [path.read_bytes() for path in paths if 0 < path.stat().st_size <= _MOST_BYTES]
