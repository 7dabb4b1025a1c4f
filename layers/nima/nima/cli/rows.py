"""Files that get a row for each picture as soon as it is done, so that a run that is killed leaves what it had done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import click

from nima.catalogue.sheet import PICTURE_COLUMNS, picture_line
from nima.cells import csv_text
from nima.cli.outcome import json_line
from nima.document.result import Result
from nima.local.files import write_all

Line = Callable[[Result], str]

FORMS: dict[str, tuple[str, Line]] = {"csv": (csv_text([PICTURE_COLUMNS]), picture_line), "jsonl": ("", json_line)}
"""By the option's name: how such a file begins, and the line of a picture."""


class Rows:
    """One such file. A row is in it whole or not at all; where the disk is full, there are no further ones.

    Args:
        path: Its name.
        file: It, open for writing.
        begin: How it begins.
        line: Makes a picture's line.
    """

    def __init__(self, path: Path, file: BinaryIO, begin: str, line: Line) -> None:
        self.problem: str | None = None
        self._path = path
        self._file = file
        self._line = line
        self._whole = 0
        self._write(begin)

    def add(self, result: Result) -> None:
        """Writes a picture's row."""
        if self.problem is None:
            self._write(self._line(result))

    def _write(self, text: str) -> None:
        try:
            data = text.encode(errors="backslashreplace")
            write_all(self._file, data)
            self._whole += len(data)
        except OSError as error:
            self.problem = f"{self._path}: not all rows are written: {error.strerror}."
            self._cut()

    def _cut(self) -> None:
        with suppress(OSError):  # a pipe, or a device
            self._file.truncate(self._whole)


@contextmanager
def row_files(paths: Sequence[tuple[str, Path | None]]) -> Iterator[list[Rows]]:
    """Begins the files, by their forms; those of earlier runs are replaced.

    Raises:
        click.ClickException: One cannot be written at all.
    """
    given = [(form, path) for form, path in paths if path]
    with ExitStack() as opened:
        files = []
        for form, path in given:
            try:
                file = opened.enter_context(path.open("wb", buffering=0))
            except OSError as error:
                raise click.ClickException(f"{path}: cannot be written: {error.strerror}.") from error
            files.append(Rows(path, file, *FORMS[form]))
        yield files
