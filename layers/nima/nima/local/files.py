"""Files of this machine: which of a folder can be pictures, why the others are left out, and reading one safely."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nima.errors import UnreadableFile
from nima.image.formats import EXTENSIONS, RAW_EXTENSIONS
from nima.image.limits import Limits

SCHEME = "s3:"
"""What the path of something in S3 begins with."""

NO_PICTURE = "no pictures by their names"
RAW = "camera RAW, to be exported as JPEG or TIFF first"
NO_FILE = "no ordinary files"
LINKED = "links to folders, which are not followed"

_NAMED = 10
"""Most files that a line names."""


@dataclass(frozen=True)
class Skipped:
    """A file or folder that is left out, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Found:
    """What a folder holds, in the order of the names; hidden files and folders are in neither list."""

    pictures: tuple[Path, ...]
    skipped: tuple[Skipped, ...]


def find(folder: Path, *, recursive: bool = True, raw: bool = False) -> Found:
    """The pictures in a folder, by their names. Nothing is opened.

    Args:
        folder: The folder.
        recursive: Whether its folders are looked into.
        raw: Whether camera RAW counts as pictures.
    """
    pictures: list[Path] = []
    skipped: list[Skipped] = []

    def unopened(error: OSError) -> None:
        skipped.append(Skipped(Path(error.filename), f"folders that cannot be opened: {cause_of(error)}"))

    for place, folders, names in os.walk(folder, onerror=unopened):
        folders[:] = sorted(name for name in folders if recursive and not name.startswith("."))
        skipped += [Skipped(Path(place, name), LINKED) for name in folders if is_link(Path(place, name))]
        for path in (Path(place, name) for name in sorted(names) if not name.startswith(".")):
            reason = _reason(path, raw=raw)
            if reason is None:
                pictures.append(path)
            else:
                skipped.append(Skipped(path, reason))
    return Found(tuple(pictures), tuple(skipped))


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; not where it may not be looked at, or nothing can have such a name."""
    with suppress(OSError):
        return path.is_dir()
    return False


def is_link(path: Path) -> bool:
    """Whether a path is a link; not where nothing can have such a name."""
    with suppress(OSError):
        return path.is_symlink()
    return False


def expanded(path: Path) -> Path:
    """A path with ``~`` and ``~name`` as homes, which a shell leaves alone behind ``=``; of nobody it stays a name."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def shown(path: Path) -> str:
    """A path as it can be written anywhere: bytes that are not UTF-8 as ``\\xff``; ``s3://`` with both of its slashes,
    of which a path keeps one."""
    text = os.fsencode(path).decode(errors="backslashreplace")
    return text.replace(SCHEME, f"{SCHEME}/", 1) if text.startswith(f"{SCHEME}/") else text


def skipped_lines(skipped: Iterable[Skipped]) -> Iterator[str]:
    """A line for each reason, with the first names."""
    names: dict[str, list[str]] = {}
    for one in skipped:
        names.setdefault(one.reason, []).append(shown(one.path))
    for reason, those in names.items():
        more = f" and {len(those) - _NAMED} more" if len(those) > _NAMED else ""
        yield f"{len(those)} skipped, {reason}: {', '.join(those[:_NAMED])}{more}"


def read_file(path: Path, limits: Limits) -> bytes:
    """The bytes of a file, of never more than the limits allow.

    Raises:
        UnreadableFile: It is gone, may not be read, or is no ordinary file.
        ImageTooLarge: It is larger than the limits allow.
    """
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        limits.check_bytes(size)
        data = file.read(size + 1)
    limits.check_bytes(len(data))
    return data


def read_start(path: Path, most: int) -> bytes:
    """The first bytes of a file, so many at most.

    Raises:
        UnreadableFile: It is gone, may not be read, or is no ordinary file.
    """
    with _opened(path) as file:
        return file.read(most)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for who writes into it
            raise UnreadableFile("The file cannot be read: it is no ordinary file.")
        with path.open("rb") as file:
            yield file
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"The file cannot be read: {cause_of(error)}.") from error


def _reason(path: Path, *, raw: bool) -> str | None:
    """Why a file is no picture; None where it may be one, as one may that is gone or cannot be looked at."""
    extension = path.suffix.lower()
    if extension in RAW_EXTENSIONS and not raw:
        return RAW
    if extension not in EXTENSIONS | RAW_EXTENSIONS:
        return NO_PICTURE
    with suppress(OSError):
        return NO_FILE if path.exists() and not path.is_file() else None
    return None


def write_all(file: BinaryIO, data: bytes) -> None:
    """Writes to a file without a buffer: a disk that fills up takes a part of it, without an error.

    Raises:
        OSError: Not all of it could be written.
    """
    while data:
        data = data[file.write(data) :]


def cause_of(error: OSError | ValueError) -> str:
    """What the system says is wrong with a file, in words."""
    if isinstance(error, ValueError):
        return "no file can have such a name"
    if isinstance(error, FileNotFoundError):
        return "it does not exist"
    return (error.strerror or str(error) or "the device failed").lower()
