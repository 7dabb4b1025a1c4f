"""Files that results are written into as they come, so that a run that is killed keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import click

from nima.cli.outcome import as_csv, document
from nima.document.result import Result
from nima.whole import whole


class RowFile:
    """A result document a line.

    Args:
        path: Of the file; one that is there is replaced.

    Raises:
        OSError: It cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO = path.open("w", encoding="utf-8", newline="")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, name: str, result: Result) -> None:
        """Writes what became of a picture."""
        self._write(json.dumps({"filename": name, **document(result)}, ensure_ascii=False) + "\n")

    def finish(self, results: Mapping[str, Result]) -> None:
        """Is told when all are there."""

    def _write(self, text: str) -> None:
        try:
            self._file.write(text)
            self._file.flush()
        except OSError as error:
            raise click.ClickException(f"{self._path}: {error.strerror}; what was judged is remembered.") from error


class SheetFile(RowFile):
    """CSV: pictures one by one in the order in which they come, without ranks; in their order once all are there."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._begun = False

    def add(self, name: str, result: Result) -> None:
        lines = as_csv({name: result}).splitlines(keepends=True)
        self._write("".join(lines[1:] if self._begun else lines))
        self._begun = True

    def finish(self, results: Mapping[str, Result]) -> None:
        with whole(self._path) as part:
            part.write_text(as_csv(results), encoding="utf-8", newline="")
