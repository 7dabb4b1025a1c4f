"""The fixture ``model_folder``: a small real model for every test that scores, made once and kept between runs."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import nima.model
from nima.model.folder import SHIPPED
from nima.model.staging import staged
from tests import models

ROOT = Path(__file__).resolve().parents[1]
# Whatever can change the bytes of the model's folder.
_MAKERS = ("tensorflow-cpu", "keras", "numpy", "ai-edge-litert")


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with both heads in LiteRT: MobileNets of width 0.25 with fixed random weights."""
    kept = ROOT / ".cache" / "test-model" / _key()
    folder = tmp_path_factory.mktemp("model") / models.ORIGIN.id
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several workers that need it at once, one makes it
        if not kept.is_dir():
            with staged(kept.parent, kept.name) as fresh:
                # In a process of its own, so that TensorFlow's memory is not counted against what a test measures.
                subprocess.run([sys.executable, "-m", "tests.models", str(fresh)], cwd=ROOT, check=True)
    return Path(shutil.copytree(kept, folder))


def _key() -> str:
    digest = hashlib.sha256()
    for name in _MAKERS:
        digest.update(f"{name} {version(name)}\n".encode())
    # A model that is packed gets the learned reasons of the one that ships.
    reasons = (SHIPPED / "nima-lite").glob("reasons*")
    for path in sorted([Path(models.__file__), *reasons, *Path(str(nima.model.__file__)).parent.glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
