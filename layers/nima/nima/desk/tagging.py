"""Writing ratings into the files of shots: what would change, and changing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from nima.desk.journal import Journal
from nima.desk.judging import LIMITS
from nima.desk.replacing import check_writable
from nima.desk.scan import Row
from nima.desk.xmp.document import Document, parse
from nima.desk.xmp.embedded import said_in
from nima.desk.xmp.jpeg import Jpeg
from nima.desk.xmp.judgement import Said, Values, changes, decided, described, judged, keywords, standing, stars
from nima.desk.xmp.packet import new_packet
from nima.desk.xmp.properties import JUDGEMENTS, NUMBERS, SIDECAR_FOR, Property
from nima.desk.xmp.sidecar import BOTH, Sidecar, Sidecars, is_raw
from nima.desk.xmp.splice import Change, splice
from nima.document.assessment import Assessment
from nima.errors import NimaError, UnreadableFile
from nima.image.formats import EXTENSIONS
from nima.local.files import cause_of, read_file, read_start, shown
from nima.shoot.ratings import Rating

_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True)
class Tagging:
    """How pictures are tagged.

    Attributes:
        sidecar: By whose naming, of ``NAMINGS``; None for those that there are, and both where there is none.
        embed: Whether JPEG files are written into.
        label: Whether colour labels are given.
        rejects: Whether rejected pictures are said to be.
        overwrite: Whether what a person has decided gives way.
    """

    sidecar: str | None = None
    embed: bool = False
    label: bool = False
    rejects: bool = False
    overwrite: bool = False


@dataclass(frozen=True)
class _Edit:
    """A file that is to be written: its bytes before (None for a new one) and after."""

    path: Path
    before: bytes | None
    after: bytes


@dataclass(frozen=True)
class Tagged:
    """What became of a picture, or would.

    Attributes:
        name: What it goes by.
        rating: What it is given.
        was: Its stars as they were in its files; None where it had none.
        files: Those that are written; none where they say all of it already.
        kept: The judgements that a person has made, and which stay.
        error: Why nothing is written, or not all.
    """

    name: str
    rating: Rating
    was: str | None = None
    files: tuple[Path, ...] = ()
    kept: tuple[str, ...] = ()
    error: NimaError | None = None


def tag(rated: Sequence[tuple[Row, Rating]], how: Tagging, journal: Journal | None) -> Iterator[Tagged]:
    """Writes the ratings of pictures, one picture after the other.

    Args:
        journal: Where what is done is written down; nothing is done where there is none.
    """
    shots = {row.path: _pictures(row) for row, _ in rated}
    sidecars = Sidecars(shots.values())
    for row, found in rated:
        rating = found if how.rejects else found.unrejected()
        known = Tagged(row.name, rating if how.label else replace(rating, label=None))
        try:
            known, edits = _plan(row, known, shots[row.path], sidecars, how)
            with journal.together() if journal else nullcontext():
                for edit in edits:
                    with _named(edit.path):
                        if journal:
                            journal.write(edit.path, edit.after, before=edit.before)
                        else:
                            check_writable(edit.path)
        except NimaError as error:
            known = replace(known, error=error)
        except OSError as error:  # a folder that went away, or may not be looked into
            known = replace(known, error=UnreadableFile(f"The file cannot be read: {cause_of(error)}."))
        yield known


@dataclass(frozen=True)
class _Target:
    """A file that is written, what it says and its bytes; None and None where there is none yet. It then begins with
    what is ``initial``, and what people say of the picture elsewhere, as programs read it in place of that."""

    path: Path
    said: Document | Jpeg | None
    before: bytes | None
    initial: Mapping[Property, str]

    def base(self, theirs: Mapping[Property, Change]) -> Document | Jpeg:
        return self.said or parse(splice(parse(new_packet()), {**self.initial, **theirs}))


def _plan(
    row: Row, known: Tagged, shot: tuple[Path, ...], sidecars: Sidecars, how: Tagging
) -> tuple[Tagged, list[_Edit]]:
    """What is to be done for a picture: all of its files, or an error."""
    rating = known.rating
    for path in shot:
        with _named(path):
            read_start(path, 0)  # that none is tagged that has gone since it was judged
    embedded = [path for path in shot if how.embed and not is_raw(path) and _is_jpeg(path)]
    targets = [_target(one) for one in _sidecars(shot, embedded, sidecars, how)]
    targets += [_jpeg(path) for path in embedded]
    written: list[Said] = [target.said for target in targets if target.said]
    others = [*_beside(shot, targets, sidecars), *(one for path in shot for one in _said_in(path))]
    near = _decided(written)
    far = {**_decided(others), **near}
    if row.result.assessment is None:
        raise ValueError("only pictures with scores are tagged")
    given = judged(rating, label=how.label)
    words, numbers = keywords(rating), _numbers(row.result.assessment, rating)
    theirs = described((*written, *others))
    edits, kept = [], set()
    for target in targets:
        stands = {} if how.overwrite else standing(target.said, near, far)
        kept |= set(stands)
        base = target.base(theirs)
        wanted = changes(base, given, words, numbers, stands, new=target.said is None)
        if wanted:
            after = base.changed(wanted) if isinstance(base, Jpeg) else splice(base, wanted)
            edits.append(_Edit(target.path, target.before, after))
    was = next((value for one in (*written, *others) if (value := stars(one))), None)
    told = tuple(name for name in given if name in kept)
    return replace(known, was=was, files=tuple(edit.path for edit in edits), kept=told), edits


def _beside(shot: tuple[Path, ...], targets: Sequence[_Target], sidecars: Sidecars) -> Iterator[Said]:
    """The sidecars that are not written. Damaged ones say nothing."""
    for one in sidecars.of(shot):
        if one.there and one.path not in {target.path for target in targets}:
            with suppress(NimaError):
                yield parse(read_file(one.path, LIMITS))


def _pictures(row: Row) -> tuple[Path, ...]:
    """The picture that was judged, and the other picture of its shot."""
    others = (path for path in row.companions if path.suffix.lower() in EXTENSIONS or is_raw(path))
    return (row.path, *others)


def _sidecars(shot: tuple[Path, ...], embedded: list[Path], sidecars: Sidecars, how: Tagging) -> list[Sidecar]:
    """Those of a naming that was asked for. Else those that there are, and for pictures without any, or that are not
    written into, both: a second one beside another program's would hide what that one says."""
    found = sidecars.of(shot, how.sidecar or BOTH)
    if how.sidecar:
        return found
    there = [one for one in found if one.there]
    covered = {*embedded, *(path for one in there for path in one.pictures)}
    return [*there, *(one for one in found if not one.there and not covered & set(one.pictures))]


