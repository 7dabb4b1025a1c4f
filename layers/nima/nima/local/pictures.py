"""The pictures to begin with: a folder's, or photographs that ship inside scikit-image."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from nima.errors import InvalidRequest

EXTENSIONS = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".heic", ".heif", ".avif")
)
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
    """Pictures by the object key they get, in the order of the keys, and how many other files there were."""

    files: dict[str, Path]
    skipped: int


def pictures_of(folder: Path) -> Pictures:
    """The pictures in a folder and its folders; hidden files and what has no picture's extension are skipped.

    Raises:
        InvalidRequest: It is not a folder, or there is no picture in it.
    """
    if not folder.is_dir():
        raise InvalidRequest(f"{folder} is not a folder.")
    name = folder.resolve().name or "pictures"
    found: dict[str, Path] = {}
    skipped = 0
    for path in _files(folder):
        if _is_picture(path):
            found[object_key(path.relative_to(folder), name)] = path
        else:
            skipped += 1
    if not found:
        raise InvalidRequest(f"There are no pictures in {folder}; looked for {', '.join(sorted(EXTENSIONS))}.")
    return Pictures(dict(sorted(found.items())), skipped)


def default_pictures() -> Pictures:
    """Photographs from scikit-image's wheel, which is looked up but never imported.

    Raises:
        InvalidRequest: scikit-image is not installed, or no longer holds any of them.
    """
    spec = find_spec("skimage")
    folders = [Path(place) / "data" for place in (spec.submodule_search_locations or [])] if spec else []
    files = {
        object_key(Path(name), "scikit-image"): folder / name
        for folder in folders
        for name in PHOTOGRAPHS
        if (folder / name).is_file()
    }
    if not files:
        raise InvalidRequest("There are no pictures to begin with: name a folder (--images), or install scikit-image.")
    return Pictures(files, 0)


def object_key(relative: Path, folder_name: str) -> str:
    """The key of a picture: its path in the folder, which ``local/<folder>/`` makes at least three parts long."""
    parts = relative.parts if len(relative.parts) >= 3 else ("local", folder_name, *relative.parts)
    return "/".join(parts)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names))


def _is_picture(path: Path) -> bool:
    """Whether a file can be a picture with a key: keys are UTF-8, which not every file name is."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return path.suffix.lower() in EXTENSIONS and not path.name.startswith(".") and path.is_file()
