"""Which file formats are accepted, told from the content alone."""

from __future__ import annotations

from nima.errors import UndecodableImage, UnsupportedFormat

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
)
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "HEIF", "AVIF")


def sniff(data: bytes) -> str:
    """The format of a file, one of ``FORMATS`` (Pillow's names).

    Raises:
        UndecodableImage: The file is empty.
        UnsupportedFormat: It begins like none of the formats.
    """
    if not data:
        raise UndecodableImage("The file is empty.")
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        brands = _brands(data)
        if brands & _AVIF_BRANDS:
            return "AVIF"
        if brands & _HEIC_BRANDS:
            return "HEIF"
    raise UnsupportedFormat("The file is not a JPEG, PNG, WebP, TIFF, GIF, BMP, HEIC or AVIF picture.")


def _brands(data: bytes) -> set[bytes]:
    """Major and compatible brands of an ISO base media file's ``ftyp`` box (ISO/IEC 14496-12, 4.3)."""
    length = min(int.from_bytes(data[:4], "big"), 256)
    return {data[8:12], *(data[i : i + 4] for i in range(16, length, 4))}
