"""What other programs say the same in, each in a form of its own: read, kept in step where it is there, never added.

``xmp:Rating`` and ``xmpDM:pick`` win over them, as they do with the programs that read both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from nima.desk.xmp.properties import ACDSEE_RATING, ACDSEE_TAGGED, CAMERABITS_TAGGED, PERCENT, WINDOWS_RATING, Property

_LEAST_PERCENT = {1: 1, 13: 2, 38: 3, 63: 4, 88: 5}  # from which on a share is that many stars, by Windows' own ranges
_PERCENTS = {1: "1", 2: "25", 3: "50", 4: "75", 5: "99"}
_PICKED = "1"


@dataclass(frozen=True)
class Echo:
    """A property that says in another form what the first one of a judgement's says.

    Attributes:
        property: The property.
        heard: The first one's value by a value of this one; None where that says nothing.
        told: The value of this one by one of the first one's; None where it has none for it.
    """

    property: Property
    heard: Callable[[str], str | None]
    told: Callable[[str], str | None]


def stars_of_percent(percent: float) -> int | None:
    """The stars, 1 to 5, of a rating from 1 to 100; None for another number."""
    if not 0 < percent <= 100:
        return None
    return max((stars for least, stars in _LEAST_PERCENT.items() if percent >= least), default=1)


def stars_of(text: str) -> int | None:
    """The stars, 1 to 5, or -1 of what is rejected, that a value of ``xmp:Rating`` says; None where it says neither."""
    with suppress(ValueError, OverflowError):
        stars = round(float(text))
        return stars if stars == -1 or stars in _PERCENTS else None
    return None


def _of_stars(text: str) -> str | None:
    stars = stars_of(text)
    return str(stars) if stars in _PERCENTS else None


def _of_percent(text: str) -> str | None:
    with suppress(ValueError):
        stars = stars_of_percent(float(text))
        return str(stars) if stars else None
    return None


def _as_percent(text: str) -> str | None:
    return _PERCENTS.get(stars_of(text) or 0)


def _of_tag(text: str) -> str | None:
    return _PICKED if text.strip().lower() == "true" else None


def _as_tag(text: str) -> str:
    return "True" if text == _PICKED else "False"


ECHOES: Mapping[str, tuple[Echo, ...]] = {
    "rating": (
        Echo(ACDSEE_RATING, _of_stars, _of_stars),
        *(Echo(one, _of_percent, _as_percent) for one in (WINDOWS_RATING, PERCENT)),
    ),
    "pick": tuple(Echo(one, _of_tag, _as_tag) for one in (ACDSEE_TAGGED, CAMERABITS_TAGGED)),
    "label": (),
}
"""Those of each judgement, the first that says something first."""


def heard(values: Callable[[Property], tuple[str, ...]], judgement: str) -> Iterator[str]:
    """What the echoes of a judgement say, in the form of its first property.

    Args:
        values: The values of a property in a file.
    """
    for echo in ECHOES[judgement]:
        yield from (one for one in map(echo.heard, values(echo.property)) if one is not None)
