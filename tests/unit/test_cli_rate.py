"""``nima rate``: what another program gets of pictures, and how it follows and ends a run."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from nima.cli.commands import commands
from nima.cli.running import Running
from nima.interrupt import INTERRUPTED
from nima.model.folder import SHIPPED
from tests.dng import dng


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    folder = tmp_path / "shoot"
    folder.mkdir()
    for number in range(3):
        Image.linear_gradient("L").rotate(90 * number).convert("RGB").save(folder / f"{number}.jpg")
    return folder


def _rate(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["rate", "--models", str(SHIPPED), "--workers", "1", *map(str, arguments)])


def _rows(text: str) -> dict[str, dict[str, Any]]:
    return {Path(row["path"]).name: row for row in csv.DictReader(io.StringIO(text))}


def test_every_named_file_has_a_row(shoot: Path) -> None:
    (shoot / "0.dng").write_bytes(dng(Image.new("RGB", (800, 600), "grey")))
    (shoot / "0.xmp").touch()
    (shoot / "broken.jpg").write_bytes(b"no picture")
    done = _rate(shoot)
    rows = _rows(done.stdout)
    assert done.exit_code == 3
    assert set(rows) == {"0.jpg", "0.dng", "1.jpg", "2.jpg", "broken.jpg"}
    assert {**rows["0.dng"], "path": ""} == {**rows["0.jpg"], "path": ""}, "both of one shot have the same"
    assert (rows["broken.jpg"]["code"], rows["1.jpg"]["code"]) == ("unsupported_format", "")
    assert rows["broken.jpg"]["error"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "nulls"])
def test_lists_of_files_are_read_as_systems_write_them(shoot: Path, tmp_path: Path, encoding: str) -> None:
    named = [str(shoot / name) for name in ("1.jpg", "写真.jpg")]
    (shoot / "2.jpg").rename(named[1])
    text = "\0".join(named).encode() if encoding == "nulls" else "\r\n".join(named).encode(encoding)
    (tmp_path / "list").write_bytes(text)
    done = _rate("--files-from", tmp_path / "list")
    assert (done.exit_code, set(_rows(done.stdout))) == (0, {"1.jpg", "写真.jpg"})


def test_a_run_tells_how_far_it_is(shoot: Path, tmp_path: Path) -> None:
    running, sheet = tmp_path / "running", tmp_path / "rates.csv"
    running.touch()
    (shoot / "2.jpg").rename(shoot / os.fsdecode(b"caf\xe9.jpg"))
    assert _rate(shoot, "--running", running, "--csv", sheet).exit_code == 0
    assert running.read_text(encoding="utf-8") == "3 3\n"
    assert r"/caf\xe9.jpg," in sheet.read_text(encoding="utf-8")


def test_a_run_ends_once_its_file_is_gone(shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = tmp_path / "running"
    running.touch()
    told = Running.told

    def told_and_gone(self: Running, done: int, total: int) -> None:
        running.unlink()
        told(self, done, total)

    monkeypatch.setattr(Running, "told", told_and_gone)
    done = _rate(shoot, "--running", running)
    assert done.exit_code == INTERRUPTED
    assert len(_rows(done.stdout)) == 1, "what is done is said"
    assert not running.exists(), "it is not made again"


def test_a_run_needs_its_file(shoot: Path, tmp_path: Path) -> None:
    assert _rate(shoot, "--running", tmp_path / "nowhere").exit_code == 2
