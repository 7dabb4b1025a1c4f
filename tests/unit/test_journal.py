"""Runs that change files, and undoing them: to the byte, after a kill and a full disk too."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from nima.cli.commands import commands
from nima.desk import journal as journals
from nima.desk import replacing
from nima.desk.changes import (
    AS_IT_WAS,
    MOVED_BACK,
    REMOVED,
    RESTORED,
    Before,
    Change,
    Moved,
    Trashed,
    Written,
    change_of,
)
from nima.desk.journal import Journal
from nima.desk.runs import find_run, runs
from nima.desk.undo import REFUSED, undo
from nima.errors import InvalidRequest, UnwritableFile

LARGE = os.urandom(1 << 21)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "data" / "runs"


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    folder = tmp_path / "shoot"
    folder.mkdir()
    for name, data in {"a.jpg": LARGE, "b.xmp": b"settings", "c.raw": b"raw", "c.xmp": b"its settings"}.items():
        (folder / name).write_bytes(data)
        os.utime(folder / name, ns=(1_600_000_000_123_456_789, 1_500_000_000_123_456_789))
    (folder / "b.xmp").chmod(0o640)
    return folder


def state(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Every file with its bytes, time and mode; folders too."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode)
        if path.is_file()
        else (b"", 0, 0)
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("kind", [Written, Moved, Trashed])
def test_all_that_is_known_of_a_change_is_written_down(kind: type[Change]) -> None:
    """What a run cannot read again it cannot take back."""
    about: dict[str, Any] = {
        "path": Path("/shoot/a.xmp"),
        "source": Path("/shoot/a.jpg"),
        "target": Path("/shoot/rejects/day/a.jpg"),
        "before": Before("ab", 5, 0o640, 3, 4, b"settings"),
        "after": "cd",
        "bytes": 9,
        "mtime_ns": 7,
        "told": True,
        "folders": (Path("/shoot/rejects/day"), Path("/shoot/rejects")),
    }
    change = kind(**{one.name: about[one.name] for one in fields(kind)})
    assert change_of(json.loads(json.dumps(change.to_json()))) == change


def change_all(folder: Path, kept: Path) -> Journal:
    with Journal("tag", kept) as journal:
        changed = LARGE[:1000] + b"more" + LARGE[1500:]
        journal.write(folder / "a.jpg", changed, before=LARGE)
        journal.write(folder / "b.xmp", b"rated", before=b"settings")
        journal.write(folder / "new" / "d.xmp", b"rated")
        journal.move(folder / "c.raw", folder / "rejects" / "deep" / "c.raw")
        journal.move(folder / "c.xmp", folder / "rejects" / "deep" / "c.xmp")
    return journal


def test_undoing_a_run_leaves_every_byte_time_and_mode_as_it_was(shoot: Path, kept: Path) -> None:
    before = state(shoot)
    journal = change_all(shoot, kept)
    assert journal.changes == 5
    after = state(shoot)
    assert after["b.xmp"][0] == b"rated"
    assert after["b.xmp"][2] == before["b.xmp"][2]
    assert after["b.xmp"][1] > before["b.xmp"][1]
    assert after["rejects/deep/c.raw"] == before["c.raw"]
    assert {one.what for one in undo(find_run(folder=kept))} == {RESTORED, REMOVED, MOVED_BACK}
    assert state(shoot) == before
    with pytest.raises(InvalidRequest, match="nothing to undo"):
        find_run(folder=kept)


def test_only_what_changes_is_kept_of_a_large_file(shoot: Path, kept: Path) -> None:
    change_all(shoot, kept)
    assert sum(path.stat().st_size for path in kept.rglob("*")) < 10_000


def test_nothing_is_written_down_of_a_run_that_changes_nothing(kept: Path) -> None:
    with Journal("tag", kept):
        pass
    assert not kept.exists()
    assert runs(kept) == []


@pytest.mark.parametrize("force", [False, True])
def test_what_was_edited_since_is_undone_by_force_alone(shoot: Path, kept: Path, force: bool) -> None:
    before = state(shoot)
    change_all(shoot, kept)
    (shoot / "b.xmp").write_bytes(b"rated and edited")
    (shoot / "new" / "d.xmp").write_bytes(b"edited")
    found = {one.path.name: one for one in undo(find_run(folder=kept), force=force)}
    assert {name for name, one in found.items() if one.what == REFUSED} == (set() if force else {"b.xmp", "d.xmp"})
    assert "edited since" in found["b.xmp"].why or force
    if force:
        assert state(shoot) == before
    else:
        assert (shoot / "b.xmp").read_bytes() == b"rated and edited"
        assert (shoot / "a.jpg").read_bytes() == LARGE
        assert not find_run(folder=kept).undone
        (shoot / "b.xmp").write_bytes(b"rated")
        (shoot / "new" / "d.xmp").write_bytes(b"rated")
        assert {one.what for one in undo(find_run(folder=kept))} == {RESTORED, REMOVED, AS_IT_WAS}
        assert state(shoot) == before


def test_a_large_file_that_was_edited_is_never_put_together_wrongly(shoot: Path, kept: Path) -> None:
    change_all(shoot, kept)
    (shoot / "a.jpg").write_bytes(b"another picture")
    found = {one.path.name: one for one in undo(find_run(folder=kept), force=True)}
    assert found["a.jpg"].what == REFUSED
    assert (shoot / "a.jpg").read_bytes() == b"another picture"


def test_a_later_run_is_named_that_has_to_be_undone_first(shoot: Path, kept: Path) -> None:
    before = state(shoot)
    first = change_all(shoot, kept)
    with Journal("pick", kept) as second:
        second.move(shoot / "b.xmp", shoot / "away.xmp")
    assert first.run
    found = {one.path.name: one for one in undo(find_run(first.run, folder=kept))}
    assert f"nima undo {second.run} comes first" in found["b.xmp"].why
    for command in ("pick", "tag"):
        assert REFUSED not in {one.what for one in undo(find_run(command=command, folder=kept))}
    assert state(shoot) == before


def test_nothing_is_overwritten_when_something_took_the_place(shoot: Path, kept: Path) -> None:
    with Journal("pick", kept) as journal:
        with pytest.raises(UnwritableFile, match="there is one of its name"):
            journal.move(shoot / "c.raw", shoot / "a.jpg")
        journal.move(shoot / "c.raw", shoot / "away.raw")
    (shoot / "c.raw").write_bytes(b"another")
    (undone,) = undo(find_run(folder=kept))
    assert undone.what == REFUSED
    assert "another file in its place" in undone.why
    assert (shoot / "away.raw").read_bytes() == b"raw"


def test_a_file_that_another_program_changes_meanwhile_is_left_alone(shoot: Path, kept: Path) -> None:
    with Journal("tag", kept) as journal:
        for path, before in (
            (shoot / "b.xmp", b"older settings"),
            (shoot / "b.xmp", None),
            (shoot / "no.xmp", b"gone"),
        ):
            with pytest.raises(UnwritableFile, match="just changed"):
                journal.write(path, b"rated", before=before)
    assert runs(kept) == []


def test_a_file_that_is_marked_read_only_is_left_alone(shoot: Path, kept: Path) -> None:
    (shoot / "b.xmp").chmod(0o444)
    with Journal("tag", kept) as journal, pytest.raises(UnwritableFile, match="read-only"):
        journal.write(shoot / "b.xmp", b"rated", before=b"settings")
    assert (shoot / "b.xmp").read_bytes() == b"settings"


def test_a_link_stays_a_link(shoot: Path, kept: Path) -> None:
    (shoot / "link.xmp").symlink_to("b.xmp")
    with Journal("tag", kept) as journal:
        journal.write(shoot / "link.xmp", b"rated", before=b"settings")
    assert (shoot / "link.xmp").is_symlink()
    assert (shoot / "b.xmp").read_bytes() == b"rated"


def test_names_of_any_bytes_are_undone(shoot: Path, kept: Path) -> None:
    names = ["пейзаж é 写真.xmp", os.fsdecode(b"caf\xe9.xmp"), "line\nbreak.xmp", "a" * 250 + ".xmp"]
    for name in names:
        (shoot / name).write_bytes(b"settings")
    before = state(shoot)
    with Journal("tag", kept) as journal:
        for name in names:
            journal.write(shoot / name, b"rated", before=b"settings")
    assert [one.what for one in undo(find_run(folder=kept))] == [RESTORED] * 4
    assert state(shoot) == before


@pytest.mark.parametrize(("call", "found"), [(4, [RESTORED]), (5, [AS_IT_WAS, RESTORED])])
def test_on_a_full_disk_nothing_is_half_written(
    shoot: Path, kept: Path, monkeypatch: pytest.MonkeyPatch, call: int, found: list[str]
) -> None:
    before = state(shoot)
    fsync, calls = os.fsync, iter(range(100))

    def full(number: int) -> None:
        if next(calls) == call:  # of the second change: the line that says so, or the file
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(number)

    monkeypatch.setattr(os, "fsync", full)
    with Journal("tag", kept) as journal:
        journal.write(shoot / "b.xmp", b"rated", before=b"settings")
        with pytest.raises(UnwritableFile, match="no space left"):
            journal.write(shoot / "c.xmp", b"rated", before=b"its settings")
        assert {name: found[0] for name, found in state(shoot).items()} == {
            name: b"rated" if name == "b.xmp" else found[0] for name, found in before.items()
        }
    assert [one.what for one in undo(find_run(folder=kept))] == found
    assert state(shoot) == before


def test_a_change_that_cannot_be_written_down_is_not_made(shoot: Path, tmp_path: Path) -> None:
    (tmp_path / "no folder").write_bytes(b"")
    before = state(shoot)
    with Journal("tag", tmp_path / "no folder") as journal, pytest.raises(UnwritableFile, match="written down"):
        journal.write(shoot / "b.xmp", b"rated", before=b"settings")
    assert state(shoot) == before


def test_a_disk_that_fills_up_in_the_middle_of_a_line_changes_nothing_that_is_not_written_down(
    shoot: Path, kept: Path
) -> None:
    """A limit of the file's size stands for it: what still fits is written, and no error told."""
    before = state(shoot)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    made = 0
    for size in range(0, 1600, 125):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        try:
            with Journal("tag", kept) as journal:
                for name, settings in {"b.xmp": b"settings", "c.xmp": b"its settings"}.items():
                    with suppress(UnwritableFile):
                        journal.write(shoot / name, b"rated", before=settings)
                        made += 1
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        if journal.changes:
            assert RESTORED in {one.what for one in undo(find_run(journal.run, folder=kept))}
        assert state(shoot) == before, size
    assert 2 < made < 26
    assert len(list(kept.iterdir())) == len(runs(kept)) < made


