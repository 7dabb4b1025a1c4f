"""What a run changes among a photographer's files, written down before it is done, so that it can be undone.

A line of JSON for each change is on the disk before the change is made. A change is made whole or not at all, so that
whether it was made can be told from the files, after a power cut too::

    with Journal("tag") as journal:
        journal.write(photo.with_suffix(".xmp"), packet)
        journal.move(photo, rejects / photo.name)
"""

from __future__ import annotations

import json
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nima.desk import replacing
from nima.desk.replacing import sha256
from nima.errors import InvalidRequest, UnwritableFile
from nima.local.project import runs_folder

VERSION = 1
"""The number of the shape of what is written down."""

_LINES = "changes.jsonl"
_LAST_LINE = 1000  # that a run was undone; what was changed takes more, and then says nothing here
_KEPT = 100
"""Runs that are remembered."""

_WHOLE = 1 << 20
"""Bytes up to which a file is kept whole; of a larger one only those that change are."""


@dataclass(frozen=True)
class Before:
    """A file as it was.

    Attributes:
        sha256: The hash of its bytes.
        mtime_ns: When it was modified.
        mode: Its permissions.
        start, end: How many bytes at its beginning and end were left as they are; both 0 where it is kept whole.
        kept: Those between.
    """

    sha256: str
    mtime_ns: int
    mode: int
    start: int
    end: int
    kept: bytes

    def of(self, now: bytes) -> bytes | None:
        """The bytes as they were, from those that the run wrote; None where these are not known to be those."""
        data = now[: self.start] + self.kept + now[len(now) - self.end :] if self.start or self.end else self.kept
        return data if sha256(data) == self.sha256 else None


