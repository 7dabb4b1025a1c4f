"""What a run changes among a photographer's files, written down before it is done, so that it can be undone.

A line of JSON for each change is on the disk before the change is made. A change is made whole or not at all, so that
whether it was made can be told from the files, after a power cut too::

    with Journal("tag") as journal, journal.together():
        journal.write(photo.with_suffix(".xmp"), packet)
        journal.move(photo, rejects / photo.name)
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from nima.desk import replacing, runs, trash
from nima.desk.changes import Before, Change, Moved, NotTakenBack, Trashed, Written, folders_made, places, take_back
from nima.desk.replacing import sha256
from nima.desk.runs import LINES, VERSION
from nima.errors import UnwritableFile
from nima.local.files import cause_of, write_all

_KEPT = 100
"""Runs that are remembered."""


def part(run: str, number: int, folder: Path) -> Path:
    """Where a run puts a file together for its change of that number."""
    return folder / f".nima-{run}-{number}.part"


class Journal:
    """A run that changes files. Nothing of it is made before its first change, or left where none came to pass.

    Args:
        command: What ran, as in ``nima undo --list``.
        folder: Where it is written down; ``runs.default_folder()`` where None.
    """

    def __init__(self, command: str, folder: Path | None = None) -> None:
        self.command = command
        self.run: str | None = None
        """The run's name, once it has changed something."""
        self.changes = 0
        """How many changes it has made."""
        self._folder = folder
        self._lines = 0
        self._file: BinaryIO | None = None
        self._place = Path()
        self._together: list[tuple[int, Change]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()
        if self.run and not self.changes:
            shutil.rmtree(self._place, ignore_errors=True)
            self.run = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Changes of which all are made or none: those of a block that fails are taken back."""
        self._together = []
        try:
            yield
        except BaseException:
            for number, change in reversed(self._together):
                again = part(str(self.run), number, places(change)[0].parent)
                with suppress(OSError, NotTakenBack):  # it is written down
                    take_back(change, again)
                    self._unmade(change)
            raise
        finally:
            self._together = []

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
            kept = None if was is None else Before.at(was, data, path.stat())
            change = Written(path, kept, sha256(data), _missing(path.parent))
            self._make(change, lambda part: replacing.replace(path, data, part))

    def move(self, source: Path, target: Path) -> None:
        """Moves a file, whose name may change; the folders on the way are made. A link is moved itself.

        Raises:
            UnwritableFile: It cannot be moved, or there is a file in the new place.
        """
        source, target = source.absolute(), target.absolute()
        with _as_unwritable("The file cannot be moved"):
            about = source.lstat()
            if os.path.lexists(target):
                raise UnwritableFile("The file cannot be moved: there is one of its name.", detail=str(target))
            change = Moved(source, target, about.st_size, about.st_mtime_ns, _missing(target.parent))
            self._make(change, lambda part: replacing.move(source, target, part))

    def throw_away(self, path: Path, send: Callable[[str], None]) -> None:
        """Puts a file into the system's trash, by ``trash.sender()``.

        Raises:
            UnwritableFile: It cannot be put there.
        """
        path = path.absolute()
        with _as_unwritable("The file cannot be put into the trash"):
            about = path.lstat()
            change = Trashed(path, about.st_size, about.st_mtime_ns, trash.tells())
            self._make(change, lambda _part: send(str(path)))

    def _make(self, change: Change, do: Callable[[Path], None]) -> None:
        with _as_unwritable("What is to be changed cannot be written down"):
            file = self._begun()
            add_line(file, change.to_json())
            self._lines += 1
        # Before it is made: where Ctrl-C comes in between it may have been.
        self._together.append((self._lines, change))
        self.changes += 1
        try:
            folder = places(change)[-1].parent
            folder.mkdir(parents=True, exist_ok=True)
            do(part(str(self.run), self._lines, folder))
        except Exception:
            self._together.pop()
            self._unmade(change)
            raise

    def _unmade(self, change: Change) -> None:
        self.changes -= 1
        for folder in folders_made(change):
            with suppress(OSError):  # somebody has put something there
                folder.rmdir()

    def _begun(self) -> BinaryIO:
        if self._file is None:
            folder = self._folder or runs.default_folder()
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            began = datetime.now(UTC)
            place = _new_run(folder, f"{began.astimezone():%Y%m%d-%H%M%S}-{self.command}")
            try:
                file = (place / LINES).open("ab", buffering=0)
                add_line(file, {"version": VERSION, "command": self.command, "began": began.isoformat()})
                _sync_folder(place)
            except OSError:
                shutil.rmtree(place, ignore_errors=True)
                raise
            _forget(folder)
            self.run, self._place, self._file = place.name, place, file
        return self._file


def add_line(file: BinaryIO, line: dict[str, Any]) -> None:
    """Adds a line to what a run has written down, and returns when all of it is on the disk."""
    start = file.seek(0, os.SEEK_END)
    data = b"%s\n" % json.dumps(line).encode()  # in ASCII, which any name can be written in
    try:
        write_all(file, data)
        os.fsync(file.fileno())
    except OSError:
        file.truncate(start)
        raise


def _missing(folder: Path) -> tuple[Path, ...]:
    return tuple(one for one in (folder, *folder.parents) if not one.exists())


def _new_run(folder: Path, name: str) -> Path:
    for number in count(1):
        with suppress(FileExistsError):
            place = folder / (name if number == 1 else f"{name}-{number}")
            place.mkdir(mode=0o700)
            break
    return place


def _forget(folder: Path) -> None:
    for run in runs.runs(folder)[:-_KEPT]:
        with suppress(OSError):
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
        raise UnwritableFile(f"{what}: {cause_of(error)}.") from error
