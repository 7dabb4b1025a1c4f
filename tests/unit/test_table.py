"""The table of results in terminals of any width."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from nima.report.table import fitted, folded, printable, results

SCORED: dict[str, Any] = {
    "status": "scored",
    "technical": {"mean": 5.0},
    "aesthetic": {"mean": 6.0},
    "composite": {"score": 5.5, "stars": 4.5, "note": None, "minds": []},
    "deductions": [{"code": "low_resolution", "sure": False}],
}
REFUSED: dict[str, Any] = {"status": "rejected", "error": {"code": "unsupported_format"}}
NAMES = (
    "Bildschirmfoto 2026-11-26 um 9.41.07\N{NARROW NO-BREAK SPACE}PM.jpeg",
    "商品主图/连衣裙正面展示图片高清版本第一张最终版.jpeg",
    "IMG_20261126_094107_edited_final_2.heic",
    "shoes/trail-runner/front-left-with-laces-untied.tiff",
    f"{'x' * 70}.webp",
    "short.jpg",
)


def shown(documents: dict[str, Any], width: int = 80, *, title: bool = True) -> list[str]:
    """The lines of the table without its heading."""
    file = io.StringIO()
    Console(file=file, width=width).print(results(documents))
    return file.getvalue().split("\n")[2 if title else 1 :]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("document", [SCORED, REFUSED, None])
def test_a_name_is_whole_and_its_extension_in_one_line(name: str, document: Any) -> None:
    lines = shown({f"a/{name}": document, "a/other.jpg": SCORED})
    assert all(cell_len(line) <= 80 for line in lines)
    extension = name[name.rfind(".") - 1 :]
    assert any(extension in line for line in lines)
    start = next(index for index, line in enumerate(lines) if line[:4].strip() and name.startswith(line[:4].strip()))
    told = "".join("".join(lines[start : start + 8]).split())
    position = -1
    for character in "".join(name.split()):
        position = told.find(character, position + 1)
        assert position >= 0, f"{character} of {name} is missing"


def scored(score: float, note: str | None = None) -> dict[str, Any]:
    return {**SCORED, "composite": {"score": score, "stars": 3.0, "note": note, "minds": []}}


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (scored(5.45), scored(5.46), True),
        (scored(5.46), scored(5.45), False),
        (scored(5.451), scored(5.454), False),  # which looks the same
        (scored(5.45), {**scored(6.0), "deductions": [{"code": "soft", "sure": True}]}, False),  # it says so itself
        (scored(5.45), REFUSED, False),
    ],
)
def test_why_the_recommended_one_stands_above_a_higher_composite_is_said_where_it_does(
    first: Any, second: Any, *, told: bool
) -> None:
    lines = shown({"a/1.jpg": first, "a/2.jpg": second})
    why = "◂ before a higher composite: too close to tell, and fewer deductions, or more pixels"
    assert (" ".join(" ".join(lines).split()).endswith(why)) is told


def test_each_folder_keeps_its_order_and_has_one_recommended_picture() -> None:
    documents = {
        "shoe-2/front.jpg": scored(6.0),
        "shoe-1/side.jpg": scored(7.5),
        "top.jpg": scored(4.0),
        "shoe-1/back.jpg": scored(7.0, "divisive"),
        "shoe-1/front.jpg": scored(7.0),
        "shoe-1/broken.jpg": REFUSED,
        "shoe-3/broken.jpg": REFUSED,
    }
    *lines, legend = [(line.split()[0], "◂" in line) for line in shown(documents, 100, title=False) if line.strip()]
    assert legend == ("◂", True)
    assert lines == [
        ("./", False),
        ("top.jpg", True),
        ("shoe-1/", False),
        ("side.jpg", True),
        ("back.jpg", False),
        ("front.jpg", False),
        ("broken.jpg", False),
        ("shoe-2/", False),
        ("front.jpg", True),
        ("shoe-3/", False),
        ("broken.jpg", False),
    ]


@pytest.mark.parametrize(
    "names", [("/x.jpg", "/y/z.jpg"), ("/a/x.jpg", "a/y.jpg"), ("x.jpg", "y.jpg"), ("a//b/x.jpg",)]
)
def test_paths_of_any_kind_are_shown_by_folder(names: tuple[str, ...]) -> None:
    text = "\n".join(shown(dict.fromkeys(names, SCORED), title=False))
    assert all(name.rpartition("/")[2] in text for name in names)


@pytest.mark.parametrize(
    ("names", "title", "headings"),
    [
        (("s3://b/x/1.jpg", "s3://b/x/in/2.jpg"), "s3://b/x/", ["./", "in/"]),
        (("s3://b/x/1.jpg", "s3://b/xy/2.jpg"), "s3://b/", ["x/", "xy/"]),
        (("a/x/1.jpg", "a/xy/2.jpg"), "a/", ["x/", "xy/"]),
        (("/a/1.jpg", "a/2.jpg"), "", ["/a/", "a/"]),
    ],
)
def test_what_all_folders_have_in_common_is_said_once(names: tuple[str, ...], title: str, headings: list[str]) -> None:
    found = results(dict.fromkeys(names, SCORED))
    assert (found.title, [heading for heading, _ in found.groups]) == (title, headings)


@pytest.mark.parametrize("width", [8, 12, 19, 25, 40])
@pytest.mark.parametrize("name", NAMES)
def test_lines_of_a_name_are_never_too_wide_and_lose_nothing(name: str, width: int) -> None:
    lines = folded(name, width)
    assert "".join(lines) == name
    assert all(cell_len(line) <= width for line in lines)
    assert lines[-1].endswith(name[name.rfind(".") - 1 :])


@pytest.mark.parametrize("width", [24, 32, 40, 50, 60])
def test_a_narrow_terminal_shows_every_name_whole_above_its_numbers(width: int) -> None:
    lines = [line.rstrip() for line in shown({f"a/{name}": SCORED for name in NAMES}, width)]
    assert all(cell_len(line) <= width for line in lines)
    run_on = "".join("".join(lines).split())
    for name in NAMES:
        file = name.rpartition("/")[2]
        assert "".join(file.split()) in run_on
        assert any(file[file.rfind(".") - 1 :] in line for line in lines)
    text = " ".join(" ".join(lines).split())
    assert text.count("5.00 6.00 5.50 ★★★★½ low resolution") == len(NAMES)


@pytest.mark.parametrize("width", [50, 80, 120])
def test_a_folders_heading_spans_the_table(width: int) -> None:
    folder = "Autumn and winter/trail running/"
    lines = shown({f"{folder}front.jpg": SCORED, "Autumn and winter/hats/a.jpg": SCORED}, width, title=False)
    assert "trail running/" in [line.rstrip() for line in lines]
    long = {f"{'o' * 20}/{'p' * 22}/front.jpg": SCORED, "b/a.jpg": SCORED}
    assert f"{'o' * 20}/{'p' * 22}/" in [line.rstrip() for line in shown(long, width, title=False)]


def test_a_pipe_has_no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    table = results({f"a/{name}": SCORED for name in NAMES} | {"a/text.jpg": REFUSED})
    console = Console(file=io.StringIO())
    fitted(console, table).print(table)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert all(any(name.rpartition("/")[2] in line and "5.50" in line for line in lines) for name in NAMES)
    assert any(line.rstrip().endswith("rejected: unsupported_format") for line in lines)


def test_codes_and_numbers_are_never_broken() -> None:
    text = "\n".join(shown({f"a/{name}": REFUSED if name == "short.jpg" else SCORED for name in NAMES}))
    assert "unsupported_format" in text
    assert text.count("★★★★½  low resolution") == len(NAMES) - 1
    assert text.count("5.00       6.00       5.50") == len(NAMES) - 1


def test_a_name_cannot_steer_the_terminal_and_is_else_shown_as_it_is() -> None:
    assert printable("a\x1b[31m\x9b\u202e\u2066\ud800\u2028.jpg") == "a�[31m�����.jpg"
    for name in NAMES:
        assert printable(name) == name
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}é"
    assert printable(family) == family
