"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nima.whole import clear, whole
from tests.waiting import PATIENCE


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def write(path: Path, failing: BaseException) -> None:
    with whole(path) as part:
        part.write_text("half")
        raise failing


def test_a_block_that_fails_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        write(path, KeyboardInterrupt())
    assert (names(tmp_path), path.read_text()) == ({"page.html"}, "before")


@pytest.mark.parametrize("name", ["model.weights.h5", "é" * 120 + ".weights.h5", ".h5", "x"])
def test_a_name_is_as_long_as_names_can_be_and_its_end_is_kept(name: str, tmp_path: Path) -> None:
    """Keras writes weights to nothing that does not end with ``.weights.h5``."""
    with whole(tmp_path / name) as part:
        assert part.name.endswith(name[-11:])
        part.write_text("new")
    assert names(tmp_path) == {name}


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    with whole(path) as one, whole(path) as other:
        one.write_text("one")
        other.write_text("other")
    assert (names(tmp_path), path.read_text()) == ({"page.html"}, "one")


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "link.html").symlink_to("target.html")
    with whole(tmp_path / "link.html") as part:
        part.write_text("new")
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "target.html").read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    heard: list[str] = []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()), daemon=True)
    reader.start()
    with whole(pipe) as part:
        part.write_text("page")
    reader.join(PATIENCE)
    assert (heard, names(tmp_path), pipe.is_fifo()) == (["page"], {"pipe"}, True)


@pytest.mark.parametrize("full", [False, True])
def test_what_cannot_be_written_is_named_as_it_was(tmp_path: Path, full: bool) -> None:
    path = tmp_path / ("page.html" if full else "missing/page.html")
    with pytest.raises(OSError, match="No space" if full else "No such file") as raised:
        write(path, OSError(errno.ENOSPC, "No space left on device"))
    assert raised.value.filename == str(path)


def test_any_name_that_a_file_may_have_will_do(tmp_path: Path) -> None:
    (tmp_path / "loop.html").symlink_to("loop.html")
    for name in ("n" * 250 + ".html", "loop.html"):
        with whole(tmp_path / name) as part:
            part.write_text("page")
        assert (tmp_path / name).read_text() == "page"


def test_what_a_killed_process_has_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for mine in ("part-1.jpg", "below/part-two.csv"):
        (tmp_path / mine).write_text("mine")
    code = "import os, sys; from pathlib import Path; from nima.whole import whole\n"
    code += "with whole(Path(sys.argv[1])) as part: part.write_text('half'); os.abort()"
    subprocess.run([sys.executable, "-c", code, tmp_path / "below" / "page.html"], check=False)
    assert len(list(tmp_path.rglob("part-*"))) == 3
    clear(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["below", "part-1.jpg", "part-two.csv"]
