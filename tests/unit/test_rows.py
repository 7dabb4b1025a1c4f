"""``nima score --csv`` and ``--jsonl``: rows as they come, whatever ends the run."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nima.catalogue.sheet import PICTURE_COLUMNS
from nima.cli.outcome import REFUSED
from nima.cli.rows import FORMS, Rows
from nima.desk.cache import NAME
from nima.interrupt import INTERRUPTED
from tests.pictures import scene
from tests.unit.test_catalogue import result
from tests.unit.test_scan import children, counted
from tests.waiting import PATIENCE, alive, state, until, until_gone

MANY = 24


@pytest.fixture(scope="module")
def shoot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures that look alike and hold other bytes each, taken a while ago."""
    return pictures(tmp_path_factory.mktemp("shoot"), MANY)


def pictures(folder: Path, count: int) -> Path:
    scene(320, 240).save(folder / "first.jpg")
    data = (folder / "first.jpg").read_bytes()
    (folder / "first.jpg").unlink()
    for number in range(count):
        (folder / f"{number:03}.jpg").write_bytes(data[:2] + b"\xff\xfe\x00\x05%03d" % number + data[2:])
        os.utime(folder / f"{number:03}.jpg", (time.time() - 3600,) * 2)
    return folder


def nima(
    model_folder: Path, cache: Path, *arguments: str | Path
) -> contextlib.AbstractContextManager[subprocess.Popen[str]]:
    return program("from nima.cli import main; main()", model_folder, cache, *arguments)


