"""Folders of this machine that commands work in: a checkout of this project, and the user's own."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from nima.errors import InvalidRequest
from nima.model.folder import SHIPPED, Places

_MARK = Path("functions", "score", "Dockerfile")


def find_project() -> Path:
    """The checkout that the working folder lies in, else the one that this file belongs to.

    Raises:
        InvalidRequest: There is none.
    """
    project = _project()
    if project is None:
        raise InvalidRequest("This works in a checkout of the project only: there is none here, nor in a folder above.")
    return project


def own_models() -> Path | None:
    """Where models are installed: the folder that the image takes them from in a checkout, else the user's data folder.

    None where there is neither.
    """
    project = _project()
    return project / "functions" / "score" / "models" if project else _home("XDG_DATA_HOME", ".local/share", "models")


def model_places() -> Places:
    """Where models are looked for: one's own, then those that came with the package."""
    own = own_models()
    return (own, SHIPPED) if own else (SHIPPED,)


def downloads() -> Path | None:
    """Where downloaded weights are kept; None where there is no home."""
    project = _project()
    return project / ".cache" / "weights" if project else _home("XDG_CACHE_HOME", ".cache", "weights")


def _project() -> Path | None:
    folders = list(Path(__file__).resolve().parents)
    with suppress(FileNotFoundError):  # the working folder has been deleted
        folders = [Path.cwd(), *Path.cwd().parents, *folders]
    return next((folder for folder in folders if (folder / _MARK).is_file()), None)


def _home(variable: str, usual: str, name: str) -> Path | None:
    """A folder of this program below a base directory of the XDG specification, which knows absolute ones only."""
    base = Path(os.environ.get(variable, ""))
    if not base.is_absolute():
        try:
            base = Path.home() / usual
        except RuntimeError:
            return None
    return base / "nima" / name
