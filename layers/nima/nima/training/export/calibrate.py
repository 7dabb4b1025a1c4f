"""Percentiles: the population of a model's own scores on a stated set of photographs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from nima.errors import InvalidRequest
from nima.model.litert import Model
from nima.model.manifest import HEADS, SCORES, Manifest, Population
from nima.training.evaluate.evaluation import predict
from nima.training.progress import Tick

LEAST_PICTURES = 100


def calibrate(
    folder: Path,
    name: str,
    files: Sequence[Path],
    heads: Sequence[str] = HEADS,
    tick: Tick | None = None,
) -> dict[str, Population]:
    """Scores photographs with a model and writes their percentiles into its manifest.

    Args:
        folder: The model's folder.
        name: What the photographs are, as it reads after "better than 72 % of".
        files: The photographs.
        heads: Which heads' populations are replaced.
        tick: Called with how many of how many are done.

    Raises:
        InvalidRequest: There are fewer than ``LEAST_PICTURES``.
        PermanentError: A photograph cannot be decoded.
        ModelUnavailable: The model cannot be loaded.
    """
    if len(files) < LEAST_PICTURES:
        raise InvalidRequest(f"Percentiles need at least {LEAST_PICTURES} photographs, these are {len(files)}.")
    means = predict(Model(folder), files, tick) @ np.arange(1, SCORES + 1)
    found = {head: Population.of(name, means[:, HEADS.index(head)].tolist()) for head in heads}
    manifest = Manifest.read(folder)
    replace(manifest, population={**manifest.population, **found}).write(folder)
    return found
