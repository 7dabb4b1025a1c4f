"""Other interpreters, which find this package, and those that it imports, where this one found them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import IO, cast

_EXIT_S = 1.0
_MAIN = "import sys; sys.path[:] = sys.argv[1:]; from {} import main; main()"


def start(
    module: str, flags: Sequence[str], environment: Mapping[str, str], cwd: str | None = None
) -> subprocess.Popen[bytes]:
    """A process that runs a module's ``main``, reached by pipes; Ctrl-C in a terminal is not for it."""
    paths = [str(Path(entry or ".").resolve()) for entry in [str(Path(__file__).parents[2]), *sys.path]]
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-S", "-W", "ignore", *flags, "-c", _MAIN.format(module), *paths],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=cwd,
        env=dict(environment),
        process_group=0,
    )


def end(child: subprocess.Popen[bytes]) -> str:
    """Ends a process and tells how it ended; one that reads notices the end of its input."""
    with suppress(OSError, ValueError):
        cast(IO[bytes], child.stdin).close()
    try:
        status = child.wait(_EXIT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        status = child.wait()
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


@contextmanager
def killed_after(seconds: float, child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ends a process that takes longer than that."""
    timer = Timer(seconds, child.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
