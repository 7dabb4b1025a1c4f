"""The folder of shared photographs and models, and an assessor with the models in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nima.assess.assessor import Assessor
from nima.local.adopt import adopt
from nima.model.litert import LazyModel

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = (ROOT / os.environ.get("NIMA_SHARED_DATA", "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"NIMA_SHARED_DATA: {folder} is not there")
    return folder


@pytest.fixture(scope="session")
def cases(shared: Path) -> Path:
    folder = shared / "cases"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


@pytest.fixture(scope="session")
def assessor(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Assessor:
    """Assesses with the int8-weight build of the two published MobileNets."""
    return Assessor(LazyModel(adopt(shared / "nima-idealo", tmp_path_factory.mktemp("models"))))
