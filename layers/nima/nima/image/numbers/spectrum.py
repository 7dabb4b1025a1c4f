"""What a movement leaves in the frequencies: less that is fine in one direction than in all others.

Pictures have much the same shape of spectrum at every scale, a blurred one lacks what is fine. Of a lens it lacks that
all round, of a movement across the line alone; the logarithm turns what multiplies into what adds, so that the mean
over tiles keeps the blur, which they share, and evens out what they show.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nima.image.numbers.series import series
from nima.image.numbers.view import View

_TILE = 64
_LEAST_TILES = 4
_SECTORS = 12
# Cycles per tile.
_BANDS = ((2, 5), (5, 10), (10, 16), (16, 23), (23, 32))
# Pixels from the middle of the cepstrum.
_RINGS = ((1.5, 3), (3, 6), (6, 12), (12, 22))
# Of the power of what rounding to whole levels adds, several times.
_FLOOR = 0.3

_hann = np.hanning(_TILE + 1)[:_TILE].astype(np.float32)
_WINDOW = np.outer(_hann, _hann)
_FLOOR_POWER = float((_WINDOW**2).sum() * _FLOOR)


def _sectors() -> NDArray[np.float32]:
    """``[bands * sectors, frequencies]``: what makes means of each band and direction out of a spectrum."""
    down, right = np.fft.fftfreq(_TILE)[:, np.newaxis] * _TILE, np.fft.rfftfreq(_TILE) * _TILE
    radius = np.hypot(down, right)
    sector = (np.mod(np.arctan2(down, right), np.pi) / np.pi * _SECTORS).astype(int) % _SECTORS
    inside = [
        ((radius >= low) & (radius < high) & (sector == place)).ravel()
        for low, high in _BANDS
        for place in range(_SECTORS)
    ]
    return np.array([part / part.sum() for part in inside], np.float32)


def _rings() -> list[NDArray[np.intp]]:
    """Places of the half of each ring of the cepstrum: the other one is the same."""
    away = np.fft.fftfreq(_TILE) * _TILE
    radius = np.hypot(away[:, np.newaxis], away)
    return [np.flatnonzero(((radius >= low) & (radius < high) & (away >= 0)).ravel()) for low, high in _RINGS]


_MEANS, _PLACES = _sectors(), _rings()


def measure(view: View) -> dict[str, float]:
    """How much less of the fine one direction has (``spec``), and what repeats at a distance (``ceps``)."""
    tiles = _sharpest(view.native)
    if tiles is None:
        return {**series("spec", [0] * (4 * len(_BANDS))), **series("ceps", [0] * (3 * len(_RINGS)))}
    centred = (tiles - tiles.mean(axis=(1, 2), keepdims=True)) * _WINDOW
    power = np.abs(np.fft.rfft2(centred)) ** 2
    logs = np.log(power + _FLOOR_POWER).mean(axis=0)
    return {**series("spec", _directions(logs)), **series("ceps", _repeats(logs))}


def _sharpest(luma: NDArray[np.int16]) -> NDArray[np.float32] | None:
    """The half of the tiles with the most detail, ``[n, side, side]``."""
    height, width = luma.shape
    if min(height, width) < _TILE:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(luma.astype(np.float32), (_TILE, _TILE))
    rows, columns = (np.linspace(0, side - _TILE, max(1, side // _TILE)).astype(int) for side in (height, width))
    tiles = windows[np.ix_(rows, columns)].reshape(-1, _TILE, _TILE)
    detail = sum(np.square(np.diff(tiles, axis=axis)).mean(axis=(1, 2)) for axis in (1, 2))
    count = max(min(_LEAST_TILES, len(tiles)), len(tiles) // 2)
    return np.asarray(tiles[np.argsort(-detail)[:count]])


def _directions(logs: NDArray[np.floating]) -> list[float]:
    """Of each band but the coarsest, by direction and beside that one: the range, how far the least lies below the
    median and below what is across it, and the median; then the same of all fine bands together."""
    means = (_MEANS @ logs.ravel()).reshape(len(_BANDS), _SECTORS)
    means = (means + 0.5 * np.roll(means, 1, 1) + 0.5 * np.roll(means, -1, 1)) / 2
    beside = means[1:] - means[:1]
    found: list[float] = []
    for band in beside:
        least = int(band.argmin())
        found += [np.ptp(band), band.min() - np.median(band), band[least] - band[_across(least)], np.median(band)]
    fine = beside[1:].sum(axis=0)
    least = int(fine.argmin())
    turns = [abs(int(band.argmin()) - least) for band in beside]
    apart = sum(min(turn, _SECTORS - turn) for turn in turns)
    return [
        *found,
        fine.min() - np.median(fine),
        fine[least] - fine[_across(least)],
        apart,
        np.sort(fine)[:2].mean() - fine.mean(),
    ]


def _across(sector: int) -> int:
    return (sector + _SECTORS // 2) % _SECTORS


def _repeats(logs: NDArray[np.floating]) -> list[float]:
    """Of each ring of the cepstrum: the least in deviations below the median, the least, and the median. A line of so
    many pixels has its least there, on one side."""
    cepstrum = np.fft.irfft2(logs, (_TILE, _TILE)).ravel()
    found: list[float] = []
    for places in _PLACES:
        ring = cepstrum[places]
        median = np.median(ring)
        found += [(ring.min() - median) / (ring.std() + 1e-4), ring.min() * _TILE, median * _TILE]
    return found
