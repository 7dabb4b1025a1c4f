"""Typed reading of environment variables: a bad value names the variable, the value and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


class BadSetting(ValueError):
    """A variable has a value that is not allowed."""

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(f"{name}={value!r} is not valid: {allowed}")
        self.allowed = allowed


def text(env: Mapping[str, str], name: str, default: str | None = None) -> str:
    """A text; ``BadSetting`` if it is absent or empty and there is no default."""
    value = env.get(name, "") or default
    if value is None:
        raise BadSetting(name, "", "it must be set")
    return value


def integer(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """A whole number in ``low..high``, both included."""
    raw = env.get(name, "")
    try:
        value = int(raw) if raw else default
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise BadSetting(name, raw, f"a whole number from {low} to {high}")
    return value


def number(env: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    """A number in ``low..high``, both included."""
    raw = env.get(name, "")
    try:
        value = float(raw) if raw else default
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise BadSetting(name, raw, f"a number from {low:g} to {high:g}")
    return value


def choice(env: Mapping[str, str], name: str, default: str, allowed: Sequence[str]) -> str:
    """One of ``allowed``."""
    value = env.get(name, "") or default
    if value not in allowed:
        raise BadSetting(name, value, f"one of {', '.join(allowed)}")
    return value


def switch(env: Mapping[str, str], name: str, default: bool) -> bool:
    """``on`` or ``off``."""
    return choice(env, name, "on" if default else "off", ("on", "off")) == "on"
