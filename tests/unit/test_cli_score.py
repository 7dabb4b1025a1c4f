"""``nima score``, as somebody types it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from nima.assess.assessor import Assessor
from nima.catalogue.order import OUTWEIGHED
from nima.cli.commands import commands
from nima.cli.outcome import REFUSED
from nima.errors import ModelUnavailable
from nima.interrupt import INTERRUPTED
from nima.model.litert import LazyModel
from nima.native import without_info
from tests.gates import NAMED, SURE, Question, arrays, give, packed
from tests.manifests import remake
from tests.pictures import scene
from tests.waiting import PATIENCE


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    """Three pictures and a text that is named like one."""
    folder = tmp_path / "shoot"
    folder.mkdir()
    for index in range(3):
        tiles = Image.effect_noise((8 << index, 8 << index), 60 + 30 * index)
        tiles.resize((640, 480), Image.Resampling.BICUBIC).convert("RGB").save(folder / f"{index}.jpg")
    (folder / "text.jpg").write_text("not a picture")
    return folder


def nima(model_folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What becomes of the command in this process, which has imported already what it needs."""
    given = ["score", "--workers", "1", "--models", str(model_folder.parent), *map(str, arguments)]
    done = CliRunner().invoke(commands, given, env={"COLUMNS": "120"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return subprocess.CompletedProcess(given, done.exit_code, done.stdout, done.stderr)


def typed(
    model_folder: Path, *arguments: str | Path, stdout: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, as somebody types it."""
    command = [sys.executable, "-m", "nima.cli", "score", "--models", str(model_folder.parent), *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "120"}
    return subprocess.run(command, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)


def test_json_holds_documents_best_first_and_refusals_last(model_folder: Path, shoot: Path) -> None:
    done = nima(model_folder, shoot, "--format", "json", "--style", "landscape")
    assert done.returncode == REFUSED
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["status"] for document in documents] == ["scored"] * 3 + ["rejected"]
    worth = [one["composite"]["score"] - OUTWEIGHED * (one["tier"] == 2) for one in documents[:3]]
    assert worth == sorted(worth, reverse=True)
    for document in documents[:3]:
        technical, aesthetic = document["technical"]["mean"], document["aesthetic"]["mean"]
        assert document["composite"]["score"] == pytest.approx(0.7 * technical + 0.3 * aesthetic, abs=1e-3)
    assert documents[3]["error"]["code"] == "unsupported_format"


def test_maps_go_with_json_and_only_on_request(model_folder: Path, shoot: Path) -> None:
    done = nima(model_folder, shoot / "0.jpg", "--format", "json", "--maps")
    assert set(json.loads(done.stdout)["maps"]) >= {"technical", "aesthetic", "soft"}
    assert "maps" not in json.loads(nima(model_folder, shoot / "0.jpg", "--format", "json").stdout)
    refused = nima(model_folder, shoot / "0.jpg", "--maps")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--format json" in refused.stderr


def test_advice_and_crops_go_with_json(model_folder: Path, shoot: Path) -> None:
    done = nima(model_folder, shoot / "0.jpg", "--format", "json", "--advice", "--crops")
    document = json.loads(done.stdout)
    assert {one["code"] for one in document["advice"]} >= {one["code"] for one in document["deductions"]}
    assert len(document["crops"]) == 4
    refused = nima(model_folder, shoot / "0.jpg", "--advice", "--crops")
    assert refused.returncode == 2
    assert "--advice, --crops" in refused.stderr


def test_csv_has_the_guides_columns_first_and_a_row_for_every_file(model_folder: Path, shoot: Path) -> None:
    shutil.copy(shoot / "0.jpg", shoot / "=0.jpg")
    done = nima(model_folder, shoot, "--format", "csv", "--weights", "1", "0")
    rows = {row["path"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert done.stdout.startswith("filename,technical,aesthetic,composite,path,rank,group,")
    assert set(rows) == {"0.jpg", "1.jpg", "2.jpg", "'=0.jpg", "text.jpg"}
    assert rows["'=0.jpg"]["filename"] == "'=0.jpg"
    refused = rows.pop("text.jpg")
    assert (refused["error"], refused["composite"]) == ("unsupported_format", "")
    assert all(row["composite"] == row["technical"] for row in rows.values())
    assert {row["rank"] for row in rows.values()} == {"1", "2", "3"}
    pair = {"0.jpg", "'=0.jpg"}
    assert {path for path, row in rows.items() if row["group"] in pair} == pair


def test_a_surely_defective_picture_is_last_in_every_format(model_folder: Path, shoot: Path) -> None:
    """Alone among different pictures and before copies, so that only its defect puts it there."""
    for index in (1, 2):
        (shoot / f"{index}.jpg").unlink()
    Image.open(shoot / "0.jpg").save(shoot / "spoilt.jpg", quality=3)
    (shoot / "text.jpg").unlink()
    rows = list(csv.DictReader(io.StringIO(nima(model_folder, shoot, "--format", "csv").stdout)))
    tiers = {row["path"]: (row["tier"], row["tier_codes"]) for row in rows}
    assert tiers["spoilt.jpg"][0] == "2"
    assert "compression" in tiers["spoilt.jpg"][1].split()
    order = [row["path"] for row in rows]
    assert [row["tier"] for row in rows] == sorted(row["tier"] for row in rows)
    lines = [json.loads(line) for line in nima(model_folder, shoot, "--format", "json").stdout.splitlines()]
    assert [line["filename"] for line in lines] == order
    assert [(str(line["tier"]), " ".join(line["tier_codes"])) for line in lines] == [tiers[path] for path in order]
    assert "surely has a defect" in lines[-1]["tier_reason"]
    table = nima(model_folder, shoot).stdout
    assert sorted(order, key=table.index) == order
    assert re.search(r"spoilt\.jpg .* ! compression", table)
    assert "! sure defect, which costs a point in the order" in table


def test_what_the_style_minds_is_last_and_marked(model_folder: Path, tmp_path: Path) -> None:
    shoot, models = tmp_path / "shoot", tmp_path / "models"
    shoot.mkdir()
    models.mkdir()
    light = scene(640, 480)
    light.save(shoot / "light.png")
    light.point(lambda value: value // 7).rotate(180).save(shoot / "dark.png")
    dark = {"underexposure": Question("tone_w_7", 70, (NAMED + SURE) / 2, -4)}
    folder = Path(shutil.copytree(model_folder, models / model_folder.name))
    give(folder, packed(arrays(dark)), {"underexposure": {"photographs": (NAMED, SURE)}})
    lines = nima(folder, shoot, "--format", "json", "--style", "landscape").stdout.splitlines()
    *_, last = map(json.loads, lines)
    assert (last["filename"], last["tier"], last["tier_codes"]) == ("dark.png", 2, ["underexposure"])
    assert last["tier_reason"] == "This style minds what was found, which costs it a point in the order: underexposure."
    assert re.search(r"dark\.png .* ! underexposure", nima(folder, shoot, "--style", "landscape").stdout)
    assert "!" not in nima(folder, shoot, "--style", "portrait").stdout


@pytest.fixture
def catalogue(shoot: Path, tmp_path: Path) -> Path:
    """Two products whose files have the same names, and a picture beside them."""
    for path, index in (("one/front.jpg", 0), ("one/back.jpg", 1), ("two/deep/front.jpg", 2), ("front.jpg", 1)):
        (tmp_path / "catalogue" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "catalogue" / path).write_bytes((shoot / f"{index}.jpg").read_bytes())
    (tmp_path / "catalogue/one/text.jpg").write_text("not a picture")
    return tmp_path / "catalogue"


PATHS = ["front.jpg", "one/back.jpg", "one/front.jpg", "two/deep/front.jpg"]


def test_each_folder_is_ranked_by_itself_under_its_relative_path(model_folder: Path, catalogue: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(nima(model_folder, catalogue, "--format", "csv").stdout)))
    scored = [row for row in rows if not row["error"]]
    assert sorted(row["path"] for row in scored) == PATHS
    folders = [row["path"].rpartition("/")[0] for row in scored]
    assert folders == sorted(folders)
    assert [folder for folder, row in zip(folders, scored, strict=True) if row["rank"] == "1"] == [
        "",
        "one",
        "two/deep",
    ]
    one = [float(row["composite"]) for row in scored if row["path"].startswith("one/")]
    assert one == sorted(one, reverse=True)

    lines = nima(model_folder, catalogue, "--format", "json").stdout.splitlines()
    assert [json.loads(line)["filename"] for line in lines] == [
        "front.jpg",
        *(row["path"] for row in scored if row["path"].startswith("one/")),
        "one/text.jpg",
        "two/deep/front.jpg",
    ]

    table = nima(model_folder, catalogue).stdout
    assert table.count("front.jpg") == 3
    assert {line.strip() for line in table.splitlines() if line.strip().endswith("/")} == {"./", "one/", "two/deep/"}
    assert sum(".jpg ◂" in line for line in table.splitlines()) == 3


def test_several_folders_keep_their_names(model_folder: Path, catalogue: Path) -> None:
    done = nima(model_folder, catalogue / "one", catalogue / "two", catalogue / "front.jpg", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert sorted(row["path"] for row in rows if not row["error"]) == [f"{catalogue}/{path}" for path in PATHS]


def test_chart_is_drawn(model_folder: Path, shoot: Path, tmp_path: Path) -> None:
    done = nima(model_folder, shoot / "0.jpg", "--chart", tmp_path / "chart.png")
    assert done.returncode == 0
    assert Image.open(tmp_path / "chart.png").width > 500


def test_what_cannot_be_read_is_a_row_with_a_code_in_every_format(model_folder: Path, shoot: Path) -> None:
    (shoot / "gone.jpg").symlink_to(shoot / "nowhere.jpg")
    (shoot / "failing.jpg").symlink_to("/proc/self/mem")  # a file whose every read fails
    (shoot / "folder.jpg").mkdir()
    codes = {"gone.jpg": "unreadable_file", "failing.jpg": "unreadable_file", "text.jpg": "unsupported_format"}
    long = "x" * 300 + ".jpg"
    named = nima(model_folder, shoot, shoot / "missing.jpg", shoot / long, "--format", "json")
    documents = {Path(d["filename"]).name: d for d in map(json.loads, named.stdout.splitlines())}
    assert {n: d["error"]["code"] for n, d in documents.items() if d["error"]} == {
        **codes,
        **dict.fromkeys(("missing.jpg", long), "unreadable_file"),
    }
    assert {n for n, d in documents.items() if d["status"] == "scored"} == {"0.jpg", "1.jpg", "2.jpg"}

    sheet = nima(model_folder, shoot, "--format", "csv")
    rows = csv.DictReader(io.StringIO(sheet.stdout, newline=""))
    assert {row["filename"]: row["error"] for row in rows if row["error"]} == codes
    table = nima(model_folder, shoot)
    for name, code in codes.items():
        assert re.search(rf"{name} +rejected: {code}", table.stdout)
    for done in (named, sheet, table):
        assert done.returncode == REFUSED
        for name, code in codes.items():
            assert re.search(rf"{name}: {code}: .+", done.stderr)
        assert "Traceback" not in done.stderr


def test_skipped_files_are_named_with_the_reason_and_refuse_nothing(model_folder: Path, shoot: Path) -> None:
    (shoot / "text.jpg").unlink()
    (shoot / "sub").mkdir()
    for name in (".DS_Store", "sub/.hidden.jpg", *(f"note {n}.txt" for n in range(30))):
        (shoot / name).write_bytes(b"x")
    os.mkfifo(shoot / "pipe.jpg")
    (shoot / "sub" / "ring").symlink_to(shoot, target_is_directory=True)
    done = nima(model_folder, shoot, "--format", "json")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)
    assert re.search(r"30 skipped, no pictures by their names: .*note 0.txt.* and 20 more", done.stderr)
    assert re.search(r"1 skipped, no ordinary files: .*pipe.jpg", done.stderr)
    assert ".DS_Store" not in done.stderr
    assert re.search(r"1 skipped, links to folders, which are not followed: .*sub/ring", done.stderr)
    assert len(done.stderr.splitlines()) == 3


def test_a_hif_is_a_heif_by_its_content(model_folder: Path, shoot: Path) -> None:
    import pillow_heif

    pillow_heif.from_pillow(Image.open(shoot / "1.jpg")).save(shoot / "DSC0001.HIF", format="HEIF")
    done = nima(model_folder, shoot, "--format", "json")
    (document,) = (d for d in map(json.loads, done.stdout.splitlines()) if d["filename"].endswith(".HIF"))
    assert (document["status"], document["image"]["format"]) == ("scored", "HEIF")


def test_a_name_that_is_not_utf8_is_scored_and_written(
    model_folder: Path, shoot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table has signs that this locale lacks."""
    for name, value in {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}.items():
        monkeypatch.setenv(name, value)
    shutil.copy(shoot / "0.jpg", shoot / os.fsdecode(b"caf\xe9.jpg"))
    for form, written in (("csv", r"caf\xe9.jpg"), ("json", r"caf\\xe9.jpg"), ("table", r"caf\xe9.jpg")):
        done = nima(model_folder, shoot, "--format", form)
        assert done.returncode == REFUSED
        assert written in done.stdout


def test_nothing_but_results_is_told_of_a_clean_run(model_folder: Path, shoot: Path) -> None:
    done = nima(model_folder, shoot / "0.jpg", shoot / "1.jpg")
    assert (done.returncode, done.stderr) == (0, "")


def test_native_messages_other_than_information_are_kept(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with without_info():
            os.write(2, b"INFO: a delegate was made\nERROR: out of memory\nINFO: another\n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert capfd.readouterr().err == "ERROR: out of memory\n"


def test_a_reader_that_went_away_changes_nothing_else(model_folder: Path, shoot: Path, tmp_path: Path) -> None:
    for form in ("json", "csv", "table"):
        reading, writing = os.pipe()
        os.close(reading)
        chart = ("--chart", tmp_path / "best.svg") if form == "table" else ()
        try:
            done = typed(model_folder, shoot, "--format", form, *chart, stdout=writing)
        finally:
            os.close(writing)
        assert done.returncode == REFUSED
        assert "text.jpg: unsupported_format" in done.stderr
        assert "roken" not in done.stderr
    assert (tmp_path / "best.svg").stat().st_size > 0


def test_ctrl_c_shows_what_is_done(model_folder: Path, shoot: Path) -> None:
    many = shoot / "many"
    many.mkdir()
    for index in range(150):
        shutil.copy(shoot / "2.jpg", many / f"{index:03}.jpg")
    screen, terminal = pty.openpty()
    command = [sys.executable, "-m", "nima.cli", "score", "--models", str(model_folder.parent), str(many)]
    with subprocess.Popen(
        [*command, "--no-cache", "--format", "json"], stdout=subprocess.PIPE, stderr=terminal
    ) as running:
        os.close(terminal)
        told = b""
        while not re.search(rb" [1-9]\d?%", told):
            told += os.read(screen, 4096)
        for _ in range(3):
            running.send_signal(signal.SIGINT)
            time.sleep(0.01)
        assert running.stdout
        documents = [json.loads(line) for line in running.stdout.read().splitlines()]
        assert running.wait(timeout=PATIENCE) == INTERRUPTED
    os.set_blocking(screen, False)
    with contextlib.suppress(OSError):
        told += os.read(screen, 65536)
    os.close(screen)
    assert 0 < len(documents) < 150
    assert all(document["status"] == "scored" for document in documents)
    assert f"Stopped after {len(documents)} of 150 pictures.".encode() in told
    assert b"Traceback" not in told


@pytest.mark.parametrize("seen", ["click.core", "nima.local.models", "nima.desk.scan", "platformdirs"])
def test_ctrl_c_ends_it_while_it_begins(model_folder: Path, shoot: Path, seen: str) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "nima.cli", "score", "--models", str(model_folder.parent)]
    options: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    # So small a pipe that it gets no further than what has been seen of it.
    with subprocess.Popen([*command, str(shoot)], pipesize=4096, **options) as it:
        assert it.stderr
        next(line for line in it.stderr if re.search(rf"\| +{re.escape(seen)}$", line))
        for _ in range(3):
            it.send_signal(signal.SIGINT)
            time.sleep(0.01)
        told = [line for line in it.stderr if not line.startswith("import time:")]
        assert it.wait(timeout=PATIENCE) == INTERRUPTED
    assert "".join(told).strip().startswith("Stopped")


def test_output_that_cannot_be_written_is_said_in_a_line(model_folder: Path, shoot: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = typed(model_folder, shoot / "0.jpg", "--format", "csv", stdout=full.fileno())
    assert (done.returncode, done.stderr) == (1, "Error: The results cannot be written: No space left on device.\n")


def test_a_path_that_steers_a_terminal_names_the_file_in_csv_and_json(model_folder: Path, shoot: Path) -> None:
    name = "\x1b[31mred\x1b[0m.jpg"
    shutil.copy(shoot / "0.jpg", shoot / name)
    sheet = csv.DictReader(io.StringIO(nima(model_folder, shoot, "--format", "csv").stdout))
    assert name in {row["path"] for row in sheet}
    lines = nima(model_folder, shoot, "--format", "json").stdout.splitlines()
    assert name in {json.loads(line)["filename"] for line in lines}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("missing.jpg",), "does not exist"),
        ((".", "--weights", "-1", "2"), "not negative"),
        ((".", "--model", "unknown"), "not installed"),
    ],
)
def test_mistakes_get_one_sentence(model_folder: Path, arguments: tuple[str, ...], complaint: str) -> None:
    done = nima(model_folder, *arguments)
    assert done.returncode != 0
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_for_another_preprocessing_is_refused(model_folder: Path, shoot: Path) -> None:
    with for_preprocessing(model_folder, "0"), pytest.raises(ModelUnavailable, match="`nima models adopt`"):
        Assessor(LazyModel(model_folder)).assess((shoot / "0.jpg").read_bytes())


@pytest.mark.parametrize("before", ["1", "2"])
def test_a_model_for_a_preprocessing_before_is_served_with_that_of_today(
    model_folder: Path, shoot: Path, before: str
) -> None:
    with for_preprocessing(model_folder, before):
        assessor = Assessor(LazyModel(model_folder))
        assessment = assessor.assess((shoot / "0.jpg").read_bytes())
        assert assessment.preprocessing == "3"
        assert assessor.made(assessment)
        assert not assessor.made(replace(assessment, preprocessing=before))


@contextmanager
def for_preprocessing(model_folder: Path, version: str) -> Iterator[None]:
    manifest = model_folder / "manifest.json"
    stored = manifest.read_text()
    remake(model_folder, preprocessing=version)
    try:
        yield
    finally:
        manifest.write_text(stored)
