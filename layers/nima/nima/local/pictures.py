"""The pictures to begin with: a folder's, or photographs that ship inside scikit-image."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from nima.errors import InvalidRequest
from nima.image.formats import EXTENSIONS
from nima.local.files import Skipped, find
from nima.packages import file_of

NOT_UTF8 = "with names that are not UTF-8, as keys have to be"
CONTROL = "with control characters in their names, which keys must not have"
PHOTOGRAPHS = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "chelsea.png",
    "coffee.png",
    "coins.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "moon.png",
    "motorcycle_left.png",
    "rocket.jpg",
)


@dataclass(frozen=True)
class Pictures:
    """Pictures by their paths in a folder, in the order of the paths, and the other files."""

    files: dict[str, Path]
    skipped: tuple[Skipped, ...]


def pictures_of(folder: Path) -> Pictures:
    """The pictures in a folder and its folders; what has no picture's extension, or no name for a key, is skipped.

    Raises:
        InvalidRequest: It is not a folder, or there is no picture in it.
    """
    if not folder.is_dir():
        raise InvalidRequest(f"{folder} is not a folder.")
    found = find(folder)
    if not found.pictures:
        raise InvalidRequest(f"There are no pictures in {folder}; looked for {', '.join(sorted(EXTENSIONS))}.")
    paths = {path.relative_to(folder).as_posix(): path for path in found.pictures}
    unnamed = {path: reason for path in paths if (reason := _no_key(path))}
    files = {path: file for path, file in sorted(paths.items()) if path not in unnamed}
    return Pictures(files, (*found.skipped, *(Skipped(paths[path], reason) for path, reason in unnamed.items())))


def default_pictures() -> Pictures:
    """Photographs from scikit-image's wheel, which is looked up but never imported.

    Raises:
        InvalidRequest: scikit-image is not installed, or no longer holds any of them.
    """
    found = {f"scikit-image/{name}": file_of("skimage", "data", name) for name in PHOTOGRAPHS}
    files = {name: file for name, file in found.items() if file}
    if not files:
        raise InvalidRequest("There are no pictures to begin with: name a folder (--images), or install scikit-image.")
    return Pictures(files, ())


def _no_key(path: str) -> str | None:
    """Why a path in the folder cannot be a key; None where it can."""
    kinds = {unicodedata.category(character) for character in path}
    return NOT_UTF8 if "Cs" in kinds else CONTROL if "Cc" in kinds else None
