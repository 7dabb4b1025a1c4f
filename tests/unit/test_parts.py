"""What the layer and the image take of the package: all that the functions import, and nothing that they do not."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from modulefinder import ModuleFinder
from pathlib import Path

import numpy
import pytest

from tests.fixtures_model import ROOT

PACKAGE = ROOT / "layers/nima/nima"
HEAVY = (
    "numpy",
    "PIL",
    "pi_heif",
    "ai_edge_litert",
    "tensorflow",
    "plotly",
    "matplotlib",
    "rich",
    "urllib3",
    "asyncio",
)


def of_layer() -> list[str]:
    makefile = (ROOT / "layers/nima/Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    (parts,) = re.findall(r"^PARTS := (.+)$", makefile, re.MULTILINE)
    return str(parts).split()


def of_image() -> list[str]:
    dockerfile = (ROOT / "functions/score/Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    application = dockerfile.partition(" AS application")[2].partition("\nFROM ")[0]
    copied = [line for line in application.splitlines() if line.startswith("COPY layers/nima/nima/")]
    return [str(name) for line in copied for name in re.findall(r"layers/nima/nima/(\S+)", line)]


QUERY, SCORE = ("query.handler",), ("score.handler", "score.evaluate")
TAKEN = pytest.mark.parametrize(("parts", "handlers"), [(of_layer, QUERY), (of_image, SCORE)], ids=["layer", "image"])


def imported(handlers: tuple[str, ...]) -> dict[str, Path]:
    """The modules of the package that handlers import, or would import while they work, with their files."""
    # The package itself names it for type checkers only.
    finder = ModuleFinder([str(ROOT / "functions"), str(PACKAGE.parent)], excludes=["nima.pictures"])
    for handler in handlers:
        finder.import_hook(handler)
    found = {
        name: vars(module)["__file__"] for name, module in finder.modules.items() if name.partition(".")[0] == "nima"
    }
    return {name: Path(str(file)) for name, file in found.items()}


@TAKEN
def test_each_part_is_imported_and_no_other(parts: Callable[[], list[str]], handlers: tuple[str, ...]) -> None:
    wanted = {
        file: {place for place in parts() if file.is_relative_to(PACKAGE / place)}
        for file in imported(handlers).values()
    }
    assert [str(file) for file, places in wanted.items() if not places] == []
    assert set(parts()) == set().union(*wanted.values())


@TAKEN
def test_these_parts_alone_can_be_imported(
    parts: Callable[[], list[str]], handlers: tuple[str, ...], tmp_path: Path
) -> None:
    for part in parts():
        (tmp_path / "nima" / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (PACKAGE / part).is_dir() else shutil.copy
        copy(PACKAGE / part, tmp_path / "nima" / part)
    function = handlers[0].partition(".")[0]
    shutil.copytree(ROOT / "functions" / function, tmp_path / function)

    loaded = loaded_by(tmp_path, *handlers, *imported(handlers))

    ours = {file for name, file in loaded.items() if name.partition(".")[0] in ("nima", function)}
    assert {Path(file).is_relative_to(tmp_path) for file in ours} == {True}


SERVED = """
import json, sys
sys.path[:0] = sys.argv[1:]
from nima.model import golden
from nima.model.folder import SHIPPED
from nima.model.litert import Model
assert golden.check(Model(SHIPPED / "nima-lite")) <= golden.TOLERANCE
with open("/proc/self/maps") as maps:
    loaded = {line.rstrip().split(maxsplit=5)[-1] for line in maps if line.rstrip().endswith(".so")}
print(json.dumps(sorted(loaded | {str(getattr(module, "__file__", "")) for module in sys.modules.values()})))
"""


def test_what_the_image_takes_of_litert_serves_a_model_and_nothing_of_it_is_there_in_vain(tmp_path: Path) -> None:
    dockerfile = (ROOT / "functions/score/Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    (taken,) = re.findall(r"&& for file in (.+?); do\s+mv \"wheel/", dockerfile)
    packages = Path(numpy.__file__).parents[1]
    (tmp_path / "ai_edge_litert").mkdir()
    for name in taken.split():
        shutil.copy(packages / "ai_edge_litert" / name, tmp_path / "ai_edge_litert" / name)
    for name in ("numpy", "numpy.libs", "PIL", "pillow.libs"):
        (tmp_path / name).symlink_to(packages / name)

    command = [sys.executable, "-I", "-S", "-c", SERVED, str(tmp_path), str(PACKAGE.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    files = {Path(file) for file in json.loads(done.stdout)}
    assert {file.name for file in files if file.parent == tmp_path / "ai_edge_litert"} == set(taken.split())


def test_the_query_function_loads_nothing_heavy() -> None:
    loaded = loaded_by(ROOT / "functions", *QUERY)
    assert "nima.web.router" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def loaded_by(folder: Path, *modules: str) -> dict[str, str]:
    """The modules, with their files, that a fresh interpreter has once it imported some, from a folder first."""
    code = (
        f"import json, sys; sys.path.insert(0, {str(folder)!r}); import {', '.join(modules)}; "
        "print(json.dumps({name: str(getattr(m, '__file__', '')) for name, m in sys.modules.items()}))"
    )
    environment = {**os.environ, "POWERTOOLS_TRACE_DISABLED": "true"}
    run = subprocess.run(
        [sys.executable, "-I", "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, str] = json.loads(run.stdout)
    return found
