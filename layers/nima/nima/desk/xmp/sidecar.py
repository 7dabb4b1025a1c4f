"""Which files of their own pictures' XMP goes into: ``name.xmp``, as Adobe's programs have it, and ``name.ext.xmp``, as
darktable has it; digiKam reads both."""

from __future__ import annotations

import errno
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nima.desk.companions import name_key
from nima.image.formats import RAW_EXTENSIONS

BOTH, ADOBE, DARKTABLE = NAMINGS = ("both", "adobe", "darktable")
"""Whose names sidecars have."""

_EXTENSION = ".xmp"
_USUAL = (".jpg", ".jpeg")


@dataclass(frozen=True)
class Sidecar:
    """A sidecar that there is, or is to be.

    Attributes:
        path: The file.
        pictures: Those that it is about.
        there: Whether there is one; its name may then be in other letters, as IMG_1.XMP.
    """

    path: Path
    pictures: tuple[Path, ...]
    there: bool


class Sidecars:
    """The sidecars of shots, which are the pictures of one exposure, as a RAW and a JPEG.

    ``name.xmp`` is read for every picture of that name, so that it belongs to one shot alone: that with the RAW, for
    which the name was made, else that with the JPEG.
    """

    def __init__(self, shots: Iterable[Sequence[Path]]) -> None:
        owners: dict[tuple[Path, str], list[tuple[Path, ...]]] = defaultdict(list)
        self._darktables: set[Path] = set()
        for shot in shots:
            owners[_name(shot[0])].append(tuple(shot))
            self._darktables.update(map(_darktables, shot))
        self._owners = {name: min(those, key=_rank) for name, those in owners.items()}
        self._folders: dict[Path, Mapping[str, Path]] = {}

    def of(self, shot: Sequence[Path], naming: str = BOTH) -> list[Sidecar]:
        """The sidecars of a shot by one naming or both; none by Adobe's where that one is another shot's."""
        found = []
        adobes = shot[0].with_suffix(_EXTENSION)
        owned = self._owners.get(_name(shot[0]), tuple(shot)) == tuple(shot)
        if naming in (BOTH, ADOBE) and owned and adobes not in self._darktables:  # photo.jpg.jpg's, beside photo.jpg
            found.append(self._sidecar(adobes, tuple(shot)))
        if naming in (BOTH, DARKTABLE):
            # The longer of both names may be one that no file can have.
            found += [
                self._sidecar(_darktables(path), (path,)) for path in shot if not found or _can_be(_darktables(path))
            ]
        files: dict[str, Sidecar] = {}
        for one in found:
            files.setdefault(os.path.realpath(one.path), one)  # one may be a link to another
        return list(files.values())

    def _sidecar(self, path: Path, pictures: tuple[Path, ...]) -> Sidecar:
        folder = path.parent
        if folder not in self._folders:
            names = (entry for entry in folder.iterdir() if entry.suffix.lower() == _EXTENSION)
            self._folders[folder] = {name_key(entry.name): entry for entry in sorted(names, reverse=True)}
        there = path if path.exists() else self._folders[folder].get(name_key(path.name))
        if there in self._darktables - {path}:  # of a picture whose name differs in the case of letters alone
            there = None
        return Sidecar(there or path, pictures, there is not None)


def is_raw(path: Path) -> bool:
    """Whether a picture is camera RAW, by its name."""
    return path.suffix.lower() in RAW_EXTENSIONS


def _can_be(path: Path) -> bool:
    """Whether a file can have such a name."""
    try:
        path.lstat()
    except OSError as error:
        return error.errno != errno.ENAMETOOLONG
    return True


def _darktables(path: Path) -> Path:
    return path.with_name(path.name + _EXTENSION)


def _name(path: Path) -> tuple[Path, str]:
    return path.parent, name_key(path.stem)


def _rank(shot: Sequence[Path]) -> tuple[bool, bool, bool, str]:
    return (
        not any(map(is_raw, shot)),
        all(path.suffix.lower() == ".dng" for path in shot),
        not any(path.suffix.lower() in _USUAL for path in shot),
        shot[0].name,
    )
