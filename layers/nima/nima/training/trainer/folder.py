"""A run's folder: which run it holds, and how far that is."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nima.errors import InvalidRequest
from nima.training.networks.architecture import Architecture
from nima.training.trainer.claim import check_claim, read_claim
from nima.training.trainer.plan import Plan

WEIGHTS = "model.weights.h5"
RUN = "run.json"
HISTORY = "history.csv"
HELD_OUT = "held-out.json"
FINDINGS = "findings.csv"
BOARDS = "tensorboard"
ANOTHER = "another run"


def check_free(folder: Path, made: Mapping[str, Any]) -> None:
    """Checks, before anything is made, that a folder is free or holds this very run.

    Args:
        folder: The run's folder, which need not be there.
        made: What its ``run.json`` is to say.

    Raises:
        InvalidRequest: It holds another run, or something else; nothing was written.
    """
    if not folder.exists():
        return
    if not (folder / RUN).exists() and any(path.name != FINDINGS for path in folder.iterdir()):
        raise InvalidRequest(f"{folder} is not empty, and holds no run. Choose another folder.")
    if "task" in made and "task" not in (read_claim(folder / RUN) or made):
        raise InvalidRequest(
            f"{folder} holds a run that does not say which labels it was trained on, as those of earlier releases do "
            "not. It can be exported, but not gone on with. Choose another folder."
        )
    check_claim(folder / RUN, made, ANOTHER)


def done_mark(folder: Path, stage: int) -> Path:
    """The file that says that a stage of the plan is over."""
    return folder / f"stage-{stage}.done"


def finished(folder: Path, plan: Plan) -> bool:
    """Whether all stages of the plan are over."""
    return (folder / WEIGHTS).exists() and all(done_mark(folder, n).exists() for n in range(len(plan.stages)))


def is_over(folder: Path, document: Mapping[str, Any]) -> bool:
    """Whether all stages of a run are over, by what its ``run.json`` says of them."""
    return all(done_mark(folder, n).exists() for n, _ in enumerate(document.get("plan", {}).get("stages", ())))


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keeps every other process out of a folder; it is made where it is missing, and gone again if it stays empty.

    Raises:
        InvalidRequest: Another process is in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InvalidRequest(f"Another process trains in {folder}.") from error
        yield
    finally:
        os.close(descriptor)
        with suppress(OSError):
            folder.rmdir()


def described(folder: Path) -> dict[str, Any]:
    """What the ``run.json`` of a run says.

    Raises:
        InvalidRequest: It is not the folder of a run.
    """
    document = read_claim(folder / RUN)
    if not document or "architecture" not in document:
        raise InvalidRequest(f"{folder} is not the folder of a training run.")
    return document


def read_run(folder: Path) -> tuple[Architecture, dict[str, Any]]:
    """The architecture of a run that has weights, and all that its ``run.json`` says.

    Raises:
        InvalidRequest: It is not the folder of a run, or the run has no weights yet.
    """
    document = described(folder)
    if not (folder / WEIGHTS).is_file():
        raise InvalidRequest(f"The run in {folder} has no weights yet.")
    architecture = document["architecture"]
    return Architecture(**{**architecture, "heads": tuple(architecture["heads"])}), document
