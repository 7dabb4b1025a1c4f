"""What is written of a rating, beside what a person has decided already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from nima.desk.xmp.echoes import ECHOES, heard
from nima.desk.xmp.properties import (
    ALT,
    COLOR_LABEL,
    DARKTABLE_COLORS,
    DESCRIBED,
    GOOD,
    HIERARCHY,
    JUDGEMENTS,
    KEYWORDS,
    LABEL,
    NUMBERS,
    PICK,
    PICK_LABEL,
    RATING,
    SUBJECT,
    TAGS,
    Key,
    Property,
    record,
)
from nima.desk.xmp.splice import Change, Items
from nima.shoot.ratings import KEYWORD, PICKED, REJECTED, UNDECIDED, Rating

_DATE = NUMBERS["Date"]
# digiKam's numbers: its flags, and of its ten colours those that Adobe's programs have.
_FLAGS = {PICKED: "3", REJECTED: "1", UNDECIDED: "0"}
_COLORS = {"Red": "1", "Yellow": "3", "Green": "4", "Blue": "5", "Purple": "6"}
_DARKTABLE = {"0": "Red", "1": "Yellow", "2": "Green", "3": "Blue", "4": "Purple"}  # its numbers for labels
_GOOD = {PICKED: "True", REJECTED: "False", UNDECIDED: None}

Values = Mapping[Property, str | None]
"""Properties of one judgement; None where one is to be gone."""


class Said(Protocol):
    """What a file says."""

    def value(self, key: Key) -> str | None: ...

    def values(self, key: Key) -> tuple[str, ...]: ...

    def items(self, key: Key) -> tuple[str, ...]: ...


def judged(rating: Rating, *, label: bool) -> dict[str, Values]:
    """A rating as properties, by the names of ``JUDGEMENTS``.

    Args:
        label: Whether a colour label is given as well.
    """
    choice, color = rating.choice, rating.label
    found: dict[str, Values] = {
        "rating": {RATING: "-1" if choice == REJECTED else str(rating.stars)},
        "pick": _chosen(choice),
    }
    if label:
        found["label"] = {LABEL: color, COLOR_LABEL: color and _COLORS[color]}
    return found


def keywords(rating: Rating) -> dict[Property, tuple[str, ...]]:
    """A rating's keywords, flat ones and paths, as Lightroom and digiKam write both."""
    words = rating.keywords
    paths = {HIERARCHY: "|", TAGS: "/"}
    found = {one: tuple(f"{KEYWORD}{mark}{word}" for word in words) for one, mark in paths.items()}
    return {SUBJECT: (KEYWORD, *words) if words else (), **found}


def decided(said: Said, judgement: str) -> Values | None:
    """What a person has decided, in a file that says it; None where it was nobody, or this program.

    What was taken away that this program had written is a decision as well.
    """
    if judgement == "label" and (colors := _in_darktable(said)):
        return colors
    values = {one: said.value(one.key) or "" for one in JUDGEMENTS[judgement]}
    theirs = {one: _theirs(said.values(one.key), said.value(record(one).key)) for one in values}
    if all(value is None for value in theirs.values()):
        return _echoed(said, judgement)
    return {one: value for one in values if (value := values[one] if theirs[one] is None else theirs[one])}


def stars(said: Said) -> str | None:
    """The stars that a file says, whoever gave them; None where it says none."""
    value = said.value(RATING.key)
    if value and not is_nothing(value):
        return value
    return next(heard(lambda one: said.values(one.key), "rating"), None)


def is_nothing(value: str) -> bool:
    """Whether a value says that nothing is decided, as a rating of 0 does, or of 0.0."""
    return not value.strip() or _same(value, "0")


def standing(said: Said | None, near: Mapping[str, Values], far: Mapping[str, Values]) -> dict[str, Values]:
    """What a person has decided that stands in a file, by judgement.

    That is what it says itself. Else it is what the other files say that are written together with it, and where this
    program has written nothing into it, what any file of the picture says: programs read one in place of another.

    Args:
        said: The file; None for a new one.
        near: What is decided in the files that are written together.
        far: What is decided in any.
    """
    found: dict[str, Values] = {}
    for judgement, properties in JUDGEMENTS.items():
        own = decided(said, judgement) if said else None
        written = said is not None and any(said.value(record(one).key) is not None for one in properties)
        values = own if own is not None else (near if written else far).get(judgement)
        if values is not None:
            found[judgement] = values
    return found


