"""What is measured once on a frame and read by traits and deductions alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nima.image.border import border_box
from nima.image.crop import Box
from nima.image.ground import Ground, find_ground
from nima.image.product import Product, find_product

TILE = 32
"""Side of a tile in pixels of the frame."""

_THUMBNAIL_SIDE = 128
_LAYOUT = 64
# A box of 7 pixels has the variance of a Gaussian of sigma 2.
_REBLUR_SIGMA = 2.0
_REBLUR_BOX_RADIUS = 3
_LUMA = np.array((0.299, 0.587, 0.114))
_ENCODED = np.arange(256) / 255
# Of each level (IEC 61966-2-1).
_LINEAR = np.where(_ENCODED <= 0.04045, _ENCODED / 12.92, ((_ENCODED + 0.055) / 1.055) ** 2.4)
# Linear sRGB to XYZ (IEC 61966-2-1), each row divided by the D65 white point.
_TO_XYZ = np.array(((0.43395, 0.37622, 0.18983), (0.21267, 0.71515, 0.07217), (0.01776, 0.10947, 0.87277)))


@dataclass(frozen=True)
class Frame:
    """An upright sRGB frame and, where it is a product on a plain background, that product."""

    image: Image.Image
    product: Product | None

    @classmethod
    def of(cls, image: Image.Image) -> Frame:
        """A frame, with the product that is found in it."""
        bare = cls(image, None)
        frame = cls(image, find_product(bare.pixels, bare.border, lambda: bare.ground))
        # What has been found out of the pixels alone is not found out again.
        vars(frame).update({name: vars(bare)[name] for name in ("pixels", "border", "ground") if name in vars(bare)})
        return frame

    @cached_property
    def pixels(self) -> NDArray[np.uint8]:
        """``[height, width, 3]`` sRGB."""
        return np.asarray(self.image)

    @cached_property
    def border(self) -> Box:
        """What lies within the border that is drawn around the picture; the whole where there is none."""
        return border_box(self.pixels)

    @cached_property
    def ground(self) -> Ground | None:
        """What the rim says of the ground; None where it has none."""
        return find_ground(self.pixels)

    @cached_property
    def luma(self) -> NDArray[np.int16]:
        """``[height, width]`` luma (ITU-R BT.601), 0..255."""
        return np.asarray(self.grey).astype(np.int16)

    @cached_property
    def grey(self) -> Image.Image:
        """The frame in mode ``L``: its luma."""
        return self.image.convert("L")

    @cached_property
    def _steps(self) -> NDArray[np.int16]:
        """Absolute luma difference of every pixel to its left neighbour, ``[height, width - 1]``."""
        steps = np.diff(self.luma, axis=1)
        return np.abs(steps, out=steps)

    @cached_property
    def subject_luma(self) -> NDArray[np.int16]:
        """Luma of what is pictured: the product's own bounds where the background is plain, else the whole frame."""
        if self.product is None:
            return self.luma
        left, top, right, bottom = self.product.box
        return self.luma[top:bottom, left:right]

    @cached_property
    def histogram(self) -> NDArray[np.float64]:
        """Share of the subject's pixels at each luma 0..255; a plain background does not count."""
        mask = None if self.product is None else Image.fromarray(self.product.mask)
        counts = np.array(self.grey.histogram(mask))
        shares: NDArray[np.float64] = counts / counts.sum()
        return shares

    @cached_property
    def gradient_energy(self) -> NDArray[np.float64]:
        """Mean squared luma gradient of every tile of the subject, 1-d."""
        return _tile_energy(self.subject_luma)

    @cached_property
    def reblurred_gradient_energy(self) -> NDArray[np.float64]:
        """The same after blurring by ``_REBLUR_SIGMA`` pixels."""
        luma = Image.fromarray(self.subject_luma.astype(np.uint8)).filter(ImageFilter.BoxBlur(_REBLUR_BOX_RADIUS))
        return _tile_energy(np.asarray(luma).astype(np.int16))

    @cached_property
    def edge_width(self) -> float | None:
        """How soft the sharpest parts are: the sigma, in pixels of the frame, of the Gaussian that blurs their edges.

        Blurring once more by a known amount tells the first blur (the re-blur method of Zhuo and Sim, Defocus map
        estimation from a single image, 2011). With a power spectrum that falls with the square of the frequency, as
        that of natural scenes does, the squared gradients of a scene blurred by sigma are in proportion to
        1 / sigma^2, so that their ratio is 1 + (added / sigma)^2. The tenth percentile over the quarter of tiles with
        the strongest edges is taken, so that a shallow depth of field is not punished. None where nothing in the
        picture has an edge.
        """
        energy, reblurred = self.gradient_energy, self.reblurred_gradient_energy
        strong = energy >= max(1.0, float(np.quantile(energy, 0.75)))
        if not strong.any():
            return None
        ratio = np.maximum(energy[strong] / np.maximum(reblurred[strong], 1e-3), 1.0001)
        return float(np.quantile(_REBLUR_SIGMA / np.sqrt(ratio - 1), 0.1))

    @cached_property
    def noise(self) -> float | None:
        """Standard deviation of the noise in luma levels, or None where every tile is clipped.

        Immerkaer's operator (Fast noise variance estimation, 1996) on each tile; the quietest fifth of the tiles that
        are neither black nor white is taken, because texture looks like noise to it.
        """
        luma = self.subject_luma
        if min(luma.shape) < TILE + 2:
            return None
        second = luma[:, 2:] - 2 * luma[:, 1:-1] + luma[:, :-2]
        response = np.abs(second[2:] - 2 * second[1:-1] + second[:-2])
        level = _tile_means(luma[1:-1, 1:-1])
        deviation = _tile_means(response)[(level > 16) & (level < 239)] * np.sqrt(np.pi / 2) / 6
        return float(np.quantile(deviation, 0.2)) if deviation.size else None

    @cached_property
    def block_edges(self) -> float:
        """Mean luma step across the borders of an 8 x 8 grid over the mean step elsewhere; 1 without blocking."""
        ratios = []
        for steps in (self._steps.mean(axis=0), np.abs(np.diff(self.luma, axis=0)).mean(axis=1)):
            if steps.size < 16:
                return 1.0
            on_grid = steps[7::8].mean()
            elsewhere = np.delete(steps, np.s_[7::8]).mean()
            ratios.append((on_grid + 0.1) / (elsewhere + 0.1))
        return float(np.mean(ratios))

    @cached_property
    def flat_share(self) -> float:
        """Share of the subject's pixels that equal both their left and upper neighbour in luma, 0..1."""
        luma = self.subject_luma
        if min(luma.shape) < 2:
            return 0.0
        here = luma[1:, 1:]
        return float(((here == luma[:-1, 1:]) & (here == luma[1:, :-1])).mean())

    @cached_property
    def empty_share(self) -> float:
        """Share of the whole frame's tiles that hold next to no detail (mean luma step below 1.5 levels), 0..1."""
        return float((_tile_means(self._steps) < 1.5).mean())

    @cached_property
    def chroma(self) -> tuple[float, float]:
        """Distance of the mean colour from grey, and the spread of colours around one tint, in CIELAB a*b* units."""
        return chroma(np.asarray(self._small))

    @cached_property
    def layout(self) -> tuple[float, float, float]:
        """Where light and detail lie, whatever the frame's size: by how many levels of luma the middle is over the
        whole and the upper third over the lower one, and the logarithm of the steps in the middle over those of all.
        """
        luma, steps = self._square, np.abs(np.diff(self._square, axis=1))
        middle = np.s_[_LAYOUT // 4 : -_LAYOUT // 4, _LAYOUT // 4 : -_LAYOUT // 4]
        third = _LAYOUT // 3
        return (
            float(luma[middle].mean() - luma.mean()),
            float(luma[:third].mean() - luma[-third:].mean()),
            float(np.log1p(steps[middle].mean()) - np.log1p(steps.mean())),
        )

    @cached_property
    def sharpness(self) -> float:
        """Logarithm of the subject's fine detail over that of the frame's at ``_LAYOUT`` pixels a side."""
        coarse = np.abs(np.diff(self._square, axis=1)).mean()
        return float(np.log1p(self.gradient_energy.mean()) - 2 * np.log1p(coarse))

    @cached_property
    def _square(self) -> NDArray[np.float64]:
        """``[_LAYOUT, _LAYOUT]`` luma of the whole frame, 0..255."""
        luma: NDArray[np.float64] = np.asarray(self._small.resize((_LAYOUT, _LAYOUT), Image.Resampling.BOX)) @ _LUMA
        return luma

    @cached_property
    def _small(self) -> Image.Image:
        """The frame with about ``_THUMBNAIL_SIDE`` on its longer side."""
        return self.image.reduce(max(1, max(self.image.size) // _THUMBNAIL_SIDE))


def chroma(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """Of ``[..., 3]`` sRGB pixels: distance of the mean colour from grey, and spread around one tint, in a*b* units."""
    xyz = _LINEAR[pixels] @ _TO_XYZ.T
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    a, b = 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])
    # One tint of all tones has a chroma in proportion to the lightness (L* + 16 = 116 f(Y)): that is no spread.
    y = f[..., 1]
    spread = sum(float(np.mean((axis - y * (axis * y).sum() / (y * y).sum()) ** 2)) for axis in (a, b))
    return float(np.hypot(a.mean(), b.mean())), float(np.sqrt(spread))


def _tile_means(
    plane: NDArray[np.int16] | NDArray[np.float32], tall: int = TILE, wide: int = TILE
) -> NDArray[np.float64]:
    """The mean of every tile of a plane, 1-d; a plane smaller than a tile is one tile."""
    if not plane.size:
        return np.zeros(1)
    height, width = plane.shape
    tall, wide = min(tall, height), min(wide, width)
    rows, columns = height // tall, width // wide
    # Whole rows are added up first: that is several times faster than summing over two axes at once.
    bands = plane[: rows * tall, : columns * wide].reshape(rows, tall, columns * wide).sum(axis=1, dtype=np.float32)
    means: NDArray[np.float64] = bands.reshape(rows * columns, wide).mean(axis=1, dtype=np.float64) / tall
    return means


def _tile_energy(luma: NDArray[np.int16]) -> NDArray[np.float64]:
    """Mean squared gradient of every tile, of which every fourth row and column are enough."""
    step = 4
    luma = luma[: luma.shape[0] // step * step or None, : luma.shape[1] // step * step or None]
    across = np.diff(luma[::step], axis=1, append=luma[::step, -1:]).astype(np.float32)
    down = np.diff(luma[:, ::step], axis=0, append=luma[-1:, ::step]).astype(np.float32)
    return _tile_means(across * across, tall=TILE // step) + _tile_means(down * down, wide=TILE // step)
