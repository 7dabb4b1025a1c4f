"""Standard streams that no command has to mind: closed ones, readers that went away, names that no terminal can show.

Files and pipes get UTF-8 with the line ends that were written, whatever the system's habit is; what cannot be written
in a terminal's encoding, or at all, is shown as ``\\xff``.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TextIO

_STDIN, _STDOUT, _STDERR = range(3)
_GONE = (errno.EPIPE, errno.EINVAL)
"""The reader went away, as POSIX and Windows say it."""


def make_ready() -> None:
    """Makes the standard streams ready, before anything else is opened."""
    for number in (_STDIN, _STDOUT, _STDERR):
        _open_if_closed(number)
    sys.stdin = sys.stdin or io.TextIOWrapper(io.FileIO(_STDIN, closefd=False))
    sys.stdout = _ready(sys.stdout, _STDOUT)
    sys.stderr = _ready(sys.stderr, _STDERR)


def show(text: str) -> None:
    """Writes results to standard output as they are.

    Raises:
        OSError: They cannot be written. A reader that went away is no error.
    """
    sys.stdout.write(text)
    sys.stdout.flush()


def _open_if_closed(number: int) -> None:
    """Else the next file that is opened gets this number, and what a library prints."""
    try:
        os.fstat(number)
    except OSError:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the first number that is free


def _ready(stream: TextIO | None, number: int) -> TextIO:
    if isinstance(stream, io.TextIOWrapper) and stream.isatty():
        stream.reconfigure(errors="backslashreplace")
        return stream
    chosen = stream.encoding if stream and "PYTHONIOENCODING" in os.environ else "utf-8"
    buffer = io.BufferedWriter(io.FileIO(number, "w", closefd=False))
    return _Output(buffer, chosen, "backslashreplace", newline="", line_buffering=number == _STDERR)


class _Output(io.TextIOWrapper):
    """A stream that is done with once it cannot be written: else the interpreter would say so at its end.

    Nothing of this is between the system's call and the buffer: Ctrl-C there would leave in the buffer what is written
    already, and so write it twice.
    """

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
        if self.fileno() == _STDOUT and error.errno not in _GONE:
            raise OSError(error.errno, f"The results cannot be written: {error.strerror}.") from error
