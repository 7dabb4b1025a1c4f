"""How far long work is."""

from __future__ import annotations

from collections.abc import Callable

Tick = Callable[[int, int], None]
"""Called with how many of how many are done."""

StepTick = Callable[[str, int, int], None]
"""Called with what is being done, and how many of how many of it are."""
