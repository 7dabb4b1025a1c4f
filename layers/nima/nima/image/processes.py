"""Other interpreters, which find this package, and those that it imports, where this one found them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

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
