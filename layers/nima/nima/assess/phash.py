"""A hash that stays nearly the same when a picture is resized, compressed again or slightly retouched."""

from __future__ import annotations

import numpy as np
from PIL import Image

_SIDE = 32
_LOW = 8
_GREY_GAP = 2.0
# Orthogonal DCT-II without its normalisation, which no comparison with a median needs; row k is frequency k.
_COSINES = np.cos(np.pi / _SIDE * np.outer(np.arange(_LOW + 1), np.arange(_SIDE) + 0.5))


def perceptual_hash(frame: Image.Image) -> str:
    """The 64-bit hash of a frame, as 16 hexadecimal digits.

    The DCT of the picture in 32 x 32 grey pixels; a bit for each of the 8 x 8 lowest frequencies, the constant ones
    left out, tells whether it lies above their median (pHash: Zauner, Implementation and benchmarking of perceptual
    image hash functions, 2010). ``nima.document.similarity`` compares hashes. It sees no colours.
    """
    grey = frame.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, reducing_gap=_GREY_GAP)
    low = (_COSINES @ np.asarray(grey, dtype=np.float64) @ _COSINES.T)[1:, 1:].round(6)
    bits = (low > np.median(low)).ravel()
    return np.packbits(bits).tobytes().hex()
