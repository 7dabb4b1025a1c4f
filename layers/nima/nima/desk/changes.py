"""Changes of files, each made as a whole or not at all: what has to be known of one to take it back."""

from __future__ import annotations

import os
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nima.desk import replacing, trash
from nima.desk.replacing import sha256

RESTORED = "restored"
REMOVED = "removed"
MOVED_BACK = "moved back"
BROUGHT_BACK = "brought back from the trash"
AS_IT_WAS = "as it was"

_WHOLE = 1 << 20
"""Bytes up to which a file is kept whole; of a larger one only those that change are."""


_TICK_NS = 2_000_000_000
"""What a memory card's times are rounded to."""


class NotTakenBack(Exception):
    """What a file is by now cannot be given up for what it was; the message says why."""


@dataclass(frozen=True)
class Before:
    """A file as it was.

    Attributes:
        sha256: The hash of its bytes.
        mtime_ns: When it was modified.
        mode: Its permissions.
        start, end: How many bytes at its beginning and end were left as they are; both 0 where it is kept whole.
        kept: Those between.
    """

    sha256: str
    mtime_ns: int
    mode: int
    start: int
    end: int
    kept: bytes

    def of(self, now: bytes) -> bytes | None:
        """The bytes as they were, from those that the run wrote; None where these are not known to be those."""
        data = now[: self.start] + self.kept + now[len(now) - self.end :] if self.start or self.end else self.kept
        return data if sha256(data) == self.sha256 else None

    @classmethod
    def at(cls, was: bytes, data: bytes, about: os.stat_result) -> Before:
        """What has to be known of a file that held ``was`` once ``data`` is written over it."""
        start = end = 0
        if len(was) > _WHOLE:
            start = _common(was, data)
            end = _common(was[start:][::-1], data[start:][::-1])
        return cls(sha256(was), about.st_mtime_ns, about.st_mode & 0o7777, start, end, was[start : len(was) - end])


@dataclass(frozen=True)
class Written:
    """A file that was written. ``before`` is None where there was none; ``after`` is the hash of what was written.

    ``folders`` are those that were made for it, the innermost first.
    """

    path: Path
    before: Before | None
    after: str
    folders: tuple[Path, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        before = self.before and {**vars(self.before), "kept": b64encode(zlib.compress(self.before.kept)).decode()}
        return {"write": str(self.path), "before": before, "after": self.after, "folders": list(map(str, self.folders))}


@dataclass(frozen=True)
class Moved:
    """A file that was moved, with its size and time, by which it is known, and the folders that were made for it."""

    source: Path
    target: Path
    bytes: int
    mtime_ns: int
    folders: tuple[Path, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        known = {"to": str(self.target), "bytes": self.bytes, "mtime_ns": self.mtime_ns}
        return {"move": str(self.source), **known, "folders": list(map(str, self.folders))}


@dataclass(frozen=True)
class Trashed:
    """A file that was put into the system's trash, with its size and time, by which it is known there.

    ``told`` is whether that trash tells where its files came from; else it alone can bring them back.
    """

    path: Path
    bytes: int
    mtime_ns: int
    told: bool

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        return {"trash": str(self.path), **{name: getattr(self, name) for name in ("bytes", "mtime_ns", "told")}}


Change = Written | Moved | Trashed


def places(change: Change) -> tuple[Path, ...]:
    """The files that a change is about."""
    return (change.source, change.target) if isinstance(change, Moved) else (change.path,)


def folders_made(change: Change) -> tuple[Path, ...]:
    """The folders that are made for a change, the innermost first."""
    return () if isinstance(change, Trashed) else change.folders


def is_change(line: dict[str, Any]) -> bool:
    """Whether something that was written down is a change."""
    return any(kind in line for kind in ("write", "move", "trash"))


def change_of(line: dict[str, Any]) -> Change:
    """Reads what ``to_json`` made of a change."""
    if "trash" in line:
        return Trashed(Path(line["trash"]), line["bytes"], line["mtime_ns"], line["told"])
    folders = tuple(map(Path, line["folders"]))
    if "move" in line:
        return Moved(Path(line["move"]), Path(line["to"]), line["bytes"], line["mtime_ns"], folders)
    before = line["before"] and Before(**{**line["before"], "kept": zlib.decompress(b64decode(line["before"]["kept"]))})
    return Written(Path(line["write"]), before, line["after"], folders)


def take_back(change: Change, again: Path, *, force: bool = False) -> str:
    """Makes files what they were before a change, whether or not it came to pass.

    Args:
        again: Where a file is put together for that, in the folder of the first of its places.
        force: Whether what was edited since gives way.

    Returns:
        What was done: one of the words above.

    Raises:
        NotTakenBack: It was edited since, is gone, or something is in its place.
        OSError: The system refused.
    """
    if isinstance(change, Trashed):
        return _bring_back(change, again)
    return _move_back(change, again) if isinstance(change, Moved) else _restore(change, again, force=force)


def _restore(change: Written, again: Path, *, force: bool) -> str:
    path, before = change.path, change.before
    if path.exists() and not path.is_file():
        raise NotTakenBack("it is no ordinary file any more")
    now = path.read_bytes() if path.exists() else None
    if now is None and before is None:
        return AS_IT_WAS
    if now is not None and before is not None and sha256(now) == before.sha256:
        return AS_IT_WAS
    if (now is None or sha256(now) != change.after) and not force:
        raise NotTakenBack("it is gone" if now is None else "it was edited since")
    if before is None:
        path.unlink()
        return REMOVED
    data = before.of(now or b"")
    if data is None:
        raise NotTakenBack("it was edited since, and is too large to have been kept whole")
    replacing.replace(path, data, again, before.mode, before.mtime_ns)
    return RESTORED


def _move_back(change: Moved, again: Path) -> str:
    source, target = change.source, change.target
    if not os.path.lexists(target):
        if os.path.lexists(source):
            return AS_IT_WAS
        raise NotTakenBack("it is gone")
    same = _is(change, target)
    if os.path.lexists(source):
        if not same or not _is(change, source):
            raise NotTakenBack(f"there is another file in its place, {source}")
        target.unlink()  # stopped between copying and removing
        return MOVED_BACK
    source.parent.mkdir(parents=True, exist_ok=True)
    replacing.move(target, source, again)
    if same and not source.is_symlink():
        os.utime(source, ns=(source.stat().st_atime_ns, change.mtime_ns))
    return MOVED_BACK


def _bring_back(change: Trashed, again: Path) -> str:
    path = change.path
    there = os.path.lexists(path)
    file = next((one for one in trash.thrown_away(path) if _is(change, one)), None) if change.told else None
    if there and file is None:
        return AS_IT_WAS
    if not change.told:
        raise NotTakenBack("it is in the system's trash, which alone can bring it back")
    if file is None:
        raise NotTakenBack("it is in the system's trash no more")
    if there:
        raise NotTakenBack("there is another file in its place; it is in the system's trash")
    path.parent.mkdir(parents=True, exist_ok=True)
    replacing.move(file, path, again)
    trash.forget(file)
    return BROUGHT_BACK


def _is(change: Moved | Trashed, path: Path) -> bool:
    about = path.lstat()
    return about.st_size == change.bytes and abs(about.st_mtime_ns - change.mtime_ns) <= _TICK_NS


def _common(one: bytes, other: bytes) -> int:
    """How many bytes at the beginning are the same."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
