"""The formats of pictures: what each is called and how it is known, and the module that decodes it.

Everything about formats that is said elsewhere (the API's media types, the page's and the command line's extensions,
which decoder is isolated) is read from ``FORMATS``. Imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class MediaType:
    """A registered media type: the extensions of its files, in lower case, and other names that are or were in use."""

    extensions: tuple[str, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Format:
    """A format that is read.

    Attributes:
        label: What people call it.
        decoder: The module that reads what is around its pixels: ``inspect(format, data)`` makes a ``Container`` of it,
            and an isolated one's ``register(threads)``, where there is one, gives Pillow a decoder that is not its own.
        types: Its media types; objects are kept as the first.
        signatures: What its files begin with: an offset and the bytes there.
        brands: What its files name, where they are ISO base media files.
        isolated: Whether a process of its own decodes it, as a hostile file may crash, stall or bloat the decoder.
        pixel_bytes: What decoding takes for each pixel of the largest kind that the decoder knows (12 bits, alpha, not
            subsampled); None where the header tells.
    """

    label: str
    decoder: str
    types: Mapping[str, MediaType]
    signatures: tuple[tuple[int, bytes], ...] = ()
    brands: frozenset[bytes] = frozenset()
    isolated: bool = False
    pixel_bytes: int | None = None


FORMATS: Mapping[str, Format] = {
    "JPEG": Format(
        "JPEG",
        "nima.image.jpeg_decoder",
        {
            "image/jpeg": MediaType(
                (".jpg", ".jpeg", ".jpe", ".jfif"),
                (
                    *("image/jpg", "image/jpe", "image/jfif", "image/pjpeg", "image/pipeg"),
                    *("image/x-jpeg", "image/x-jpg", "image/x-citrix-jpeg"),
                ),
            )
        },
        signatures=((0, b"\xff\xd8\xff"),),
    ),
    "PNG": Format(
        "PNG",
        "nima.image.png",
        {"image/png": MediaType((".png",), ("image/x-png", "image/apng", "image/x-citrix-png"))},
        signatures=((0, b"\x89PNG\r\n\x1a\n"),),
    ),
    "WEBP": Format(
        "WebP",
        "nima.image.webp",
        {"image/webp": MediaType((".webp",), ("image/x-webp",))},
        signatures=((8, b"WEBP"),),
        pixel_bytes=17,
    ),
    "TIFF": Format(
        "TIFF",
        "nima.image.tiff",
        {"image/tiff": MediaType((".tif", ".tiff"), ("image/tif", "image/x-tif", "image/x-tiff"))},
        signatures=((0, b"II*\x00"), (0, b"MM\x00*")),
        isolated=True,
    ),
    "GIF": Format(
        "GIF",
        "nima.image.gif",
        {"image/gif": MediaType((".gif",), ("image/x-gif",))},
        signatures=((0, b"GIF87a"), (0, b"GIF89a")),
        isolated=True,
    ),
    "BMP": Format(
        "BMP",
        "nima.image.bmp",
        {
            "image/bmp": MediaType(
                (".bmp",),
                (
                    *("image/x-bmp", "image/x-ms-bmp", "image/x-bitmap", "image/x-windows-bmp"),
                    "image/vnd.ms-bmp",
                ),
            )
        },
        signatures=((0, b"BM"),),
        isolated=True,
    ),
    "HEIF": Format(
        "HEIC",
        "nima.image.isobmff",
        {
            "image/heic": MediaType((".heic",), ("image/x-heic", "image/heic-sequence")),
            "image/heif": MediaType((".heif", ".hif"), ("image/x-heif", "image/heif-sequence")),
        },
        brands=frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}),
        isolated=True,
        pixel_bytes=21,
    ),
    "AVIF": Format(
        "AVIF",
        "nima.image.isobmff",
        {"image/avif": MediaType((".avif",), ("image/avif-sequence", "image/avifs"))},
        brands=frozenset({b"avif", b"avis"}),
        isolated=True,
        pixel_bytes=18,
    ),
}
"""Every format that is read, by Pillow's name of it, the older ones first."""

*_FIRST, _LAST = (format.label for format in FORMATS.values())
ACCEPTED = f"{', '.join(_FIRST)} or {_LAST}"

TYPES: Mapping[str, MediaType] = {name: kind for format in FORMATS.values() for name, kind in format.types.items()}
"""Every media type of the formats by its name."""

EXTENSIONS = frozenset(extension for kind in TYPES.values() for extension in kind.extensions)
RAW = "RAW"
"""How camera RAW is called in results, which ``nima.image.raw`` reads on photographers' own machines."""
READINGS = PREVIEW, DEMOSAIC = "preview", "demosaic"
"""What of a RAW file is judged: its preview where that is large enough, else its pixels; or its pixels always."""
RAW_EXTENSIONS = frozenset(
    (
        *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq", ".k25", ".kdc"),
        *(".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf"),
        *(".srw", ".x3f"),
    )
)
"""Those of files that cameras write and that have to be developed first."""
