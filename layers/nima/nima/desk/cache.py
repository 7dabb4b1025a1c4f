"""What was found of files before, by their content: in a database of SQLite in the user's cache folder.

It only saves work. Where it cannot be read or written, pictures are judged anew, and that is said once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nima.desk.judging import Stamp

_NAME = "judged-1.sqlite"
_MOST_BYTES = 512 << 20
"""Size of the database from which the oldest fifth is forgotten."""

_TABLES = """
CREATE TABLE IF NOT EXISTS records (
    digest BLOB, judging TEXT, record BLOB NOT NULL, made REAL DEFAULT (julianday('now')), PRIMARY KEY (digest, judging)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, digest BLOB NOT NULL
) WITHOUT ROWID;
"""
_WAIT_SECONDS = 5.0
_DAMAGED = (sqlite3.DatabaseError, OSError)


def default_folder() -> Path:
    """Where it lies, by this system's usage."""
    from platformdirs import user_cache_path

    return user_cache_path("nima", appauthor=False)


class Cache:
    """Records of files.

    Args:
        folder: Where the database lies.
        judging: The name of the judging whose records these are.
        warn: Told, once, what keeps it from being used.
        write: False for reading alone, where another process writes.

    Attributes:
        place: The first two, for another process.
    """

    def __init__(
        self, folder: Path, judging: str, warn: Callable[[str], None] = lambda text: None, *, write: bool = True
    ) -> None:
        self.place = (folder, judging)
        self._path = folder / _NAME
        self._judging, self._warn = judging, warn
        self._database: sqlite3.Connection | None = None
        with self._usable():
            self._database = self._opened(write)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def of_file(self, path: Path, stamp: Stamp | None) -> bytes | None:
        """The record of a file that has not changed since; None where there is none."""
        if stamp is None:
            return None
        return self._one(
            "SELECT record FROM files JOIN records USING (digest) WHERE path = ? AND size = ? AND mtime_ns = ? AND "
            "judging = ?",
            (_key(path), stamp.size, stamp.mtime_ns, self._judging),
        )

    def of_content(self, digest: bytes) -> bytes | None:
        """The record of some content; None where there is none."""
        return self._one("SELECT record FROM records WHERE digest = ? AND judging = ?", (digest, self._judging))

    def keep(self, path: Path, stamp: Stamp | None, digest: bytes, record: bytes) -> None:
        """Remembers a record, if there is one, and which file it is of, if that did not change meanwhile."""
        with self._usable() as database:
            if database is None:
                return
            with database:
                if record:
                    values = (digest, self._judging, record)
                    database.execute(
                        "INSERT OR REPLACE INTO records (digest, judging, record) VALUES (?, ?, ?)", values
                    )
                if stamp:
                    file = (_key(path), stamp.size, stamp.mtime_ns, digest)
                    database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", file)

    def close(self) -> None:
        """Ends its use; what is oldest is forgotten where there is too much."""
        with self._usable() as database:
            if database is not None:
                with suppress(sqlite3.OperationalError):
                    _forget(database)
                database.close()
        self._database = None

    def _one(self, query: str, values: tuple[Any, ...]) -> bytes | None:
        with self._usable() as database:
            found = database.execute(query, values).fetchone() if database else None
            return found[0] if found else None
        return None

    @contextmanager
    def _usable(self) -> Iterator[sqlite3.Connection | None]:
        try:
            yield self._database
        except _DAMAGED as error:
            self._database = None
            self._warn(f"What was judged before cannot be used ({self._path}: {error}); it goes on without.")

    def _opened(self, write: bool) -> sqlite3.Connection:
        if write:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return self._connected()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                for file in self._path.parent.glob(f"{_NAME}*"):
                    file.unlink()  # it is damaged, and nothing but saved work
                return self._connected()
        return sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=_WAIT_SECONDS)

    def _connected(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=_WAIT_SECONDS)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_TABLES)
        return database


def _key(path: Path) -> bytes:
    return bytes(path.absolute())


def _forget(database: sqlite3.Connection) -> None:
    (size,) = database.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()
    if size <= _MOST_BYTES:
        return
    with database:
        database.execute(
            "DELETE FROM records WHERE made <= (SELECT made FROM records ORDER BY made LIMIT 1 OFFSET "
            "(SELECT count(*) / 5 FROM records))"
        )
        database.execute("DELETE FROM files WHERE digest NOT IN (SELECT digest FROM records)")
    database.execute("VACUUM")
