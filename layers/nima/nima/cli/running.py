"""What another program watches over: a file tells it how far this is, and ends this once it is taken away."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


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
