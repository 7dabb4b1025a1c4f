"""Files that come back from a trash as freedesktop.org describes it, never over another file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from nima.desk.changes import AS_IT_WAS, BROUGHT_BACK, Trashed
from nima.desk.journal import Journal
from nima.desk.rejects import IntoTrash
from nima.desk.runs import find_run
from nima.desk.scan import Row
from nima.desk.undo import REFUSED, Undone, undo
from nima.document.result import ObjectRef, Result
from nima.shoot.capture import Capture

pytestmark = pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="their trash does not tell")
NAME = "100% Ü [1].jpg"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data, with the trash."""
    pytest.importorskip("send2trash", reason='the extra "trash" is not installed')
    home = tmp_path / "home"
    (home / "data").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    return home


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "shoot" / NAME
    path.parent.mkdir()
    path.write_bytes(b"first")
    return path


def send(path: str) -> None:
    """In a process of its own: the trash is looked for when the library is imported."""
    subprocess.run([sys.executable, "-m", "send2trash", path], check=True)


def throw_away(*paths: Path) -> None:
    with Journal("pick") as journal:
        for path in paths:
            journal.throw_away(path, send)


def undone() -> list[Undone]:
    return list(undo(find_run()))


def test_what_was_thrown_away_comes_back_with_its_folder_and_once(photograph: Path) -> None:
    about = photograph.stat()
    throw_away(photograph)
    shutil.rmtree(photograph.parent)
    run = find_run()
    assert [one.what for one in undo(run)] == [BROUGHT_BACK]
    assert (photograph.read_bytes(), photograph.stat().st_mtime_ns) == (b"first", about.st_mtime_ns)
    assert [one.what for one in undo(run)] == [AS_IT_WAS]


def test_another_file_in_its_place_is_never_written_over(photograph: Path, home: Path) -> None:
    throw_away(photograph)
    photograph.write_bytes(b"other")
    (one,) = undone()
    assert (one.what, one.path) == (REFUSED, photograph)
    assert "there is another file in its place" in one.why
    assert photograph.read_bytes() == b"other"
    photograph.unlink()
    assert [one.what for one in undone()] == [BROUGHT_BACK], "it was in the trash still"


def test_of_two_that_had_one_name_the_one_of_the_run_comes_back(photograph: Path) -> None:
    throw_away(photograph)
    earlier = find_run()
    photograph.write_bytes(b"the second")
    throw_away(photograph)
    assert [one.what for one in undone()] == [BROUGHT_BACK]
    assert photograph.read_bytes() == b"the second"
    photograph.unlink()
    assert [one.what for one in undo(earlier)] == [BROUGHT_BACK]
    assert photograph.read_bytes() == b"first"


def test_an_emptied_trash_is_told(photograph: Path, home: Path) -> None:
    throw_away(photograph)
    shutil.rmtree(home / "data" / "Trash")
    (one,) = undone()
    assert (one.what, one.why) == (REFUSED, "it is in the system's trash no more")


def test_of_a_shot_all_files_are_thrown_away_or_none(photograph: Path) -> None:
    locked = photograph.with_suffix(".xmp")
    locked.write_bytes(b"settings")

    def jammed(path: str) -> None:
        if path == str(photograph):
            raise PermissionError(13, "Permission denied", path)
        send(path)

    with Journal("pick") as journal:
        row = Row(photograph, NAME, Result(image=ObjectRef("", NAME)), Capture(), (locked,))
        done = IntoTrash(jammed, journal).put(row)
    assert done.error
    assert "permission denied" in done.error.cause
    assert (locked.read_bytes(), photograph.read_bytes()) == (b"settings", b"first")
    assert journal.run is None, "nothing came to pass"


@pytest.mark.parametrize("trash", [".Trash-{user}", ".Trash/{user}"])
@pytest.mark.parametrize("linked", [False, True])
def test_each_volume_has_a_trash_of_its_own(
    trash: str, photograph: Path, *, linked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose paths begin at the volume, however the file was named."""
    volume, path = photograph.parent, photograph
    if linked:
        (tmp_path / "link").symlink_to(volume)
        path = tmp_path / "link" / NAME
    monkeypatch.setattr(os.path, "ismount", lambda place: Path(place) == volume)
    place = volume / trash.format(user=os.getuid())
    (place / "files").mkdir(parents=True)
    (place / "info").mkdir()

    def as_others_do(_path: str) -> None:
        photograph.rename(place / "files" / "100% Ü [1] (2).jpg")
        told = f"[Trash Info]\nPath={quote(NAME)}\nDeletionDate=2026-05-01T12:00:00\n"
        (place / "info" / "100% Ü [1] (2).jpg.trashinfo").write_text(told, encoding="utf-8")

    with Journal("pick") as journal:
        journal.throw_away(path, as_others_do)
    assert [one.what for one in undone()] == [BROUGHT_BACK]
    assert photograph.read_bytes() == b"first"


def test_what_the_trash_says_may_be_damaged(photograph: Path, home: Path) -> None:
    throw_away(photograph)
    for number, text in enumerate((b"", b"Path=x", b"[Trash Info]\nPath", b"[Trash Info]\n", b"\xff\xfe")):
        (home / "data" / "Trash" / "info" / f"{NAME} {number}.trashinfo").write_bytes(text)
    assert [one.what for one in undone()] == [BROUGHT_BACK]


def test_what_has_to_be_known_is_written_down(photograph: Path) -> None:
    about = photograph.stat()
    throw_away(photograph)
    assert find_run().changes() == (Trashed(photograph, about.st_size, about.st_mtime_ns, told=True),)
