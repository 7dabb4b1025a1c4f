"""The files of one shot: a RAW and a rendered one of one name, and what programs have written beside them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from nima.image.formats import RAW_EXTENSIONS

SIDECARS = frozenset((".xmp", ".aae", ".cos", ".dop", ".mov", ".nksc", ".on1", ".pp3", ".thm", ".vrd", ".wav"))
"""Extensions of files that belong to a picture: programs' settings, a camera's thumbnail or spoken note, the moving
part of Apple's Live Photos."""

# darktable's sidecar of a second version of IMG_1.cr2 is IMG_1_01.cr2.xmp.
_VERSION = re.compile(r"(.+)_\d\d(\.[^.]+)")

_CONVERTED = ".dng"
_USUAL = (".jpg", ".jpeg")


def by_shot(files: Iterable[Path]) -> dict[Path, tuple[Path, ...]]:
    """Picture files, each with the other files of the same shot.

    Of one name in one folder (in any case of letters), one RAW and one rendered file are one shot, of which the
    rendered one is judged. A third is a shot of its own: the camera's RAW is taken rather than a DNG, and a JPEG rather
    than another format. Sidecars go by both usages, ``name.xmp`` and ``name.jpg.xmp``, each with one shot: that whose
    name it has to the letter, else the first; those of further versions of a file are with that file.

    Args:
        files: The pictures, RAW among them; each appears once in what is returned, as a key or a companion.
    """
    named: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for file in dict.fromkeys(files):
        named[file.parent, name_key(file.stem)].append(file)
    beside = _Sidecars()
    shots = [(pair, beside.of(pair[0].parent, pair)) for those in named.values() for pair in _pairs(those)]
    owners: dict[Path, tuple[int, list[Path]]] = {}
    for pair, sidecars in shots:
        for sidecar in sidecars:
            claim = _distance(sidecar, pair), pair
            owners[sidecar] = min(owners.get(sidecar, claim), claim, key=lambda one: one[0])
    return {
        pair[0]: tuple(dict.fromkeys([*pair[1:], *(file for file in sidecars if owners[file][1] is pair)]))
        for pair, sidecars in shots
    }


def name_key(name: str) -> str:
    """What names have in common that are the same but for the case of letters, or are so where letters are composed."""
    return unicodedata.normalize("NFC", name).casefold()


def _distance(sidecar: Path, files: Sequence[Path]) -> int:
    """How far a sidecar's name is from that of a shot."""
    about = sidecar.stem
    names, stems = [file.name for file in files], [file.stem for file in files]
    keys = {name_key(name) for name in names}
    return [about in names, name_key(about) in keys, about in stems, True].index(True)


def _pairs(files: Sequence[Path]) -> list[list[Path]]:
    raws = sorted((f for f in files if _is_raw(f)), key=lambda f: (f.suffix.lower() == _CONVERTED, f.name))
    rendered = sorted((f for f in files if not _is_raw(f)), key=lambda f: (f.suffix.lower() not in _USUAL, f.name))
    if raws and rendered:
        return [[rendered[0], raws[0]], *([f] for f in (*rendered[1:], *raws[1:]))]
    return [[f] for f in (*rendered, *raws)]


def _is_raw(file: Path) -> bool:
    return file.suffix.lower() in RAW_EXTENSIONS


class _Sidecars:
    """The sidecars of folders, by the name that stands before their extension; each folder is listed once."""

    def __init__(self) -> None:
        self._folders: dict[Path, Mapping[str, list[Path]]] = {}

    def of(self, folder: Path, files: Sequence[Path]) -> list[Path]:
        """Those by the names of some files with and without their extensions."""
        if folder not in self._folders:
            found: dict[str, list[Path]] = defaultdict(list)
            with suppress(OSError):
                entries = sorted(folder.iterdir())
                names = {name_key(entry.name) for entry in entries}
                for entry in (one for one in entries if one.suffix.casefold() in SIDECARS):
                    owner = name_key(entry.stem)
                    version = None if owner in names else _VERSION.fullmatch(owner)
                    found["".join(version.groups()) if version else owner].append(entry)
            self._folders[folder] = found
        names_here = dict.fromkeys(name_key(name) for name in (files[0].stem, *(file.name for file in files)))
        return [one for name in names_here for one in self._folders[folder].get(name, [])]
