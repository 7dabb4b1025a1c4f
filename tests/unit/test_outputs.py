"""What commands may write over: looked at before anything is judged."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from nima.cli.commands import COMMANDS, commands
from nima.cli.outputs import ChartFile, OutputFile, Writing
from tests.dng import dng
from tests.pictures import encode, scene
from tests.shoots import view
from tests.unit.test_catalogue import result

WRITING = [("report", "--html"), ("score", "--csv"), ("score", "--jsonl"), ("rate", "--csv"), ("watch", "--jsonl")]
WRITING += [("evaluate", option) for option in ("--report", "--json", "--findings")]
READING = [("score", "--csv"), ("score", "--jsonl"), ("rate", "--csv")]


def refused(path: Path, *arguments: str | Path) -> str:
    """What is said of a command that is refused before it begins, and leaves a file as it is."""
    before = path.read_bytes()
    done = CliRunner().invoke(commands, [*map(str, arguments), "--models", "/nowhere"])
    assert done.exit_code == 2, done.output
    assert path.read_bytes() == before
    return " ".join(done.output.replace("│", " ").split())


def every_command(group: click.Command = commands, *names: str) -> Iterator[tuple[str, click.Command]]:
    """All commands with their names, those of groups too."""
    if not isinstance(group, click.Group):
        yield " ".join(names), group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        yield from every_command(command, *names, name)


def test_every_command_that_writes_files_looks_at_them() -> None:
    """An option that names a file to be written is of one of these kinds, and its command compares it with others."""
    assert len(COMMANDS) > 10
    for name, command in every_command():
        kinds = {param.name: param.type for param in command.params}
        written = [name for name, kind in kinds.items() if isinstance(kind, OutputFile)]
        assert not written or isinstance(command, Writing), name
        for option, kind in kinds.items():
            if isinstance(kind, click.Path) and kind.file_okay and not kind.exists and option != "paths":
                assert isinstance(kind, OutputFile) or (name, option) == ("local", "images"), (name, option)


@pytest.mark.parametrize(("command", "option"), WRITING)
def test_a_photograph_is_never_written_over(command: str, option: str, tmp_path: Path) -> None:
    """As by a pattern where the page's name was meant to be."""
    photograph = tmp_path / "first.JPG"
    photograph.write_bytes(b"precious")
    done = CliRunner().invoke(commands, [command, option, str(photograph), str(tmp_path)])
    assert (done.exit_code, "is the name of a picture" in done.output) == (2, True)
    assert photograph.read_bytes() == b"precious"


@pytest.mark.parametrize(("command", "option"), WRITING)
def test_a_folder_that_is_missing_is_said_at_once(command: str, option: str, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(encode(scene(), "JPEG"))
    target = tmp_path / "missing" / "file.out"
    done = CliRunner().invoke(commands, [command, option, str(target), str(tmp_path), "--models", "/nowhere"])
    assert (done.exit_code, "There is no folder" in done.output) == (2, True)


@pytest.mark.parametrize(("command", "option"), WRITING)
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "DNG"])
def test_a_photograph_by_any_name_is_left_alone(command: str, option: str, kind: str, tmp_path: Path) -> None:
    data = dng(view(), stops=0) if kind == "DNG" else encode(scene(), kind)
    photograph = tmp_path / "IMG_1.backup"
    photograph.write_bytes(data)
    assert "holds something else" in refused(photograph, command, option, photograph, tmp_path)
    (tmp_path / "link.csv").symlink_to("photo.jpg")
    (tmp_path / "photo.jpg").write_bytes(data)
    assert "is the name of a picture" in refused(
        tmp_path / "photo.jpg", command, option, tmp_path / "link.csv", tmp_path
    )
    os.link(photograph, tmp_path / "hard.csv")
    assert "holds something else" in refused(photograph, command, option, tmp_path / "hard.csv", tmp_path)


@pytest.mark.parametrize("name", ["IMG_1.xmp", "IMG_1.jpg.XMP", "IMG_1.mov", "IMG_1.pp3"])
@pytest.mark.parametrize(("command", "option"), WRITING)
def test_what_belongs_to_a_photograph_is_left_alone(command: str, option: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"settings")
    assert "belongs to a picture" in refused(tmp_path / name, command, option, tmp_path / name, tmp_path)


