"""A folder holds what was made in one way, which is written in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nima.errors import InvalidRequest
from nima.whole import whole

_SHOWN = 8
_NOTHING = object()


def claim(path: Path, made: Mapping[str, Any], what: str) -> None:
    """Writes how the contents of a folder are made, or checks that they are made as what is there says.

    Args:
        path: The JSON file in the folder; made where it is missing.
        made: How, as JSON has it.
        what: What the folder would hold that was made in another way, for the message.

    Raises:
        InvalidRequest: They were made in another way; the message says in what they differ.
    """
    check_claim(path, made, what)
    if not path.exists():
        with whole(path) as part:
            part.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")


def check_claim(path: Path, made: Mapping[str, Any], what: str) -> None:
    """Checks as ``claim`` does, and writes nothing."""
    before = read_claim(path)
    found = list(_differences(before, json.loads(json.dumps(made)))) if before is not None else ()
    if found:
        shown = "; ".join(found[:_SHOWN]) + (f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
        raise InvalidRequest(f"{path.parent} holds {what}: {shown}. Choose another folder, or what was chosen then.")


def read_claim(path: Path) -> dict[str, Any] | None:
    """What is written there of how the contents are made; None where nothing is.

    Raises:
        InvalidRequest: It is damaged.
    """
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidRequest(f"{path} is damaged: {error}.") from error
    if not isinstance(found, dict):
        raise InvalidRequest(f"{path} is damaged: it holds no object.")
    return found


def _differences(before: Any, now: Any, name: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*before, *now)):
            yield from _differences(before.get(key, _NOTHING), now.get(key, _NOTHING), f"{name} {key}".strip())
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (one, other) in enumerate(zip(before, now, strict=True), 1):
            yield from _differences(one, other, f"{name} {number}")
    elif before != now:
        yield f"{name} was {_shown(before)}, now {_shown(now)}"


def _shown(value: Any) -> str:
    if value is _NOTHING:
        return "not stated"
    return value if isinstance(value, str) else json.dumps(value)
