"""What the functions' own code says of a picture with the model at ``MODEL_URI``, as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from nima.aws.assessor import open_assessor
from nima.aws.settings import AssessSettings
from nima.model.litert import LazyModel

_REPEATS = 50


def main(picture: Path) -> None:
    assessor = open_assessor(AssessSettings.from_env(dict(os.environ)))
    began = time.perf_counter()
    assessment = assessor.assess(picture.read_bytes())
    first = time.perf_counter() - began
    assert isinstance(assessor.model, LazyModel)
    model = assessor.model.get()
    pixels = np.random.default_rng(1).integers(0, 256, model.manifest.input.shape, np.uint8)
    times = []
    for _ in range(_REPEATS):
        began = time.perf_counter()
        model.predict(pixels)
        times.append(time.perf_counter() - began)
    answer = assessment.to_json()
    del answer["timings_ms"]
    print(
        json.dumps(
            {
                "version": model.manifest.version,
                "answer": answer,
                "first_ms": 1000 * first,
                "predict_ms": 1000 * min(times),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
