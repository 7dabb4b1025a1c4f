"""What another program watches over: a file tells it how far this is, and ends this once it is taken away."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from nima.cli.outputs import OutputFile
from nima.local.files import read_start

_TOLD = re.compile(rb"(\d+ \d+\n)?")
_LONGEST = 100


class RunningFile(OutputFile):
    """A file that is there, empty or with what a run has told."""

    def wrong(self, path: Path) -> str | None:
        """Why it is not written to; None where it may be."""
        if not path.is_file():
            return f"There is no file '{path}'."
        if not _TOLD.fullmatch(read_start(path, _LONGEST)):
            return f"'{path}' holds something else, and is left as it is."
        return None


class Running:
    """A run that goes on while a file is there.

    Attributes:
        ended: Whether the file was taken away.
    """

    def __init__(self, path: Path | None) -> None:
        """Watches over nothing where there is no ``path``."""
        self._path = path
        self.ended = False

    def told(self, done: int, total: int) -> None:
        """Writes into the file how many pictures are done, and of how many.

        Raises:
            KeyboardInterrupt: The file is gone.
        """
        if self._path is None:
            return
        try:
            with suppress(PermissionError), self._path.open("r+b") as file:  # Windows: the other program reads it
                file.write(f"{done} {total}\n".encode())
        except FileNotFoundError:
            self.ended = True
            raise KeyboardInterrupt from None
