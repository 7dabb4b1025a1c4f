"""From the bytes of a file to one upright, opaque, 8-bit sRGB frame of bounded size."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from PIL import Image, JpegImagePlugin, UnidentifiedImageError

from nima.errors import NimaError, TooManyPixels, UndecodableImage
from nima.image import colour, exif
from nima.image.buffers import decoding_need
from nima.image.container import Container, inspect
from nima.image.crop import Box, central_crop
from nima.image.encoding import Encoding
from nima.image.formats import FORMATS
from nima.image.limits import Limits
from nima.image.shrink import shrink
from nima.image.sniff import sniff

# What Pillow warns of, once for each of thousands of damaged tags, is either an error here or without effect.
warnings.filterwarnings("ignore", module=r"PIL\.")

FRAME_SIDE = 960
"""Long side, in pixels, that a frame is brought to, and that what is measured in pixels of it refers to."""

# What comes out of the decoder a little smaller or larger is taken as it is: photographs of 12 and 18 megapixels, as
# drafts of a quarter, and those made for pages then need no resampling, which costs as much as a model's inference.
_LEAST_DRAFT_SIDE, _LARGEST_FRAME_SIDE = 864, 1296

FRAME_KERNEL = Image.Resampling.BICUBIC

_DAMAGED = "The file is damaged or truncated."
# Sum of the sixteen lowest frequencies of the standard table: the others are cut off at 255 at low qualities.
_STANDARD_LUMINANCE_SUM = 259
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUARTER_TURNS = {5, 6, 7, 8}


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes:
        frame: Mode ``RGB``, sRGB, upright, alpha laid over white, 0.9 to 1.35 times ``FRAME_SIDE`` on its long side, or
            less where the picture has less; of an extreme panorama only the central crop.
        format: One of ``nima.image.formats.FORMATS``.
        width: Width of the whole upright picture in pixels.
        height: Its height.
        color_space: The space that the file's values were in.
        cropped: Whether the frame shows only the centre of the picture.
        native: Whether the frame's pixels are the file's own, not resampled.
        jpeg_quality: Quality 1..100 that the luminance quantisation table stands for; None for other formats.
    """

    frame: Image.Image
    format: str
    width: int
    height: int
    color_space: str
    cropped: bool
    native: bool
    jpeg_quality: int | None


def read_picture(
    data: bytes, limits: Limits, raw: str | None = None, meanwhile: Callable[[], None] | None = None
) -> Picture:
    """Decodes a file.

    Args:
        data: The file.
        limits: Checked before anything is decoded.
        raw: How camera RAW is read, one of ``nima.image.formats.READINGS``; None refuses it.
        meanwhile: Called before decoding begins, as far as this process can tell that it will: to begin in a thread
            what a picture is read for.

    Raises:
        ImageTooLarge: More bytes than the limits allow; nothing was parsed.
        UnsupportedFormat: Not one of the accepted formats, or pixels of a kind that is not supported.
        TooManyPixels: More pixels than the limits allow; nothing was decoded.
        UndecodableImage: Damaged, truncated or not what it claims to be.
    """
    limits.check_bytes(len(data))
    reading = raw if raw and _is_raw(data) else None
    if reading or FORMATS[sniff(data)].isolated:
        from nima.image.isolated import read_isolated

        if meanwhile:
            meanwhile()
        return read_isolated(data, limits, reading)
    return decode_picture(data, limits, meanwhile)


def _is_raw(data: bytes) -> bool:
    from nima.image.raw.develop import is_raw

    return is_raw(data)


def decode_picture(data: bytes, limits: Limits, meanwhile: Callable[[], None] | None = None) -> Picture:
    """``read_picture`` in this very process, whatever the decoder may do to it."""
    name = sniff(data)
    try:
        container = inspect(name, data)
        with Image.open(io.BytesIO(container.data), formats=[name]) as image:
            exif.forget_xmp(image)
            limits.check_pixels(*image.size)
            need = decoding_need(image, container, len(data), _draft_scale(image.size))
            limits.check_memory(name, *image.size, need)
            if meanwhile:
                meanwhile()
            return _decode(image, container, limits)
    except NimaError:
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixels("The picture has too many pixels.", detail=str(error)) from error
    except UnidentifiedImageError as error:
        raise container.unknown_kind() or UndecodableImage(_DAMAGED, detail=repr(error)) from error
    except exif.DAMAGED as error:
        raise UndecodableImage(_DAMAGED, detail=repr(error)) from error


