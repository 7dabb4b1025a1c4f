"""A small training in a process of its own, which dies where it is told to: real trainer and kills, tiny network.

``python -m tests.training.small_run FOLDER '{"die_at": 3, ...}'`` ends with one line of JSON: what the kept weights do
on the validation side, and how many files were put in their places.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nima.model.manifest import SCORES
from nima.training.networks.architecture import TRUNK, Architecture
from nima.training.samples.batches import batches
from nima.training.samples.samples import Samples
from nima.training.trainer.folder import HISTORY
from nima.training.trainer.history import Epoch, History
from nima.training.trainer.judge import Judge
from nima.training.trainer.plan import Plan, Stage

SIDE = 16
HEAD = "aesthetic"


def started(folder: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """The small training, as far as it came."""
    command = [sys.executable, "-m", "tests.training.small_run", str(folder), json.dumps(options)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def finished(folder: Path, **options: Any) -> tuple[dict[str, float], int]:
    """The same, which must come to its end: what its kept weights do, and how many files it put in their places."""
    answer = started(folder, **options)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout.splitlines()[-1])
    return found["kept"], found["files"]


def epochs(folder: Path, keep: str = "emd") -> tuple[Epoch, ...]:
    return History.read(folder / HISTORY, keep).epochs


def samples(count: int, seed: int) -> Samples:
    """Noise, rated the higher the brighter it is."""
    rng = np.random.default_rng(seed)
    scores = np.arange(count) % SCORES
    pixels = rng.integers(0, 60, (count, SIDE, SIDE, 3)) + 20 * scores[:, None, None, None]
    rated = np.exp(-np.abs(np.arange(SCORES) - scores[:, None]))
    labels = np.stack([np.full((count, SCORES), 1 / SCORES), rated / rated.sum(1, keepdims=True)], 1)
    weights, orders = np.ones((count, 2), np.float32), np.zeros((count, 3), np.float32)
    return Samples(pixels.astype(np.uint8), labels.astype(np.float32), weights, orders)


def network(heads: Sequence[str]) -> Any:
    """A trunk that can see how bright a picture is, and a layer with dropout for each head."""
    import keras

    inputs = keras.Input((SIDE, SIDE, 3))
    trunk = keras.Sequential(
        [keras.layers.Conv2D(8, 4, 4, activation="relu"), keras.layers.GlobalAveragePooling2D()], name=TRUNK
    )
    features = keras.layers.Dropout(0.2)(trunk(inputs))
    return keras.Model(
        inputs, {head: keras.layers.Dense(SCORES, activation="softmax", name=head)(features) for head in heads}
    )


def _dies_before(file: int) -> list[str]:
    """Kills this process when it is about to put the n-th of its files in its place; the files before are returned."""
    placed: list[str] = []

    def counted(method: str) -> None:
        put = getattr(Path, method)

        def put_or_die(path: Path, *arguments: Any, **options: Any) -> Any:
            placed.append(path.name)
            if len(placed) == file:
                os.kill(os.getpid(), signal.SIGKILL)
            return put(path, *arguments, **options)

        setattr(Path, method, put_or_die)

    counted("replace")
    counted("touch")
    return placed


def main(
    folder: Path,
    *,
    rates: tuple[float, ...] = (0.1, 0.02),
    stages: tuple[int, ...] = (2, 2),
    heads: tuple[str, ...] = ("technical", "aesthetic"),
    keep: str = "emd",
    patience: int = 0,
    start: str | None = None,
    die_at: int = 0,
) -> None:
    from nima.training.trainer.train import train

    plan = Plan(
        tuple(Stage(count, rate) for count, rate in zip(stages, rates, strict=True)), patience=patience, keep=keep
    )

    def make() -> Any:
        model = network(heads)
        if start:
            model.load_weights(start)
        return model

    validation = batches([(samples(20, 2), 1.0)], heads, 8, plan.seed, shuffle=False)
    placed = _dies_before(die_at)
    model = train(
        folder,
        Architecture(heads=tuple(heads)),
        plan,
        make,
        training=batches([(samples(40, 1), 1.0)], heads, 8, plan.seed),
        validation=validation,
        head=HEAD,
    )
    print(json.dumps({"kept": Judge(validation, HEAD, plan.loss)(model), "files": len(placed)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), **json.loads(sys.argv[2]))
