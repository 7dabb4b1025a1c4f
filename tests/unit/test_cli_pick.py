"""``nima pick``, as somebody types it, on a shoot of JPEG and camera RAW."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from nima.cli import pick, undo
from nima.cli.outcome import REFUSED
from nima.training.defects.light import exposed
from tests.dng import dng
from tests.documents import commands
from tests.shoots import NOON, bracket, defocused, jpeg, shaken, stack, view
from tests.unit.test_hand import PACKET

DARK = "burst/IMG_2.jpg"


def sidecar(program: str) -> bytes:
    return PACKET.format(f'xmp:Label="{program}"').encode()


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it is remembered what was judged."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, remembered: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where runs are written down, and where the trash is."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(remembered))
    return home


@cache
def files() -> dict[str, bytes]:
    """A burst of four, of which one is dark and one is smeared, a bracket of RAW and JPEG, and a focus stack."""
    found: dict[str, bytes] = {
        "burst/IMG_1.jpg": jpeg(view(), 0.1),
        DARK: jpeg(exposed(view(), -2), 0.4),
        "burst/IMG_2.xmp": sidecar("Adobe"),
        "burst/IMG_2.jpg.xmp": sidecar("darktable"),
        "burst/IMG_3.jpg": jpeg(shaken(view()), 0.7),
        "burst/IMG_4.jpg": jpeg(defocused(view(), 3), 1.0),
        "notes.txt": b"f/8 and be there",
    }
    for place, (one, stops) in enumerate(zip(bracket(2), (0, -2, 2), strict=True)):
        at = timedelta(seconds=60 + place / 2)
        shutter = Fraction(1, 100) * Fraction(2) ** stops
        found[f"hdr/DSC_{place}.dng"] = dng(view(2), stops=stops, taken=NOON + at, shutter=shutter)
        found[f"hdr/DSC_{place}.jpg"] = jpeg(one, at.total_seconds(), shutter=float(shutter))
    return found | {f"stack/{place}.jpg": jpeg(one, 200 + 5 * place) for place, one in enumerate(stack(3))}


@pytest.fixture
def shoot(remembered: Path) -> Path:
    """Where it was in the last test, and of the same time, so that nothing is judged once more."""
    folder = remembered / "shoot"
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (NOON.timestamp(),) * 2)
    return folder


def nima(*arguments: str | Path) -> Result:
    given = ["--workers", "1", *map(str, arguments)]
    return CliRunner().invoke(pick.command, given, env={"COLUMNS": "120"}, catch_exceptions=False)


def documents(*arguments: str | Path) -> dict[str, dict[str, Any]]:
    done = nima(*arguments, "--format", "json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["filename"]: one for one in found}


def state(*folders: Path) -> dict[str, tuple[bytes, int]]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_a_shoot_is_sorted_and_no_set_is_broken(shoot: Path) -> None:
    before = state(shoot)
    found = documents(shoot)
    assert {name: one["verdict"] for name, one in found.items()} == {
        "burst/IMG_1.jpg": "pick",
        DARK: "reject",
        "burst/IMG_3.jpg": "alternate",
        "burst/IMG_4.jpg": "alternate",
        **{f"hdr/DSC_{place}.jpg": "pick" for place in range(3)},
        **{f"stack/{place}.jpg": "pick" for place in range(5)},
    }
    assert {(one["group"], one["kind"]) for one in found.values()} == {(1, "burst"), (2, "bracket"), (3, "stack")}
    assert found["hdr/DSC_0.jpg"]["companions"] == [str(shoot / "hdr" / "DSC_0.dng")]
    (stops,) = (reason for reason in found[DARK]["reasons"] if reason["code"] == "darker")
    assert stops["measure"] == pytest.approx(2, abs=0.2)
    assert (stops["unit"], stops["message"][3:]) == ("stops", " stops darker than the shots around it.")
    assert state(shoot) == before, "nothing is moved unless it is asked for"


def test_a_table_tells_people(shoot: Path) -> None:
    (shoot / "alone[").mkdir()
    (shoot / "alone[" / "b].jpg").write_bytes(jpeg(view(7), 900))
    done = nima(shoot)
    assert done.exit_code == 0
    assert "1. burst, 4 pictures, 2026-05-01 12:00:00" in done.stdout
    assert "One of 3 exposures over 4.0 stops: a bracket, kept whole." in done.stdout
    assert " alone[/b].jpg " in done.stdout, "a name in brackets is no markup"
    assert "10 picks, 2 alternates, 1 reject, 2 sets." in done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith(("pick", "alternate", "reject"))]
    scores = {found.start() for row in rows if (found := re.search(r"\b\d\.\d\d\b", row))}
    assert len(scores) == 1  # all groups have one set of columns
    assert "IMG_2" not in done.stderr, "sidecars belong to their pictures"


@pytest.mark.parametrize("width", [40, 80])
def test_names_and_reasons_are_whole_words_in_any_terminal(shoot: Path, width: int) -> None:
    named = [shoot / "burst" / f"{'写真' * 12} of the lake {number}.jpg" for number in (1, 2)]
    for number, path in enumerate(named, 5):
        (shoot / "burst" / f"IMG_{number}.jpg").write_bytes(jpeg(view(number), 100 * number))
        (shoot / "burst" / f"IMG_{number}.jpg").rename(path)
    done = CliRunner().invoke(pick.command, ["--workers", "1", str(shoot)], env={"COLUMNS": str(width)})
    assert max(map(cell_len, done.stdout.splitlines())) <= width
    assert (done.stdout.count("写"), done.stdout.count("真")) == (24, 24), "of names nothing is cut"
    assert {"1.jpg", "2.jpg"} <= set(done.stdout.split())
    for word in ("bracket,", "exposures", "shots", "around"):
        assert re.search(rf"\b{word}", done.stdout), "not broken in the middle"


def test_csv_has_a_line_for_each(shoot: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(nima(shoot, "--format", "csv", "--sets", "best").stdout)))
    assert len(rows) == 12
    assert sorted(row["kind"] for row in rows if row["verdict"] == "pick") == ["bracket", "burst", "stack"]
    assert next(row["codes"] for row in rows if row["filename"] == DARK).split()[0] == "darker"


def test_rejects_go_with_all_their_files_and_come_back_to_the_byte(shoot: Path, tmp_path: Path) -> None:
    before, rejects = state(shoot), tmp_path / "rejects"
    done = nima(shoot, "--move-rejects", rejects)
    assert done.exit_code == 0
    moved = {path.relative_to(rejects).as_posix() for path in rejects.rglob("*") if path.is_file()}
    assert moved == {DARK, "burst/IMG_2.xmp", "burst/IMG_2.jpg.xmp"}
    assert not (shoot / DARK).exists()
    assert "1 picture (3 files) went into" in done.stderr
    undone = CliRunner().invoke(undo.command, [], catch_exceptions=False)
    assert undone.exit_code == 0
    assert state(shoot) == before
    assert not rejects.exists()


def test_a_picture_under_two_names_is_no_copy_of_itself(shoot: Path, tmp_path: Path) -> None:
    (shoot / "burst" / "A.jpg").symlink_to("IMG_1.jpg")
    before, rejects = state(shoot), tmp_path / "rejects"
    done = nima(shoot, shoot / ".." / shoot.name, "--move-rejects", rejects)
    assert {path.name for path in rejects.rglob("*.jpg")} == {Path(DARK).name}
    assert "1 skipped, links to pictures that are there: " in done.stderr
    CliRunner().invoke(undo.command, [], catch_exceptions=False)
    assert state(shoot) == before


def test_a_name_that_is_taken_is_never_overwritten(shoot: Path) -> None:
    rejects = shoot / "rejects"
    (rejects / "burst").mkdir(parents=True)
    (rejects / "burst" / "IMG_2.xmp").write_text("somebody's")
    found = documents(shoot, "--move-rejects", rejects)
    assert found[DARK]["moved_to"] == str(rejects / "burst" / "IMG_2 (2).jpg")
    assert {path.name: path.read_text() for path in (rejects / "burst").glob("*.xmp")} == {
        "IMG_2.xmp": "somebody's",
        "IMG_2 (2).xmp": sidecar("Adobe").decode(),
        "IMG_2 (2).jpg.xmp": sidecar("darktable").decode(),
    }
    assert not any(name.startswith("rejects") for name in documents(shoot, "--move-rejects", rejects))


@pytest.mark.parametrize("rejects", ["shoot", "shoot/burst/..", ".", "shoot/link"])
def test_rejects_do_not_go_where_all_pictures_lie(shoot: Path, monkeypatch: pytest.MonkeyPatch, rejects: str) -> None:
    monkeypatch.chdir(shoot.parent)
    (shoot / "link").symlink_to(shoot, target_is_directory=True)
    before = state(shoot)
    done = nima(shoot, "--move-rejects", rejects)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "the pictures lie in" in done.stderr
    assert state(shoot) == before


def test_a_link_to_itself_is_a_row_and_no_more(shoot: Path, tmp_path: Path) -> None:
    (shoot / "burst" / "loop.jpg").symlink_to("loop.jpg")
    found = documents(shoot / "burst", shoot / "burst" / "loop.jpg", "--move-rejects", tmp_path / "rejects")
    assert {one["verdict"] for name, one in found.items() if name.endswith("loop.jpg")} == {"unjudged"}


def test_a_dry_run_says_where_they_would_go(shoot: Path, tmp_path: Path) -> None:
    before, rejects = state(shoot), tmp_path / "rejects"
    found = documents(shoot, "--move-rejects", rejects, "--dry-run")
    assert found[DARK]["moved_to"] == str(rejects / DARK)
    assert "would go into the trash" in nima(shoot, "--trash", "--dry-run").stderr
    assert state(shoot) == before
    assert not rejects.exists()


def test_what_cannot_be_moved_stays_whole_and_is_named(shoot: Path, tmp_path: Path) -> None:
    before, rejects = state(shoot), tmp_path / "rejects"
    rejects.write_text("a file, where the folder is to be made")
    done = nima(shoot, "--move-rejects", rejects / "inside")
    assert done.exit_code == REFUSED
    assert f"{DARK}: unwritable_file: " in done.stderr
    assert state(shoot) == before


def test_rejects_go_into_the_systems_trash_and_come_back(shoot: Path, home: Path) -> None:
    pytest.importorskip("send2trash", reason='the extra "trash" is not installed')
    before = state(shoot)
    # It looks for the trash once, when it is imported.
    command = [sys.executable, "-m", "nima.cli", "pick", str(shoot), "--trash", "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (said,) = re.findall(r"went into the trash\. nima undo (\S+) brings them back\.", done.stderr)
    assert not [path for path in shoot.rglob("*") if path.name.startswith("IMG_2")]
    assert {path.name for path in home.rglob("files/*")} == {"IMG_2.jpg", "IMG_2.xmp", "IMG_2.jpg.xmp"}
    undone = CliRunner().invoke(undo.command, [said], catch_exceptions=False)
    assert undone.output == f"{said}: 3 brought back from the trash.\n"
    assert state(shoot) == before
    assert not [path for path in home.rglob("Trash/*/*") if path.is_file()], "the trash tells of nothing that is gone"


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_of_a_trash_that_tells_nothing_it_is_said_that_it_alone_can_bring_back(
    shoot: Path, system: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As macOS and Windows do; here by what they have in common, that a file is gone."""
    with monkeypatch.context() as there:
        there.setattr(pick, "sender", lambda: lambda path: shutil.move(path, tmp_path))
        there.setattr("nima.desk.trash.sys.platform", system)
        done = nima(shoot, "--trash")
    assert done.stderr.endswith("The system's trash is the way back, not nima undo.\n")
    assert ", for the system's trash to bring back" in CliRunner().invoke(undo.command, ["--list"]).output
    undone = CliRunner().invoke(undo.command, [])
    assert (undone.exit_code, undone.output.count("which alone can bring it back")) == (REFUSED, 3)


