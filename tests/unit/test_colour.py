"""Colour that a file states by an ICC profile, by code points or by a gamma is brought to sRGB and named."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

from nima.image.decode import Picture, read_picture
from nima.image.limits import Limits
from tests.pictures import array, difference, encode, product, scene
from tests.unit.test_complete import chunk, with_chunk
from tests.unit.test_decode import exif, png_16, rgb_profile

SMALL = scene(320, 240)
SRGB_COLORANTS = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
DISPLAY_P3 = rgb_profile(((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)), 2.2, "P3")
TO_BT2020 = np.array(((0.6274, 0.3293, 0.0433), (0.0691, 0.9195, 0.0114), (0.0164, 0.0880, 0.8956)))
TO_DISPLAY_P3 = np.array(((0.8225, 0.1774, 0.0), (0.0332, 0.9669, 0.0), (0.0171, 0.0724, 0.9108)))
SDR_WHITE = 203


def read(data: bytes) -> Picture:
    return read_picture(data, Limits())


def light(picture: Image.Image) -> NDArray[np.float64]:
    """Linear light of an sRGB picture, by IEC 61966-2-1."""
    coded = np.asarray(picture.convert("RGB")) / 255
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def pq(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """SMPTE ST 2084: light of which 1 is the white of ordinary screens, coded."""
    power = (values * SDR_WHITE / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def hlg(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """ITU-R BT.2100 for a display of 1000 cd/m2: light of which 1 is the white of ordinary screens, coded."""
    shown = values * SDR_WHITE / 1000
    luminance = shown @ np.array((0.2627, 0.6780, 0.0593))
    seen = shown * np.maximum(luminance, 1e-6)[..., None] ** (1 / 1.2 - 1)
    bright = 0.17883277 * np.log(np.maximum(12 * seen - 0.28466892, 1e-6)) + 0.55991073
    coded: NDArray[np.float64] = np.where(seen <= 1 / 12, np.sqrt(3 * seen), bright)
    return coded


def coded(values: NDArray[np.float64]) -> Image.Image:
    return Image.fromarray((np.clip(values, 0, 1) * 255).round().astype(np.uint8))


def bt2020(picture: Image.Image) -> NDArray[np.float64]:
    wide: NDArray[np.float64] = light(picture) @ TO_BT2020.T
    return wide


def cicp(picture: Image.Image, primaries: int, transfer: int, **options: Any) -> bytes:
    return with_chunk(encode(picture, **options), chunk(b"cICP", bytes((primaries, transfer, 0, 1))))


def avif(picture: Image.Image, primaries: int, transfer: int, **options: Any) -> bytes:
    """An AVIF whose box ``colr`` states other code points than those that it was written with."""
    data = encode(picture, "AVIF", quality=95, subsampling="4:4:4", speed=10, **options)
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


def heic(picture: Image.Image, primaries: int, transfer: int, **options: Any) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif, which writes HEIC, is not installed")
    file = io.BytesIO()
    stated = {"color_primaries": primaries, "transfer_characteristics": transfer, "matrix_coefficients": 6}
    pillow_heif.from_pillow(picture).save(file, quality=95, chroma=444, save_nclx_profile=True, **stated, **options)
    return file.getvalue()


ENCODED = [
    (9, 16, "BT.2100 PQ", coded(pq(bt2020(SMALL)))),
    (1, 16, "BT.709 PQ", coded(pq(light(SMALL)))),
    (9, 18, "BT.2100 HLG", coded(hlg(bt2020(SMALL)))),
    (9, 14, "BT.2020", SMALL),
    (12, 8, "Display P3, linear", coded(light(SMALL) @ TO_DISPLAY_P3.T)),
    (1, 5, "sRGB, gamma 2.8", coded(light(SMALL) ** (1 / 2.8))),
]


@pytest.mark.parametrize("write", [cicp, avif, heic])
@pytest.mark.parametrize(("primaries", "transfer", "name", "stored"), ENCODED, ids=[e[2] for e in ENCODED])
def test_code_points_bring_the_picture_back(
    write: Any, primaries: int, transfer: int, name: str, stored: Image.Image
) -> None:
    picture = read(write(stored, primaries, transfer))
    assert picture.color_space == name
    if name == "BT.2020":
        # The values themselves are SMALL's: in BT.2020 they stand for more saturated colours.
        assert saturation(picture.frame) > saturation(SMALL) * 1.1
        return
    # Eight bits of linear light leave few steps for the dark parts.
    assert difference(picture.frame, SMALL) < (4 if transfer == 8 else 3 if write is cicp else 6)
    assert difference(stored, SMALL) > 2 * difference(picture.frame, SMALL)


def saturation(picture: Image.Image) -> float:
    return float(np.ptp(array(picture), axis=2).mean())


@pytest.mark.parametrize("write", [cicp, avif])
@pytest.mark.parametrize(("primaries", "transfer"), [(1, 13), (1, 1), (2, 2)])
def test_code_points_of_srgb_and_its_kin_change_nothing(write: Any, primaries: int, transfer: int) -> None:
    picture = read(write(SMALL, primaries, transfer))
    assert picture.color_space == "sRGB"
    assert difference(picture.frame, SMALL) < 4


def test_light_beyond_white_is_rolled_off_and_keeps_its_shades() -> None:
    steps = np.repeat(np.linspace(0.1, 4.9, 49), 8)
    ramp = np.repeat(np.tile(steps, (300, 1))[..., None], 3, axis=2)
    shown = array(read(cicp(coded(pq(ramp)), 9, 16)).frame)[30, ::8, 0]
    assert shown[0] == pytest.approx(89, abs=3)
    assert shown[-1] >= 250
    assert (np.diff(shown) >= 0).all()
    # Light of 1 and more.
    assert len(set(shown[9:].tolist())) > 12


def test_a_profile_goes_before_nclx_and_cicp_before_a_profile() -> None:
    stored = coded(pq(bt2020(SMALL)))
    assert read(avif(SMALL, 9, 16, icc_profile=DISPLAY_P3)).color_space == "Display P3"
    assert read(cicp(stored, 9, 16, icc_profile=DISPLAY_P3)).color_space == "BT.2100 PQ"
    assert read(cicp(SMALL, 1, 13, icc_profile=DISPLAY_P3)).color_space == "sRGB"


def with_cicp(profile: bytes, primaries: int, transfer: int) -> bytes:
    """A profile with one tag more, which names code points."""
    count = int.from_bytes(profile[128:132], "big")
    entries = bytearray(profile[132 : 132 + 12 * count])
    for at in range(4, len(entries), 12):
        entries[at : at + 4] = struct.pack(">I", int.from_bytes(entries[at : at + 4], "big") + 12)
    body = profile[132 + 12 * count :]
    entries += b"cicp" + struct.pack(">II", 144 + 12 * count + len(body), 12)
    whole = profile[:128] + struct.pack(">I", count + 1) + entries + body
    whole += b"cicp" + bytes(4) + bytes((primaries, transfer, 0, 1))
    return struct.pack(">I", len(whole)) + whole[4:]


def test_a_profile_that_names_code_points_of_hdr_is_taken_at_its_word() -> None:
    stored = coded(pq(bt2020(SMALL)))
    picture = read(encode(stored, icc_profile=with_cicp(DISPLAY_P3, 9, 16)))
    assert picture.color_space == "BT.2100 PQ"
    assert difference(picture.frame, SMALL) < 3
    plain = read(encode(SMALL, icc_profile=with_cicp(DISPLAY_P3, 12, 13)))
    assert plain.color_space == "Display P3"
    assert difference(plain.frame, read(encode(SMALL, icc_profile=DISPLAY_P3)).frame) == 0


# gAMA, cHRM and sRGB of PNG


def gamma(value: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


P3_CHROMATICITIES = chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
SRGB_CHROMATICITIES = chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))


def test_a_png_of_linear_light_is_as_light_as_its_twin() -> None:
    values = (light(SMALL) * 65535).round().astype(np.uint16)
    for chunks in (gamma(1), SRGB_CHROMATICITIES + gamma(1)):
        picture = read(with_chunk(png_16(values, 2), chunks))
        assert picture.color_space == "sRGB, linear"
        assert difference(picture.frame, SMALL) < 4
    grey = SMALL.convert("L")
    linear = (light(grey)[..., 0] * 65535).round().astype(np.uint16)
    assert difference(read(with_chunk(png_16(linear, 0), gamma(1))).frame, grey) < 4


def test_a_pngs_gamma_and_chromaticities_are_used_where_nothing_better_is_stated() -> None:
    plain = encode(SMALL)
    for stated in (
        gamma(0.45455),
        gamma(0),
        P3_CHROMATICITIES,
        SRGB_CHROMATICITIES + gamma(0.45455),
        chunk(b"sRGB", b"\0") + gamma(1),
    ):
        assert read(with_chunk(plain, stated)).color_space == "sRGB"
        assert difference(read(with_chunk(plain, stated)).frame, SMALL) == 0
    wide = read(with_chunk(plain, P3_CHROMATICITIES + gamma(0.45455)))
    assert wide.color_space == "Display P3"
    assert difference(wide.frame, read(encode(SMALL, icc_profile=DISPLAY_P3)).frame) < 3
    assert read(with_chunk(encode(SMALL, icc_profile=DISPLAY_P3), gamma(1))).color_space == "Display P3"
    darker = read(with_chunk(plain, gamma(1 / 2.6)))
    assert darker.color_space == "sRGB, gamma 2.6"
    assert array(darker.frame).mean() < array(SMALL).mean() - 5


def test_chromaticities_that_no_light_has_are_ignored() -> None:
    for values in ((0,) * 8, (31270, 32900, *(33000,) * 6), (31270, 0, 64000, 33000, 30000, 60000, 15000, 6000)):
        picture = read(with_chunk(encode(SMALL), chunk(b"cHRM", struct.pack(">8I", *values)) + gamma(0.45455)))
        assert picture.color_space == "sRGB"
        assert difference(picture.frame, SMALL) == 0


# ICC profiles


def test_a_profile_that_calls_itself_srgb_is_judged_by_its_curve() -> None:
    linear = rgb_profile(SRGB_COLORANTS, 1, "sRGB IEC61966-2.1")
    picture = read(encode(coded(light(SMALL)), icc_profile=linear))
    assert picture.color_space == "RGB of another curve than sRGB"
    assert difference(picture.frame, SMALL) < 4


def test_a_profile_of_srgb_by_any_name_changes_nothing() -> None:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for old, new in ((b"s\0R\0G\0B", b"c\0o\0l\0o"), (b"sRGB", b"colo")):
        while old in profile[128:]:
            at = profile.index(old, 128)
            profile[at : at + len(old)] = new
    picture = read(encode(SMALL, icc_profile=bytes(profile)))
    assert picture.color_space == "sRGB"
    assert difference(picture.frame, SMALL) == 0


def test_profiles_for_grey_and_for_colour_are_used_wherever_they_mean_the_same() -> None:
    grey = SMALL.convert("L")
    linear = (light(grey)[..., 0] * 255).round().astype(np.uint8)
    stored = Image.fromarray(linear)
    by_colour = read(encode(stored, "JPEG", quality=98, icc_profile=rgb_profile(SRGB_COLORANTS, 1, "linear")))
    assert difference(by_colour.frame, grey) < 5
    assert by_colour.color_space != "unusable profile"


def test_a_bitmap_of_version_5_brings_its_profile() -> None:
    plain = encode(SMALL, "BMP")
    header = struct.pack("<I", 124) + plain[18:54] + struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0) + b"DEBM" + bytes(48)
    pixels = plain[54:]
    header += struct.pack("<4I", 4, 124 + len(pixels), len(DISPLAY_P3), 0)
    data = b"BM" + struct.pack("<IHHI", 14 + 124 + len(pixels) + len(DISPLAY_P3), 0, 0, 14 + 124)
    picture = read(data + header + pixels + DISPLAY_P3)
    assert picture.color_space == "Display P3"
    assert difference(picture.frame, read(encode(SMALL, icc_profile=DISPLAY_P3)).frame) == 0


# Transparency, orientation and canvases as browsers take them


def test_a_transparent_colour_of_sixteen_bits_is_that_colour_and_no_other() -> None:
    values = np.asarray(SMALL).astype(np.uint16) * 257
    values[:120] = (0x1234, 0x5678, 0x9ABC)
    values[60:120, :, 2] ^= 1
    key = chunk(b"tRNS", struct.pack(">HHH", 0x1234, 0x5678, 0x9ABC))
    frame = array(read(with_chunk(png_16(values, 2), key)).frame)
    assert (frame[:60] == 255).all()
    assert (frame[60:120] == (0x12, 0x56, 0x9A)).all()
    assert difference(Image.fromarray(frame[120:].astype(np.uint8)), SMALL.crop((0, 120, 320, 240))) == 0

    grey = np.asarray(SMALL.convert("L")).astype(np.uint16) * 257
    grey[:120] = 0x1234
    grey[60:120] += 1
    frame = array(read(with_chunk(png_16(grey, 0), chunk(b"tRNS", struct.pack(">H", 0x1234)))).frame)
    assert (frame[:60] == 255).all()
    assert (frame[60:120] == 0x12).all()


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_transparent_grey_of_few_bits_is_white(depth: int) -> None:
    top = (1 << depth) - 1
    rows = [b"\0" + bytes([255 if y < 20 else 0]) * (8 * depth) for y in range(40)]
    header = struct.pack(">IIBBBBB", 64, 40, depth, 0, 0, 0, 0)
    data = encode(SMALL)[:8] + chunk(b"IHDR", header) + chunk(b"tRNS", struct.pack(">H", 0))
    data += chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")
    assert (array(read(data).frame) == 255).all()
    data = data.replace(chunk(b"tRNS", struct.pack(">H", 0)), chunk(b"tRNS", struct.pack(">H", top)))
    frame = array(read(data).frame)
    assert (frame[:20] == 255).all()
    assert (frame[20:] == 0).all()


def bitmap_32(alpha: int, *, mask: int) -> bytes:
    pixels = np.dstack([np.asarray(SMALL)[::-1, :, ::-1], np.full((240, 320), alpha, np.uint8)]).tobytes()
    header = struct.pack("<IiiHHIIiiII", 108, 320, 240, 1, 32, 3, len(pixels), 2835, 2835, 0, 0)
    header += struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, mask) + b"BGRs" + bytes(48)
    return b"BM" + struct.pack("<IHHI", 14 + 108 + len(pixels), 0, 0, 14 + 108) + header + pixels


def test_alpha_that_is_0_everywhere_in_a_bitmap_is_none() -> None:
    for alpha, mask in ((0, 0xFF000000), (255, 0xFF000000), (0, 0)):
        assert difference(read(bitmap_32(alpha, mask=mask)).frame, SMALL) == 0
    assert array(read(bitmap_32(128, mask=0xFF000000)).frame).mean() > array(SMALL).mean() + 30
    # Elsewhere it is meant.
    blank = SMALL.convert("RGBA")
    blank.putalpha(0)
    assert (array(read(encode(blank)).frame) == 255).all()


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_an_orientation_that_only_xmp_states_turns_nothing(kind: str) -> None:
    if kind == "PNG":
        note = b"XML:com.adobe.xmp\0\0\0\0\0" + XMP
        data = with_chunk(encode(SMALL), chunk(b"iTXt", note))
    elif kind == "TIFF":
        data = encode(SMALL, kind, tiffinfo={700: XMP})
    else:
        data = encode(SMALL, kind, xmp=XMP, quality=90)
    with Image.open(io.BytesIO(data)) as opened:
        opened.load()
        assert opened.getexif().get(ExifTags.Base.Orientation) == 6 or kind == "TIFF"
    assert (read(data).width, read(data).height) == SMALL.size
    assert difference(read(data).frame, SMALL) < 6


def test_an_orientation_in_text_of_a_png_turns_nothing_and_in_its_own_chunk_it_does() -> None:
    block = exif({ExifTags.Base.Orientation: 6}).tobytes()
    text = b"Raw profile type exif\0\nexif\n%8d\n%s\n" % (len(block), block.hex().encode())
    assert read(with_chunk(encode(SMALL), chunk(b"tEXt", text))).width == 320
    own = chunk(b"eXIf", block.removeprefix(b"Exif\0\0"))
    assert read(with_chunk(encode(SMALL), own)).width == 240
    assert read(with_chunk(encode(SMALL), own, b"IEND")).width == 320


def gif(canvas: tuple[int, int], frame: Image.Image, at: tuple[int, int]) -> bytes:
    """A GIF whose only frame covers a part of its canvas."""
    data = bytearray(encode(frame, "GIF"))
    data[6:10] = struct.pack("<HH", *canvas)
    start = data.index(struct.pack("<BHHHH", 0x2C, 0, 0, *frame.size))
    data[start + 1 : start + 5] = struct.pack("<HH", *at)
    return bytes(data)


@pytest.mark.parametrize("colours", [16, 256])
def test_what_a_gifs_first_frame_leaves_bare_is_white(colours: int) -> None:
    frame = SMALL.quantize(colours, dither=Image.Dither.NONE)
    shown = array(read(gif((400, 300), frame, (50, 20))).frame)
    bare = np.ones((300, 400), bool)
    bare[20:260, 50:370] = False
    assert shown[bare].min() >= (255 if colours < 256 else 200)
    assert difference(Image.fromarray(shown[20:260, 50:370].astype(np.uint8)), frame.convert("RGB")) == 0
    grey = SMALL.convert("L")
    assert (array(read(gif((400, 300), grey, (0, 0))).frame)[250:] == 255).all()


def test_what_a_webp_animations_first_frame_leaves_bare_is_white() -> None:
    still = encode(SMALL.resize((100, 60)), "WEBP", quality=90)
    at = still.index(b"VP8 ")
    picture = still[at:]

    def number(value: int) -> bytes:
        return struct.pack("<I", value)[:3]

    frame = number(20) + number(10) + number(99) + number(59) + number(100) + b"\2" + picture
    body = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + number(199) + number(149)
    body += b"ANIM" + struct.pack("<IIH", 6, 0xFF000000, 0) + b"ANMF" + struct.pack("<I", len(frame)) + frame
    shown = array(read(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body).frame)
    assert shown.shape == (150, 200, 3)
    assert (shown[:20] == 255).all()
    assert (shown[:, :40] == 255).all()
    assert (shown[80:] == 255).all()
    assert difference(Image.fromarray(shown[20:80, 40:140].astype(np.uint8)), SMALL.resize((100, 60))) < 6


def test_a_packshot_in_hdr_keeps_its_white_ground() -> None:
    packshot = product(0.6, 400)
    frame = array(read(cicp(coded(pq(bt2020(packshot))), 9, 16)).frame)
    assert frame[:40].min() >= 252
