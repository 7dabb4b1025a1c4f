"""Pictures that come into a folder: each once it is whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nima.desk.arrivals import Settling, is_picture


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


def test_what_is_gone_or_empty_is_no_picture(settling: Settling, clock: Clock, tmp_path: Path) -> None:
    gone, empty = tmp_path / "gone.jpg", tmp_path / "empty.jpg"
    for file in (gone, empty):
        file.touch()
        settling.touched(file)
    gone.unlink()
    settling.touched(tmp_path / "never.jpg")
    clock.now += 5
    assert settling.whole() == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("a.jpg", True), ("in/b.CR3", True), (".trash/a.jpg", False), (".part.jpg", False), ("a.jpg.xmp", False)],
)
def test_hidden_files_and_sidecars_are_none(tmp_path: Path, name: str, wanted: bool) -> None:
    assert is_picture(tmp_path / name, tmp_path) == wanted
