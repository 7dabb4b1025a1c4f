"""Waiting for what another process or thread does: for a condition, so long that no busy machine misses it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

PATIENCE = 120
"""Seconds after which what is waited for does not come."""


def until(condition: Callable[[], object]) -> None:
    """Returns once the condition holds.

    Raises:
        AssertionError: It never does.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)


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
