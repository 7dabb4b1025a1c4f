"""The loop that tutorials show, timed: each of two models decodes every picture in full and predicts alone.

``python -m tests.bench.article_loop MODELS PICTURE...`` prints pictures a second as JSON. MODELS is a folder with
``technical.tflite`` and ``aesthetic.tflite``; without one, Keras' MobileNets of the same size are asked with
``predict``, as the tutorial does.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_HEADS = ("technical", "aesthetic")
_SIDE = (224, 224)
_PROCESSORS = 2

Predict = Callable[[NDArray[np.float64]], Any]


def litert(folder: Path) -> list[Predict]:
    """The models of a folder, with a thread for each processor."""
    from ai_edge_litert.interpreter import Interpreter

    def of(path: Path) -> Predict:
        interpreter = Interpreter(model_path=str(path), num_threads=_PROCESSORS)
        interpreter.allocate_tensors()
        given, answered = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

        def predict(batch: NDArray[np.float64]) -> Any:
            interpreter.set_tensor(given, batch.astype(np.float32))
            interpreter.invoke()
            return interpreter.get_tensor(answered)

        return predict

    return [of(folder / f"{head}.tflite") for head in _HEADS]


def keras() -> list[Predict]:
    """Untrained networks, which take as long."""
    import tensorflow as tf

    def of() -> Predict:
        base = tf.keras.applications.MobileNet((*_SIDE, 3), include_top=False, pooling="avg", weights=None)
        model = tf.keras.Model(base.input, tf.keras.layers.Dense(10, activation="softmax")(base.output))
        return lambda batch: model.predict(batch, verbose=0)

    return [of() for _ in _HEADS]


def rate(models: list[Predict], pictures: list[Path], *, decode_once: bool = False) -> float:
    """Pictures a second, after one that nothing is counted of."""
    score(models, pictures[0], decode_once=decode_once)
    started = time.perf_counter()
    for picture in pictures:
        score(models, picture, decode_once=decode_once)
    return len(pictures) / (time.perf_counter() - started)


def score(models: list[Predict], picture: Path, *, decode_once: bool) -> list[float]:
    """Both means of a picture."""
    batch = None
    means = []
    for predict in models:
        if batch is None or not decode_once:
            image = Image.open(picture).convert("RGB").resize(_SIDE)
            batch = np.expand_dims(np.array(image) / 255.0, axis=0)
        means.append(float(np.sum(predict(batch)[0] * np.arange(1, 11))))
    return means


def main() -> None:
    """As the module says."""
    folder, pictures = sys.argv[1], [Path(name) for name in sys.argv[2:]]
    if folder:
        found = litert(Path(folder))
        print(json.dumps({"twice": rate(found, pictures), "once": rate(found, pictures, decode_once=True)}))
    else:
        untrained = keras()
        once = rate(untrained, pictures, decode_once=True)
        print(json.dumps({"keras": rate(untrained, pictures), "keras_once": once}))


if __name__ == "__main__":
    main()