def test_a_picture_without_scores_is_named_and_never_moved(shoot: Path, tmp_path: Path) -> None:
    (shoot / "burst" / "IMG_5.jpg").write_text("not a picture")
    rejects = tmp_path / "rejects"
    done = nima(shoot, "--move-rejects", rejects, "--format", "json")
    assert done.exit_code == REFUSED
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["verdict"], last["error"]["code"]) == ("unjudged", "unsupported_format")
    assert "burst/IMG_5.jpg: unsupported_format: " in done.stderr
    assert (shoot / "burst" / "IMG_5.jpg").exists()


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_what_is_left_of_a_bracket_whose_frame_cannot_be_read_is_kept(shoot: Path, tmp_path: Path, gone: int) -> None:
    for name in ("dng", "jpg"):
        path = shoot / "hdr" / f"DSC_{gone}.{name}"
        path.write_bytes(path.read_bytes()[:3000])
    found = documents(shoot / "hdr", "--keep", "1%", "--move-rejects", tmp_path / "rejects")
    assert sorted((one["verdict"], one.get("kind")) for one in found.values()) == [
        ("pick", "bracket"),
        ("pick", "bracket"),
        ("unjudged", None),
    ]
    assert len(list((shoot / "hdr").iterdir())) == 6, "nothing of it is moved"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--keep", "20"], "'20' is no share above 0% and up to 100%, as 20%."),
        (["--keep", "0%"], "no share"),
        (["--keep", "101%"], "no share"),
        (["--burst", "soon"], "'soon' is no time, as 2s or 500ms."),
        (["--keep", "20%", "--per-group", "1"], "one of them"),
        (["--move-rejects", "x", "--trash"], "one of them"),
        (["--move-rejects", ""], "It is empty."),
        (["", "--trash"], "It is empty."),
        (["--per-group", "0"], "0 is not in the range"),
        (["--similar", "40"], "40 is not in the range"),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused_before_anything_is_scored(shoot: Path, arguments: list[str], said: str) -> None:
    done = nima(shoot, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_every_option_moves_the_outcome(shoot: Path) -> None:
    def verdicts(*arguments: str) -> dict[str, str]:
        return {name: one["verdict"] for name, one in documents(shoot / "burst", *arguments).items()}

    usual = verdicts()
    assert verdicts("--per-group", "2") != usual
    assert list(verdicts("--keep", "75%").values()).count("pick") == 3
    assert set(verdicts("--burst", "100ms").values()) == {"pick"}
    assert verdicts("--similar", "0") != usual
    scores = [
        {one["score"] for one in documents(shoot / "burst", *style).values()}
        for style in ([], ["--style", "landscape"], ["--weights", "1", "0"])
    ]
    assert len(set(map(frozenset, scores))) == 3


def test_a_run_that_is_killed_as_it_moves_loses_nothing(tmp_path: Path, home: Path) -> None:
    folder, rejects = tmp_path / "shoot", tmp_path / "rejects"
    folder.mkdir()
    for place in range(24):
        bright = place == 0
        data = jpeg(view() if bright else exposed(view(), -2 - place / 100), 0.2 * place)
        (folder / f"{place:02d}.jpg").write_bytes(data)
        (folder / f"{place:02d}.xmp").write_bytes(sidecar(str(place)))
    before = state(folder)
    program = (
        "import itertools, os, signal\nfrom nima.desk import replacing\n"
        "real, moves = replacing.move, itertools.count()\n"
        "def move(*given):\n    if next(moves) == 9:\n        os.kill(os.getpid(), signal.SIGKILL)\n    real(*given)\n"
        "replacing.move = move; from nima.cli import main; main()"
    )
    command = [sys.executable, "-c", program, "pick", str(folder), "--keep", "5%", "--move-rejects", str(rejects)]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    left = {**state(folder), **state(rejects)}
    assert sorted(left.values()) == sorted(before.values()), "every file is in one place or the other"
    assert len(state(rejects)) == 9
    assert CliRunner().invoke(undo.command, [], catch_exceptions=False).exit_code == 0
    assert state(folder) == before


def test_without_the_extra_the_trash_is_refused_before_anything_is_scored(shoot: Path) -> None:
    program = "import sys; sys.modules['send2trash'] = None; from nima.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "pick", str(shoot), "--trash"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert 'This needs the extra "trash"' in done.stderr
    assert (shoot / DARK).exists()


@pytest.mark.parametrize("line", [line for line in commands("nima") if line.split()[1] == "pick"])
def test_what_the_documents_say_to_type_works(line: str, shoot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shoot.parent)
    words = line.partition("#")[0].partition(">")[0].split()
    assert nima(*words[2:]).exit_code == 0