@dataclass(frozen=True)
class Written:
    """A file that was written. ``before`` is None where there was none; ``after`` is the hash of what was written."""

    path: Path
    before: Before | None
    after: str
    folders: tuple[Path, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        before = self.before and {**vars(self.before), "kept": b64encode(zlib.compress(self.before.kept)).decode()}
        return {"write": str(self.path), "before": before, "after": self.after, "folders": list(map(str, self.folders))}


@dataclass(frozen=True)
class Moved:
    """A file that was moved, with its size and time, by which it is known."""

    source: Path
    target: Path
    bytes: int
    mtime_ns: int
    folders: tuple[Path, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        known = {"to": str(self.target), "bytes": self.bytes, "mtime_ns": self.mtime_ns}
        return {"move": str(self.source), **known, "folders": list(map(str, self.folders))}


Change = Written | Moved


def places(change: Change) -> tuple[Path, ...]:
    """The files that a change is about."""
    return (change.path,) if isinstance(change, Written) else (change.source, change.target)


def part(run: str, number: int, folder: Path) -> Path:
    """Where a run puts a file together for its change of that number."""
    return folder / f".nima-{run}-{number}.part"


def default_folder() -> Path:
    """Where runs are written down: in the user's data folder.

    Raises:
        UnwritableFile: There is no home.
    """
    folder = runs_folder()
    if folder is None:
        raise UnwritableFile("What is to be changed cannot be written down: there is no home folder.")
    return folder


class Journal:
    """A run that changes files. Nothing of it is made before its first change.

    Args:
        command: What ran, as in ``nima undo --list``.
        folder: Where it is written down; ``default_folder()`` where None.
    """

    def __init__(self, command: str, folder: Path | None = None) -> None:
        self.command = command
        self.run: str | None = None
        """The run's name, once it has changed something."""
        self.changes = 0
        """How many changes it has made."""
        self._folder = folder
        self._lines = 0
        self._file: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def write(self, path: Path, data: bytes, *, before: bytes | None = None) -> None:
        """Creates or replaces a file, as a whole or not at all; a link's target where it is one.

        Args:
            before: Its bytes as they were when ``data`` was made of them; None where there was no file.

        Raises:
            UnwritableFile: It cannot be written, is marked read-only, or is not any more what it was.
        """
        with _as_unwritable():
            path = path.resolve()
            replacing.check_writable(path)
            was = path.read_bytes() if path.exists() else None
            if was != before:
                raise UnwritableFile("The file cannot be written: another program has just changed it.")
            kept = None if was is None else _before(was, data, path.stat())
            self._make(Written(path, kept, sha256(data)), path.parent, lambda part: replacing.replace(path, data, part))

    def move(self, source: Path, target: Path) -> None:
        """Moves a file, whose name may change; the folders on the way are made. A link is moved itself.

        Raises:
            UnwritableFile: It cannot be moved, or there is a file in the new place.
        """
        source, target = source.absolute(), target.absolute()
        with _as_unwritable():
            about = source.lstat()
            if os.path.lexists(target):
                raise UnwritableFile("The file cannot be moved: there is one of its name.", detail=str(target))
            change = Moved(source, target, about.st_size, about.st_mtime_ns)
            self._make(change, target.parent, lambda part: replacing.move(source, target, part))

    def _make(self, change: Change, parent: Path, do: Callable[[Path], None]) -> None:
        missing = [folder for folder in (parent, *parent.parents) if not folder.exists()]
        with _as_unwritable("What is to be changed cannot be written down"):
            run = self._begin()
            add_line(self._file, replace(change, folders=tuple(missing)).to_json())
            self._lines += 1
        parent.mkdir(parents=True, exist_ok=True)
        do(part(run, self._lines, parent))
        self.changes += 1

    def _begin(self) -> str:
        if self.run is None:
            folder = self._folder or default_folder()
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            began = datetime.now(UTC)
            place = _new_run(folder, f"{began.astimezone():%Y%m%d-%H%M%S}-{self.command}")
            self._file = (place / _LINES).open("ab", buffering=0)
            add_line(self._file, {"version": VERSION, "command": self.command, "began": began.isoformat()})
            _sync_folder(place)
            _forget(folder)
            self.run = place.name
        return self.run


def add_line(file: Any, line: dict[str, Any]) -> None:
    """Adds a line to what a run has written down, and returns when it is on the disk."""
    start = file.seek(0, os.SEEK_END)
    try:
        file.write(b"%s\n" % json.dumps(line).encode())  # in ASCII, which any name can be written in
        os.fsync(file.fileno())
    except OSError:
        file.truncate(start)
        raise


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
        """What it changed, in its order, read anew; the last one may not have come to pass."""
        with self.lines.open("rb") as file:
            return tuple(_change(line) for line in map(_parsed, file) if line and _is_change(line))


def folder_of(changes: Sequence[Change]) -> Path:
    """The folder that all files lie in which some changes are about."""
    files = [str(place.parent) for change in changes for place in places(change)]
    return Path(os.path.commonpath(files)) if len({Path(file).anchor for file in files}) == 1 else Path(files[0])


def runs(folder: Path | None = None) -> list[Run]:
    """The runs that are remembered, the earliest first."""
    folder = folder or default_folder()
    found = [_read(path) for path in folder.glob(f"*/{_LINES}")]
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
    """A run; None where it changed nothing, or was written down by a later release."""
    with path.open("rb") as file:
        head, first = _parsed(file.readline()), _parsed(file.readline())
        file.seek(max(file.seek(0, os.SEEK_END) - _LAST_LINE, 0))
        last = _parsed(file.read().rstrip(b"\n").rpartition(b"\n")[2]) or {}
    if not head or head.get("version") != VERSION or not first or not _is_change(first):
        return None
    began = datetime.fromisoformat(head["began"])
    return Run(path.parent.name, head["command"], began, "undone" in last, path)


def _parsed(line: bytes) -> dict[str, Any] | None:
    """A line; None where it was cut off, so that its change was never begun."""
    try:
        return json.loads(line)  # type: ignore[no-any-return]
    except ValueError:
        return None


def _is_change(line: dict[str, Any]) -> bool:
    return "write" in line or "move" in line


def _change(line: dict[str, Any]) -> Change:
    folders = tuple(map(Path, line["folders"]))
    if "move" in line:
        return Moved(Path(line["move"]), Path(line["to"]), line["bytes"], line["mtime_ns"], folders)
    before = line["before"] and Before(**{**line["before"], "kept": zlib.decompress(b64decode(line["before"]["kept"]))})
    return Written(Path(line["write"]), before, line["after"], folders)


def _before(was: bytes, data: bytes, about: os.stat_result) -> Before:
    start = end = 0
    if len(was) > _WHOLE:
        start = _common(was, data)
        end = _common(was[start:][::-1], data[start:][::-1])
    return Before(sha256(was), about.st_mtime_ns, about.st_mode & 0o7777, start, end, was[start : len(was) - end])


def _common(one: bytes, other: bytes) -> int:
    """How many bytes at the beginning are the same."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _new_run(folder: Path, name: str) -> Path:
    for number in count(1):
        with suppress(FileExistsError):
            place = folder / (name if number == 1 else f"{name}-{number}")
            place.mkdir(mode=0o700)
            break
    return place


def _forget(folder: Path) -> None:
    for run in runs(folder)[:-_KEPT]:
        run.lines.unlink(missing_ok=True)
        run.lines.parent.rmdir()


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def _as_unwritable(what: str = "The file cannot be written") -> Iterator[None]:
    """Failures of the system as errors that have a code."""
    try:
        yield
    except OSError as error:
        cause = (error.strerror or "the device failed").lower()
        raise UnwritableFile(f"{what}: {cause}.", detail=repr(error)) from error
