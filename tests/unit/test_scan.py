"""Scans of this machine's pictures: side by side, with answers kept, whatever becomes of files, workers and disks."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from nima.desk.answer import Answer
from nima.desk.cache import Cache, Seen
from nima.desk.judging import Judging
from nima.desk.pool import Facts, Pool
from nima.desk.scan import Row, scan
from nima.desk.shots import find_shots
from nima.desk.worker import Worker
from nima.document.composite import Weights
from nima.errors import Internal, InvalidRequest
from nima.image.limits import Limits
from nima.local.files import read_file
from nima.shoot.capture import Capture
from tests.pictures import scene
from tests.unit.test_decode import jpeg_header
from tests.waiting import until_gone

LONG_AGO = time.time_ns() - 3_600_000_000_000


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    """Four pictures that were taken a while ago."""
    folder = tmp_path / "shoot"
    folder.mkdir()
    for index in range(4):
        scene(320 + 16 * index, 240).save(folder / f"{index}.jpg")
        os.utime(folder / f"{index}.jpg", ns=(LONG_AGO, LONG_AGO))
    return folder


def scanned(folder: Path, judging: Judging, cache: Path | None = None, **options: bool) -> dict[str, Row]:
    def warn(sentence: str) -> None:
        warned.append(sentence)

    warned.clear()
    found = find_shots([folder]).shots
    return {row.name: row for row in scan(found, judging, workers=1, cache=cache, warn=warn, **options)}


warned: list[str] = []


def scores(rows: dict[str, Row]) -> dict[str, object]:
    return {name: row.result.assessment and replace(row.result.assessment, timings_ms={}) for name, row in rows.items()}


@pytest.fixture(scope="module")
def judging(model_folder: Path) -> Judging:
    return Judging(model_folder)


def test_rows_say_of_files_what_the_assessor_says(judging: Judging, shoot: Path) -> None:
    rows = scanned(shoot, judging)
    assert sorted(rows) == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
    assessor = judging.assessor()
    for name, row in rows.items():
        there = assessor.assess((shoot / name).read_bytes())
        assert row.result.assessment is not None
        assert replace(row.result.assessment, timings_ms={}) == replace(there, timings_ms={})
        assert row.path == shoot / name


def test_a_second_run_reads_no_file_and_judges_in_any_style(judging: Judging, shoot: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "answers"
    first = scanned(shoot, judging, cache)
    kept = {path.name: path.read_bytes() for path in shoot.iterdir()}
    for path in shoot.iterdir():  # of the same size and time, without a picture
        path.write_bytes(b"\0" * path.stat().st_size)
        os.utime(path, ns=(LONG_AGO, LONG_AGO))
    assert scores(scanned(shoot, judging, cache)) == scores(first)
    for other in (
        replace(judging, style="portrait"),
        replace(judging, weights=Weights.of(1, 0), policy="amazon"),
    ):
        found = scanned(shoot, other, cache)
        for name, data in kept.items():
            there = other.assessor().assess(data, other.style, other.weights)
            assert scores(found)[name] == replace(other.judged(there), timings_ms={})
    refused = scanned(shoot, judging, cache, verify=True)
    assert {row.result.error and row.result.error.code for row in refused.values()} == {"unsupported_format"}


def test_what_is_moved_or_copied_is_known_and_what_is_changed_is_not(
    judging: Judging, shoot: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "answers"
    first = scanned(shoot, judging, cache)
    (shoot / "0.jpg").rename(shoot / "moved.jpg")
    shutil.copy(shoot / "2.jpg", shoot / "1.jpg")
    with counted(cache) as judged:
        rows = scanned(shoot, judging, cache)
    assert judged() == 0
    assert scores(rows)["moved.jpg"] == scores(first)["0.jpg"]
    assert scores(rows)["1.jpg"] == scores(first)["2.jpg"]


@contextmanager
def counted(cache: Path) -> Iterator[Callable[[], int]]:
    """How many answers have been added to a cache meanwhile."""

    def last() -> int:
        with sqlite3.connect(cache) as database:
            return int(database.execute("SELECT max(seq) FROM sqlite_sequence").fetchone()[0])

    before = last()
    yield lambda: last() - before


def test_another_model_or_other_code_answers_anew(
    judging: Judging, shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(shutil.copytree(judging.model, tmp_path / "other"))
    manifest = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps({**manifest, "version": "changed"}))
    makers = {judging.maker(Path("a.jpg")), Judging(other).maker(Path("a.jpg"))}
    for path, judged in (("a.nef", judging), ("a.nef", replace(judging, raw="demosaic"))):
        makers.add(judged.maker(Path(path)))
    assert replace(judging, raw="demosaic").maker(Path("a.jpg")) in makers
    package = tmp_path / "package"
    shutil.copytree(Path(sys.modules["nima"].__file__ or "").parent / "assess", package / "assess")
    monkeypatch.setattr("nima.desk.judging._PACKAGE", package)
    makers.add(Judging(judging.model).maker(Path("a.jpg")))
    with (package / "assess" / "traits.py").open("a") as file:
        file.write("# changed\n")
    makers.add(Judging(judging.model).maker(Path("a.jpg")))
    assert len(makers) == 6


def test_a_thumbnail_that_was_not_kept_is_made(judging: Judging, shoot: Path, tmp_path: Path) -> None:
    cache = tmp_path / "answers"
    scanned(shoot, judging, cache)
    for _ in range(2):
        for row in scanned(shoot, replace(judging, thumbnails=True, looks=True), cache).values():
            assert row.result.assessment is not None
            assert (row.result.assessment.thumbnail or b"").startswith(b"\xff\xd8")
            assert row.result.assessment.look
    with counted(cache) as judged:
        scanned(shoot, judging, cache)
    assert judged() == 0


def test_a_file_just_written_is_read_again(
    judging: Judging, shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be written once more within one tick of the file system's clock, and long before its reading is over."""
    cache, path, clock = tmp_path / "answers", shoot / "0.jpg", SimpleNamespace(now=LONG_AGO + 10**9)

    def slowly(file: Path, limits: Limits) -> bytes:
        clock.now += 10**11
        return read_file(file, limits)

    monkeypatch.setattr("nima.desk.worker.time", SimpleNamespace(time_ns=lambda: clock.now))
    monkeypatch.setattr("nima.desk.worker.read_file", slowly)
    Worker(judging, Cache(cache, pytest.fail)).answer(path)
    about = path.stat()
    path.write_bytes(b"\0" * about.st_size)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert scanned(shoot, judging, cache)["0.jpg"].result.error


