"""Folders of this machine that commands work in: a checkout of this project, and the user's own."""

from __future__ import annotations

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
    return project / "functions" / "score" / "models" if project else _data("models")


def model_places() -> Places:
    """Where models are looked for: one's own, then those that came with the package."""
    own = own_models()
    return (own, SHIPPED) if own else (SHIPPED,)


def downloads() -> Path | None:
    """Where downloaded weights are kept; None where there is no home."""
    project = _project()
    folder = project / ".cache" if project else cache_folder()
    return folder and folder / "weights"


def _project() -> Path | None:
    folders = list(Path(__file__).resolve().parents)
    with suppress(FileNotFoundError):  # the working folder has been deleted
        folders = [Path.cwd(), *Path.cwd().parents, *folders]
    return next((folder for folder in folders if (folder / _MARK).is_file()), None)


def cache_folder() -> Path | None:
    """Where what can be made again is kept for this program; None where there is no home."""
    from platformdirs import user_cache_path

    return _absolute(user_cache_path("nima", appauthor=False))


def runs_folder() -> Path | None:
    """Where what commands change among files is written down, so that it can be undone; None where there is no home."""
    return _data("runs")


def _data(name: str) -> Path | None:
    """A folder of this program's among the user's data; None where there is no home."""
    from platformdirs import user_data_path

    folder = _absolute(user_data_path("nima", appauthor=False))
    return folder and folder / name


def _absolute(folder: Path) -> Path | None:
    return folder if folder.is_absolute() else None