def change_together(journal: Journal, shoot: Path, problem: type) -> None:
    with journal.together():
        journal.write(shoot / "new" / "d.xmp", b"rated")
        journal.write(shoot / "b.xmp", b"rated", before=b"settings")
        journal.move(shoot / "c.raw", shoot / "away" / "c.raw")
        if problem is KeyboardInterrupt:
            raise KeyboardInterrupt
        journal.write(shoot / "c.xmp", b"rated", before=b"what it was")


@pytest.mark.parametrize("problem", [UnwritableFile, KeyboardInterrupt])
def test_changes_that_belong_together_are_all_made_or_none(shoot: Path, kept: Path, problem: type) -> None:
    before = state(shoot)
    with Journal("tag", kept) as journal:
        with pytest.raises(problem):
            change_together(journal, shoot, problem)
        assert state(shoot) == before
        assert journal.changes == 0
        journal.write(shoot / "c.xmp", b"rated", before=b"its settings")
    assert {one.what for one in undo(find_run(folder=kept))} == {RESTORED, AS_IT_WAS}
    assert state(shoot) == before


def test_a_run_of_which_nothing_came_to_pass_is_none(shoot: Path, kept: Path) -> None:
    with Journal("tag", kept) as first:
        first.write(shoot / "b.xmp", b"rated", before=b"settings")
    with Journal("pick", kept) as second:
        for _ in range(2):
            with pytest.raises(UnwritableFile, match="cannot be moved"):
                second.move(shoot / "c.raw", shoot / "a.jpg" / "c.raw")
    assert second.run is None
    assert find_run(folder=kept).name == first.run
    assert [path.name for path in kept.iterdir()] == [first.run]


