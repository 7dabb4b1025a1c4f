"""What native code writes to standard error, past Python, and how many processors it may use."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# The warning is that the lines after it, which are for information, went to standard error.
_INFORMATION = re.compile(
    rb"INFO:|I[0-9]{4} |WARNING: All log messages before absl|To enable the following instructions"
)


@contextmanager
def stderr_into(descriptor: int) -> Iterator[None]:
    """Has all that is written to standard error meanwhile, by this process and those that it starts, go there."""
    _flush()
    stderr = os.dup(2)
    os.dup2(descriptor, 2)
    try:
        yield
    finally:
        _flush()
        os.dup2(stderr, 2)
        os.close(stderr)


def _flush() -> None:
    with suppress(OSError):  # what cannot be written there, as by who may write no files, is lost, and no more
        sys.stderr.flush()


@contextmanager
def without_info() -> Iterator[None]:
    """Leaves out what is for information of what is written meanwhile, LiteRT's and TensorFlow's; the rest is shown.

    The rest is shown at the end, so nothing should be drawn on standard error meanwhile.
    """
    with tempfile.TemporaryFile() as written:
        try:
            with stderr_into(written.fileno()):
                yield
        finally:
            written.seek(0)
            with os.fdopen(2, "wb", closefd=False) as shown:
                shown.writelines(line for line in written if not _INFORMATION.match(line))


@contextmanager
def silent() -> Iterator[None]:
    """Leaves out all that is written to standard error meanwhile."""
    with Path(os.devnull).open("wb") as nowhere, stderr_into(nowhere.fileno()):
        yield


def processors() -> int:
    """How many this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
