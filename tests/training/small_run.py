"""A small training in a process of its own, which dies where it is told to: real trainer and kills, tiny network.

The processes are forks of one that has imported Keras, which takes longer than such a training.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from nima.errors import NimaError
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
# The greetings of TensorFlow, which the first process would show.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["keras", "nima.training.trainer.train"])


@dataclass(frozen=True)
class Ended:
    """How a training ended.

    Attributes:
        code: The exit code of its process; minus the signal that killed it.
        kept: What the kept weights do on the validation side, if it came to its end.
        files: How many files it put in their places then.
        error: Why it was refused.
    """

    code: int
    kept: dict[str, float]
    files: int = 0
    error: str = ""


def started(folder: Path, **options: Any) -> Ended:
    """The small training, as far as it came."""
    hearing, telling = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_run, args=(telling, folder, options))
    process.start()
    telling.close()
    try:
        told = hearing.recv()
    except EOFError:  # it was killed
        told = {"kept": {}}
    process.join()
    return Ended(process.exitcode or 0, **told)


def finished(folder: Path, **options: Any) -> Ended:
    """The same, which must come to its end."""
    ended = started(folder, **options)
    assert ended.code == 0, ended.error
    return ended


def _run(telling: Connection, folder: Path, options: dict[str, Any]) -> None:
    try:
        kept, files = train_small(folder, **options)
    except NimaError as error:
        telling.send({"kept": {}, "error": error.message})
        raise SystemExit(1) from None
    telling.send({"kept": kept, "files": files})


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


def train_small(
    folder: Path,
    *,
    rates: tuple[float, ...] = (0.1, 0.02),
    stages: tuple[int, ...] = (2, 2),
    heads: tuple[str, ...] = ("technical", "aesthetic"),
    keep: str = "emd",
    patience: int = 0,
    start: str | None = None,
    die_at: int = 0,
) -> tuple[dict[str, float], int]:
    """What the kept weights do on the validation side, and how many files were put in their places."""
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
    return Judge(validation, HEAD, plan.loss)(model), len(placed)
