"""Waiting for what another process or thread does: for a condition, so long that no busy machine misses it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

PATIENCE = 120
"""Seconds after which what is waited for does not come."""

_LONGEST_PAUSE = 0.1

T = TypeVar("T")


def until(condition: Callable[[], T | None], seconds: float = PATIENCE, what: str = "it") -> T:
    """The first true value of a condition.

    Args:
        condition: Asked again and again, less often the longer it takes.
        seconds: How long.
        what: What is waited for, to be named where it never comes.

    Raises:
        AssertionError: It never holds.
    """
    deadline, pause = time.monotonic() + seconds, 0.01
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} took more than {seconds} s"
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
    return value


def state(pid: int) -> str:
    """The letter of a process's state, as ``ps`` shows it; X where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def alive(pid: int) -> bool:
    """Whether a process runs: one that has ended, with all of its threads, and was not waited for does not."""
    try:
        return state(pid) not in "ZX" or len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False


def until_gone(pids: Iterable[int]) -> None:
    """Returns once none of the processes runs."""
    for pid in pids:
        until(lambda pid=pid: not alive(pid))  # type: ignore[misc]
