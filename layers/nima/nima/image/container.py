"""What a file says around its pixels, and how these are decoded: the defaults, from which formats differ."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from PIL import Image

from nima.errors import UnsupportedFormat
from nima.image import encoding, exif
from nima.image.colour import hdr_of_profile
from nima.image.encoding import Encoding
from nima.image.formats import FORMATS
from nima.image.shrink import GreyScale

_MODE_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}


@dataclass(frozen=True)
class Container:
    """A file that is worth decoding; of a format whose decoder needs no help.

    Attributes:
        format: One of ``nima.image.formats.FORMATS``.
        data: What the decoder is given; the file's own bytes, or those of them that the picture depends on.
        code_points: Primaries and transfer function by ITU-T H.273, where the container states them.
        profile: An ICC profile that the decoder would not find.
    """

    format: str
    data: bytes
    code_points: tuple[int, int] | None = None
    profile: bytes | None = None

    @property
    def metadata(self) -> int:
        """Bytes of metadata that the decoder copies to put them together."""
        return 0

    def pixel_bytes(self, image: Image.Image, draft: int) -> float:
        """What decoding an opened picture takes for each pixel, its sides divided by ``draft``."""
        return FORMATS[self.format].pixel_bytes or mode_bytes(image)

    def load(self, image: Image.Image) -> None:
        """Decodes an opened picture, all of it or none, and mends what the decoder leaves unlike the file.

        Raises:
            UndecodableImage: Pixels are missing.
        """
        image.load()

    def grey_scale(self, image: Image.Image) -> GreyScale:
        """How the 16-bit grey values of an opened picture are meant."""
        return GreyScale()

    def colours(self, image: Image.Image) -> bytes | Encoding | None:
        """What a decoded picture says of its colours: a profile, code points, or Adobe RGB by EXIF."""
        profile = self.profile or image.info.get("icc_profile")
        if self.code_points and not profile:
            return encoding.by_code_points(*self.code_points)
        if isinstance(profile, bytes) and profile:
            return hdr_of_profile(profile) or profile
        return encoding.ADOBE_RGB if exif.is_adobe_rgb(image) else None

    def unknown_kind(self) -> UnsupportedFormat | None:
        """Why a file that the decoder does not know is not supported; None where it is damaged."""
        return None


def inspect(format: str, data: bytes) -> Container:
    """Reads what is around the pixels.

    Raises:
        UnsupportedFormat: The pixels are of a kind that is not decoded, or not decoded rightly.
        UndecodableImage: The file is damaged, or pixels are missing.
    """
    # A cold start imports what its first picture needs.
    container: Container = import_module(FORMATS[format].decoder).inspect(format, data)
    return container


def mode_bytes(image: Image.Image) -> int:
    """Bytes of a pixel of an opened picture."""
    return _MODE_BYTES.get(image.mode, 4)
