"""What `make` passes on of what somebody typed; the programs are stand-ins that show it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from nima.local.files import expanded
from tests.unit.test_sam import ROOT

NAME = """it's "x" $HOME $(shell echo made) `echo shell`; echo $$ # ü"""
SHOW = """
import json, os, sys
print(json.dumps([sys.argv[1:], os.environ.get("MODEL", ""), os.environ.get("NIMA_MODEL_SOURCE", "")]))
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A folder whose programs show their arguments and what they find in the environment."""
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("nima", "python"):
        shows = shlex.join([sys.executable, "-c", SHOW])
        (programs / name).write_text(f'#!/bin/sh\nexec {shows} "$@"\n')
        (programs / name).chmod(0o755)
    return tmp_path


def make(stand_in: Path, *typed: str, **environment: str) -> list[object]:

    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MODEL", "NIMA_"))}
    made = ("--old-file=.venv/.run", "--old-file=.venv/.dev")
    done = subprocess.run(
        ["make", "--silent", f"--file={ROOT / 'Makefile'}", *made, *typed],
        cwd=stand_in,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    (shown,) = done.stdout.splitlines()
    found: list[object] = json.loads(shown)
    return found


def test_names_reach_the_programs_as_they_were_typed(stand_in: Path) -> None:
    local = ["local", "--port", "8123", "--images", NAME]
    assert make(stand_in, "run", f"IMAGES={NAME}", f"MODEL={NAME}", "PORT=8123") == [local, NAME, ""]
    assert make(stand_in, "run", IMAGES=NAME, MODEL=NAME, PORT="8123") == [local, NAME, ""]
    assert make(stand_in, "run") == [["local", "--port", "8000"], "", ""]
    assert make(stand_in, "models", f"NIMA_MODEL_SOURCE={NAME}") == [["models", "install"], "", NAME]
    assert make(stand_in, "bill", f"IMAGES={NAME}") == [["-m", "tests.bench.bill", "--images", NAME], "", ""]


def test_a_home_is_known_where_the_shell_leaves_it_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert expanded(Path("~/Pictures/shoot")) == tmp_path / "Pictures" / "shoot"
    assert expanded(Path("~nobody-of-this-name/shoot")) == Path("~nobody-of-this-name/shoot")
    command = [sys.executable, "-m", "nima.cli"]
    for arguments, names in (
        (("local", "--images", "~/shoot"), {}),
        (("models", "install"), {"NIMA_MODEL_SOURCE": "~/shoot"}),
    ):
        done = subprocess.run(
            [*command, *arguments], env={**os.environ, **names}, capture_output=True, text=True, check=False
        )
        assert (done.returncode, "~" in done.stderr) == (1, False)
        assert str(tmp_path / "shoot") in done.stderr
