"""The standard streams of commands: closed ones, readers that went away, and what a terminal has no signs for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

READY = "import os, sys; from nima.cli.streams import make_ready, show; make_ready(); "
ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
TEXT = "写真 é ◂\r\n"


def run(code: str, environment: Mapping[str, str], redirections: str = "") -> subprocess.CompletedProcess[bytes]:
    """A program whose streams are those of a shell's command."""
    line = f'"$0" -c "$1" {redirections}'
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line, sys.executable, READY + code],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "written"),
    [
        (ASCII, TEXT.encode()),
        ({"LC_ALL": "C.UTF-8"}, TEXT.encode()),
        ({"PYTHONIOENCODING": "cp1252"}, rb"\u5199\u771f " + b"\xe9" + rb" \u25c2" + b"\r\n"),
    ],
)
def test_files_and_pipes_get_utf8_unless_another_encoding_is_asked_for(
    environment: Mapping[str, str], written: bytes
) -> None:
    done = run(f"show({TEXT!a}); print({TEXT!a}, file=sys.stderr, end='')", environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, written, written)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_nothing_that_is_printed_gets_into_a_file_where_a_stream_is_closed(closed: str, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    code = (
        f"file = open({str(rows)!r}, 'wb', buffering=0); show('text'); print('text', file=sys.stderr); "
        "[os.write(number, b'printed by a library') for number in (1, 2)]; file.write(b'row'); sys.stdin.read()"
    )
    done = run(code, {}, closed)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert rows.read_bytes() == b"row"


@pytest.mark.parametrize(
    "stream", ["stdout | true", "stderr 2> >(true)", "stderr 2>/dev/full"], ids=["left", "left", "full"]
)
def test_a_stream_that_is_gone_changes_nothing_else(stream: str) -> None:
    name, _, redirection = stream.partition(" ")
    code = f"[print('text' * 20_000, file=sys.{name}, flush=True) for _ in range(5)]; os._exit(7)"
    done = run(code, {}, redirection)
    assert (done.returncode, done.stderr) == (7, b"")


def test_results_that_cannot_be_written_are_an_error() -> None:
    done = run("show('text')", {}, ">/dev/full")
    assert done.returncode == 1
    assert done.stderr.endswith(b"The results cannot be written: No space left on device.\n")
    assert b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_what_ctrl_c_interrupts_is_not_written_twice(stream: str) -> None:
    code = f"""
def interrupt(left):
    def step(*_):
        nonlocal left
        left -= 1
        if left < 0:
            sys.setprofile(None)
            raise KeyboardInterrupt
    return step

for number in range(40):
    if os.fork() == 0:
        sys.setprofile(interrupt(number))
        try:
            print("line", number, file=sys.{stream}, flush=True)
        except KeyboardInterrupt:
            pass
        finally:
            sys.setprofile(None)
            sys.exit()
    os.wait()
"""
    done = run(code, {})
    lines = getattr(done, stream).splitlines()
    assert len(lines) == len(set(lines)) > 20
    assert (done.returncode, lines[-1]) == (0, b"line 39")
