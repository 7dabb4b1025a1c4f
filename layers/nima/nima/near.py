"""What somebody may have meant who typed a name that there is not."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(typed: str, names: Iterable[str]) -> str:
    """A question with the name that is the most like what was typed, after a space; empty where none is like it."""
    from difflib import get_close_matches  # which nobody needs who types well

    near = get_close_matches(typed.lower(), names, n=1)
    return f" Did you mean {near[0]}?" if near else ""