def test_a_cameras_clock_may_be_ahead(judging: Judging, shoot: Path, tmp_path: Path) -> None:
    cache, path = tmp_path / "answers", shoot / "0.jpg"
    os.utime(path, (time.time() + 8 * 3600,) * 2)
    scanned(shoot, judging, cache)
    about = path.stat()
    path.write_bytes(b"\0" * about.st_size)  # which would be seen if it was read again
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert scanned(shoot, judging, cache)["0.jpg"].result.assessment


@pytest.mark.parametrize("trouble", ["damaged", "of another shape", "a folder", "no folder"])
def test_a_cache_that_cannot_be_used_is_a_warning(judging: Judging, shoot: Path, tmp_path: Path, trouble: str) -> None:
    cache = tmp_path / "cache" / "answers"
    cache.parent.mkdir()
    if trouble == "damaged":
        cache.write_bytes(b"not a database at all " * 500)
    elif trouble == "of another shape":
        with sqlite3.connect(cache) as database:
            database.execute("CREATE TABLE files (other)")
            database.execute("PRAGMA user_version = 77")
    elif trouble == "a folder":
        cache.mkdir()
    else:
        cache.parent.rmdir()
        cache.parent.write_text("a file")
    rows = scanned(shoot, judging, cache)
    assert all(row.result.assessment for row in rows.values())
    expected = {"damaged": 1, "of another shape": 0, "a folder": 1, "no folder": 1}
    assert len(warned) == expected[trouble], warned
    if trouble in ("damaged", "of another shape"):
        with counted(cache) as judged:
            scanned(shoot, judging, cache)
        assert (judged(), warned) == (0, [])


