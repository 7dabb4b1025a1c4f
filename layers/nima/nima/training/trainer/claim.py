"""A folder holds what was made in one way, which is written in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nima.errors import InvalidRequest


def claim(path: Path, made: Mapping[str, Any], what: str) -> None:
    """Writes how the contents of a folder are made, or checks that they are made as what is there says.

    Args:
        path: The JSON file in the folder; made where it is missing.
        made: How, as JSON has it.
        what: What the folder would hold that was made in another way, for the message.

    Raises:
        InvalidRequest: They were made in another way.
    """
    text = json.dumps(made, indent=2) + "\n"
    if not path.exists():
        path.write_text(text, encoding="utf-8")
    elif json.loads(path.read_text(encoding="utf-8")) != json.loads(text):
        raise InvalidRequest(f"{path.parent} holds {what}; choose another folder.")
