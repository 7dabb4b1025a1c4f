"""Answers that were found before, by what a file holds; and which file held what, so that it need not be read again.

A cache that cannot be read or written is never in the way: it warns once, and is gone without.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

LIMIT = 512 << 20
"""Bytes that the cache takes at most; then a quarter of the answers goes, the oldest first."""

NAME = "answers.sqlite3"

_SHAPE = 1
_SECONDS_TO_WAIT = 5.0
_CHECK_EVERY = 256
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_TABLES = """
DROP TABLE IF EXISTS files;
DROP TABLE IF EXISTS answers;
CREATE TABLE files (place BLOB PRIMARY KEY, size INTEGER, stamp TEXT, content BLOB) WITHOUT ROWID;
CREATE TABLE answers (
    number INTEGER PRIMARY KEY AUTOINCREMENT, content BLOB, maker TEXT, parts INTEGER, answer BLOB,
    UNIQUE (content, maker)
);
"""

T = TypeVar("T")


class Seen(NamedTuple):
    """A file as it is seen without being read: where it is, its size, and what changes when it is written."""

    place: bytes
    size: int
    stamp: str

    @classmethod
    def of(cls, path: Path, about: os.stat_result) -> Seen:
        """That of a file of this machine; the stamp is when it was modified, in nanoseconds."""
        return cls(os.fsencode(path.absolute()), about.st_size, str(about.st_mtime_ns))

    def to_json(self) -> list[Any]:
        """As JSON types."""
        return [self.place.hex(), self.size, self.stamp]

    @classmethod
    def from_json(cls, document: list[Any]) -> Seen:
        """Reads what ``to_json`` wrote."""
        place, size, stamp = document
        return cls(bytes.fromhex(place), size, stamp)


class Cache:
    """A cache in a file, which several processes may use at once.

    Args:
        file: The file; its folder is made.
        warn: Told in a sentence, once, what is wrong with it.
    """

    def __init__(self, file: Path, warn: Callable[[str], object]) -> None:
        self._warn = warn
        self._file = file
        self._puts = 0
        self._database = self._opened()

    def content_of(self, seen: Seen) -> bytes | None:
        """The hash of what a file holds, if it is what it was when it was read."""
        asked = "SELECT content FROM files WHERE place = ? AND size = ? AND stamp = ?"
        row = self._try(lambda database: database.execute(asked, seen).fetchone())
        return row[0] if row else None

    def remember(self, seen: Seen, content: bytes) -> None:
        """Notes what a file holds."""
        self._try(lambda database: database.execute("REPLACE INTO files VALUES (?, ?, ?, ?)", (*seen, content)))

    def answer(self, content: bytes, maker: str, parts: int) -> bytes | None:
        """What was found out about a content, if it was with these parts at least."""
        asked = "SELECT answer FROM answers WHERE content = ? AND maker = ? AND parts & ? = ?"
        row = self._try(lambda database: database.execute(asked, (content, maker, parts, parts)).fetchone())
        with suppress(zlib.error):
            return zlib.decompress(row[0]) if row else None
        return None

    def keep(self, content: bytes, maker: str, parts: int, answer: bytes) -> None:
        """Keeps what was found out about a content."""
        told = "REPLACE INTO answers (content, maker, parts, answer) VALUES (?, ?, ?, ?)"
        packed = zlib.compress(answer, 1)
        self._try(lambda database: database.execute(told, (content, maker, parts, packed)))
        self._puts += 1
        if self._puts % _CHECK_EVERY == 0:
            self._try(_shrink)

    def close(self) -> None:
        """Lets go of the file."""
        if self._database:
            with suppress(sqlite3.Error):
                self._database.close()
        self._database = None

    def _opened(self) -> sqlite3.Connection | None:
        for begin_anew in (False, True):
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                return _open(self._file)
            except sqlite3.Error as error:
                if error.sqlite_errorcode not in _DAMAGED or begin_anew:
                    self._fail(error)
                    return None
                self._warn("The cache is damaged, and begins anew.")
                try:
                    for end in ("", "-wal", "-shm"):
                        self._file.with_name(self._file.name + end).unlink(missing_ok=True)
                except OSError as problem:
                    self._fail(problem)
                    return None
            except OSError as error:
                self._fail(error)
                return None
        return None

    def _try(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        if self._database is None:
            return None
        try:
            return work(self._database)
        except sqlite3.Error as error:
            # Of others that write for seconds this one picture only is not noted.
            if getattr(error, "sqlite_errorcode", None) not in _BUSY:
                self.close()
                self._fail(error)
            return None

    def _fail(self, error: Exception) -> None:
        cause = error.strerror if isinstance(error, OSError) else str(error)
        self._warn(f"Nothing is kept for the next time: the cache {self._file} cannot be used ({cause}).")


def _open(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, timeout=_SECONDS_TO_WAIT, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        # What is committed outlives this process; the machine's end may cost the last ones, and no more.
        database.execute("PRAGMA synchronous = NORMAL")
        if _shape(database) != _SHAPE:
            database.execute("BEGIN IMMEDIATE")
            if _shape(database) != _SHAPE:  # another process may have been first
                for statement in _TABLES.strip().split(";\n"):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {_SHAPE}")
            database.execute("COMMIT")
        database.execute("SELECT content FROM files LIMIT 1")
    except BaseException:
        database.close()
        raise
    return database


def _shape(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _shrink(database: sqlite3.Connection) -> None:
    pages, free, size = (
        int(database.execute(f"PRAGMA {fact}").fetchone()[0]) for fact in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * size <= LIMIT:
        return
    oldest = "SELECT number FROM answers ORDER BY number LIMIT (SELECT count(*) / 4 FROM answers)"
    database.execute(f"DELETE FROM answers WHERE number IN ({oldest})")  # noqa: S608
    database.execute("DELETE FROM files WHERE content NOT IN (SELECT content FROM answers)")
