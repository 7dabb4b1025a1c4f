"""What people read about a code, once per language: ``en.json`` and ``zh-CN.json``, which the page reads too.

What one room alone says stands beside its code, in files of the same names and shape.

A text is a template: ``{name}`` stands for a fact as it is, ``{name:.1f}`` for a number in one of Python's formats, and
``{name:down%}`` for a share in percent that is rounded down, so that only the whole is called 100%. What depends on a
count is an object of the texts for ``one`` and ``other``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

ENGLISH, CHINESE = LANGUAGES = ("en", "zh-CN")
"""Languages by their tags, which are the files' names."""

FOLDER = Path(__file__).parent


@cache
def words(language: str = ENGLISH, folder: Path = FOLDER) -> dict[str, Any]:
    """Everything that the files of a folder say in a language, by family and code."""
    found: dict[str, Any] = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
    return found


def say(*path: str, language: str = ENGLISH, folder: Path = FOLDER, **facts: Any) -> str:
    """The text at ``path``, its facts filled in; of one that depends on ``count``, the form for it.

    Raises:
        KeyError: There are no words for that code, or a fact is missing.
    """
    found: Any = words(language, folder)
    for name in path:
        found = found[name]
    if isinstance(found, dict):
        found = found["one" if facts["count"] == 1 else "other"]
    return "".join(
        literal if fact is None else literal + _formatted(facts[fact], form) for literal, fact, form in _parsed(found)
    )


def names(family: str, codes: Iterable[str], language: str = ENGLISH) -> str:
    """The names of some codes of a family, in a row.

    Raises:
        KeyError: One of them has none.
    """
    found = words(language)[family]
    return str(words(language)["texts"]["separator"]).join(
        found[code] if isinstance(found[code], str) else found[code]["name"] for code in codes
    )


@cache
def _parsed(template: str) -> tuple[tuple[str, str | None, str], ...]:
    """What stands before each fact, the fact's name and its format; the last has no fact."""
    return tuple((literal, fact, form or "") for literal, fact, form, _ in Formatter().parse(template))


def _formatted(value: Any, form: str) -> str:
    return f"{math.floor(value * 1000) / 10:g}%" if form == "down%" else format(value, form)
