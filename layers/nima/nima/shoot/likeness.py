"""How much alike two frames are: by their hashes, and by how well one lies on the other once it is shifted."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nima.document.similarity import NEAR_DUPLICATE_BITS, distance
from nima.image.look import COLUMNS, ROWS
from nima.shoot.frames import Frame

SHAKE = 0.15
"""Most of its width or height that a camera held by hand moves between two frames of one view."""

_BITS = 64
# Pixels of a look over which light changes without being a shape.
_SHADE = 5
# Of 800 pairs of unlike photographs none agreed better than .33, of 99% of their shaken, blurred and turned copies none
# worse than .41.
_AGREE, _AGREE_EACH = 0.4, 0.07
_SHAPE = (2 * ROWS, 2 * COLUMNS)
# Of pairs of frames, as each kind of set asks of the same ones.
_PAIRS = 1024
_LEAST_OVERLAP = 0.2
_LEAST_PASSED = 0.12
_LEAST_SLANT = 0.25
# Of overlaps: how many are told, what they agree at least, and how far apart they are, in shares of a side.
_MOST_OVERLAPS, _LEAST_VALUE, _APART = 5, 0.3, 0.1


class Agreement(NamedTuple):
    """How well one frame lies on another, at the shift at which it lies best.

    Attributes:
        value: Correlation of the shapes where both overlap, -1..1.
        across, down: The shift, in shares of width and height.
    """

    value: float
    across: float
    down: float


NONE = Agreement(0.0, 0.0, 0.0)


def bits(one: Frame, other: Frame) -> int:
    """In how many of 64 bits the perceptual hashes differ."""
    mine, others = one.assessment.phash, other.assessment.phash
    return distance(mine, others) if mine and others else _BITS


def is_alike(one: Frame, other: Frame, similar: int = NEAR_DUPLICATE_BITS) -> bool:
    """Whether two frames show one view, by their hashes or by their shapes, whatever the exposure and the shake."""
    if bits(one, other) <= similar:
        return True
    return similar > 0 and shaken(one, other).value >= max(_AGREE, 1 - _AGREE_EACH * similar)


@lru_cache(maxsize=_PAIRS)
def shaken(one: Frame, other: Frame) -> Agreement:
    """How two frames of one view agree, as far as a hand may have shaken."""
    if one.look is None or other.look is None:
        return NONE
    return _highest(np.where(NEAR, _correlations(shapes(one.look.light), shapes(other.look.light)), -2))


@lru_cache(maxsize=_PAIRS)
def overlaps(one: Frame, other: Frame) -> tuple[Agreement, ...]:
    """How two neighbouring views may agree, the camera having been turned sideways or upwards between them.

    The best first: where a view repeats itself, as a front of windows does, it is not always the right one.
    """
    if one.look is None or other.look is None:
        return ()
    values = np.where(_BESIDE, _correlations(shapes(one.look.light), shapes(other.look.light)), -2)
    found: list[Agreement] = []
    while len(found) < _MOST_OVERLAPS and (best := _highest(values)).value >= _LEAST_VALUE:
        found.append(best)
        values[(np.abs(_ACROSS - best.across) < _APART) & (np.abs(_DOWN - best.down) < _APART)] = -2
    return tuple(found)


def _shares(length: int) -> NDArray[np.float64]:
    """By which share of a side each of the correlation's places is a shift."""
    return np.fft.fftfreq(2 * length, 1 / (2 * length)) / length


_DOWN, _ACROSS = np.meshgrid(_shares(ROWS), _shares(COLUMNS), indexing="ij")
_FARTHER, _NEARER = (choose(np.abs(_DOWN), np.abs(_ACROSS)) for choose in (np.maximum, np.minimum))
NEAR = _FARTHER <= SHAKE
"""Which places of a correlation are shifts that a hand may make."""

_BESIDE = (_FARTHER >= _LEAST_PASSED) & (_FARTHER <= 1 - _LEAST_OVERLAP) & (_NEARER <= _LEAST_SLANT)


def _highest(values: NDArray[np.float64]) -> Agreement:
    place = np.unravel_index(int(values.argmax()), values.shape)
    return Agreement(float(values[place]), float(_ACROSS[place]), float(_DOWN[place]))


class Shapes(NamedTuple):
    """Transforms of a look's light without its shade, and of its square."""

    plain: NDArray[np.complex128]
    squared: NDArray[np.complex128]


def shapes(light: NDArray[np.uint8]) -> Shapes:
    """Those of the light of a look."""
    return _shapes(light.tobytes())


def correlation(one: NDArray[np.complex128], other: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Of two transforms, the sum of what they are of, multiplied, at each shift."""
    return _back(one * other.conj())


@cache
def _whole() -> NDArray[np.complex128]:
    return np.fft.rfft2(np.ones((ROWS, COLUMNS)), _SHAPE)


@cache
def _areas() -> NDArray[np.float64]:
    """How many pixels overlap at each shift."""
    return np.maximum(_back(_whole() * _whole().conj()).round(), 1)


@lru_cache(maxsize=256)
def _shapes(light: bytes) -> Shapes:
    plane = np.frombuffer(light, np.uint8).reshape(ROWS, COLUMNS)
    shade = np.asarray(Image.fromarray(plane).filter(ImageFilter.GaussianBlur(_SHADE)), np.float64)
    found = plane - shade
    return Shapes(np.fft.rfft2(found, _SHAPE), np.fft.rfft2(found * found, _SHAPE))


def _correlations(one: Shapes, other: Shapes) -> NDArray[np.float64]:
    """The correlation of what overlaps, at each shift (Padfield, Masked object registration in the Fourier domain,
    2012, with both masks whole)."""
    whole, areas = _whole(), _areas()
    first, second = _back(one.plain * whole.conj()), _back(whole * other.plain.conj())
    both = _back(one.plain * other.plain.conj()) - first * second / areas
    spread = (_back(one.squared * whole.conj()) - first * first / areas) * (
        _back(whole * other.squared.conj()) - second * second / areas
    )
    # A plane without shapes agrees with nothing.
    found: NDArray[np.float64] = both / np.sqrt(np.maximum(spread, areas * areas))
    return found


def _back(transformed: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.fft.irfft2(transformed, _SHAPE)
