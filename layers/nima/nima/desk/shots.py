"""Which pictures paths stand for, each once and under one name."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nima.desk.companions import by_shot
from nima.desk.judging import LIMITS
from nima.desk.remote import Remote, is_remote, listed
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
        remote: The object in S3 that it is; then the path is its key.
    """

    path: Path
    name: str
    companions: tuple[Path, ...] = ()
    remote: Remote | None = None


@dataclass(frozen=True)
class Shots:
    """What paths stand for, and what of their folders is left out."""

    shots: tuple[Shot, ...]
    skipped: tuple[Skipped, ...]


def find_shots(paths: Sequence[Path], *, recursive: bool = True, remote: bool = False) -> Shots:
    """The pictures of some files, folders and patterns, in the order of their names. Nothing is opened.

    Args:
        paths: A pattern is what no file is called and a shell would have expanded; one that matches nothing is taken
            for a file's name.
        recursive: Whether the folders in a folder are looked into.
        remote: Whether ``s3://bucket/prefix`` is looked into.

    Raises:
        InvalidRequest: There are none, or what is in S3 will not do.
    """
    away = [path for path in paths if is_remote(path)]
    if away and not remote:
        raise InvalidRequest(f"{shown(away[0])} is in S3; this works on files of this machine.")
    objects = tuple(_remote(path, recursive=recursive) for path in away)
    named = list(_expanded([path for path in paths if path not in away]))
    found = [find(path, recursive=recursive, raw=True) if is_folder(path) else Found((path,), ()) for path in named]
    start = named[0] if len(named) == 1 and is_folder(named[0]) else None
    pictures = _each_once(picture for one in found for picture in one.pictures)
    skipped = tuple(skipped for one in found for skipped in one.skipped)
    far = tuple(shot for shots in objects for shot in shots)
    if not pictures and not far:
        lines = "".join(f"\n{line}" for line in skipped_lines(skipped))
        places = ", ".join(map(shown, paths))
        kinds = ", ".join(sorted(EXTENSIONS))
        raise InvalidRequest(f"There are no pictures in {places}; looked for {kinds} and camera RAW.{lines}")
    together = by_shot(pictures)
    beside = {companion for companions in together.values() for companion in companions}
    shots = (
        Shot(path, shown(path.relative_to(start) if start else path), companions)
        for path, companions in together.items()
    )
    return Shots((*shots, *far), tuple(one for one in skipped if one.path not in beside))


def _each_once(files: Iterable[Path]) -> list[Path]:
    """Files, each under the first name that it has: a folder may be named twice, in other words."""
    place = lru_cache(maxsize=None)(os.path.realpath)
    names: dict[tuple[str, str], Path] = {}
    for file in files:
        names.setdefault((place(file.parent), file.name), file)
    return list(names.values())


def _remote(path: Path, *, recursive: bool) -> Iterator[Shot]:
    for one in listed(path, LIMITS, recursive=recursive):
        yield Shot(Path(one.key), f"s3://{one.bucket}/{one.key}", remote=one)


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
