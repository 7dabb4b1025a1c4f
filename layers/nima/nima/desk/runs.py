"""The runs that have changed files, as they are written down."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nima.desk.changes import Change, change_of, is_change, places
from nima.errors import InvalidRequest, UnwritableFile
from nima.local.project import runs_folder

VERSION = 1
"""The number of the shape of what is written down."""

LINES = "changes.jsonl"
"""The file of a run: a line that says what ran, a line for each change, and one where it was undone."""

_LAST_LINE = 1000  # that a run was undone; what was changed takes more, and then says nothing here
_DAMAGED = (ValueError, LookupError, TypeError, AttributeError, zlib.error)


def default_folder() -> Path:
    """Where runs are written down: in the user's data folder.

    Raises:
        UnwritableFile: There is no home.
    """
    folder = runs_folder()
    if folder is None:
        raise UnwritableFile("What is to be changed cannot be written down: there is no home folder.")
    return folder


@dataclass(frozen=True)
class Run:
    """A run as it is written down.

    Attributes:
        name: What it goes by.
        command: What ran.
        began: When.
        undone: Whether all of it was undone since.
        lines: The file that says so.
    """

    name: str
    command: str
    began: datetime
    undone: bool
    lines: Path

    def changes(self) -> tuple[Change, ...]:
        """What it changed, in its order, read anew; the last one may not have come to pass.

        Raises:
            InvalidRequest: It cannot be read any more.
        """
        try:
            with self.lines.open("rb") as file:
                return tuple(change_of(line) for line in map(_parsed, file) if line and is_change(line))
        except (OSError, *_DAMAGED) as error:
            raise InvalidRequest(f"What {self.name} changed cannot be read: {self.lines} is damaged.") from error


def folder_of(changes: Sequence[Change]) -> Path:
    """The folder that all files lie in which some changes are about."""
    files = [str(place.parent) for change in changes for place in places(change)]
    return Path(os.path.commonpath(files)) if len({Path(file).anchor for file in files}) == 1 else Path(files[0])


def runs(folder: Path | None = None) -> list[Run]:
    """The runs that are remembered, the earliest first."""
    folder = folder or default_folder()
    found = [_read(path) for path in folder.glob(f"*/{LINES}")]
    return sorted((run for run in found if run), key=lambda run: (run.began, run.name))


def find_run(name: str | None = None, command: str | None = None, folder: Path | None = None) -> Run:
    """A run by its name, or the last one that was not undone, of a command where one is named.

    Raises:
        InvalidRequest: There is none.
    """
    known = [run for run in runs(folder) if command in (None, run.command)]
    fitting = [run for run in known if (run.name == name if name else not run.undone)]
    if not fitting:
        what = f"no run {name}" if name else f"nothing of nima {command} to undo" if command else "nothing to undo"
        raise InvalidRequest(f"There is {what}; nima undo --list shows what there is.")
    return fitting[-1]


def _read(path: Path) -> Run | None:
    """A run; None where it changed nothing, was written down by a later release, or cannot be read."""
    try:
        with path.open("rb") as file:
            head, first = _parsed(file.readline()), _parsed(file.readline())
            file.seek(max(file.seek(0, os.SEEK_END) - _LAST_LINE, 0))
            last = _parsed(file.read().rstrip(b"\n").rpartition(b"\n")[2]) or {}
        if not head or head["version"] != VERSION or not first or not is_change(first):
            return None
        return Run(path.parent.name, head["command"], datetime.fromisoformat(head["began"]), "undone" in last, path)
    except (OSError, *_DAMAGED):
        return None


def _parsed(line: bytes) -> dict[str, Any] | None:
    """A line; None where it was cut off, so that its change was never begun."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
