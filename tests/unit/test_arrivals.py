"""Pictures that come into a folder: each once it is whole."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from nima.desk.arrivals import Settling, arrivals, is_picture


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settling(clock: Clock) -> Settling:
    return Settling(1.0, clock)


def test_a_slow_copy_is_one_picture(settling: Settling, clock: Clock, tmp_path: Path) -> None:
    file = tmp_path / "slow.jpg"
    for part in range(1, 6):
        file.write_bytes(b"x" * part)
        settling.touched(file)
        clock.now += 0.8
        assert settling.whole() == []
    clock.now += 0.8
    assert settling.whole() == [file]
    settling.touched(file)  # its last event comes late
    clock.now += 5
    assert settling.whole() == []


def test_what_grows_without_being_told_of_waits(settling: Settling, clock: Clock, tmp_path: Path) -> None:
    file = tmp_path / "quiet.jpg"
    file.write_bytes(b"x")
    settling.touched(file)
    file.write_bytes(b"xx")
    clock.now += 5
    assert settling.whole() == []
    clock.now += 1
    assert settling.whole() == [file]


def test_what_is_written_again_comes_again(settling: Settling, clock: Clock, tmp_path: Path) -> None:
    file = tmp_path / "edited.jpg"
    for content, stamp in ((b"one", 10**9), (b"two", 2 * 10**9)):
        file.write_bytes(content)
        os.utime(file, ns=(stamp, stamp))
        settling.touched(file)
        clock.now += 1
        assert settling.whole() == [file]


def test_what_is_gone_is_no_picture_and_what_is_empty_waits(settling: Settling, clock: Clock, tmp_path: Path) -> None:
    gone, empty = tmp_path / "gone.jpg", tmp_path / "empty.jpg"
    for file in (gone, empty):
        file.touch()
        settling.touched(file)
    gone.unlink()
    settling.touched(tmp_path / "never.jpg")
    clock.now += 5
    assert settling.whole() == []
    clock.now += 5
    assert settling.whole() == [empty]
    empty.write_bytes(b"x")
    settling.touched(empty)
    clock.now += 1
    assert settling.whole() == [empty]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("a.jpg", True), ("in/b.CR3", True), (".trash/a.jpg", False), (".part.jpg", False), ("a.jpg.xmp", False)],
)
def test_hidden_files_and_sidecars_are_none(tmp_path: Path, name: str, wanted: bool) -> None:
    assert is_picture(tmp_path / name, tmp_path) == wanted


def test_what_happens_to_the_folder_ends_nothing(tmp_path: Path) -> None:
    """What came while it began, folders as a whole, names that watchfiles gives up at, and a card that is taken out."""
    folder = tmp_path / "card"
    told: list[str] = []
    for new in (folder, tmp_path / "day two" / "sub"):
        new.mkdir(parents=True)
    before, early = folder / "before.jpg", folder / "early.jpg"
    before.write_bytes(b"x")
    come = arrivals(folder, [before], settle=0.1, warn=told.append)
    early.write_bytes(b"x")
    assert next(filter(None, come)) == [early]
    (tmp_path / "day two" / "sub" / "inside.jpg").write_bytes(b"x")
    (tmp_path / "day two").rename(folder / "day two")
    assert next(filter(None, come)) == [folder / "day two" / "sub" / "inside.jpg"]
    odd = folder / os.fsdecode(b"caf\xe9.jpg")
    odd.write_bytes(b"x")
    assert next(filter(None, come)) == [odd]
    shutil.rmtree(folder)
    while not told:
        assert next(come) == []
    folder.mkdir()
    later = folder / "later.jpg"
    later.write_bytes(b"x")
    assert next(filter(None, come)) == [later]
    assert told == ["The folder is gone; what comes is scored once it is back."]


def test_links_that_lead_nowhere_come_and_what_is_no_file_does_not(
    settling: Settling, clock: Clock, tmp_path: Path
) -> None:
    loop, gone, pipe, folder = (tmp_path / f"{name}.jpg" for name in ("loop", "gone", "pipe", "folder"))
    loop.symlink_to(loop)
    gone.symlink_to(tmp_path / "nowhere")
    os.mkfifo(pipe)
    folder.mkdir()
    for file in (loop, gone, pipe, folder):
        settling.touched(file)
    clock.now += 20
    assert settling.whole() == [loop, gone]