@pytest.mark.parametrize(
    "damage",
    [b"", b"\0" * 4096, b"[]\n[]\n", b'{"version": 1}\n{"write": 1}\n', b'{"version": 1, "command": 1, "began": 2}\n'],
)
def test_a_damaged_run_hides_no_other(shoot: Path, kept: Path, damage: bytes) -> None:
    before = state(shoot)
    change_all(shoot, kept)
    (kept / "20990101-000000-tag").mkdir()
    (kept / "20990101-000000-tag" / "changes.jsonl").write_bytes(damage)
    list(undo(find_run(folder=kept)))
    assert state(shoot) == before


def test_a_run_whose_changes_are_damaged_says_so(shoot: Path, kept: Path) -> None:
    change_all(shoot, kept)
    (lines,) = kept.rglob("*.jsonl")
    lines.write_bytes(lines.read_bytes().replace(b'"kept": "', b'"kept": "AAAA'))
    with pytest.raises(InvalidRequest, match="is damaged"):
        list(undo(find_run(folder=kept)))


def test_times_come_back_from_a_card_that_rounds_them(shoot: Path, kept: Path) -> None:
    before = state(shoot)
    with Journal("pick", kept) as journal:
        journal.move(shoot / "c.raw", shoot / "away.raw")
    os.utime(shoot / "away.raw", ns=(0, 1_500_000_000_000_000_000))
    assert [one.what for one in undo(find_run(folder=kept))] == [MOVED_BACK]
    assert state(shoot) == before


