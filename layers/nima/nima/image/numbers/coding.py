"""What block coding leaves behind: steps on a grid of eight pixels, and blocks without fine detail on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nima.image.numbers.series import series
from nima.image.numbers.view import View

_BLOCK = 8
_BLOCKS = 1200
_ACTIVE, _LEAST_ACTIVE = 1.5, 20
_orders = np.arange(_BLOCK)
_DCT = (np.cos((2 * _orders[np.newaxis] + 1) * _orders[:, np.newaxis] * np.pi / 16) / 2).astype(np.float32)
_DCT[0] /= np.sqrt(2)


def measure(view: View) -> dict[str, float]:
    """Steps along rows and columns by their place on the grid, and empty coefficients on and off it."""
    luma = view.native
    if min(luma.shape) < 2 * _BLOCK + 4:
        return {
            **_grid("gx", None),
            **_grid("gy", None),
            **series("dct", [0] * 6),
            **series("dctr", [0] * 6),
            **_flat(None),
        }
    across, down = np.abs(np.diff(luma, axis=1)), np.abs(np.diff(luma, axis=0))
    on, off = (_blocks(luma[start:, start:]) for start in (0, _BLOCK // 2))
    return {
        **_grid("gx", across.mean(axis=0)),
        **_grid("gy", down.mean(axis=1)),
        **series("dct", on),
        **series("dctr", on - off),
        **_flat(across),
    }


def _grid(name: str, steps: NDArray[np.float64] | None) -> dict[str, float]:
    """How much greater steps between blocks are than others, on any grid, and whether it is the file's."""
    if steps is None:
        return series(name, [0] * 3)
    phases = steps[: len(steps) // _BLOCK * _BLOCK].reshape(-1, _BLOCK).mean(axis=0) + 0.1
    return series(
        name,
        (
            float(np.log(phases[7] / phases[:7].mean())),
            float(np.log(phases.max() / np.median(phases))),
            float(phases.argmax() == _BLOCK - 1),
        ),
    )


def _blocks(luma: NDArray[np.int16]) -> NDArray[np.float64]:
    """Of the blocks' cosine transform: how much of it is empty, and how it falls towards the fine."""
    height, width = (side // _BLOCK * _BLOCK for side in luma.shape)
    cut = luma[:height, :width].reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    number = cut.shape[0] * cut.shape[2]
    rows, columns = np.divmod(np.arange(0, number, max(1, number // _BLOCKS)), cut.shape[2])
    blocks = cut[rows, :, columns].astype(np.float32)
    found = np.abs(_DCT @ (blocks - 128) @ _DCT.T)
    active = found[blocks.reshape(len(blocks), -1).std(axis=1) > _ACTIVE]
    if len(active) <= _LEAST_ACTIVE:
        active = found
    fine = found[:, 4:, 4:].reshape(len(found), -1).max(axis=1)
    rest = active.reshape(len(active), -1)[:, 1:].max(axis=1)
    levels = (active[:, 0, 1:3].mean(), active[:, 2:4, 2:4].mean(), active[:, 5:, 5:].mean())
    return np.array(
        [
            (fine < 1).mean(),
            (active[:, 1:, 1:] < 0.5).mean(),
            (rest < 3).mean(),
            *(np.log(level + 0.05) for level in levels),
        ]
    )


def _flat(across: NDArray[np.int16] | None) -> dict[str, float]:
    """Shares of neighbours that are equal, and nearly so."""
    return series("flat", [0, 0] if across is None else [float((across < 1).mean()), float((across < 2).mean())])