def described(said: Iterable[Said]) -> dict[Property, Items]:
    """What people say of a picture beside judging it, each as the first that says it does; own keywords are not among
    it. Of a text in several languages it is the first, which stands for all."""
    found: dict[Property, Items] = {}
    for file in said:
        for one in DESCRIBED:
            theirs = _not_own(file, one)
            if theirs and one not in found:
                found[one] = Items(theirs[:1] if one.kind == ALT else theirs)
    return found


def changes(
    said: Said,
    values: Mapping[str, Values],
    words: Mapping[Property, tuple[str, ...]],
    numbers: Mapping[Property, str],
    stands: Mapping[str, Values],
    *,
    new: bool,
) -> dict[Property, Change]:
    """What is to be changed in a file; nothing where it says all of it but the date already.

    Args:
        said: The file.
        values: What is given, by judgement.
        words: Keywords, by the list that they go into.
        numbers: What is told in the own namespace.
        stands: A person's decisions that do not give way; those that it does not say itself it repeats.
        new: Whether there is no such file yet.
    """
    wanted: dict[Property, Change] = {}
    for judgement, properties in JUDGEMENTS.items():
        given, theirs = values.get(judgement), stands.get(judgement)
        if theirs is None:
            wanted.update(given or {})
            wanted.update({record(one): value for one, value in (given or {}).items()})
            wanted.update(_echoes(said, judgement, given or {}))
        elif decided(said, judgement) is None and (given or new):
            wanted.update({one: theirs.get(one) for one in properties})
            wanted.update({record(one): None for one in properties})
            wanted.update(_echoes(said, judgement, theirs))
    found = {one: value for one, value in wanted.items() if set(said.values(one.key)) != {value} - {None}}
    if LABEL in wanted and (colors := said.items(DARKTABLE_COLORS.key)):
        found[DARKTABLE_COLORS] = Items((), colors)  # for which darktable would pass over the label
    for one in KEYWORDS:
        found |= _keywords(said, one, words.get(one, ()))
    found |= {one: value for one, value in numbers.items() if one != _DATE and said.value(one.key) != value}
    return {**found, _DATE: numbers[_DATE]} if found and _DATE in numbers else found


def _keywords(said: Said, one: Property, words: Iterable[str]) -> dict[Property, Change]:
    """Keywords that are not there are added, own earlier ones are taken out; one that a person took out stays out.

    Where paths are the first ones, the flat keywords come with them: programs that find paths read nothing else.
    """
    there, earlier = said.items(one.key), said.items(record(one).key)
    if one == TAGS and not there:
        return {}
    add = tuple(word for word in words if word not in (*there, *earlier))
    remove = tuple(word for word in earlier if word not in words)
    if not (add or remove):
        return {}
    flat = () if set(there) - set(earlier) or one != HIERARCHY or not add else _not_own(said, SUBJECT)
    return {one: Items((*flat, *add), remove), record(one): Items(add, remove)}


def _not_own(said: Said, one: Property) -> tuple[str, ...]:
    """The items of a list that this program has not written."""
    own = said.items(record(one).key)
    return tuple(item for item in said.items(one.key) if item not in own)


def _in_darktable(said: Said) -> Values | None:
    """The label by darktable's own list, in which it keeps those of others too once it has read them."""
    for number in said.items(DARKTABLE_COLORS.key):
        if color := _DARKTABLE.get(number.strip()):
            return {LABEL: color, COLOR_LABEL: _COLORS[color]}
    return None


def _theirs(values: Sequence[str], recorded: str | None) -> str | None:
    """What a person has decided by a property; nothing where it was taken away, and None where it was nobody."""
    if recorded is None:
        return next((value for value in values if not is_nothing(value)), None)
    found = next((value for value in values if not (is_nothing(value) or _same(value, recorded))), None)
    return found or (None if any(_same(value, recorded) for value in values) else "")


def _echoed(said: Said, judgement: str) -> Values | None:
    """What a person has decided, by what other programs say the same in."""
    first = JUDGEMENTS[judgement][0]
    recorded = said.value(record(first).key)
    for value in heard(lambda one: said.values(one.key), judgement):
        if recorded is None or not _same(value, recorded):
            return _chosen(int(value)) if first == PICK else {first: value}
    return None


def _echoes(said: Said, judgement: str, values: Values) -> Values:
    """What else there is of a judgement that is given, which would contradict it."""
    value = values.get(JUDGEMENTS[judgement][0])
    there = (echo for echo in ECHOES[judgement] if said.value(echo.property.key) is not None)
    return {} if value is None else {echo.property: echo.told(value) for echo in there}


def _chosen(choice: int) -> Values:
    return {PICK: str(choice), GOOD: _GOOD[choice], PICK_LABEL: _FLAGS[choice]}


def _same(value: str, other: str) -> bool:
    with suppress(ValueError):
        return float(value) == float(other)
    return value == other
