"""The teacher: a served model whose answer is averaged over views of a picture that people would rate alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.image.product import Product
from nima.model.litert import Model
from nima.model.manifest import HEADS, SCORES, InputSpec, Manifest
from nima.model.prepare import prepare
from nima.training.networks.build import networks

VIEWS = (0, 1, 2, 3)
_SHIFT = 0.01


class Teacher:
    """A model folder that labels pictures.

    Args:
        folder: The model's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._model = Model(folder, threads=1)

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
            answer = self._model.predict(see(frame, product, view, self._model.manifest.input))
            total += [answer[head] for head in HEADS]
        mean: NDArray[np.float32] = (total / len(views)).astype(np.float32)
        return mean


class BatchTeacher:
    """The same teacher as networks of Keras's backend, which answer many pictures at once, as a GPU wants it.

    Weights are widened to float32; for a teacher with integer ones, answers differ a little from those of ``Teacher``.

    Args:
        folder: The model's folder.
        batch_size: Pictures that are answered at once.

    Raises:
        InvalidRequest: The folder's files are no folded MobileNets.
    """

    def __init__(self, folder: Path, batch_size: int = 256) -> None:
        manifest = Manifest.read(folder)
        self._spec, self._votes = manifest.input, manifest.votes
        self._batch_size = batch_size
        self._networks = networks(folder)

    def label(self, views: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """The mean distributions of pictures, each of which is given by its views.

        Args:
            views: For each picture ``[k, height, width, 3]``, as ``see`` makes them.

        Returns:
            ``[n, 2, 10]`` probabilities, the heads in the order of ``HEADS``.
        """
        answers = self._answers(np.concatenate(views))
        ends = np.cumsum([len(some) for some in views])[:-1]
        return np.stack([some.mean(0) for some in np.split(answers, ends)])

    def _answers(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        found = []
        for at in range(0, len(pixels), self._batch_size):
            some = pixels[at : at + self._batch_size]
            # One shape for all batches, so that a backend that compiles does so once.
            missing = [(0, self._batch_size - len(some)), *[(0, 0)] * 3]
            values = np.pad(some, missing) * np.float32(self._spec.scale) + np.float32(self._spec.offset)
            answer: dict[str, Any] = {}
            for network in self._networks:
                answer |= network.predict_on_batch(values)
            found.append(np.stack([self._finished(head, answer[head]) for head in HEADS], 1)[: len(some)])
        return np.concatenate(found)

    def _finished(self, head: str, answers: Any) -> NDArray[np.float32]:
        """A head's answers as the model gives them out: with the votes that its manifest has."""
        found = np.asarray(answers, np.float32)
        votes = self._votes.get(head)
        return np.array([votes.like(p) for p in found.tolist()], np.float32) if votes else found


def see(frame: Image.Image, product: Product | None, view: int, spec: InputSpec) -> NDArray[np.uint8]:
    """The pixels of one of ``VIEWS`` of a picture, as a model with this input sees it."""
    if view & 2 and product is None:
        dx, dy = (min(max(1, round(_SHIFT * side)), side - 1) for side in frame.size)
        frame = frame.crop((dx, dy, frame.width, frame.height))
    pixels = prepare(frame, product, spec)
    return np.ascontiguousarray(pixels[:, ::-1]) if view & 1 else pixels
