"""Which pictures there are, and on which side of the split each lies."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from pathlib import Path

from nima.assess.phash import perceptual_hash
from nima.document.similarity import NEAR_DUPLICATE_BITS, distance
from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.training.distill import data_list
from nima.training.distill.data_list import HELD_OUT, TRAIN

ROOT = Path(__file__).resolve().parents[3]
DATA_LIST = ROOT / "docs" / "nima-lite" / "photographs.csv"

GENERAL, CAMERA, KODAK = PHOTOGRAPHS = ("general", "camera", "kodak")
CLOTHING, GROCERY = GOODS = ("clothing", "grocery")
"""Goods photographed where they are."""
CATALOGUE, CUTOUT, ALPHA = PACKSHOTS = ("catalogue", "cutout", "cutout-alpha")
"""Goods on white."""

EVERY = 5
"""Every so many-th camera picture is held out, whatever else is."""

# Really under-exposed photographs: nothing clean is to be had of them.
_DARK = "lowlight-"
# A few cut-outs are all that may be trained on, so that every third of them is held out.
_EVERY_CUTOUT = 3
MAIN_VIEWS = ("main", "0", "custom")
"""Of the catalogue's views, those that its shop shows first."""

_VIEW = re.compile(r"[-_](back|front|alt\d?|alternate|main|custom|\d+)$")


@dataclass(frozen=True)
class Source:
    """One picture as it is.

    Attributes:
        collection: The folder that it lies in.
        picture: Its path within that folder.
        path: The file.
        group: The picture itself, or the product that it shows from one side; never on two sides of the split.
        split: ``TRAIN`` or ``HELD_OUT``.
    """

    collection: str
    picture: str
    path: Path
    group: str
    split: str

    @property
    def view(self) -> str | None:
        """From which side it shows its product, where its name says so."""
        named = _VIEW.search(self.path.stem)
        return named[1] if named else None


def photographs(photos: Path) -> list[Source]:
    """Photographs of anything, those taken in the dark left out."""
    return [source for name in PHOTOGRAPHS for source in _collection(photos, name) if not _is_dark(source)]


def goods(photos: Path) -> list[Source]:
    """Photographs of goods where they are."""
    return [source for name in GOODS for source in _collection(photos, name)]


def packshots(photos: Path) -> list[Source]:
    """Goods on white, and of each style of a published catalogue the picture that its shop shows first."""
    styles: dict[str, Source] = {}
    for source in catalogue(photos):
        if source.view in MAIN_VIEWS:
            styles.setdefault(source.path.parent.name, source)
    return [*styles.values(), *(source for name in (CUTOUT, ALPHA) for source in _collection(photos, name))]


def catalogue(photos: Path) -> list[Source]:
    """A real catalogue as its shop published it, held out whole."""
    return _collection(photos, CATALOGUE)


def of(sources: Iterable[Source], split: str) -> list[Source]:
    return [source for source in sources if source.split == split]


def drawn(sources: Sequence[Source], count: int | None, seed: int = 1) -> list[Source]:
    """So many of them, as many of each collection as there are; the same ones, and more, for a larger count.

    Args:
        count: None takes them all.
    """
    ordered = sorted(sources, key=lambda s: hashlib.sha256(f"{seed} {s.collection}/{s.picture}".encode()).digest())
    by_collection: dict[str, list[Source]] = {}
    for source in ordered:
        by_collection.setdefault(source.collection, []).append(source)
    turns = chain.from_iterable(zip_longest(*by_collection.values()))
    return [source for source in turns if source is not None][:count]


def _is_dark(source: Source) -> bool:
    return source.picture.startswith(_DARK)


def _collection(photos: Path, name: str) -> list[Source]:
    folder = photos / name
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    found = [Source(name, str(p.relative_to(folder)), p, f"{name}/{p.relative_to(folder)}", TRAIN) for p in files]
    if name == CATALOGUE:
        return [replace(s, group=f"{name}/{_VIEW.sub('', s.path.stem)}", split=HELD_OUT) for s in found]
    if name in (CUTOUT, ALPHA):
        return _split_cutouts(found)
    listed = {e.picture: e.split for e in data_list.read(DATA_LIST) if e.collection == name}
    if name == CAMERA:
        return _with_every_fifth([replace(source, split=listed.get(source.picture, TRAIN)) for source in found])
    # Pictures that are not in the list were never trained on.
    return [replace(source, split=listed.get(source.picture, HELD_OUT)) for source in found]


def _split_cutouts(found: Sequence[Source]) -> list[Source]:
    grouped = [replace(source, group=f"{source.collection}/{_VIEW.sub('', source.path.stem)}") for source in found]
    groups = sorted({source.group for source in grouped})
    back = set(groups[::_EVERY_CUTOUT])
    return [replace(source, split=HELD_OUT if source.group in back else TRAIN) for source in grouped]


def _with_every_fifth(found: Sequence[Source]) -> list[Source]:
    """Holds back every fifth as well, and what is nearly the same as any that is held back."""
    split = [replace(s, split=HELD_OUT) if number % EVERY == 0 else s for number, s in enumerate(found)]
    hashes = [perceptual_hash(read_picture(source.path.read_bytes(), Limits()).frame) for source in split]
    back = [phash for source, phash in zip(split, hashes, strict=True) if source.split == HELD_OUT]
    return [
        replace(source, split=HELD_OUT) if any(distance(phash, h) <= NEAR_DUPLICATE_BITS for h in back) else source
        for source, phash in zip(split, hashes, strict=True)
    ]
