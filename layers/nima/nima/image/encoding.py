"""Colour that is stated by numbers instead of an ICC profile: primaries and a transfer function, brought to sRGB."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]
Chromaticity = tuple[float, float]
Primaries = tuple[Chromaticity, Chromaticity, Chromaticity, Chromaticity]
"""CIE 1931 x, y of white, red, green and blue."""

_D65 = (0.3127, 0.3290)
_SRGB_PRIMARIES: Primaries = (_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_ADOBE_RGB_PRIMARIES: Primaries = (_D65, (0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
# ITU-T H.273, table 2; what it leaves open is taken for sRGB.
_PRIMARIES: dict[int, tuple[str, Primaries]] = {
    1: ("sRGB", _SRGB_PRIMARIES),
    4: ("BT.470 M", ((0.310, 0.316), (0.67, 0.33), (0.21, 0.71), (0.14, 0.08))),
    5: ("BT.601", (_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06))),
    6: ("BT.601", (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))),
    7: ("SMPTE 240M", (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))),
    8: ("film", ((0.310, 0.316), (0.681, 0.319), (0.243, 0.692), (0.145, 0.049))),
    9: ("BT.2020", (_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046))),
    10: ("XYZ", ((1 / 3, 1 / 3), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0))),
    11: ("DCI-P3", ((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))),
    12: ("Display P3", (_D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))),
    22: ("EBU 3213", (_D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077))),
}
_HDR_NAMES = {"BT.2020": "BT.2100", "sRGB": "BT.709"}
_CHROMATICITY_TOLERANCE = 0.002
# ITU-R BT.2408: diffuse white of PQ and HLG, and the peak of the display that HLG is rendered for.
_REFERENCE_WHITE, _HLG_PEAK = 203.0, 1000.0
_HLG_GAMMA = 1.2
_BT2020_LUMINANCE = np.array((0.2627, 0.6780, 0.0593), np.float32)
# The peak is what all but a few sparkles stay below. White that was coded with losses lies a little over itself.
_PEAK_SHARE, _PEAK_TOLERANCE = 0.999, 1.05
_DARKEST = 1e-6
# Within this share of it, a gamma is the 1/2.2 by which sRGB is written.
_GAMMA_TOLERANCE = 0.01
_BRADFORD = np.array(((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296)))


@dataclass(frozen=True)
class Transfer:
    """How coded values become light.

    Attributes:
        name: Empty for sRGB's own.
        decode: Coded values 0..1 to linear light, where 1 is white.
        hdr: Whether light can be brighter than white.
    """

    name: str
    decode: Callable[[Floats], Floats]
    hdr: bool = False


@dataclass(frozen=True)
class Encoding:
    """What RGB values mean: the name of the colour space, its primaries and its transfer function."""

    name: str
    primaries: Primaries
    transfer: Transfer


def _srgb(coded: Floats) -> Floats:
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def _smpte_240m(coded: Floats) -> Floats:
    return np.where(coded < 0.0913, coded / 4, ((coded + 0.1115) / 1.1115) ** (1 / 0.45))


def _pq(coded: Floats) -> Floats:
    """SMPTE ST 2084, relative to the reference white."""
    root = coded ** (1 / 78.84375)
    light = (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    return np.asarray(light * (10_000 / _REFERENCE_WHITE), np.float32)


def _hlg(coded: Floats) -> Floats:
    """The scene's light, 0..1, by ITU-R BT.2100; the display's follows from all three channels."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)


def _power(exponent: float) -> Callable[[Floats], Floats]:
    return lambda coded: coded**exponent


SRGB_TRANSFER = Transfer("", _srgb)
_HLG = Transfer("HLG", _hlg, hdr=True)
# ITU-T H.273, table 3. BT.709 and its kin are shown with sRGB's curve, as browsers do.
_TRANSFERS = {
    4: Transfer("gamma 2.2", _power(2.2)),
    5: Transfer("gamma 2.8", _power(2.8)),
    7: Transfer("SMPTE 240M", _smpte_240m),
    8: Transfer("linear", _power(1)),
    16: Transfer("PQ", _pq, hdr=True),
    17: Transfer("SMPTE 428", lambda coded: coded**2.6 * np.float32(52.37 / 48)),
    18: _HLG,
}
ADOBE_RGB = Encoding("Adobe RGB", _ADOBE_RGB_PRIMARIES, Transfer("gamma 2.2", _power(563 / 256)))


def by_code_points(primaries: int, transfer: int) -> Encoding | None:
    """The encoding that two code points of ITU-T H.273 (cICP, nclx) name; None for sRGB."""
    space, chromaticities = _PRIMARIES.get(primaries, _PRIMARIES[1])
    return _encoding(space, chromaticities, _TRANSFERS.get(transfer, SRGB_TRANSFER))


