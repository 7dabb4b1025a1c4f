"""What native code writes to standard error, past Python."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_info() -> Iterator[None]:
    """Leaves out the lines that begin with ``INFO:`` of what is written meanwhile; the others are shown at the end."""
    with tempfile.TemporaryFile() as written:
        sys.stderr.flush()
        stderr = os.dup(2)
        os.dup2(written.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            written.seek(0)
            with os.fdopen(stderr, "wb") as shown:
                shown.writelines(line for line in written if not line.startswith(b"INFO:"))
