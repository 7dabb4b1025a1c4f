"""Camera RAW made a picture: its embedded preview, or its own pixels developed at half of their size by LibRaw."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from PIL import Image

from nima.errors import NimaError, UndecodableImage, UnsupportedFormat
from nima.image import exif
from nima.image.decode import Picture, decode_picture, of_pixels
from nima.image.formats import PREVIEW, RAW
from nima.image.limits import MEBIBYTE, Limits, Need
from nima.image.raw.complete import check_complete
from nima.image.sniff import CAMERA_RAW, kind_of
from nima.image.tiff import is_raw as is_raw_tiff

LEAST_PREVIEW = 640
"""Long side, in pixels, that an embedded preview has at least to stand for the picture."""

INSTALL = "pip install 'nima-serverless[raw]'"
"""What makes RAW readable."""

# LibRaw's curve is that of BT.709 else, which shows darker than sRGB; and it would brighten what is underexposed.
_DEVELOPED = {"half_size": True, "use_camera_wb": True, "no_auto_bright": True, "gamma": (2.4, 12.92)}
# LibRaw's numbers for how a picture is turned: left to right, top to bottom, and the sides in place of each other.
_TURNS = {
    1: Image.Transpose.FLIP_LEFT_RIGHT, 2: Image.Transpose.FLIP_TOP_BOTTOM, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.TRANSPOSE, 5: Image.Transpose.ROTATE_90, 6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
}  # fmt: skip
_QUARTER_TURNS = {4, 5, 6, 7}
# What developing holds: LibRaw's copies of the values of a pixel, and the file twice.
_LAST_ROWS = 2
_PROCESS_BYTES, _PIXEL_BYTES, _FILE_COPIES = 200 * MEBIBYTE, 16, 2


def is_raw(data: bytes) -> bool:
    """Whether a file is camera RAW by its content; some with such names hold a JPEG."""
    kind = kind_of(data) or ""
    return kind.startswith(CAMERA_RAW) or (kind == "TIFF" and is_raw_tiff(data))


def load() -> Any:
    """LibRaw's Python package.

    Raises:
        UnsupportedFormat: It is not installed.
    """
    try:
        import rawpy
    except ModuleNotFoundError as error:
        raise UnsupportedFormat(f"Camera RAW takes one more package: {INSTALL}", detail=str(error)) from error
    return rawpy


def decode_raw(data: bytes, limits: Limits, reading: str) -> Picture:
    """Reads a RAW file in this very process, whatever the decoder may do to it.

    Returns:
        A picture of the format ``nima.image.formats.RAW`` and the size of the whole RAW picture. Developed pixels have
        the exposure and the white balance of the camera.

    Raises:
        UnsupportedFormat: LibRaw is not installed.
        TooManyPixels: More than the limits allow.
        UndecodableImage: Damaged, cut short, or of a kind that LibRaw does not know.
    """
    rawpy = load()
    limits.check_bytes(len(data))
    check_complete(data)
    try:
        with rawpy.imread(io.BytesIO(data)) as raw:
            return _read(raw, data, limits, reading)
    except rawpy.LibRawFileUnsupportedError as error:
        raise UndecodableImage("The file is damaged, or camera RAW that is not known.", detail=repr(error)) from error
    except (rawpy.LibRawError, ValueError, OSError) as error:
        raise UndecodableImage("The file is damaged or truncated.", detail=repr(error)) from error


def _read(raw: Any, data: bytes, limits: Limits, reading: str) -> Picture:
    sizes = raw.sizes
    size = (sizes.height, sizes.width) if sizes.flip in _QUARTER_TURNS else (sizes.width, sizes.height)
    limits.check_pixels(*size)
    preview = _preview(raw, size, limits) if reading == PREVIEW else None
    if preview is None:
        limits.check_memory(
            RAW, sizes.raw_width, sizes.raw_height, Need(_PROCESS_BYTES, _FILE_COPIES * len(data), _PIXEL_BYTES)
        )
        _check_rows(raw)
        preview = of_pixels(Image.fromarray(raw.postprocess(output_bps=8, **_DEVELOPED)))
    return replace(preview, format=RAW, width=size[0], height=size[1], native=False, jpeg_quality=None)


def _preview(raw: Any, size: tuple[int, int], limits: Limits) -> Picture | None:
    """The embedded JPEG, upright; None where there is none that is whole and large enough."""
    rawpy = load()
    try:
        found = raw.extract_thumb()
        if found.format != rawpy.ThumbFormat.JPEG:
            return None
        with Image.open(io.BytesIO(found.data), formats=["JPEG"]) as image:
            stored, turned = image.size, exif.orientation(image) != 1
        if max(stored) < LEAST_PREVIEW:
            return None
        picture = decode_picture(found.data, limits)
    except (rawpy.LibRawError, NimaError, *exif.DAMAGED):
        return None
    turn = _TURNS.get(raw.sizes.flip)
    # Some cameras turn their previews, or say in them how they are turned; others leave both to who shows them.
    lies = (
        turn and not turned and (raw.sizes.flip not in _QUARTER_TURNS or (stored[0] > stored[1]) != (size[0] > size[1]))
    )
    return replace(picture, frame=picture.frame.transpose(turn)) if turn and lies else picture


def _check_rows(raw: Any) -> None:
    """Raises ``UndecodableImage`` where LibRaw has read nothing into the last rows of the sensor."""
    values = raw.raw_image
    if values is not None and values.any() and not values[-_LAST_ROWS:].any():
        raise UndecodableImage("The file is incomplete: there are zeros in the place of pixels.")