def by_gamma(gamma: float | None, chromaticities: tuple[float, ...] | None) -> Encoding | None:
    """The encoding of PNG's gAMA (the exponent of encoding) and cHRM (x, y of white, red, green, blue); None for sRGB.

    Values without a meaning count as not stated. Chromaticities alone change nothing, as in browsers.
    """
    if not gamma:
        return None
    space, primaries = _PRIMARIES[1]
    if chromaticities and len(chromaticities) == 8:
        stated = tuple(zip(chromaticities[::2], chromaticities[1::2], strict=True))
        primaries = (stated[0], stated[1], stated[2], stated[3])
        known = (
            name for name, p in _PRIMARIES.values() if np.abs(np.subtract(p, primaries)).max() < _CHROMATICITY_TOLERANCE
        )
        space = next(known, "RGB of its own primaries")
        if not _possible(primaries):
            space, primaries = _PRIMARIES[1]
    transfer = SRGB_TRANSFER
    if abs(gamma * 2.2 - 1) >= _GAMMA_TOLERANCE:
        transfer = Transfer("linear" if gamma == 1 else f"gamma {1 / gamma:.2g}", _power(1 / gamma))
    return _encoding(space, primaries, transfer)


def to_srgb(image: Image.Image, encoding: Encoding) -> Image.Image:
    """Converts a picture of mode ``RGB`` or ``L``: light beyond white is rolled off, colours out of reach are cut."""
    levels = encoding.transfer.decode(np.linspace(0, 1, 256, dtype=np.float32)).astype(np.float32)
    light = levels[np.asarray(image.convert("RGB"))]
    if encoding.transfer is _HLG:
        light *= (light @ _BT2020_LUMINANCE)[..., None] ** np.float32(_HLG_GAMMA - 1) * (_HLG_PEAK / _REFERENCE_WHITE)
    light = np.maximum(light @ _matrix(encoding.primaries).T, 0)
    if encoding.transfer.hdr:
        light = _roll_off(light)
    light = np.minimum(light, 1)
    coded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** np.float32(1 / 2.4) - 0.055)
    return Image.fromarray(np.rint(coded * 255).astype(np.uint8))


def _encoding(space: str, primaries: Primaries, transfer: Transfer) -> Encoding | None:
    if transfer.hdr:
        return Encoding(f"{_HDR_NAMES.get(space, space)} {transfer.name}", primaries, transfer)
    if not transfer.name and primaries is _SRGB_PRIMARIES:
        return None
    return Encoding(f"{space}, {transfer.name}" if transfer.name else space, primaries, transfer)


def _roll_off(light: Floats) -> Floats:
    """Brings the brightest light of a picture down to white by ITU-R BT.2390 (5.4.1); hues stay as they are."""
    brightest = light.max(axis=-1, keepdims=True)
    peak = np.quantile(brightest, _PEAK_SHARE)
    if peak <= _PEAK_TOLERANCE:
        return light
    most, white = _to_pq(peak), _to_pq(np.float32(1))
    knee = 1.5 * white / most - 0.5
    level = np.minimum(_to_pq(brightest) / most, 1)
    t = np.maximum(level - knee, 0) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * white / most
    )
    rolled = _pq(np.asarray(np.where(level > knee, spline, level) * most, np.float32))
    return np.asarray(light * (rolled / np.maximum(brightest, _DARKEST)), np.float32)


def _to_pq(light: Floats | np.float32) -> Floats:
    """The inverse of ``_pq``."""
    power = (np.asarray(light, np.float32) * (_REFERENCE_WHITE / 10_000)) ** 0.1593017578125
    return np.asarray(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375, np.float32)


def _possible(primaries: Primaries) -> bool:
    points = np.array(primaries)
    if (points < 0).any() or (points[:, 1] <= 0).any() or (points.sum(axis=1) > 1.01).any():
        return False
    red, green, blue = points[1:]
    return bool(abs(np.linalg.det(np.array((green - red, blue - red)))) > 0.01)


@lru_cache(maxsize=16)
def _matrix(primaries: Primaries) -> Floats:
    """From linear light in these primaries to linear light in sRGB's, ``[3, 3]``; white stays white (Bradford)."""
    here, there = _to_xyz(primaries), _to_xyz(_SRGB_PRIMARIES)
    cones = _BRADFORD @ np.array((here.sum(axis=1), there.sum(axis=1))).T
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(cones[:, 1] / cones[:, 0]) @ _BRADFORD
    matrix: NDArray[np.float64] = np.linalg.inv(there) @ adapted @ here
    return matrix.astype(np.float32)


def _to_xyz(primaries: Primaries) -> NDArray[np.float64]:
    """Columns are the XYZ of red, green and blue, such that they add up to white of luminance 1."""
    white, *colours = primaries
    columns = np.array([(x, y, 1 - x - y) for x, y in colours]).T
    xyz = np.array((white[0] / white[1], 1, (1 - white[0] - white[1]) / white[1]))
    scaled: NDArray[np.float64] = columns * np.linalg.solve(columns, xyz)
    return scaled
