"""``nima watch`` at work, and ``nima score`` of a bucket."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE

import pytest
from click.testing import CliRunner

from nima.cli.commands import commands
from nima.cli.outcome import REFUSED
from nima.interrupt import INTERRUPTED
from nima.model.folder import SHIPPED
from tests.dng import dng
from tests.integration.test_local_stack import picture
from tests.mocked import served_aws, served_s3
from tests.pictures import scene
from tests.waiting import PATIENCE, until

NIMA = (sys.executable, "-m", "nima.cli")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "shoot").mkdir()
    names = ("XDG_DATA_HOME", "XDG_CACHE_HOME")
    return {**os.environ, "NIMA_MODELS": str(SHIPPED), **{name: str(tmp_path / name) for name in names}}


@contextmanager
def watching(
    folder: Path, home: dict[str, str], *options: str, named: str = ".", settle: float = 0.3
) -> Iterator[subprocess.Popen[str]]:
    """The command at work, from the moment on when it says so."""
    command = [*NIMA, "watch", named, "--settle", str(settle), *options]
    with subprocess.Popen(command, env=home, cwd=folder, stdout=PIPE, stderr=PIPE, text=True) as running:
        assert running.stderr
        assert f"Watching {named}" in running.stderr.readline()
        yield running
        running.kill()


def heard(running: subprocess.Popen[str]) -> str:
    assert running.stdout
    return running.stdout.readline()


def test_what_comes_is_scored_and_tagged_once_it_is_whole(tmp_path: Path, home: dict[str, str]) -> None:
    shoot, rows = tmp_path / "shoot", tmp_path / "rows.csv"
    (shoot / "there.jpg").write_bytes(picture(0))
    with watching(shoot, home, "--tag", "--csv", str(rows), "--jsonl", "/dev/full", settle=3) as running:
        whole = picture(1)  # of which a part comes long before the one before has settled, also where all is slow
        with (shoot / "slow.jpg").open("wb") as file:
            for part in range(4):
                file.write(whole[part * len(whole) // 4 : (part + 1) * len(whole) // 4])
                file.flush()
                time.sleep(0.15)
        assert "slow.jpg" in heard(running)
        (shoot / "slow.dng").write_bytes(dng(scene(160, 120)))  # of the same shot, and long after it
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "婚礼.jpg").write_bytes(picture(2))
        (tmp_path / "sub").rename(shoot / "sub")
        assert "sub/婚礼.jpg" in heard(running)
        (shoot / "text.jpg").write_text("no picture")
        assert "text.jpg  unsupported_format: " in heard(running)
        running.send_signal(signal.SIGINT)
        out, told = running.communicate(timeout=PATIENCE)
    assert (running.returncode, out) == (INTERRUPTED, "")
    assert "2 scored, 1 refused." in told
    assert told.count("/dev/full: not all rows are written: No space left on device.") == 1
    assert "Traceback" not in told
    assert [row["path"] for row in csv.DictReader(rows.open(encoding="utf-8"))] == [
        "slow.jpg",
        "sub/婚礼.jpg",
        "text.jpg",
    ]
    sidecars = {path.name for path in shoot.rglob("*.xmp")}
    assert sidecars == {"slow.xmp", "slow.jpg.xmp", "婚礼.xmp", "婚礼.jpg.xmp"}
    subprocess.run([*NIMA, "undo"], env=home, check=True, capture_output=True)
    assert list(shoot.rglob("*.xmp")) == []


def test_killed_its_sidecars_are_undone(tmp_path: Path, home: dict[str, str]) -> None:
    shoot = tmp_path / "shoot"
    (shoot / "there.jpg").write_bytes(picture(0))
    (tmp_path / "link").symlink_to(shoot)
    with watching(tmp_path, home, "--tag", "--all", named="link") as running:
        assert "  there.jpg  " in heard(running)
        until((shoot / "there.jpg.xmp").exists)
        running.kill()
    subprocess.run([*NIMA, "undo"], env=home, check=True, capture_output=True)
    assert [path.name for path in shoot.iterdir()] == ["there.jpg"]


INTERRUPTING = """
import os, signal, sys
from pathlib import Path
from nima.cli import main, rows, watch

def interrupt(moment):
    # Ctrl-C at a moment since the row was begun; for None at the end, which says how many there are.
    begun, now = False, 0
    def step(frame, event, _):
        nonlocal begun, now
        begun = begun or frame.f_code is rows.Rows.add.__code__
        now += begun
        ends = event == "return" and frame.f_code is watch._say.__code__
        if moment is None and ends:
            Path("moments").write_text(str(now))
        if begun and (ends if moment is None else now > moment):
            sys.setprofile(None)
            os.kill(os.getpid(), signal.SIGINT)
    return step

