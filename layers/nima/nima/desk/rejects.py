"""Putting rejected pictures away, into a folder or into the system's trash."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Protocol

from nima.desk.journal import Journal
from nima.desk.scan import Row
from nima.errors import NimaError


@dataclass(frozen=True)
class PutAway:
    """What became of the files of a shot.

    Attributes:
        row: The shot.
        targets: Where its files lie now; none where they were not moved, or are in the trash.
        error: Why they were not put away.
    """

    row: Row
    targets: tuple[Path, ...] = ()
    error: NimaError | None = None


class Way(Protocol):
    """A way of putting shots away."""

    def put(self, row: Row) -> PutAway:
        """Puts all files of a shot away, or none."""
        ...


def files_of(row: Row) -> tuple[Path, ...]:
    """Every file of a shot."""
    return (row.path, *row.companions)


class IntoFolder:
    """Moves shots into a folder, under the names that they have where they are.

    A name that is taken there, by any file of the shot, has a number for all of them: ``IMG_1 (2).jpg`` with
    ``IMG_1 (2).xmp``.

    Args:
        folder: The folder, which is made.
        start: The folder whose order of folders is kept in it; what lies outside of it is put right into ``folder``.
        journal: Where it is written down; None where it is only told what would be done.
    """

    def __init__(self, folder: Path, start: Path, journal: Journal | None) -> None:
        self._folder = folder
        self._start = start.absolute()
        self._journal = journal
        self._taken: set[Path] = set()

    def put(self, row: Row) -> PutAway:
        """Moves all files of a shot, or none."""
        files = files_of(row)
        targets = self._targets(files)
        self._taken.update(targets)
        if self._journal is None:
            return PutAway(row, targets)
        try:
            with self._journal.together():
                for source, target in zip(files, targets, strict=True):
                    self._journal.move(source, target)
        except NimaError as error:
            return PutAway(row, error=error)
        return PutAway(row, targets)

    def _targets(self, files: Sequence[Path]) -> tuple[Path, ...]:
        place = files[0].absolute().parent
        folder = self._folder / (place.relative_to(self._start) if place.is_relative_to(self._start) else "")
        for number in count(1):
            targets = tuple(folder / _numbered(file.name, files[0].stem, number) for file in files)
            if not any(target in self._taken or os.path.lexists(target) for target in targets):
                break
        return targets


class IntoTrash:
    """Puts shots into the system's trash.

    Args:
        send: What puts a file there.
        journal: Where it is written down; None where it is only told what would be done.
    """

    def __init__(self, send: Callable[[str], None], journal: Journal | None) -> None:
        self._send = send
        self._journal = journal

    def put(self, row: Row) -> PutAway:
        """Puts all files of a shot into the trash, the picture last: without it they would be taken for another's."""
        if self._journal is None:
            return PutAway(row)
        try:
            with self._journal.together():
                for file in reversed(files_of(row)):
                    self._journal.throw_away(file, self._send)
        except NimaError as error:
            return PutAway(row, error=error)
        return PutAway(row)


def put_away(rows: Iterable[Row], way: Way) -> Iterator[PutAway]:
    """Puts shots away, one after the other; what fails is told and stops none of the others."""
    for row in rows:
        yield way.put(row)


def _numbered(name: str, stem: str, number: int) -> str:
    """A name of a shot with a number behind what all of its files' names begin with."""
    if number == 1:
        return name
    end = len(stem) if name.casefold().startswith(stem.casefold()) else len(Path(name).stem)
    return f"{name[:end]} ({number}){name[end:]}"
