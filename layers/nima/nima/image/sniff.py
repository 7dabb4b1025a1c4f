"""Which kind of file it is, told from the content alone: a format, or something that is only named."""

from __future__ import annotations

from nima.errors import UndecodableImage, UnsupportedFormat
from nima.image.formats import ACCEPTED, FORMATS

CAMERA_RAW = "a camera RAW picture"
"""How the names of those kinds begin."""

# Where a signature stands, its bytes, and what else such a file is called in an error message.
_OTHERS: tuple[tuple[int, bytes, str], ...] = (
    # Camera RAW files that do not begin like a TIFF; those that do are told by their directory.
    (0, b"IIU\x00", f"{CAMERA_RAW} (Panasonic or Leica)"),
    (0, b"IIRO", f"{CAMERA_RAW} (Olympus)"),
    (0, b"IIRS", f"{CAMERA_RAW} (Olympus)"),
    (0, b"MMOR", f"{CAMERA_RAW} (Olympus)"),
    (0, b"FUJIFILMCCD-RAW", f"{CAMERA_RAW} (Fujifilm)"),
    (0, b"FOVb", f"{CAMERA_RAW} (Sigma)"),
    (0, b"\x00MRM", f"{CAMERA_RAW} (Minolta)"),
    (6, b"HEAPCCDR", f"{CAMERA_RAW} (Canon CRW)"),
    # Pictures of other kinds.
    (0, b"II+\x00", "a BigTIFF picture"),
    (0, b"MM\x00+", "a BigTIFF picture"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (4, b"JXL \r\n\x87\n", "a JPEG XL picture"),
    (4, b"jP  \r\n\x87\n", "a JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (0, b"II\xbc", "a JPEG XR picture"),
    (0, b"8BPS", "a Photoshop file (PSD)"),
    (0, b"gimp xcf", "a GIMP file (XCF)"),
    (0, b"v/1\x01", "an OpenEXR picture"),
    (0, b"#?RADIANCE", "a Radiance HDR picture"),
    (0, b"#?RGBE", "a Radiance HDR picture"),
    (0, b"\x00\x00\x01\x00", "an icon (ICO)"),
    (0, b"\x00\x00\x02\x00", "a cursor (CUR)"),
    (0, b"icns", "an icon (ICNS)"),
    (0, b"\x8aMNG\r\n\x1a\n", "an MNG animation"),
    (0, b"\x8bJNG\r\n\x1a\n", "a JNG picture"),
    (0, b"BPG\xfb", "a BPG picture"),
    (0, b"FLIF", "a FLIF picture"),
    (0, b"qoif", "a QOI picture"),
    (0, b"DDS ", "a DDS texture"),
    (0, b"SIMPLE  =", "a FITS file"),
    (0, b"AT&TFORM", "a DjVu document"),
    (0, b"\xd7\xcd\xc6\x9a", "a Windows metafile"),
    (40, b" EMF", "a Windows metafile"),
    *(
        (0, b"P%d%c" % (kind, space), "a Netpbm picture (PBM, PGM or PPM)")
        for kind in range(1, 8)
        for space in b"\n\r\t "
    ),
    # What is no picture at all.
    (0, b"%PDF-", "a PDF document"),
    (0, b"%!PS", "a PostScript file"),
    (0, b"\xc5\xd0\xd3\xc6", "an EPS file"),
    (0, b"PK\x03\x04", "a ZIP archive or an office document"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (8, b"AVI ", "a video (AVI)"),
    (8, b"WAVE", "a sound file (WAV)"),
    (0, b"\x1a\x45\xdf\xa3", "a video (WebM or Matroska)"),
    (0, b"\x00\x00\x01\xba", "a video (MPEG)"),
    (0, b"FLV\x01", "a video (FLV)"),
    (0, b"OggS", "a sound or video file (Ogg)"),
    (0, b"ID3", "a sound file (MP3)"),
)
# Every kind that is known by its beginning.
_SIGNATURES = (*((*mark, name) for name, format in FORMATS.items() for mark in format.signatures), *_OTHERS)
# Brands of ISO base media files; the first that a file names in this order decides. A format's files also name the
# brands of older ones that they are made like.
_BRANDS: tuple[tuple[frozenset[bytes], str], ...] = (
    (frozenset({b"crx "}), f"{CAMERA_RAW} (Canon CR3)"),
    *((FORMATS[name].brands, name) for name in reversed(tuple(FORMATS))),
    (frozenset({b"avci", b"avcs"}), "a HEIF picture that is coded as AVC"),
    (frozenset({b"vvic", b"vvis"}), "a HEIF picture that is coded as VVC"),
    (frozenset({b"qt  "}), "a video (QuickTime)"),
    (frozenset({b"M4A ", b"M4B ", b"F4A "}), "a sound file (MP4)"),
)
# OS/2 1.x and 2.x, Windows 3 to 5.
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}
_RIFF_FORMS_AT = 8
_TEXT_SAMPLE = 1024
_PLAIN = "text"
_MARKUP = ((b"<svg", "an SVG drawing"), (b"<!doctype html", "a web page (HTML)"), (b"<html", "a web page (HTML)"))


def sniff(data: bytes) -> str:
    """The format of a file, one of ``FORMATS`` (Pillow's names).

    Raises:
        UndecodableImage: The file is empty.
        UnsupportedFormat: It is of another kind, which the message names where it is known.
    """
    if not data:
        raise UndecodableImage("The file is empty.")
    kind = kind_of(data)
    if kind is None:
        raise UnsupportedFormat(f"The file is not a {ACCEPTED} picture.")
    if kind not in FORMATS:
        raise UnsupportedFormat(f"The file is {kind}, not a {ACCEPTED} picture.")
    return kind


def kind_of(data: bytes) -> str | None:
    """One of ``FORMATS``, or what such a file is called; None where nothing tells."""
    for at, signature, kind in _SIGNATURES:
        if data.startswith(signature, at) and _is_sure(data, at, signature):
            return kind
    if data[4:8] == b"ftyp":
        brands = _brands(data)
        return next((kind for known, kind in _BRANDS if brands & known), "a video (MP4)")
    return _text(data[:_TEXT_SAMPLE])


def is_text(kind: str) -> bool:
    """Whether one of ``kind_of``'s kinds is text."""
    return kind in (_PLAIN, *(markup for _, markup in _MARKUP))


def _is_sure(data: bytes, at: int, signature: bytes) -> bool:
    """Whether what tells of a kind stands in the file that it tells of, and not in any other."""
    if at == _RIFF_FORMS_AT:
        return data.startswith(b"RIFF")
    # BM alone begins many a text; behind it stands the size of one of these headers.
    return signature != b"BM" or len(data) < 18 or int.from_bytes(data[14:18], "little") in _BMP_HEADERS


def _brands(data: bytes) -> set[bytes]:
    """Major and compatible brands of an ISO base media file's ``ftyp`` box (ISO/IEC 14496-12, 4.3)."""
    length = min(int.from_bytes(data[:4], "big"), 256)
    return {data[8:12], *(data[i : i + 4] for i in range(16, length, 4))}


def _text(beginning: bytes) -> str | None:
    """What kind of text a file is, or None where it is none."""
    lowered = beginning.lower()
    for tag, kind in _MARKUP:
        if tag in lowered and lowered.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return kind
    try:
        # The sample may end within a character.
        text = beginning.decode("utf-8", "strict" if len(beginning) < _TEXT_SAMPLE else "ignore")
    except UnicodeDecodeError:
        return None
    return _PLAIN if all(c.isprintable() or c in "\t\r\n\f" for c in text.removeprefix("\ufeff")) else None
