"""What lenses, hands and enlargers do to sharpness. Lengths are in pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SUPERSAMPLING = 8


def disc_blur(image: Image.Image, radius: float) -> Image.Image:
    """A lens out of focus: every point becomes an even disc."""
    across = _grid(radius)
    inside = np.hypot(across[:, np.newaxis], across) <= radius
    return _convolved(image, _kernel(inside.astype(np.float64)))


def motion_blur(image: Image.Image, length: float, angle: float) -> Image.Image:
    """A shaken camera: every point becomes a straight line.

    Args:
        image: An RGB picture.
        length: Of the line.
        angle: In radians from the horizontal, anticlockwise.
    """
    across = _grid(length / 2 + 0.5)
    x, y = across, -across[:, np.newaxis]
    along, beside = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    # A line one pixel wide: no movement is no change, but for the sampling of a pixel's own square.
    line = (np.abs(along) <= max(length, 1) / 2) & (np.abs(beside) <= 0.5)
    return _convolved(image, _kernel(line.astype(np.float64)))


def upsampled(image: Image.Image, factor: float) -> Image.Image:
    """Enlarged from a smaller copy to the size that it has."""
    small = image.resize(_scaled(image.size, 1 / factor), Image.Resampling.LANCZOS)
    return small.resize(image.size, Image.Resampling.BICUBIC)


def reduced(image: Image.Image, longest: int) -> Image.Image:
    """Its longer side brought down to ``longest`` pixels; a smaller picture stays."""
    factor = longest / max(image.size)
    return image.resize(_scaled(image.size, factor), Image.Resampling.LANCZOS) if factor < 1 else image


def _scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _grid(reach: float) -> NDArray[np.float64]:
    """Places, in pixels, of the samples across a kernel of an odd number of pixels that reaches so far each way."""
    half = int(np.ceil(max(reach - 0.5, 0)))
    count = (2 * half + 1) * _SUPERSAMPLING
    return (np.arange(count) + 0.5) / _SUPERSAMPLING - half - 0.5


def _kernel(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    side = len(samples) // _SUPERSAMPLING
    cells = samples.reshape(side, _SUPERSAMPLING, side, _SUPERSAMPLING).sum(axis=(1, 3))
    kernel: NDArray[np.float64] = cells / cells.sum()
    return kernel


def _convolved(image: Image.Image, kernel: NDArray[np.float64]) -> Image.Image:
    """By way of the frequencies, which takes as long for any kernel; the rim continues outwards as it is."""
    half = len(kernel) // 2
    height, width = image.height + 2 * half, image.width + 2 * half
    shape = (_smooth(height), _smooth(width))
    around = [(half, shape[0] - image.height - half), (half, shape[1] - image.width - half)]
    answer = np.fft.rfft2(kernel.astype(np.float32), shape)
    channels = []
    for channel in image.split():
        spectrum = np.fft.rfft2(np.pad(np.asarray(channel, np.float32), around, "edge"))
        blurred = np.fft.irfft2(spectrum * answer, shape)[2 * half : height, 2 * half : width]
        channels.append(Image.fromarray(np.clip(np.rint(blurred), 0, 255).astype(np.uint8)))
    return Image.merge("RGB", channels)


def _smooth(length: int) -> int:
    """The least length, no less than this one, that a fast transform takes in small steps."""
    while True:
        rest = length
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return length
        length += 1
