"""What somebody has said of a picture by hand, in its sidecars and in its own files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from nima.desk.scan import Row
from nima.desk.xmp.document import parse
from nima.desk.xmp.echoes import stars_of
from nima.desk.xmp.embedded import said_in
from nima.desk.xmp.judgement import Said, decided
from nima.desk.xmp.properties import GOOD, PICK, PICK_LABEL, Property
from nima.errors import NimaError
from nima.image.formats import EXTENSIONS, RAW_EXTENSIONS
from nima.image.limits import Limits
from nima.local.files import read_file
from nima.shoot.frames import Hand

_SIDECAR = ".xmp"
_FLAGS: Mapping[Property, Mapping[str, bool]] = {
    PICK: {"1": True, "-1": False},
    GOOD: {"true": True, "false": False},
    PICK_LABEL: {"3": True, "1": False},
}
_REJECTED = -1


def hand_of(row: Row) -> Hand:
    """What somebody has said of a picture; what this program wrote is not counted.

    A file that cannot be read may say anything, so that the picture is not to be rejected.
    """
    said: list[Said] = []
    unreadable = False
    for path in (one for one in row.companions if one.suffix.lower() == _SIDECAR):
        try:
            said.append(parse(read_file(path, Limits())))
        except NimaError:
            unreadable = True
    for path in _pictures(row):
        try:
            said += said_in(path)
        except NimaError:
            unreadable = True
    stars = next(_stars(said), None)
    flag = next(_flags(said), None)
    kept = False if flag is None and stars == _REJECTED else flag
    return Hand(stars if stars != _REJECTED else None, kept, unreadable=unreadable)


def _pictures(row: Row) -> Iterator[Path]:
    yield row.path
    yield from (one for one in row.companions if one.suffix.lower() in {*EXTENSIONS, *RAW_EXTENSIONS})


def _stars(said: list[Said]) -> Iterator[int]:
    """-1 to 5, by each file that says so."""
    for one in said:
        values = (decided(one, "rating") or {}).values()
        yield from (stars for value in values if (stars := stars_of(value or "")))


def _flags(said: list[Said]) -> Iterator[bool]:
    for one in said:
        for flag, value in (decided(one, "pick") or {}).items():
            kept = _FLAGS[flag].get((value or "").strip().lower())
            if kept is not None:
                yield kept
