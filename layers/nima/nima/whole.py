"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TOKEN, _END = 8, 24


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yields where to write a file, which takes the place of ``path`` if the block ends well; else nothing is left.

    Where several write the same file at once, it is one of theirs. What a link leads to is written, and the link
    stays; a pipe or a device is not replaced but written to.

    Raises:
        OSError: It cannot be written; of this very path, if of any.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    target = Path(os.path.realpath(path))  # of a link to itself, which resolve() fails at, that link
    # With the end of its name, by which libraries know what to write: all of it may be longer than names can be.
    part = target.with_name(f"part-{secrets.token_hex(_TOKEN)}-{target.name[-_END:]}")
    try:
        yield part
        part.replace(target)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename in (None, str(part)):
            error.filename = str(path)
        raise


def clear(folder: Path) -> None:
    """Removes what killed processes have left of files, at any depth of a folder that nobody else writes to now."""
    for part in folder.rglob(f"part-{'[0-9a-f]' * 2 * _TOKEN}-*"):
        part.unlink()
