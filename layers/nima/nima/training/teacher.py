"""The teacher: a served model whose answer is averaged over views of a picture that people would rate alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.assess.prepare import prepare
from nima.image.product import Product
from nima.model.litert import Model
from nima.model.manifest import HEADS, SCORES

VIEWS = (0, 1, 2, 3)
_SHIFT = 0.01


class Teacher:
    """A model folder that labels pictures.

    Args:
        folder: The model's folder.
        threads: Threads of one inference.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._model = Model(folder, threads)

    @property
    def name(self) -> str:
        """The teacher's id and version."""
        return f"{self._model.manifest.id} {self._model.manifest.version}"

    def label(
        self, frame: Image.Image, product: Product | None = None, views: Sequence[int] = (0,)
    ) -> NDArray[np.float32]:
        """The mean of the teacher's distributions over views of a picture.

        A network of this kind answers differently for a picture and its mirror image, which no student can guess from
        the pixels; a mean over views is smoother and nearer to what raters mean.

        Args:
            frame: An RGB picture.
            product: What ``find_product`` found in it; it is not moved then.
            views: Which of ``VIEWS``: 0 the picture, 1 its mirror image, 2 the picture moved by 1 %, 3 both.

        Returns:
            ``[2, 10]`` probabilities, the heads in the order of ``HEADS``.
        """
        total = np.zeros((len(HEADS), SCORES))
        for view in views:
            answer = self._model.predict(self._view(frame, product, view))
            total += [answer[head] for head in HEADS]
        mean: NDArray[np.float32] = (total / len(views)).astype(np.float32)
        return mean

    def _view(self, frame: Image.Image, product: Product | None, view: int) -> NDArray[np.uint8]:
        if view & 2 and product is None:
            dx, dy = (min(max(1, round(_SHIFT * side)), side - 1) for side in frame.size)
            frame = frame.crop((dx, dy, frame.width, frame.height))
        pixels = prepare(frame, product, self._model.manifest.input)
        return np.ascontiguousarray(pixels[:, ::-1]) if view & 1 else pixels
