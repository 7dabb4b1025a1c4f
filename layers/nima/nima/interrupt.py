"""Ctrl-C: what has only begun ends at once, what has something to put in order is interrupted.

An exception that a signal raises can come to nothing. Python drops it in destructors and in callbacks of weak
references, an extension module that is being initialised answers with an ``ImportError`` in its place, and whoever
expects one of those takes it for theirs. So while a program is imported nothing is raised at all, and afterwards what
was asked for is remembered, whatever became of its exception.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import click

INTERRUPTED = 130
"""The exit code after Ctrl-C."""

_STOPPED = "Stopped."
_SOON = 0.01

_asked = threading.Event()
_unbroken = threading.Event()
_handled: set[signal.Signals] = set()


def run(load: Callable[[], click.Command]) -> NoReturn:
    """Runs the command that was typed; from its first moment on, Ctrl-C ends it with exit code 130.

    Args:
        load: Imports the command.
    """
    if heeded():
        _handle(signal.SIGINT, _end_at_once)
    try:
        try:
            code = _run(load)
        finally:
            ignore()
    except BaseException as error:
        if not interrupted() and not isinstance(error, KeyboardInterrupt):
            raise
        ignore()  # where a signal came while they were made to be ignored
        print(_STOPPED, file=sys.stderr)
        code = INTERRUPTED
    if code != INTERRUPTED and interrupted():
        print(_STOPPED, file=sys.stderr)
        code = INTERRUPTED
    if code == INTERRUPTED:
        # Where a KeyboardInterrupt has passed through exec, Python would end itself by the signal, whatever it returns.
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _run(load: Callable[[], click.Command]) -> int:
    import click

    try:
        return load().main(standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort as aborted:
        raise KeyboardInterrupt from aborted


def heeded() -> bool:
    """Whether Ctrl-C is for this process: a shell has it ignored by what it runs in the background."""
    return signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


def interrupted() -> bool:
    """Whether one of the signals has come that were to end this in order, also where its exception was lost."""
    return _asked.is_set()


def raise_if_lost() -> None:
    """For between two pieces of work: raises ``KeyboardInterrupt`` once more where it came to nothing."""
    if interrupted():
        raise KeyboardInterrupt


@contextlib.contextmanager
def unbroken() -> Iterator[None]:
    """What belongs together is done as a whole: a signal that comes meanwhile raises after it.

    Who asks once more, as where it waits for a pipe that nobody reads, does not wait for it.
    """
    _unbroken.set()
    try:
        yield
    finally:
        _unbroken.clear()
    raise_if_lost()


def end_in_order(*numbers: signal.Signals) -> None:
    """From now on the first of these signals raises ``KeyboardInterrupt``.

    Further ones are ignored while that is being handled, and raise it again where it was lost.
    """
    for number in numbers:
        _handle(number, _raise)
    if hasattr(signal, "SIGALRM"):  # Windows has no alarms: there one that is lost is seen between pieces of work
        _handle(signal.SIGALRM, _raise)
        sys.unraisablehook = _raise_again


def ignore() -> None:
    """From now on no signal disturbs what is still to be shown."""
    for number in _handled:
        signal.signal(number, signal.SIG_IGN)


def _handle(number: signal.Signals, handler: Callable[[int, object], None]) -> None:
    _handled.add(number)
    signal.signal(number, handler)


def _end_at_once(_number: int, _frame: object) -> NoReturn:
    os.write(2, f"{_STOPPED}\n".encode())
    os._exit(INTERRUPTED)


def _raise(_number: int, _frame: object) -> None:
    handled = sys.exception()
    while handled:
        if isinstance(handled, KeyboardInterrupt):
            return
        handled = handled.__cause__ or handled.__context__
    waits = _unbroken.is_set() and not interrupted()
    _asked.set()
    if not waits:
        raise KeyboardInterrupt


def _raise_again(unraisable: sys.UnraisableHookArgs) -> None:
    """What was raised where nothing can get out is raised once more, a little later."""
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, _SOON)
    else:
        sys.__unraisablehook__(unraisable)