def test_a_cache_on_a_full_disk_warns_once_and_goes_without(tmp_path: Path) -> None:
    told: list[str] = []
    cache = Cache(tmp_path / "answers", told.append)
    cache.keep(b"1", "maker", 0, b"kept")
    assert cache._database
    pages = cache._database.execute("PRAGMA page_count").fetchone()[0]
    cache._database.execute(f"PRAGMA max_page_count = {pages + 2}")
    for number in range(100):
        cache.keep(b"%d" % number, "maker", 0, os.urandom(2000))
    assert len(told) == 1
    assert "full" in told[0]
    again = Cache(tmp_path / "answers", told.append)
    assert again.answer(b"1", "maker", 0) == b"kept" or again.answer(b"1", "maker", 0)
    assert len(told) == 1


def test_a_cache_forgets_the_oldest_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nima.desk.cache.LIMIT", 1 << 20)
    file = tmp_path / "answers"
    cache = Cache(file, pytest.fail)
    for number in range(1200):
        cache.remember(Seen(b"%d" % number, 1, "1"), b"%d" % number)
        cache.keep(b"%d" % number, "maker", 0, os.urandom(1500))
    assert cache.answer(b"0", "maker", 0) is None
    assert cache.content_of(Seen(b"0", 1, "1")) is None
    assert cache.answer(b"1199", "maker", 0)
    assert cache.content_of(Seen(b"1199", 1, "1")) == b"1199"
    cache.close()
    assert file.stat().st_size < 2 << 20


def test_two_runs_at_once_share_a_cache(judging: Judging, shoot: Path, tmp_path: Path) -> None:
    cache = tmp_path / "answers"
    found = find_shots([shoot]).shots
    runs = [scan(found, judging, workers=1, cache=cache, warn=pytest.fail) for _ in range(2)]
    firsts = [next(run) for run in runs]
    rows = [[first, *run] for first, run in zip(firsts, runs, strict=True)]
    assert [len(run) for run in rows] == [4, 4]
    assert all(row.result.assessment for run in rows for row in run)


def test_a_file_that_ends_a_worker_costs_one_row(judging: Judging, shoot: Path, tmp_path: Path) -> None:
    """A worker is ended while it waits for the file, which is what the system does where memory is short."""
    found = find_shots([shoot]).shots
    rows, ended = {}, set()
    running = scan(found, judging, workers=1)
    for row in running:
        rows[row.name] = row
        (worker,) = children(os.getpid())
        ended.add(worker)
        os.kill(worker, signal.SIGKILL)
    assert len(ended) > 1
    assert sorted(rows) == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
    assert all(row.result.assessment for row in rows.values())


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still run workers."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if (
                int(fields[1]) == pid
                and fields[0] != "Z"
                and b"nima.desk.worker" in (stat.parent / "cmdline").read_bytes()
            ):
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return found


