"""Standard error of libraries that are no Python: sent elsewhere, where it can be written and where it cannot."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# Of a process that may write no files, as that of a decoder, and whose standard error is one.
_NO_FILES = """
import os, resource, signal, sys
from nima.native import silent
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
{said}
for _ in range(2):
    with silent():
        os.write(2, b"by a library")
    print("decoded")
"""


@pytest.mark.parametrize("said", ["", "sys.stderr.write('of a picture')"], ids=["silent", "noisy"])
def test_what_cannot_be_written_to_standard_error_fails_nothing(said: str) -> None:
    line = '"$0" -c "$1" 2> "$(mktemp)"'
    command = ["bash", "-c", line, sys.executable, _NO_FILES.format(said=said)]
    buffered = {**os.environ, "PYTHONUNBUFFERED": ""}
    done = subprocess.run(command, env=buffered, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["decoded"] * 2
