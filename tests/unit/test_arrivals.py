"""Pictures that come into a folder: each once it is whole."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from nima.desk.arrivals import Settling, arrivals, beside, is_picture
from tests.waiting import PATIENCE

SETTLE = 0.3


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


def test_a_raw_and_its_jpeg_wait_for_each_other(settling: Settling, clock: Clock, tmp_path: Path) -> None:
    jpeg, raw, other = tmp_path / "a.JPG", tmp_path / "A.cr3", tmp_path / "other.jpg"
    for file in (jpeg, other):
        file.write_bytes(b"x")
        settling.touched(file)
    clock.now += 0.8
    raw.write_bytes(b"x")
    settling.touched(raw)
    clock.now += 0.8
    assert settling.whole() == [other]
    clock.now += 0.8
    assert sorted(settling.whole()) == [raw, jpeg]


def test_what_is_written_again_comes_again(settling: Settling, clock: Clock, tmp_path: Path) -> None:
    file = tmp_path / "edited.jpg"
    for content, stamp in ((b"one", 10**9), (b"two", 2 * 10**9)):
        file.write_bytes(content)
        os.utime(file, ns=(stamp, stamp))
        settling.touched(file)
        clock.now += 1
        assert settling.whole() == [file]


def test_what_was_there_comes_once_it_is_written(settling: Settling, clock: Clock, tmp_path: Path) -> None:
    file = tmp_path / "old.jpg"
    file.write_bytes(b"x")
    settling.known(file)
    settling.touched(file)
    clock.now += 1
    assert settling.whole() == []
    file.write_bytes(b"xx")
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


def test_those_of_one_name_are_beside_each_other(tmp_path: Path) -> None:
    for name in ("a.jpg", "A.cr3", "a.xmp", "ab.jpg", "in/a.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = beside([tmp_path / "a.jpg", tmp_path / "gone" / "x.jpg"], tmp_path)
    assert [path.name for path in found] == ["A.cr3", "a.jpg"]


class Watched:
    """A folder that is being watched."""

    def __init__(self, folder: Path, there: Iterable[Path] = (), *, recursive: bool = True) -> None:
        self.folder = folder
        self._lists = arrivals(folder, there, settle=SETTLE, recursive=recursive)
        self.first = next(self._lists)

    def come(self, count: int, patience: float = PATIENCE) -> list[str]:
        """What comes until it is so much; then it is seen that there is no more."""
        found: list[str] = []
        end = time.monotonic() + patience
        quiet = 0
        for whole in self._lists:
            found += [path.relative_to(self.folder).as_posix() for path in whole]
            quiet = quiet + 1 if len(found) >= count else 0
            if quiet > 2 or time.monotonic() > end:
                return found
        return found


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    folder = tmp_path / "shoot"
    folder.mkdir()
    for name in ("there.jpg", "written again.jpg", "removed.jpg"):
        (folder / name).write_bytes(b"old")
    return Watched(folder, list(folder.iterdir()))


def _made(folder: Path, name: str) -> None:
    (folder / name / "deeper").mkdir(parents=True)
    (folder / name / "deeper" / "a.jpg").write_bytes(b"x")


def test_all_that_comes_comes_once(watched: Watched) -> None:
    folder = watched.folder
    with (folder / "slow.jpg").open("wb") as slow:
        slow.write(b"x")
        (folder / "renamed.jpg.tmp").write_bytes(b"x")
        (folder / "renamed.jpg.tmp").rename(folder / "renamed.jpg")
        _made(folder, "made")
        _made(folder.parent, "moved")
        (folder.parent / "moved").rename(folder / "moved")
        _made(folder, ".hidden")
        (folder / "婚礼 😀.jpg").write_bytes(b"x")
        (folder / "written again.jpg").write_bytes(b"newer")
        (folder / "removed.jpg").unlink()
        (folder / "removed at once.jpg").touch()
        (folder / "removed at once.jpg").unlink()
        (folder / "notes.txt").write_bytes(b"x")
        for number in range(100):
            (folder / f"many {number}.jpg").write_bytes(b"x")
        for _ in range(3):
            slow.write(b"x")
            slow.flush()
            time.sleep(SETTLE / 2)
    names = {"slow.jpg", "renamed.jpg", "made/deeper/a.jpg", "moved/deeper/a.jpg", "婚礼 😀.jpg", "written again.jpg"}
    names |= {f"many {number}.jpg" for number in range(100)}
    assert sorted(watched.come(len(names))) == sorted(names)


def test_what_was_not_there_before_comes(tmp_path: Path) -> None:
    (tmp_path / "there.jpg").write_bytes(b"old")
    watched = Watched(tmp_path)
    (tmp_path / "new.jpg").write_bytes(b"new")
    assert sorted(watched.come(2)) == ["new.jpg", "there.jpg"]


def test_the_folders_in_it_are_left_alone_where_that_is_asked_for(tmp_path: Path) -> None:
    watched = Watched(tmp_path, recursive=False)
    _made(tmp_path, "in")
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert watched.come(1) == ["a.jpg"]


def test_a_folder_that_is_made_again_at_once_is_watched_again(watched: Watched) -> None:
    shutil.rmtree(watched.folder)
    _made(watched.folder, "in")
    assert watched.come(1) == ["in/deeper/a.jpg"]


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