@contextlib.contextmanager
def program(code: str, model_folder: Path, cache: Path, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", code, "score", "--models", str(model_folder.parent), *map(str, arguments)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    with subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def until_there(rows: Path, least: int, running: subprocess.Popen[str]) -> None:
    def there() -> bool:
        assert running.poll() is None
        return rows.exists() and rows.read_bytes().count(b"\n") >= least

    until(there)


SIGNALLED = """
import itertools, signal
from nima.cli import main, rows
calls, add = itertools.count(1), rows.Rows.add
def pressed(*given):
    if next(calls) == {call}:
        signal.raise_signal(signal.{name})
    add(*given)
rows.Rows.add = pressed
main()
"""


def test_a_killed_run_keeps_its_rows_and_the_next_goes_on(model_folder: Path, shoot: Path, tmp_path: Path) -> None:
    rows, cache = tmp_path / "rows.jsonl", tmp_path / "cache"
    stops = SIGNALLED.format(call=11, name="SIGSTOP")
    with program(stops, model_folder, cache, shoot, "--jsonl", rows, "--workers", "2") as running:
        until(lambda: state(running.pid) == "T")
        workers = children(running.pid)
        running.kill()
    there = [json.loads(line)["filename"] for line in rows.read_text().splitlines()]
    assert len(set(there)) == len(there) == 10
    until_gone(workers)
    with counted(cache / "nima" / NAME) as judged, nima(model_folder, cache, shoot, "--jsonl", rows) as running:
        assert running.wait() == 0
    assert judged() <= MANY - len(there)
    assert {json.loads(line)["filename"] for line in rows.read_text().splitlines()} == {p.name for p in shoot.iterdir()}


def test_ctrl_c_leaves_the_rows_that_are_done_and_no_process(model_folder: Path, tmp_path: Path) -> None:
    rows, more = tmp_path / "rows.csv", 400  # than are done before it is told
    (tmp_path / "more").mkdir()
    shoot = pictures(tmp_path / "more", more)
    with nima(model_folder, tmp_path, shoot, "--csv", rows, "--format", "json", "--no-cache") as running:
        until_there(rows, 5, running)
        workers = children(running.pid)
        running.send_signal(signal.SIGINT)
        shown, told = running.communicate(timeout=PATIENCE)
    assert running.returncode == INTERRUPTED
    assert not any(map(alive, workers))
    with rows.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert sorted(line["path"] for line in lines) == sorted(json.loads(line)["filename"] for line in shown.splitlines())
    assert f"Stopped after {len(lines)} of {more} pictures." in told


@pytest.mark.parametrize("call", [1, 4])
def test_ctrl_c_as_a_row_is_written_leaves_it_everywhere(
    model_folder: Path, shoot: Path, tmp_path: Path, call: int
) -> None:
    """It is pressed when the first picture has no row yet, and when the second has one in one of the two files."""
    rows = {form: tmp_path / f"rows.{form}" for form in FORMS}
    given: list[str | Path] = [
        *sorted(shoot.iterdir())[:5],
        "--csv",
        rows["csv"],
        "--jsonl",
        rows["jsonl"],
        "--format",
        "json",
    ]
    with program(SIGNALLED.format(call=call, name="SIGINT"), model_folder, tmp_path, *given) as running:
        shown, told = running.communicate()
    assert running.returncode == INTERRUPTED, told
    lines = rows["jsonl"].read_text().splitlines()
    assert len(lines) == -(-call // 2)
    assert sorted(lines) == sorted(shown.splitlines())
    with rows["csv"].open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(lines)


def test_rows_say_of_every_picture_what_became_of_it(model_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shoot"
    folder.mkdir()
    scene(320, 240).save(folder / "=1.jpg")
    (folder / "写真.jpg").write_text("no picture")
    files = tmp_path / "rows.csv", tmp_path / "rows.jsonl"
    with nima(model_folder, tmp_path, folder, "--csv", files[0], "--jsonl", files[1], "--format", "json") as running:
        shown, _ = running.communicate()
    assert running.returncode == REFUSED
    assert sorted(shown.splitlines()) == sorted(files[1].read_text().splitlines())
    with files[0].open(newline="") as file:
        scored, refused = sorted(csv.DictReader(file), key=lambda row: row["error"])
    assert tuple(scored) == PICTURE_COLUMNS
    assert (scored["path"], refused["path"], refused["error"]) == ("'=1.jpg", "写真.jpg", "unsupported_format")
    assert float(scored["technical"]) > 1


def test_a_full_disk_is_told_and_scoring_goes_on(model_folder: Path, shoot: Path, tmp_path: Path) -> None:
    pictures = sorted(shoot.iterdir())[:3]
    with nima(model_folder, tmp_path, *pictures, "--csv", "/dev/full", "--jsonl", tmp_path / "rows.jsonl") as running:
        shown, told = running.communicate()
    assert running.returncode == 1
    assert "/dev/full: not all rows are written: No space left on device." in told
    assert "Traceback" not in told
    assert all(path.name in shown for path in pictures)
    assert (tmp_path / "rows.jsonl").read_text().count("\n") == 3


def test_a_row_is_written_whole_or_not_at_all(model_folder: Path, shoot: Path, tmp_path: Path) -> None:
    """A limit of the file's size stands for a disk that fills up in the middle of a row."""
    rows = tmp_path / "rows.jsonl"
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)); from nima.cli import main; main()"
    )
    pictures = sorted(shoot.iterdir())[:5]
    arguments = ["score", "--models", str(model_folder.parent), *map(str, pictures), "--jsonl", str(rows), "--no-cache"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{rows}: not all rows are written: File too large." in done.stderr
    lines = rows.read_text().splitlines()
    assert 0 < len(lines) < 5
    assert all(json.loads(line)["status"] == "scored" for line in lines)


def test_a_file_that_cannot_be_begun_is_said_before_anything_is_scored(
    model_folder: Path, shoot: Path, tmp_path: Path
) -> None:
    with nima(model_folder, tmp_path, shoot, "--csv", tmp_path / ("rows" * 100 + ".csv")) as running:
        shown, told = running.communicate()
    assert (running.returncode, shown) == (1, "")
    assert "rows.csv: cannot be written: File name too long." in told


def test_rows_go_into_a_pipe_too() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb", buffering=0) as pipe:
        rows = Rows(Path("/dev/stdout"), pipe, *FORMS["jsonl"])
        for name in ("a.jpg", "b.jpg"):
            rows.add(result(name, 5, 5))
    with os.fdopen(reading) as heard:
        assert [json.loads(line)["filename"] for line in heard] == ["a.jpg", "b.jpg"]
    assert rows.problem is None
