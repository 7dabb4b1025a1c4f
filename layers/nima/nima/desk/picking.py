"""From the rows of a scan to what becomes of each: frames, their groups, and the choice among them."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nima.desk.scan import Row
from nima.image.look import Look
from nima.local.files import is_link
from nima.shoot.frames import Frame, Hand, Lost
from nima.shoot.groups import Rules, group
from nima.shoot.picks import Choice, Quota, choose

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Picking:
    """How frames are picked.

    Attributes:
        rules: When they belong together.
        quota: How many are picked.
    """

    rules: Rules
    quota: Quota


@dataclass(frozen=True)
class Picked:
    """What becomes of a shoot.

    Attributes:
        choices: Of every row that has scores, group by group, with the row.
        unjudged: The others.
    """

    choices: tuple[tuple[Row, Choice], ...]
    unjudged: tuple[Row, ...]


def pick(rows: Iterable[Row], picking: Picking, hand_of: Callable[[Row], Hand]) -> Picked:
    """Picks among the rows of a scan, in whatever order they come.

    Args:
        hand_of: What somebody has said of a row by hand.
    """
    known = {row.name: row for row in sorted(rows, key=lambda row: row.name)}
    same = _contents(known.values())
    frames = [
        Frame(
            name,
            row.result.assessment,
            row.capture,
            _look(row.result.assessment.look),
            same.get(row.path),
            hand_of(row),
        )
        for name, row in known.items()
        if row.result.assessment
    ]
    lost = [Lost(name, row.capture) for name, row in known.items() if not row.result.assessment]
    choices = choose(group(frames, picking.rules, lost), picking.quota)
    return Picked(
        tuple((known[one.frame.name], one) for one in choices),
        tuple(row for row in known.values() if row.result.assessment is None),
    )


def links(rows: Iterable[Row]) -> list[Row]:
    """The rows that are links to another row's file: those are copies of it that are gone with it."""
    found = list(rows)
    own = {os.path.realpath(row.path) for row in found if not is_link(row.path)}
    return [row for row in found if is_link(row.path) and os.path.realpath(row.path) in own]


def _look(data: bytes | None) -> Look | None:
    return None if data is None else Look.from_bytes(data)


def _contents(rows: Iterable[Row]) -> Mapping[Path, str]:
    """The hashes of files that others have the size of: no others can be copies."""
    sizes: dict[int, list[Path]] = defaultdict(list)
    for row in rows:
        if row.result.assessment:
            sizes[row.result.assessment.image.bytes].append(row.path)
    return {path: found for those in sizes.values() if len(those) > 1 for path in those if (found := _hash(path))}


def _hash(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            found = hashlib.sha256()
            while chunk := file.read(_CHUNK):
                found.update(chunk)
    except OSError:  # it has vanished since it was judged
        return None
    return found.hexdigest()
