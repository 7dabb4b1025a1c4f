"""The data list of a distillation: which photographs, how often each is used, and which are never trained on."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from nima.cells import csv_text, text_of
from nima.document.similarity import NEAR_DUPLICATE_BITS, distance
from nima.errors import InvalidRequest
from nima.training.pictures import hash_of
from nima.training.progress import Tick

TRAIN, HELD_OUT = "train", "held out"
COLUMNS = ("collection", "picture", "split", "share")


@dataclass(frozen=True)
class Entry:
    """One photograph.

    Attributes:
        collection: The name of the folder that it was listed from.
        picture: Its path within that folder.
        split: ``TRAIN`` or ``HELD_OUT``.
        share: In which share of the rounds, 0..1, it is used.
    """

    collection: str
    picture: str
    split: str
    share: float


def make(
    folders: Mapping[str, Path],
    shares: Mapping[str, float],
    held_out: float,
    seed: int,
    tick: Tick | None = None,
) -> list[Entry]:
    """Lists the pictures of some folders and holds some back, near-duplicates together.

    Args:
        folders: The folder of each collection.
        shares: For a collection, in which share of the rounds its pictures are used; 1 where it is not named.
        held_out: Share of each collection's groups of near-duplicates that is never trained on, 0..1.
        seed: Which ones: the same seed holds the same pictures back, whatever else is listed.
        tick: Called with how many of how many files are done.
    """
    files = [
        (name, path) for name, folder in sorted(folders.items()) for path in sorted(folder.rglob("*")) if path.is_file()
    ]
    hashes: list[str | None] = []
    for done, (_, path) in enumerate(files, 1):
        hashes.append(hash_of(path))
        if tick:
            tick(done, len(files))
    leaders: list[tuple[str, bool]] = []
    entries = []
    for (name, path), phash in zip(files, hashes, strict=True):
        if phash is None:
            continue
        picture = str(path.relative_to(folders[name]))
        back = next((b for h, b in leaders if distance(h, phash) <= NEAR_DUPLICATE_BITS), None)
        if back is None:
            back = _chance(seed, picture) < held_out
            leaders.append((phash, back))
        entries.append(Entry(name, picture, HELD_OUT if back else TRAIN, shares.get(name, 1.0)))
    return entries


def write(path: Path, entries: Sequence[Entry]) -> None:
    """Writes the list as CSV with the columns ``COLUMNS``."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = ((e.collection, e.picture, e.split, Decimal(f"{e.share:g}")) for e in entries)
        file.write(csv_text([COLUMNS, *rows]))


def read(path: Path) -> list[Entry]:
    """Reads what ``write`` wrote.

    Raises:
        InvalidRequest: It has other columns or splits.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise InvalidRequest(f"{path} does not have the columns {', '.join(COLUMNS)}")
    entries = [
        Entry(text_of(collection), text_of(picture), split, float(share))
        for collection, picture, split, share in rows[1:]
    ]
    if unknown := {entry.split for entry in entries} - {TRAIN, HELD_OUT}:
        raise InvalidRequest(f"{path} names the unknown split {unknown.pop()!r}")
    return entries


def _chance(seed: int, name: str) -> float:
    digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
