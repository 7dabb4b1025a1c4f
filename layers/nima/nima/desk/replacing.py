"""Files that are replaced as a whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from nima.errors import UnwritableFile


def sha256(data: bytes) -> str:
    """The hash that the journal knows contents by."""
    return hashlib.sha256(data).hexdigest()


def check_writable(path: Path) -> None:
    """Leaves a file alone that its owner has locked, though its folder would let it be replaced.

    Raises:
        UnwritableFile: It is marked read-only, or is no ordinary file.
    """
    if path.exists() and not path.is_file():
        raise UnwritableFile("The file cannot be written: it is no ordinary file.")
    if path.exists() and not path.stat().st_mode & 0o222:
        raise UnwritableFile("The file cannot be written: it is marked read-only.")


def replace(path: Path, data: bytes, part: Path, mode: int | None = None, mtime_ns: int | None = None) -> None:
    """Puts a file in place, with mode, owner and extended attributes of the one that was there.

    Args:
        part: Where it is written first, in the same folder.
        mode, mtime_ns: Permissions and time of modification, where they are to be others: that one's, and now.

    Raises:
        OSError: It could not be written; what was there before is there still.
    """
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            _take_over(path, part)
        if mode is not None:
            part.chmod(mode)
        if mtime_ns is not None:
            os.utime(part, ns=(part.stat().st_atime_ns, mtime_ns))
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def move(source: Path, target: Path, part: Path) -> None:
    """Moves a file, to another file system too, where it is copied whole before the original goes.

    Raises:
        OSError: It could not be moved; it is where it was.
    """
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    else:
        return
    try:
        shutil.copyfile(source, part, follow_symlinks=False)
        if not part.is_symlink():
            with part.open("rb+") as file:  # as long as it may be written
                os.fsync(file.fileno())
        about = source.lstat()
        with suppress(OSError, AttributeError, NotImplementedError):
            os.chown(part, about.st_uid, about.st_gid, follow_symlinks=False)
        with suppress(OSError):  # a memory card knows no permissions
            shutil.copystat(source, part, follow_symlinks=False)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    try:
        source.unlink()
    except OSError:
        target.unlink()
        raise


def _take_over(path: Path, part: Path) -> None:
    about = path.stat()
    with suppress(OSError, AttributeError):  # others' files, and systems without owners
        os.chown(part, about.st_uid, about.st_gid)
    now = part.stat()
    with suppress(OSError):
        shutil.copystat(path, part)
    os.utime(part, ns=(now.st_atime_ns, now.st_mtime_ns))
