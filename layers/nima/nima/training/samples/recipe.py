"""How samples of a distillation are made."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from nima.model.manifest import InputSpec


class Kind(StrEnum):
    """What is made of each picture of a round: it changed or not, a mixture with another, or falling steps."""

    ROUND = "round"
    MIXTURES = "mixtures"
    LADDERS = "ladders"


@dataclass(frozen=True)
class Recipe:
    """How samples are made.

    Attributes:
        teacher: The teacher's model folder.
        spec: The student's input.
        seed: Of all randomness.
        teacher_alone: Whether every technical label is the teacher's own, and the steps of ladders have none.
        in_batches: Whether the teacher is asked in batches on Keras's backend instead of in each process.
    """

    teacher: Path
    spec: InputSpec
    seed: int
    teacher_alone: bool = False
    in_batches: bool = False


def random_for(recipe: Recipe, number: int, path: Path, purpose: str) -> np.random.Generator:
    """The randomness of one picture in one round, for one purpose."""
    name = f"{recipe.seed} {number} {path.parent.name}/{path.name} {purpose}"
    return np.random.default_rng(list(hashlib.sha256(name.encode()).digest()))