def watched(number, moment):
    if os.fork() == 0:
        for stream, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(f"{number}.{name}", os.O_WRONLY | os.O_CREAT), stream)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # also where this runs in the background
        sys.argv[1:] = ["watch", "shoot", "--all", "--tag", "--settle", "0.1", "--csv", f"{number}.csv"]
        sys.setprofile(interrupt(moment))
        main()
    _, code = os.wait()
    Path(f"{number}.code").write_text(str(os.waitstatus_to_exitcode(code)))
    (sidecars := Path(f"{number}.sidecars")).mkdir()
    for path in Path("shoot").glob("*.xmp"):
        path.rename(sidecars / path.name)

watched(0, None)
for number in range(6):
    watched(number + 1, number * int(Path("moments").read_text()) // 6)
"""


def test_a_picture_that_ctrl_c_comes_upon_is_dealt_with_as_a_whole(tmp_path: Path, home: dict[str, str]) -> None:
    """A row, sidecars, a line and a count: each of them, whenever it comes."""
    (tmp_path / "shoot" / "there.jpg").write_bytes(picture(0))
    subprocess.run([sys.executable, "-c", INTERRUPTING], env=home, cwd=tmp_path, check=True, timeout=PATIENCE)
    for number in range(7):
        read = {name: (tmp_path / f"{number}.{name}").read_text() for name in ("out", "err", "code", "csv")}
        assert read["code"] == str(INTERRUPTED), read
        assert read["out"].count("  there.jpg  ") == 1, read
        assert "1 scored, 0 refused." in read["err"], read
        assert [row["path"] for row in csv.DictReader(io.StringIO(read["csv"]))] == ["there.jpg"]
        assert {path.name for path in (tmp_path / f"{number}.sidecars").iterdir()} == {"there.xmp", "there.jpg.xmp"}


def test_it_watches_one_folder(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    for paths, said in (([], "one folder"), ([tmp_path] * 2, "one folder"), ([nowhere], f"no folder {nowhere}")):
        done = CliRunner().invoke(commands, ["watch", *map(str, paths)])
        assert (done.exit_code, said in done.output) == (2, True), done.output


@pytest.fixture(scope="module")
def aws_environment() -> Iterator[dict[str, str]]:
    with served_aws() as reached:
        yield reached


@pytest.fixture
def bucket(aws_environment: dict[str, str]) -> str:
    s3 = served_s3(aws_environment)
    s3.create_bucket(Bucket="shoots")
    for key, data in {
        "spring/a.jpg": picture(3), "spring/in/b.jpg": picture(4), "spring/bad.jpg": b"none", "spring/notes.txt": b"x",
        "springs/c.jpg": picture(5),
    }.items():  # fmt: skip
        s3.put_object(Bucket="shoots", Key=key, Body=data)
    return "s3://shoots/spring"


def _scored(command: list[str], home: dict[str, str], before: Sequence[str] = ()) -> tuple[int, dict[str, str], str]:
    done = subprocess.run([*before, *NIMA, *command], env=home, capture_output=True, text=True, check=False)
    return (
        done.returncode,
        {row["path"]: row["composite"] for row in csv.DictReader(io.StringIO(done.stdout))},
        done.stderr,
    )


def test_a_bucket_is_scored(bucket: str, home: dict[str, str], aws_environment: dict[str, str], tmp_path: Path) -> None:
    home |= aws_environment
    code, found, _ = _scored(["score", bucket, "--format", "csv"], home)
    assert code == REFUSED
    scored = ["s3://shoots/spring/a.jpg", "s3://shoots/spring/in/b.jpg"]
    assert [name for name, score in found.items() if score] == scored
    assert [name for name, score in found.items() if not score] == ["s3://shoots/spring/bad.jpg"]
    code, again, _ = _scored(["score", f"{bucket}/a.jpg", "--format", "csv"], home)
    assert (code, again) == (0, {"s3://shoots/spring/a.jpg": found["s3://shoots/spring/a.jpg"]})
    limited = ["bash", "-c", 'ulimit -f 1; exec "$@"', "-"]  # stands for a full disk
    code, full, told = _scored(["score", f"{bucket}/a.jpg", "--no-cache", "--format", "csv"], home, limited)
    assert (code, list(full.values()), "unreadable_file: The object cannot be copied" in told) == (REFUSED, [""], True)
    code, outer, _ = _scored(["score", f"{bucket}/", "--no-recursive", "--format", "csv"], home)
    assert list(outer) == ["s3://shoots/spring/a.jpg", "s3://shoots/spring/bad.jpg"]


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (["score", "s3://nowhere/x"], "s3://nowhere/x/ cannot be listed: ListObjectsV2: the bucket does not exist"),
        (["score", "s3://shoots/winter"], "There are no pictures in s3://shoots/winter;"),
        (["score", "s3://"], "Say which bucket"),
        (["tag", "s3://shoots/spring"], "s3://shoots/spring is in S3; this works on files of this machine"),
    ],
)
def test_what_is_no_bucket_is_said(
    command: list[str], complaint: str, bucket: str, home: dict[str, str], aws_environment: dict[str, str]
) -> None:
    """Or nothing of the kind in one."""
    code, _, told = _scored(command, {**home, **aws_environment})
    assert (code, complaint in told, "Traceback" in told) == (1, True, False)
