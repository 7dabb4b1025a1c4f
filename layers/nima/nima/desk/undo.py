"""Undoing a run: every file as it was, to the byte."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nima.desk import replacing
from nima.desk.journal import Moved, Run, Written, add_line, part, places, runs
from nima.desk.replacing import sha256

RESTORED = "restored"
REMOVED = "removed"
MOVED_BACK = "moved back"
AS_IT_WAS = "as it was"
REFUSED = "refused"


@dataclass(frozen=True)
class Undone:
    """What became of one change: ``what`` is one of the names above, ``why`` the reason where it was refused."""

    path: Path
    what: str
    why: str = ""


class _Refusal(Exception):
    pass


def undo(run: Run, *, force: bool = False) -> Iterator[Undone]:
    """Undoes a run, its last change first. What was undone before, or never came to pass, is as it was.

    What was edited since is refused, and the others are undone nevertheless. What was moved and then edited is moved
    back as it is.

    Args:
        force: Whether what was edited since is undone as well, which loses the edits.
    """
    since = _later(run)
    whole = True
    for number, change in reversed(list(enumerate(run.changes(), start=1))):
        try:
            part(run.name, number, places(change)[-1].parent).unlink(missing_ok=True)
            again = part(run.name, number, places(change)[0].parent)
            undone = _move_back(change, again) if isinstance(change, Moved) else _restore(change, again, force)
        except _Refusal as error:
            later = next((since[place] for place in places(change) if place in since), None)
            why = f"{error}; nima undo {later} comes first" if later else str(error)
            undone = Undone(places(change)[-1], REFUSED, why)
        except OSError as error:
            undone = Undone(places(change)[-1], REFUSED, (error.strerror or "the device failed").lower())
        whole &= undone.what != REFUSED
        for made in change.folders:
            with suppress(OSError):  # somebody has put something there
                made.rmdir()
        yield undone
    if whole:
        with run.lines.open("ab", buffering=0) as file:
            add_line(file, {"undone": datetime.now(UTC).isoformat()})


def _restore(change: Written, again: Path, force: bool) -> Undone:
    path, before = change.path, change.before
    now = path.read_bytes() if path.exists() else None
    if now is None and before is None:
        return Undone(path, AS_IT_WAS)
    if now is not None and before is not None and sha256(now) == before.sha256:
        return Undone(path, AS_IT_WAS)
    if (now is None or sha256(now) != change.after) and not force:
        raise _Refusal("it is gone" if now is None else "it was edited since")
    if before is None:
        path.unlink()
        return Undone(path, REMOVED)
    data = before.of(now or b"")
    if data is None:
        raise _Refusal("it was edited since, and is too large to have been kept whole")
    replacing.replace(path, data, again, before.mode, before.mtime_ns)
    return Undone(path, RESTORED)


def _move_back(change: Moved, again: Path) -> Undone:
    source, target = change.source, change.target
    if not os.path.lexists(target):
        if os.path.lexists(source):
            return Undone(source, AS_IT_WAS)
        raise _Refusal("it is gone")
    about = target.lstat()
    same = (about.st_size, about.st_mtime_ns) == (change.bytes, change.mtime_ns)
    if os.path.lexists(source):
        if not same or (source.lstat().st_size, source.lstat().st_mtime_ns) != (change.bytes, change.mtime_ns):
            raise _Refusal(f"there is another file in its place, {source}")
        target.unlink()  # stopped between copying and removing
        return Undone(source, MOVED_BACK)
    source.parent.mkdir(parents=True, exist_ok=True)
    replacing.move(target, source, again)
    return Undone(source, MOVED_BACK)


def _later(run: Run) -> Mapping[Path, str]:
    """Files that later runs have changed, which were not undone, with the last of these."""
    later = [other for other in runs(run.lines.parents[1]) if other.began > run.began and not other.undone]
    return {place: other.name for other in later for change in other.changes() for place in places(change)}