def _target(one: Sidecar) -> _Target:
    raw = next((path for path in one.pictures if is_raw(path)), None)
    if not one.there:
        initial = {SIDECAR_FOR: raw.suffix[1:].upper()} if raw and one.path.stem == raw.stem else {}
        return _Target(one.path, None, None, initial)
    with _named(one.path):
        data = read_file(one.path, LIMITS)
        return _Target(one.path, parse(data), data, {})


def _jpeg(path: Path) -> _Target:
    with _named(path):
        data = read_file(path, LIMITS)
        return _Target(path, Jpeg.of(data), data, {})


def _is_jpeg(path: Path) -> bool:
    with _named(path):
        return read_start(path, len(_JPEG)) == _JPEG


def _said_in(path: Path) -> list[Said]:
    with _named(path):
        return said_in(path)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Says which of a picture's files it is that something is wrong with."""
    try:
        yield
    except NimaError as error:
        error.detail = ": ".join(filter(None, (shown(Path(path.name)), error.detail)))
        raise


def _decided(said: Sequence[Said]) -> dict[str, Values]:
    """What a person has decided, by judgement, in the first file that says it."""
    found: dict[str, Values] = {}
    for judgement in JUDGEMENTS:
        theirs = next((values for one in said if (values := decided(one, judgement)) is not None), None)
        if theirs is not None:
            found[judgement] = theirs
    return found


def _numbers(one: Assessment, rating: Rating) -> dict[Property, str]:
    told = {
        "Technical": f"{one.technical.mean:.2f}",
        "Aesthetic": f"{one.aesthetic.mean:.2f}",
        "Composite": f"{one.composite.score:.2f}",
        "Stars": f"{one.composite.stars:g}",
        "Percentile": f"{rating.percentile:.1f}",
        "Style": one.composite.style,
        "Model": one.model.id,
        "ModelVersion": one.model.version,
        "Date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return {NUMBERS[name]: value for name, value in told.items()}
