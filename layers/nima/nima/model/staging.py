"""Atomic installation: a model folder appears whole or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def staged(models: Path, model_id: str) -> Iterator[Path]:
    """An empty folder that becomes ``models/model_id``, in place of any that is there, if the block ends well.

    One installation at a time; what a killed one left (folders with a leading dot, which nobody reads) is cleared.
    """
    models.mkdir(parents=True, exist_ok=True)
    with _only_one(models):
        for leftover in models.glob(f".{model_id}-*"):
            shutil.rmtree(leftover)
        temporary = Path(tempfile.mkdtemp(prefix=f".{model_id}-", dir=models))
        try:
            fresh, replaced = temporary / "new", temporary / "old"
            fresh.mkdir()
            yield fresh
            target = models / model_id
            if target.exists():
                target.rename(replaced)
            fresh.rename(target)
        finally:
            shutil.rmtree(temporary)


def remove(folder: Path) -> None:
    """Removes a model folder: it is gone at once, whatever happens to its files then."""
    with _only_one(folder.parent):
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        folder.rename(temporary / "old")
        shutil.rmtree(temporary)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
