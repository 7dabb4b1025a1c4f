"""Gates for tests, made in code: one tree of one question for each code."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nima.model.manifest import Manifest
from nima.model.reasons import Reasons

FILE = "reasons.npz"
SURE, NAMED = 2.0, 1.0


class Question(NamedTuple):
    """What a gate asks: whether a number is at most a limit, and the logits if it is and if it is not."""

    number: str
    limit: float
    if_so: float
    else_: float


SEVERAL = {
    "underexposure": Question("tone_w_7", 70, 4, -4),
    "noise": Question("tone_w_7", 55, 1.5, -4),
    "soft": Question("tone_w_7", 55, 5, -4),
    "text_overlay": Question("tone_w_7", 30, 3, -4),
    "background": Question("tone_w_7", 255, 3, -4),
    "clutter": Question("tone_w_7", 255, 3, -4),
}
"""Dark pictures are dark, the darkest of them soft and grainy too, and the very darkest have text over them."""

THRESHOLDS = {
    code: dict.fromkeys(groups, (NAMED, SURE))
    for code, groups in {
        **dict.fromkeys(("underexposure", "noise", "soft", "text_overlay"), ("photographs", "products")),
        "background": ("products",),
        "clutter": ("ecommerce",),
    }.items()
}


def arrays(questions: Mapping[str, Question]) -> dict[str, NDArray[Any]]:
    """The arrays of a gates' file."""
    numbers = sorted({question.number for question in questions.values()})
    found: dict[str, NDArray[Any]] = {"numbers": np.array(numbers), "codes": np.array(list(questions))}
    for code, (number, limit, if_so, else_) in questions.items():
        found |= {
            f"{code}.feature": np.array([[numbers.index(number), -1, -1]], np.int16),
            f"{code}.threshold": np.array([[limit, 0, 0]], np.float32),
            f"{code}.left": np.array([[1, 0, 0]], np.uint8),
            f"{code}.right": np.array([[2, 0, 0]], np.uint8),
            f"{code}.value": np.array([[0, if_so, else_]], np.float32),
            f"{code}.bias": np.array(0, np.float32),
        }
    return found


def packed(content: Mapping[str, NDArray[Any]]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **content)  # type: ignore[arg-type]
    return file.getvalue()


def stated(content: bytes, thresholds: Mapping[str, Any] = THRESHOLDS) -> Reasons:
    """What a manifest says of a gates' file."""
    return Reasons.from_json(
        {
            "file": FILE,
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "thresholds": json.loads(json.dumps(thresholds)),
        }
    )


def give(folder: Path, content: bytes | None = None, thresholds: Mapping[str, Any] = THRESHOLDS) -> Path:
    """Gives a model folder learned reasons; by default ``SEVERAL``."""
    gates = packed(arrays(SEVERAL)) if content is None else content
    (folder / FILE).write_bytes(gates)
    replace(Manifest.read(folder), reasons=stated(gates, thresholds)).renewed().write(folder)
    return folder
