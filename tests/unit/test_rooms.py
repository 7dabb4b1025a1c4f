"""The rooms of the package, and which of them a room may know of: arrows go down, and none comes back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.documents import blocks

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers" / "nima" / "nima"

# What every room may know: a file each, which knows none but these.
COMMON = {
    "cells",
    "csp",
    "env",
    "errors",
    "fitting",
    "heads",
    "interrupt",
    "native",
    "near",
    "packages",
    "parts",
    "whole",
    "words",
}

PICTURES = {"image"}
DOCUMENT = {"document", *PICTURES}
JUDGEMENT = {"assess", "model", *DOCUMENT}
CATALOGUE = {"catalogue", *DOCUMENT}
SERVICE = {"aws", "web", "report", *CATALOGUE, *JUDGEMENT}
# What a room knows, besides ``COMMON`` and itself.
ROOMS: dict[str, set[str]] = {
    **{room: set() for room in COMMON},
    "image": set(),
    "model": PICTURES,
    "document": PICTURES,
    "assess": {"model", *DOCUMENT},
    "catalogue": DOCUMENT,
    "report": DOCUMENT,
    "shoot": CATALOGUE,
    "web": CATALOGUE,
    "aws": {*CATALOGUE, *JUDGEMENT},
    "local": SERVICE,
    "pictures": {"local", *SERVICE},
    "desk": {"local", "shoot", *SERVICE},
    "training": JUDGEMENT,
    "hosts": DOCUMENT,
    "cli": {"desk", "hosts", "pictures", "local", "shoot", "training", *SERVICE},
}

# What the functions know of the package.
FUNCTIONS: dict[str, set[str]] = {
    "score": {"aws", "web", *DOCUMENT},
    "query": {"aws", "web", "report", *CATALOGUE},
}

TRAINING_COMMON = {"backend", "metrics", "pictures", "progress"}
TRAINING: dict[str, set[str]] = {
    **{room: set() for room in TRAINING_COMMON},
    "defects": set(),
    "labels": set(),
    "networks": set(),
    "samples": {"networks"},
    "trainer": {"networks"},
    "unrated": {"networks"},
    "reasons": {"defects", "samples", "trainer"},
    "finetune": {"evaluate", "labels", "networks", "samples", "trainer", "unrated"},
    "distill": {"networks", "samples", "trainer"},
    "evaluate": {"labels", "networks", "samples", "trainer", "unrated"},
    "export": {"evaluate", "labels", "networks", "trainer", "unrated"},
}


def imported(path: Path, name: str) -> Iterator[str]:
    """What a file imports, wherever in it, by whole names. ``name`` is the file's own, as in ``nima.model.install``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = name.split(".")[: -node.level] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def arrows(folder: Path, package: str) -> set[tuple[str, str]]:
    """Which room of a package imports which other one."""
    found = set()
    for path in set(folder.rglob("*.py")) - {folder / "__init__.py"}:  # which hands out what others have
        parts = path.relative_to(folder).with_suffix("").parts
        for whole in imported(path, ".".join((package, *parts))):
            known = whole.removeprefix(f"{package}.").split(".")[0] if whole.startswith(f"{package}.") else parts[0]
            if known != parts[0]:
                found.add((parts[0], known))
    return found


def rooms_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).parts[0].removesuffix(".py") for path in folder.rglob("*.py")} - {"__init__"}


@pytest.mark.parametrize(
    ("folder", "package", "rooms", "common"),
    [
        (PACKAGE, "nima", ROOMS, COMMON | {"__version__"}),
        (PACKAGE / "training", "nima.training", TRAINING, TRAINING_COMMON),
    ],
)
def test_arrows_go_down(folder: Path, package: str, rooms: dict[str, set[str]], common: set[str]) -> None:
    assert rooms_of(folder) == set(rooms)
    wrong = {(room, known) for room, known in arrows(folder, package) if known not in rooms[room] | common}
    assert wrong == set()


@pytest.mark.parametrize("rooms", [ROOMS, TRAINING])
def test_the_table_has_no_circle(rooms: dict[str, set[str]]) -> None:
    placed: set[str] = set()
    while waiting := {room: known for room, known in rooms.items() if room not in placed}:
        ready = {room for room, known in waiting.items() if known <= placed}
        assert ready, f"a circle among {sorted(waiting)}"
        placed |= ready


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_stand_above_the_rooms(function: str) -> None:
    files = (ROOT / "functions" / function).rglob("*.py")
    known = {name.split(".")[1] for file in files for name in imported(file, function) if name.startswith("nima.")}
    assert known - COMMON - {"__version__"} <= FUNCTIONS[function]


def drawn() -> dict[str, set[str]]:
    """The arrows of the diagram in the document, by the room that each begins at; a label stands for its node."""
    (diagram,) = blocks(ROOT / "docs" / "architecture.md", "mermaid")
    found: dict[str, set[str]] = {}
    for line in diagram.splitlines():
        ends = [{node.strip().partition("[")[0] for node in end.split("&")} for end in line.split("-->")]
        for above, below in pairwise(ends):
            for room in above:
                found.setdefault(room, set()).update(below)
    return found


def test_the_diagram_shows_the_table() -> None:
    """Its arrows are allowed; what is allowed lies below, along them."""
    arrows, table = drawn(), {**ROOMS, **FUNCTIONS}
    assert {*arrows, *set().union(*arrows.values())} == set(table) - COMMON
    for room, known in arrows.items():
        assert known <= table[room], room
        below, left = set(known), set(known)
        while left:
            left = arrows.get(left.pop(), set()) - below | left
            below |= left
        assert table[room] <= below, room


@pytest.mark.parametrize(
    "line",
    [
        "import nima.assess.assessor",
        "from nima import assess",
        "from nima.assess import assessor",
        "from nima.assess.assessor import Assessor",
        "from ..assess.assessor import Assessor",
        "from .. import assess",
        "def later():\n    from nima.assess.assessor import Assessor",
    ],
)
def test_an_arrow_is_seen_in_whatever_form_it_is_written(line: str, tmp_path: Path) -> None:
    package = tmp_path / "nima"
    for room in ("assess", "model"):
        (package / room).mkdir(parents=True)
    (package / "model" / "install.py").write_text(f"import json\n{line}\n")
    assert arrows(package, "nima") == {("model", "assess")}
