"""The package as somebody has it who installed its wheel: no checkout, no extras, nothing but what it asks for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import nima
from nima.cli.commands import COMMANDS
from nima.model.folder import SHIPPED
from tests.dng import dng
from tests.fixtures_model import ROOT
from tests.integration.test_local_stack import picture
from tests.pictures import scene

LITE = str(SHIPPED / "nima-lite")
PACKAGE = ROOT / "layers/nima/nima"
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "layers/nima/nima")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution as an index would have it."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in BUILT_FROM:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, folder / "tree" / name)
    _build("sdist", folder / "tree", folder)
    (sources,) = folder.glob("*.tar.gz")
    shutil.unpack_archive(sources, folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    _build("wheel", unpacked, folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _build(target: str, tree: Path, into: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(into)]
    subprocess.run(command, cwd=tree, capture_output=True, check=True)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and the distributions that it asks for without extras."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(environment / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (ours,) = distributions(name="nima-serverless", path=[str(packages)])
    for needed in _needed(ours):
        for name in {file.parts[0] for file in needed.files or ()} - {"..", "__pycache__"}:
            if not (packages / name).exists():
                (packages / name).symlink_to(str(needed.locate_file(name)))
    return environment


def _needed(asking: Distribution, extras: Iterable[str] = ()) -> Iterator[Distribution]:
    """The distributions that one asks for, and those that they ask for."""
    for requirement in map(Requirement, asking.requires or ()):
        if not requirement.marker or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            needed = distribution(requirement.name)
            yield needed
            yield from _needed(needed, requirement.extras)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of no project, with photographs and ratings of them."""
    names = [f"{number}.jpg" for number in range(3)]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(picture(number))
    (tmp_path / "votes.csv").write_text("image,rater,score\n" + "".join(f"{name},1,5\n" for name in names))
    (tmp_path / "list.csv").write_text("collection,picture,split,share\n" + "".join(f"a,{n},train,1\n" for n in names))
    return tmp_path


# Root may read everything, unless it gives that up.
LIKE_ANYBODY = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all")
AS_ANYBODY = LIKE_ANYBODY if os.geteuid() == 0 else ()


def run(installed: Path, folder: Path, *typed: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command, typed in a folder, by somebody whose home is elsewhere."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("NIMA_", "MODEL", "PYTHON", "XDG_"))
    }
    environment = {**kept, "HOME": str(folder / "home"), "COLUMNS": "120", **variables}
    command = [*AS_ANYBODY, str(installed / "bin" / typed[0]), *typed[1:]]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("nima/")}
    files = {p.relative_to(PACKAGE.parent).as_posix() for p in PACKAGE.rglob("*") if p.is_file()}
    assert held == {name for name in files if "__pycache__" not in name}
    assert "nima/models/nima-lite/nima.tflite" in held


def test_a_picture_is_scored_anywhere_with_the_model_that_came_along(installed: Path, folder: Path) -> None:
    done = run(installed, folder, "nima", "score", "0.jpg", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert (document["status"], document["model"]["id"]) == ("scored", "nima-lite")
    assert 1 < document["composite"]["score"] < 10
    beside = sorted(path.name for path in folder.iterdir() if path.name != "home")
    assert beside == ["0.jpg", "1.jpg", "2.jpg", "list.csv", "votes.csv"]


def test_lightroom_finds_the_command_without_the_path_of_a_shell(installed: Path, folder: Path) -> None:
    done = run(installed, folder, "nima", "plugin", "lightroom", "--into", "plug-ins")
    assert done.returncode == 0, done.stderr
    here = (folder / "plug-ins" / "nima.lrplugin" / "Here.lua").read_text(encoding="utf-8")
    (command,) = re.findall(r'\["command"\] = "([^"]+)"', here)
    assert command == str(installed / "bin" / "nima")
    few = {"PATH": "/usr/bin:/bin", "HOME": str(folder / "home")}
    rated = subprocess.run([command, "rate", "0.jpg"], cwd=folder, env=few, capture_output=True, check=False)
    assert rated.returncode == 0, rated.stderr


CONSUMER = """
import sys
from pathlib import Path

import nima

assert not {"numpy", "PIL", "ai_edge_litert", "nima.pictures", "nima.errors"} & set(sys.modules)


def stars(path: Path) -> float:
    assessment: nima.Assessment = nima.score(path, style="ecommerce")
    return assessment.composite.stars


ranking: nima.Ranking = nima.rank(["0.jpg", Path("1.jpg").read_bytes(), "list.csv"], weights=(0.7, 0.3))
try:
    nima.score("missing.jpg")
except nima.NimaError as error:
    code: str = error.code
print(stars(Path("0.jpg")), sorted(entry.key for entry in ranking.entries), code)
print([name for name in nima.__all__ if getattr(nima, name) is None], nima.__version__)
"""
MISTAKES = """
import nima

nima.score(3)
nima.scores("0.jpg")
nima.rank(["0.jpg"]).entries[0].kye
"""


def test_python_scores_and_ranks_with_types(installed: Path, folder: Path) -> None:
    (folder / "consumer.py").write_text(CONSUMER)
    (folder / "mistakes.py").write_text(MISTAKES)
    done = run(installed, folder, "python", "consumer.py")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(rf"[0-5]\.[05] \['0.jpg', '1'\] unreadable_file\n\[\] {nima.__version__}\n", done.stdout)

    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder), "--python-executable"]
    checked = [*mypy, str(installed / "bin" / "python"), "consumer.py", "mistakes.py"]
    found = subprocess.run(checked, cwd=folder, capture_output=True, text=True, check=False)
    assert re.findall(r"^(\S+): error: .*\[(.*)\]$", found.stdout, re.MULTILINE) == [
        ("mistakes.py:4", "arg-type"),
        ("mistakes.py:5", "attr-defined"),
        ("mistakes.py:6", "attr-defined"),
    ], found.stdout + found.stderr