def _decode(image: Image.Image, container: Container, limits: Limits) -> Picture:
    size = image.size
    quality = _jpeg_quality(image) if isinstance(image, JpegImagePlugin.JpegImageFile) else None
    if quality is not None:
        image.draft(None, _draft_size(size))
    container.load(image)
    if quality is None:
        # A TIFF turns itself upright while loading, and an animation's first frame may differ from its header.
        size = image.size
        limits.check_pixels(*size)
    crop = central_crop(*size)
    box = _scaled(crop, size, image.size)
    frame_size = _frame_size(_extent(box))
    reduced = shrink(image, box, frame_size, FRAME_KERNEL, container.grey_scale(image))
    frame, color_space = _opaque_srgb(reduced, container.colours(image))
    orientation = exif.orientation(image)
    if orientation in _UPRIGHT:
        frame = frame.transpose(_UPRIGHT[orientation])
    width, height = size[::-1] if orientation in _QUARTER_TURNS else size
    return Picture(
        frame=frame,
        format=container.format,
        width=width,
        height=height,
        color_space=color_space,
        cropped=_extent(crop) != size,
        native=frame_size == _extent(crop),
        jpeg_quality=quality,
    )


def of_pixels(image: Image.Image) -> Picture:
    """The picture of upright sRGB pixels in mode ``RGB`` that were decoded elsewhere; ``format`` is left empty."""
    box = central_crop(*image.size)
    size = _frame_size(_extent(box))
    frame = shrink(image, box, size, FRAME_KERNEL)
    cropped, native = _extent(box) != image.size, size == _extent(box)
    return Picture(frame, "", *image.size, color_space="sRGB", cropped=cropped, native=native, jpeg_quality=None)


def _extent(box: Box) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]


def _frame_size(decoded: tuple[int, int]) -> tuple[int, int]:
    """The size of the frame that decoded pixels are brought to; never larger than they are."""
    longest = max(decoded)
    if longest <= _LARGEST_FRAME_SIDE:
        return decoded
    return max(1, round(decoded[0] * FRAME_SIDE / longest)), max(1, round(decoded[1] * FRAME_SIDE / longest))


def _draft_size(size: tuple[int, int]) -> tuple[int, int]:
    """The least size to decode a JPEG at, so that its assessed part still fills a frame."""
    longest = max(_extent(central_crop(*size)))
    return -(-size[0] * _LEAST_DRAFT_SIDE // longest), -(-size[1] * _LEAST_DRAFT_SIDE // longest)


def _draft_scale(size: tuple[int, int]) -> int:
    """By how much a JPEG's sides are divided as it is decoded to its draft size (1, 2, 4 or 8)."""
    least = _draft_size(size)
    return next(s for s in (8, 4, 2, 1) if s == 1 or min(size[0] // least[0], size[1] // least[1]) >= s)


def _scaled(box: Box, full: tuple[int, int], decoded: tuple[int, int]) -> Box:
    """A box of the full picture in the pixels of a draft, which is smaller by a whole factor."""
    if full == decoded:
        return box
    across, down = decoded[0] / full[0], decoded[1] / full[1]
    return (
        round(box[0] * across),
        round(box[1] * down),
        min(decoded[0], round(box[2] * across)),
        min(decoded[1], round(box[3] * down)),
    )


def _opaque_srgb(reduced: Image.Image, stated: bytes | Encoding | None) -> tuple[Image.Image, str]:
    """Converts to sRGB and lays what is transparent over white."""
    alpha = reduced.getchannel("A") if reduced.mode in {"RGBA", "LA"} else None
    opaque = reduced.convert(reduced.mode.removesuffix("A")) if alpha else reduced
    color, name = colour.to_srgb(opaque, stated)
    if alpha is None:
        return color, name
    white = Image.new("RGB", color.size, "white")
    white.paste(color, mask=alpha)
    return white, name


def _jpeg_quality(image: JpegImagePlugin.JpegImageFile) -> int:
    """The libjpeg quality that scales the low frequencies of the standard luminance table (ITU-T T.81, K.1) so."""
    table = image.quantization.get(0)
    if not table:
        return 100
    percent = 100 * sum(sum(table[row : row + 4]) for row in range(0, 32, 8)) / _STANDARD_LUMINANCE_SUM
    return round(min(100.0, max(1.0, (200 - percent) / 2 if percent <= 100 else 5000 / percent)))


def register_decoders(threads: int) -> None:
    """Adds the decoders that are not Pillow's own, and sets how many threads a picture may take."""
    for module in {format.decoder for format in FORMATS.values() if format.isolated}:
        register = getattr(import_module(module), "register", None)
        if register:
            register(threads)
