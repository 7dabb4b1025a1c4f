"""Decoding a GIF, whose first frame may leave a part of the canvas bare."""

from __future__ import annotations

from PIL import Image

from nima.image.canvas import whiten_around
from nima.image.container import Container


class Gif(Container):
    """A GIF file."""

    def load(self, image: Image.Image) -> None:
        covered = image.tile[0].extents  # type: ignore[attr-defined]
        image.load()
        if covered:
            whiten_around(image, covered)


inspect = Gif
