"""Undoing a run: every file as it was, to the byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nima.desk.changes import Change, NotTakenBack, folders_made, places, take_back
from nima.desk.journal import add_line, part
from nima.desk.runs import Run, runs
from nima.errors import InvalidRequest
from nima.local.files import cause_of

REFUSED = "refused"


@dataclass(frozen=True)
class Undone:
    """What became of one change: ``what`` is ``REFUSED`` or a word of ``take_back``'s, ``why`` the reason where it was
    refused."""

    path: Path
    what: str
    why: str = ""


def undo(run: Run, *, force: bool = False) -> Iterator[Undone]:
    """Undoes a run, its last change first. What was undone before, or never came to pass, is as it was.

    What was edited since is refused, and the others are undone nevertheless. What was moved and then edited is moved
    back as it is.

    Args:
        force: Whether what was edited since is undone as well, which loses the edits.

    Raises:
        InvalidRequest: What the run changed cannot be read any more.
    """
    since = _later(run)
    whole = True
    for number, change in reversed(list(enumerate(run.changes(), start=1))):
        undone = _undone(run, number, change, since, force=force)
        whole &= undone.what != REFUSED
        for made in folders_made(change):
            with suppress(OSError):  # somebody has put something there
                made.rmdir()
        yield undone
    if whole:
        try:
            with run.lines.open("ab", buffering=0) as file:
                add_line(file, {"undone": datetime.now(UTC).isoformat()})
        except OSError as error:
            yield Undone(run.lines, REFUSED, f"that it is undone cannot be written down, {cause_of(error)}")


def _undone(run: Run, number: int, change: Change, since: Mapping[Path, str], *, force: bool) -> Undone:
    try:
        for place in places(change):
            left = part(run.name, number, place.parent)  # where it was broken off
            if left.exists():
                left.unlink()
        what = take_back(change, part(run.name, number, places(change)[0].parent), force=force)
        return Undone(places(change)[0], what)
    except NotTakenBack as error:
        later = next((since[place] for place in places(change) if place in since), None)
        why = f"{error}; nima undo {later} comes first" if later else str(error)
        return Undone(places(change)[-1], REFUSED, why)
    except OSError as error:
        return Undone(places(change)[-1], REFUSED, cause_of(error))


def _later(run: Run) -> Mapping[Path, str]:
    """Files that later runs have changed, which were not undone, with the last of these."""
    found: dict[Path, str] = {}
    for other in runs(run.lines.parents[1]):
        if other.began > run.began and not other.undone:
            with suppress(InvalidRequest):
                found |= {place: other.name for change in other.changes() for place in places(change)}
    return found