@pytest.mark.parametrize(
    ("typed", "code", "shown"),
    [
        ((), 2, r"Usage: nima .*score.*models.*local"),
        (("--version",), 0, re.escape(nima.__version__)),
        (("models", "list"), 0, "nima-lite"),
        (("models", "install"), 1, 'needs the extra "train"'),
        (("models", "publish", "s3://bucket/models"), 1, "needs boto3"),
        (("score", "missing.jpg", "votes.csv"), 3, "missing.jpg: unreadable_file.*votes.csv: unsupported_format"),
        (("score", "0.jpg", "--chart", "chart.svg"), 1, 'needs the extra "chart"'),
        (("score", "s3://bucket/shoot"), 1, r"nima-serverless\[aws\]"),
        (("score", "raw.dng"), 3, r"unsupported_format: Camera RAW takes one more package.*nima-serverless\[raw\]"),
        (("watch", "."), 1, 'needs the extra "watch"'),
        (("watch", "gone"), 2, "There is no folder gone"),
        (("pick", "empty"), 1, "no pictures in empty; looked for .*and camera RAW"),
        (("pick", ".", "--trash"), 1, 'needs the extra "trash"'),
        (("local",), 1, "checkout of the project only"),
        (("evaluate", "votes.csv", ".", "--report", "r.html"), 0, "SRCC.*nima-lite"),
        (("train", "votes.csv", ".", "--out", "run"), 1, 'needs the extra "train"'),
        (("distill", "run", "list.csv", "--folder", "a=.", "--out", "run", "--teacher", LITE), 1, 'the extra "train"'),
    ],
)
def test_a_command_says_in_a_line_what_it_needs(
    installed: Path, folder: Path, typed: tuple[str, ...], code: int, shown: str
) -> None:
    (folder / "empty").mkdir()
    (folder / "raw.dng").write_bytes(dng(scene(160, 120)))
    done = run(installed, folder, "nima", *typed)
    said = done.stdout + done.stderr
    assert (done.returncode, "Traceback" in said) == (code, False), said
    assert re.search(shown, said, re.DOTALL), said


HELP = """
from nima.cli.commands import commands


def explain(command, typed=()):
    commands.main([*typed, "--help"], prog_name="nima", standalone_mode=False)
    for name in getattr(command, "list_commands", lambda _: [])(None):
        explain(command.get_command(None, name), (*typed, name))


explain(commands)
"""


def test_every_command_explains_itself(installed: Path, folder: Path) -> None:
    done = run(installed, folder, "python", "-c", HELP)
    assert (done.returncode, done.stderr) == (0, "")
    explained = re.findall(r"^Usage: nima(?: (.+))? \[OPTIONS\]", done.stdout, re.MULTILINE)
    assert {"", *COMMANDS, "models publish", "distill run"} <= set(explained)


@pytest.mark.skipif(bool(AS_ANYBODY) and not shutil.which("setpriv"), reason="root may read everything")
def test_what_may_not_be_read_or_written_is_in_nobodys_way(installed: Path, folder: Path) -> None:
    (folder / "0.jpg").rename(folder / "photo.jpg")
    (folder / "locked").mkdir()
    (folder / "locked" / "1.jpg").write_bytes(picture(1))
    (folder / "locked").chmod(0o000)
    folder.chmod(0o555)
    try:
        for variables in ({"HOME": str(folder / "locked")}, {"HOME": ""}, {"XDG_DATA_HOME": str(folder / "locked")}):
            done = run(installed, folder, "nima", "score", "photo.jpg", "--format", "csv", **variables)
            assert done.returncode == 0
            assert all(line.startswith("Nothing is kept for the next time: ") for line in done.stderr.splitlines())
        named = run(installed, folder, "nima", "score", "photo.jpg", "locked/1.jpg", "--format", "csv")
        assert (named.returncode, named.stdout.count("\n")) == (3, 3)
        told = "locked/1.jpg: unreadable_file: The file cannot be read: permission denied."
        assert named.stderr.splitlines()[-1] == told
        written = run(installed, folder, "nima", "distill", "list", "--folder", "a=.", "--out", "new.csv")
        assert (written.returncode, "new.csv" in written.stderr, "Traceback" in written.stderr) == (1, True, False)
    finally:
        for path in (folder / "locked", folder):
            path.chmod(0o755)


def test_a_deleted_folder_is_a_place_to_work_in(installed: Path, folder: Path) -> None:
    command = 'mkdir gone && cd gone && rmdir ../gone && "$0/python" "$0/nima" score "$1" --format csv'
    typed = ["sh", "-c", command, str(installed / "bin"), str(folder / "0.jpg")]
    done = subprocess.run(typed, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
