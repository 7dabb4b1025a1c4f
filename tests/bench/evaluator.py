"""What the project is compared with: the evaluator as tutorials write it, with TensorFlow and a full decode.

Its pixels are divided by 255, which is wrong for these weights and as fast as the right scaling.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image


class Evaluator:
    """Two Keras models, each asked with ``predict``."""

    def __init__(self, technical: Path, aesthetic: Path) -> None:
        self._models = {
            "technical": tf.keras.models.load_model(technical),
            "aesthetic": tf.keras.models.load_model(aesthetic),
        }

    def evaluate(self, path: Path) -> dict[str, float]:
        """Both means of a picture, which is decoded once (tutorials decode it once for each model)."""
        image = Image.open(path).convert("RGB").resize((224, 224))
        batch = np.expand_dims(np.array(image) / 255.0, axis=0)
        return {
            head: float(np.sum(model.predict(batch, verbose=0)[0] * np.arange(1, 11)))
            for head, model in self._models.items()
        }