def run_until(step: int, shoot: Path, kept: Path, how: str) -> None:
    """A run that kills itself at its n-th step: before and after each call that changes or writes down something."""
    steps = iter(range(1, 1000))

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            found = function(*arguments, **named)
            if next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        return call

    def elsewhere(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", counted(os.fsync))
        for name in ("replace", "mkdir", "unlink"):
            patch.setattr(Path, name, counted(getattr(Path, name)))
        patch.setattr(Path, "rename", counted(Path.rename) if how == "one file system" else elsewhere)
        with Journal("tag", kept) as journal:
            journal.write(shoot / "b.xmp", b"rated", before=b"settings")
            journal.write(shoot / "new" / "d.xmp", b"rated")
            journal.move(shoot / "c.raw", shoot / "rejects" / "c.raw")


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("how", ["one file system", "other file system"])
def test_a_run_killed_at_any_step_is_undone_to_the_byte(shoot: Path, kept: Path, how: str) -> None:
    before = state(shoot)
    for step in range(1, 100):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                run_until(step, shoot, kept, how)
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        for run in runs(kept):
            if not run.undone:
                assert REFUSED not in {one.what for one in undo(run)}
        assert state(shoot) == before, step
        # Runs of one second look for a name that is free, and each look would be one more step.
        shutil.rmtree(kept, ignore_errors=True)
        if not os.WIFSIGNALED(status):
            assert os.waitstatus_to_exitcode(status) == 0
            break
    assert 20 < step < 99


def test_what_is_cut_off_was_never_begun(shoot: Path, kept: Path) -> None:
    change_all(shoot, kept)
    (lines,) = kept.rglob("*.jsonl")
    with lines.open("ab") as file:
        file.write(b'{"write": "/never", "bef')
    assert len(find_run(folder=kept).changes()) == 5


def test_old_runs_are_forgotten(shoot: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "_KEPT", 2)
    for number in range(4):
        with Journal("tag", kept) as journal:
            journal.write(shoot / f"{number}.xmp", b"rated")
    assert [run.changes()[0].path.name for run in runs(kept)[-2:]] == ["2.xmp", "3.xmp"]  # type: ignore[union-attr]
    assert len(list(kept.iterdir())) <= 3


def test_a_file_that_is_marked_read_only_goes_to_another_file_system_too(
    shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    def as_anybody(path: Path, mode: str = "r", **more: Any) -> Any:
        if "+" in mode and not path.stat().st_mode & 0o222:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, mode, **more)

    opened = Path.open
    monkeypatch.setattr(Path, "open", as_anybody)
    monkeypatch.setattr(Path, "rename", elsewhere)
    target = tmp_path / "c.raw"
    (shoot / "c.raw").chmod(0o444)
    replacing.move(shoot / "c.raw", target, tmp_path / "part")
    assert target.read_bytes() == b"raw"
    assert target.stat().st_mode & 0o777 == 0o444
    assert target.stat().st_mtime_ns == 1_500_000_000_123_456_789
    assert not (shoot / "c.raw").exists()


def nima(*arguments: str, kept: Path) -> Result:
    return CliRunner().invoke(commands, arguments, env={"XDG_DATA_HOME": str(kept.parents[1])})


def test_the_command_lists_runs_and_undoes_the_last_or_the_one_that_is_named(shoot: Path, tmp_path: Path) -> None:
    kept = tmp_path / "nima" / "runs"
    before = state(shoot)
    assert nima("undo", "--list", kept=kept).stdout == "There is nothing to undo.\n"
    missing = nima("undo", kept=kept)
    assert (missing.exit_code, missing.stderr[:30]) == (1, "Error: There is nothing to undo"[:30])
    first, second = change_all(shoot, kept), Journal("pick", kept)
    with second:
        second.move(shoot / "b.xmp", shoot / "away.xmp")
    listed = nima("undo", "--list", kept=kept).stdout.splitlines()
    assert listed == [f"{second.run}  1 change in {shoot}", f"{first.run}  5 changes in {shoot}"]
    early = nima("undo", str(first.run), kept=kept)
    assert early.exit_code == 3
    assert f"b.xmp: it is gone; nima undo {second.run} comes first" in early.stderr
    assert nima("undo", kept=kept).stdout == f"{second.run}: 1 moved back.\n"
    last = nima("undo", kept=kept)
    assert last.stdout == f"{first.run}: 4 as it was, 1 restored.\n"
    assert last.exit_code == 0
    assert state(shoot) == before
    assert nima("undo", "--list", kept=kept).stdout.count(", undone") == 2


def test_a_damaged_run_is_listed_as_such_and_hides_none_of_the_others(shoot: Path, tmp_path: Path) -> None:
    kept = tmp_path / "nima" / "runs"
    with Journal("pick", kept) as first:
        (shoot / "d.raw").touch()
        first.move(shoot / "d.raw", shoot / "away.raw")
    second = change_all(shoot, kept)
    lines = kept / str(second.run) / "changes.jsonl"
    lines.write_bytes(lines.read_bytes().replace(b'"kept": "', b'"kept": "AAAA'))
    listed = nima("undo", "--list", kept=kept)
    assert listed.stdout.splitlines() == [
        f"{second.run}  What {second.run} changed cannot be read: {lines} is damaged.",
        f"{first.run}  1 change in {shoot}",
    ]
    assert listed.exit_code == 0
