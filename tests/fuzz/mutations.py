"""Random changes of a JSON document: parts removed, swapped, renamed, nested, or replaced by odd values."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 10**40, -(10**400), 0.5, 1e308, float("nan"), float("inf")),
    *(
        "",
        " ",
        "0",
        "null",
        "NaN",
        "../..",
        "/",
        "//",
        ".",
        "%",
        "%ff",
        "%00",
        "%2F",
        "%E9%9E",
        "+",
        "a+b",
        "${filename}",
    ),
    *(
        "\0",
        "\n",
        "\r\nX: y",
        "\t",
        "\x7f",
        "\ud800",
        "\udfff\ud800",
        "\ufeff",
        "\u202e",
        "\u2028",
        "é",
        "鞋",
        "👟",
        "e\u0301",
    ),
    *("'", '"', "<script>", "{{7*7}}", "=1+1", "a" * 1024, "a" * 1025, "é" * 600, "a" * 70_000, "9" * 5_000),
    *([], {}, [[]], [None], {"": None}, [1, "a", None], {"a": {"b": []}}),
)
_NESTED = (2, 20, 200)

Place = tuple[Any, Any]
"""A container and the key or index of one of its values."""


def places(document: Any) -> list[Place]:
    """Every place in a document, the outer ones first."""
    found: list[Place] = []
    waiting = [document]
    while waiting:
        container = waiting.pop(0)
        names = list(container) if isinstance(container, dict) else range(len(container))
        for name in names:
            found.append((container, name))
            if isinstance(container[name], dict | list):
                waiting.append(container[name])
    return found


def mutated(document: Any, chance: random.Random, most: int = 3) -> Any:
    """A changed copy; rarely an odd value instead of the whole."""
    if chance.random() < 0.005:
        return chance.choice(ODD)
    changed = copy.deepcopy(document)
    for _ in range(chance.randint(1, most)):
        found = places(changed)
        if not found:
            return changed
        chance.choice(_CHANGES)(*chance.choice(found), chance)
    return changed


def spoilt(text: str, chance: random.Random) -> str:
    """A text with something put in, taken out, repeated or cut off."""
    at = chance.randint(0, len(text))
    odd = chance.choice([value for value in ODD if isinstance(value, str) and len(value) < 100])
    match chance.randrange(5):
        case 0:
            return text[:at] + odd + text[at:]
        case 1:
            return text[:at] + text[at + chance.randint(1, 4) :]
        case 2:
            return text[:at]
        case 3:
            return text * chance.choice((2, 10, 100))
        case _:
            return text[:at] + chr(chance.choice((chance.randrange(128), chance.randrange(0x3000)))) + text[at + 1 :]


def _remove(container: Any, name: Any, _: random.Random) -> None:
    del container[name]


def _replace(container: Any, name: Any, chance: random.Random) -> None:
    container[name] = copy.deepcopy(chance.choice(ODD))


def _spoil(container: Any, name: Any, chance: random.Random) -> None:
    value = container[name]
    if isinstance(value, str):
        container[name] = spoilt(value, chance)
    elif isinstance(value, int | float):
        container[name] = chance.choice((str(value), -value, value * 10 ** chance.randrange(30), [value]))
    else:
        _replace(container, name, chance)


def _wrap(container: Any, name: Any, chance: random.Random) -> None:
    for _ in range(chance.choice(_NESTED)):
        container[name] = chance.choice(([container[name]], {"a": container[name]}))


def _rename(container: Any, name: Any, chance: random.Random) -> None:
    if isinstance(container, dict):
        container[spoilt(name, chance)] = container.pop(name)
    else:
        container.insert(name, copy.deepcopy(container[name]))


def _swap(container: Any, name: Any, chance: random.Random) -> None:
    others = list(container) if isinstance(container, dict) else list(range(len(container)))
    other = chance.choice(others)
    container[name], container[other] = container[other], container[name]


def _repeat(container: Any, name: Any, chance: random.Random) -> None:
    if isinstance(container[name], list):
        container[name] = container[name] * chance.choice((0, 2, 30))
    else:
        container[name] = [copy.deepcopy(container[name])] * 2


_CHANGES: tuple[Callable[[Any, Any, random.Random], None], ...] = (
    *(_remove, _remove, _replace, _replace, _replace, _spoil, _spoil, _spoil, _wrap, _rename, _swap, _repeat),
)