@pytest.mark.parametrize(("command", "option"), READING)
def test_what_is_read_is_not_written(command: str, option: str, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(encode(scene(), "JPEG"))
    named = tmp_path / "list.txt"
    named.write_text(str(tmp_path / "a.jpg"), encoding="utf-8")
    (tmp_path / "link.txt").symlink_to("list.txt")
    for written in (named, tmp_path / "link.txt"):
        assert "'--files-from' says" in refused(named, command, "--files-from", named, option, written)
    assert "'[PATHS]...' says" in refused(named, command, tmp_path / "a.jpg", named, option, named)


def test_ratings_are_not_written_over(tmp_path: Path) -> None:
    ratings = tmp_path / "ratings.csv"
    ratings.write_text("image,rater,score\n", encoding="utf-8")
    for option in ("--findings", "--json", "--report"):
        assert "is read" in refused(ratings, "evaluate", ratings, tmp_path, option, ratings)


@pytest.mark.parametrize(
    ("command", "one", "other"), [("score", "--csv", "--jsonl"), ("evaluate", "--report", "--json")]
)
def test_two_outputs_are_two_files(command: str, one: str, other: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("rows")
    arguments = [command, str(tmp_path), one, str(tmp_path / "rows"), other, str(tmp_path / "link")]
    done = CliRunner().invoke(commands, arguments)
    assert (done.exit_code, f"{one} and {other}: a file for each." in done.output) == (2, True)
    assert not (tmp_path / "rows").exists()


def test_progress_is_told_to_no_file_of_somebodys(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("f/8 and be there", encoding="utf-8")
    assert "holds something else" in refused(tmp_path / "notes", "rate", tmp_path, "--running", tmp_path / "notes")


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_chart_takes_the_place_of_a_chart_alone(suffix: str, tmp_path: Path) -> None:
    figures = pytest.importorskip("matplotlib.figure", reason='the extra "chart" is not installed')
    from nima.report.chart import draw

    assessment = result("a.jpg", 5, 5).assessment
    assert assessment
    chart = tmp_path / f"chart{suffix}"
    figures.Figure().savefig(chart)
    said = refused(chart, "score", tmp_path, "--chart", chart)
    assert "was not drawn by this program: choose another name." in said
    draw(assessment, "a.jpg", chart)
    assert ChartFile().convert(str(chart), None, None) == chart
    shutil.copy(chart, tmp_path / "same")
    draw(assessment, "a.jpg", chart)
    assert chart.read_bytes() == (tmp_path / "same").read_bytes(), "the same result gives the same file"


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_chart_takes_the_place_of_one_by_an_earlier_release(suffix: str, tmp_path: Path) -> None:
    """Which said nothing of itself; other drawings of Matplotlib's are somebody's."""
    figures = pytest.importorskip("matplotlib.figure", reason='the extra "chart" is not installed')
    chart = tmp_path / f"chart{suffix}"

    def drawn(width: float, height: float, **metadata: None) -> None:
        figure = figures.Figure(figsize=(width, height), layout="constrained")
        for axis in figure.subplots(1, 2, sharey=True):
            axis.bar(range(1, 11), range(10), color="#4477aa", alpha=0.85)
        figure.suptitle("a.jpg: 5.20 (overall)", fontsize=13)
        figure.savefig(chart, metadata=metadata or None)

    without_date = {"Date": None} if suffix == ".svg" else {}
    drawn(9, 3.6, **without_date)
    assert ChartFile().convert(str(chart), None, None) == chart
    drawn(8, 3.6, **without_date)
    assert "was not drawn by this program" in refused(chart, "score", tmp_path, "--chart", chart)
    if suffix == ".svg":
        drawn(9, 3.6)
        assert "was not drawn by this program" in refused(chart, "score", tmp_path, "--chart", chart)
    photograph = encode(scene(900, 360), "PNG")
    chart.write_bytes(photograph)
    assert "was not drawn by this program" in refused(chart, "score", tmp_path, "--chart", chart)


def test_no_photograph_gives_way_to_a_chart(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason='the extra "chart" is not installed')
    photograph = tmp_path / "photo.png"
    photograph.write_bytes(encode(scene(), "PNG"))
    (tmp_path / "link.svg").symlink_to("photo.png")
    for name in ("photo.png", "link.svg"):
        assert "choose another name" in refused(photograph, "score", photograph, "--chart", tmp_path / name)
