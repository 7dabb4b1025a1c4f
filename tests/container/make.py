"""`make` as a reader of the README types it."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make(*arguments: str, project: Path = ROOT, timeout: float = 600) -> subprocess.CompletedProcess[str]:
    """Runs a target to its end."""
    return subprocess.run(
        _command(*arguments),
        cwd=project,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


class Running:
    """A target that goes on until it is stopped, and what it has printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, text: str, times: int = 1, seconds: float = 300) -> None:
        """Waits until it has printed a text that often."""
        deadline = time.monotonic() + seconds
        while "\n".join(self.lines).count(text) < times:
            assert self._process.poll() is None, self.lines
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.1)

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))


@contextmanager
def running(*arguments: str, project: Path = ROOT) -> Iterator[Running]:
    """Runs a target until the block is left."""
    process = subprocess.Popen(
        _command(*arguments),
        cwd=project,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Running(process)
    finally:
        process.terminate()
        process.wait(60)


def _command(*arguments: str) -> list[str]:
    # The virtual environments are there, as the tests run in one: a copy of the project must not install itself there.
    kept = (f"--old-file={made}" for made in (".venv/.run", ".venv/.dev", ".venv-sam/.sam"))
    return ["make", "--silent", "--no-print-directory", *kept, *arguments]


def _environment() -> dict[str, str]:
    """This process's, without the AWS that the fixtures set up for it and with output as it comes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, "PYTHONUNBUFFERED": "1"}