def test_a_picture_that_ends_every_worker_is_refused(
    judging: Judging, shoot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nima.desk.pool._MODULE", "tests.crashing_worker")
    shutil.copy(shoot / "0.jpg", shoot / "crash.jpg")
    rows = scanned(shoot, judging)
    assert {name: row.result.error and row.result.error.code for name, row in rows.items()} == {
        **dict.fromkeys(["0.jpg", "1.jpg", "2.jpg", "3.jpg"]),
        "crash.jpg": "undecodable_image",
    }


def test_work_that_cannot_be_begun_is_an_error_and_not_waited_for(
    judging: Judging, shoot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")  # as where the system allows no more processes
    with pytest.raises(Internal, match="could not be started"):
        scanned(shoot, judging)

    @contextmanager
    def full(task: str) -> Iterator[Facts]:
        raise OSError(errno.ENOSPC, task)
        yield {}

    pool = Pool(1, {}, full)
    pool.submit("a copy")
    (told,) = pool.rest()
    assert isinstance(told.answer, Internal)
    pool.close()


def test_no_worker_outlives_a_killed_run(judging: Judging, shoot: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from nima.desk.scan import *; from nima.desk.shots import find_shots\n"
        "for row in scan(find_shots([Path(sys.argv[1])]).shots, Judging(Path(sys.argv[2])), workers=2):\n"
        "    print(row.name, flush=True)\n    sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(shoot), str(judging.model)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stdout.readline()
        workers = children(running.pid)
        assert workers
        running.kill()
        running.wait()
        until_gone(workers)


def test_a_scan_that_nobody_finishes_ends_its_workers(judging: Judging, shoot: Path) -> None:
    running = scan(find_shots([shoot]).shots, judging, workers=2)
    next(running)
    assert children(os.getpid())
    running.close()
    assert not children(os.getpid())


def test_whatever_is_wrong_with_a_file_is_a_row_with_a_code(judging: Judging, shoot: Path) -> None:
    for name, data in (
        ("empty.jpg", b""),
        ("text.jpg", b"no picture"),
        ("cut.jpg", (shoot / "1.jpg").read_bytes()[:700]),
        ("vast.jpg", jpeg_header(60_000, 60_000)),
    ):
        (shoot / name).write_bytes(data)
    (shoot / "loop.jpg").symlink_to("loop.jpg")
    (shoot / "ring").symlink_to(shoot, target_is_directory=True)
    shutil.copy(shoot / "0.jpg", shoot / "写真 é.jpg")
    (shoot / "0.jpg").chmod(0o444)
    found = find_shots([shoot]).shots
    (shoot / "3.jpg").unlink()
    codes = {row.name: row.result.error and row.result.error.code for row in scan(found, judging, workers=1)}
    assert codes == {
        **dict.fromkeys(["0.jpg", "1.jpg", "2.jpg", "写真 é.jpg"]),
        **{"empty.jpg": "undecodable_image", "text.jpg": "unsupported_format", "cut.jpg": "undecodable_image"},
        "vast.jpg": "too_many_pixels",
        **{"3.jpg": "unreadable_file", "loop.jpg": "unreadable_file"},
    }


def test_a_folder_that_lies_too_deep_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(25):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
        Path("a.jpg").touch()
    found = find_shots([tmp_path])
    assert 10 < len(found.shots) < 25
    assert [one.reason for one in found.skipped] == ["folders that cannot be opened: file name too long"]


def test_captures_and_companions_come_along(judging: Judging, shoot: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:05:04 03:02:01"
    with Image.open(shoot / "0.jpg") as image:
        image.save(shoot / "0.jpg", exif=exif)
    os.utime(shoot / "0.jpg", ns=(LONG_AGO, LONG_AGO))
    for name in ("0.NEF", "0.xmp", "1.jpg.xmp"):
        (shoot / name).write_bytes(b"II*\0")
    for _ in range(2):
        rows = scanned(shoot, judging, tmp_path / "answers")
        assert sorted(rows) == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
        assert str(rows["0.jpg"].capture.taken) == "2026-05-04 03:02:01"
        assert {path.name for path in rows["0.jpg"].companions} == {"0.NEF", "0.xmp"}
        assert {path.name for path in rows["1.jpg"].companions} == {"1.jpg.xmp"}
        assert rows["1.jpg"].capture == Capture()


def test_shots_are_those_of_files_folders_and_patterns(shoot: Path) -> None:
    (shoot / "deep").mkdir()
    shutil.copy(shoot / "0.jpg", shoot / "deep" / "4.jpg")
    shutil.copy(shoot / "0.jpg", shoot / "[5].jpg")

    def names(*paths: Path, recursive: bool = True) -> list[str]:
        return sorted(Path(shot.name).name for shot in find_shots(paths, recursive=recursive).shots)

    assert names(shoot, recursive=False) == ["0.jpg", "1.jpg", "2.jpg", "3.jpg", "[5].jpg"]
    assert names(shoot / "[0-2].jpg") == ["0.jpg", "1.jpg", "2.jpg"]
    assert names(shoot / "[5].jpg") == ["[5].jpg"]
    assert names(shoot / "**" / "4.jpg") == ["4.jpg"]
    assert names(shoot / "x*.jpg") == ["x*.jpg"]
    assert names(shoot / "0.jpg", shoot, shoot / "0.jpg") == names(shoot)
    (shoot.parent / "bare").mkdir()
    with pytest.raises(InvalidRequest, match="no pictures"):
        find_shots([shoot.parent / "bare"])


def test_an_answer_reads_as_it_was_written(judging: Judging, shoot: Path) -> None:
    worker = Worker(replace(judging, thumbnails=True, looks=True), None)
    answer = Answer.from_bytes(worker.answer(shoot / "0.jpg"))
    assert Answer.from_bytes(answer.to_bytes()) == answer
    for wrong in (b"", b"[]", b'{"capture": {}, "assessment": {}}', answer.to_bytes()[:-9]):
        with pytest.raises(ValueError, match="not an answer"):
            Answer.from_bytes(wrong)
