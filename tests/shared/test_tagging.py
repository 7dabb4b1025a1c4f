"""`nima tag` over real files: sidecars keep what programs have written, and undoing leaves every byte as it was."""

from __future__ import annotations

import shutil
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from click.testing import CliRunner

from nima.cli.tag import command
from nima.desk import runs
from nima.desk.xmp.document import parse
from nima.desk.xmp.jpeg import Jpeg
from nima.desk.xmp.properties import COLOR_LABEL, NUMBERS, PICK_LABEL, RATING, SUBJECT, record
from tests.unit.test_journal import state


def gone(before: bytes, after: bytes) -> list[bytes]:
    """The lines that are not there any more, or not in their order."""
    was, now = before.splitlines(keepends=True), after.splitlines(keepends=True)
    blocks = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    return [line for kind, start, end, *_ in blocks if kind != "equal" for line in was[start:end]]


OPTIONS = ("--label", "--rejects", "--overwrite", "--sidecar", "both", "--embed", "jpeg")
WITH_SIDECARS = {"_MG_1563.xmp": "_MG_1563.dng", "mire1.cr2.xmp": "mire1.cr2", "photoshop.xmp": "photoshop.dng"}


@pytest.fixture
def shoot(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real files, more photographs up to 50 pictures, and a RAW file for each real sidecar."""
    monkeypatch.setattr(runs, "default_folder", lambda: tmp_path / "runs")
    folder = tmp_path / "shoot"
    shutil.copytree(shared / "photographer", folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)
    raw = folder / "raw" / "canon_eos_6d.dng"
    for name in (*WITH_SIDECARS.values(), "digikam-example.dng"):
        shutil.copy(raw, folder / "xmp" / name)
    shutil.copy(folder / "xmp" / "mongolels.jpg", raw.with_suffix(".jpg"))
    photographs = sorted(path for path in shared.rglob("*.jpg") if "photographer" not in path.parts)
    for number, path in enumerate(photographs[:20]):
        shutil.copy(path, folder / f"{number:02}.jpg")
    return folder


def nima_tag(*arguments: str | Path) -> str:
    done = CliRunner().invoke(command, ["--no-cache", *map(str, arguments)])
    assert done.exit_code in (0, 3), done.output
    return done.output


def test_tagging_and_undoing_leaves_fifty_files_bit_identical(shoot: Path) -> None:
    before = state(shoot)
    nima_tag(shoot, *OPTIONS)
    after = state(shoot)
    changed = {name for name, found in before.items() if after[name] != found}
    created = set(after) - set(before)
    assert len(changed) + len(created) >= 50
    said = nima_tag("--undo")
    assert "refused" not in said
    assert state(shoot) == before


@pytest.mark.parametrize("name", [*WITH_SIDECARS, "digikam-example.xmp"])
def test_real_sidecars_say_more_and_lose_nothing(shared: Path, shoot: Path, name: str) -> None:
    """Line by line: what is new stands between, and of what was there only own properties have other values."""
    before = (shared / "photographer" / "xmp" / name).read_bytes()
    nima_tag(shoot / "xmp", *OPTIONS)
    after = (shoot / "xmp" / name).read_bytes()
    lost = gone(before, after)
    assert len(lost) <= 1
    assert all(b"Rating" in line for line in lost)
    found = parse(after)
    assert found.value(RATING.key) == found.value(record(RATING).key)
    assert set(found.items(SUBJECT.key)) >= set(parse(before).items(SUBJECT.key))


def test_develop_settings_of_lightroom_are_the_same_bytes(shared: Path, shoot: Path) -> None:
    before = (shared / "photographer" / "xmp" / "_MG_1563.xmp").read_bytes()
    nima_tag(shoot / "xmp", *OPTIONS)
    after = (shoot / "xmp" / "_MG_1563.xmp").read_bytes()
    settings = [line for line in before.splitlines(keepends=True) if b"crs:" in line]
    assert len(settings) > 100
    assert [line for line in after.splitlines(keepends=True) if b"crs:" in line] == settings
    nima_tag("--undo")
    assert (shoot / "xmp" / "_MG_1563.xmp").read_bytes() == before


def test_a_rating_of_a_real_sidecar_stays(shoot: Path) -> None:
    nima_tag(shoot / "xmp")
    assert parse((shoot / "xmp" / "_MG_1563.xmp").read_bytes()).value(RATING.key) == "4"
    nima_tag(shoot / "xmp", "--embed", "jpeg")
    picture = Jpeg.of((shoot / "xmp" / "digikam.jpg").read_bytes())
    assert [picture.value(one.key) for one in (RATING, PICK_LABEL, COLOR_LABEL)] == ["4", "3", "9"]
    assert picture.value(NUMBERS["Composite"].key)
