"""Which pictures paths stand for, each once and under one name."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nima.desk.companions import by_shot
from nima.errors import InvalidRequest
from nima.image.formats import EXTENSIONS
from nima.local.files import Found, Skipped, find, is_folder, shown, skipped_lines


@dataclass(frozen=True)
class Shot:
    """A picture to be judged.

    Attributes:
        path: Its file.
        name: What it goes by: its path, relative to the folder where only one was named.
        companions: Other files of the same shot, which go where it goes.
    """

    path: Path
    name: str
    companions: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Shots:
    """What paths stand for, and what of their folders is left out."""

    shots: tuple[Shot, ...]
    skipped: tuple[Skipped, ...]


def find_shots(paths: Sequence[Path], *, recursive: bool = True) -> Shots:
    """The pictures of some files, folders and patterns, in the order of their names. Nothing is opened.

    Args:
        paths: A pattern is what no file is called and a shell would have expanded; one that matches nothing is taken
            for a file's name.
        recursive: Whether the folders in a folder are looked into.

    Raises:
        InvalidRequest: There are none.
    """
    named = list(_expanded(paths))
    found = [find(path, recursive=recursive, raw=True) if is_folder(path) else Found((path,), ()) for path in named]
    start = named[0] if len(named) == 1 and is_folder(named[0]) else None
    pictures = dict.fromkeys(picture for one in found for picture in one.pictures)
    skipped = tuple(skipped for one in found for skipped in one.skipped)
    if not pictures:
        lines = "".join(f"\n{line}" for line in skipped_lines(skipped))
        places = ", ".join(map(shown, paths))
        raise InvalidRequest(f"There are no pictures in {places}; looked for {', '.join(sorted(EXTENSIONS))}.{lines}")
    together = by_shot(pictures)
    beside = {companion for companions in together.values() for companion in companions}
    shots = (
        Shot(path, shown(path.relative_to(start) if start else path), companions)
        for path, companions in together.items()
    )
    return Shots(tuple(shots), tuple(one for one in skipped if one.path not in beside))


def _expanded(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        pattern = str(path)
        matches: list[str] = []
        if glob.has_magic(pattern) and not _exists(path):
            matches = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  # of absolute patterns too
        yield from map(Path, matches or (pattern,))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # it may not be looked at
        return True
