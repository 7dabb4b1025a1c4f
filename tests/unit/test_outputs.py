"""What commands may write over: looked at before anything is judged."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from nima.cli.commands import commands
from tests.pictures import encode, scene

WRITING = [("report", "--html"), ("score", "--csv"), ("score", "--jsonl"), ("rate", "--csv"), ("watch", "--jsonl")]
WRITING += [("evaluate", option) for option in ("--report", "--json", "--findings")]


@pytest.mark.parametrize(("command", "option"), WRITING)
def test_a_photograph_is_never_written_over(command: str, option: str, tmp_path: Path) -> None:
    """As by a pattern where the page's name was meant to be."""
    photograph = tmp_path / "first.JPG"
    photograph.write_bytes(b"precious")
    done = CliRunner().invoke(commands, [command, option, str(photograph), str(tmp_path)])
    assert (done.exit_code, "is the name of a picture" in done.output) == (2, True)
    assert photograph.read_bytes() == b"precious"


@pytest.mark.parametrize(("command", "option"), WRITING)
def test_a_folder_that_is_missing_is_said_at_once(command: str, option: str, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(encode(scene(), "JPEG"))
    target = tmp_path / "missing" / "file.out"
    done = CliRunner().invoke(commands, [command, option, str(target), str(tmp_path), "--models", "/nowhere"])
    assert (done.exit_code, "There is no folder" in done.output) == (2, True)
