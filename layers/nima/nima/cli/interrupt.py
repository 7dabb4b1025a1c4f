"""Ending a run in order: the first signal raises, more of them do not disturb what is still to be done."""

from __future__ import annotations

import signal
from typing import NoReturn

INTERRUPTED = 130
"""The exit code after Ctrl-C."""


def end_in_order(*numbers: signal.Signals) -> None:
    """From now on the first of these signals raises ``KeyboardInterrupt``, and all of them are ignored after it."""

    def first(_number: int, _frame: object) -> NoReturn:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, first)
