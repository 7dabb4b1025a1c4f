"""A model is served as it was made: whatever was changed since is refused, by verify and by serving."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nima.assess.assessor import Assessor
from nima.assess.verify import verify
from nima.cli.commands import commands
from nima.errors import ModelUnavailable
from nima.local.swapped import seems_swapped
from nima.model import golden
from nima.model.folder import SHIPPED
from nima.model.litert import LazyModel, Model
from nima.model.manifest import FILE_NAME, KERNELS, Manifest
from tests.manifests import edit, remake
from tests.pictures import encode, scene

Change = Callable[[Path], None]
FILES = ("technical.tflite", "aesthetic.tflite")


def read(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / FILE_NAME).read_text())
    return document


def part(name: str, *path: str | int, value: Any) -> Change:
    """Sets one value somewhere below a part of the manifest."""

    def change(folder: Path) -> None:
        found = at = read(folder)[name]
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        edit(folder, **{name: found})

    return change


def cut(name: str) -> Change:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_bytes(path.read_bytes()[:-1000])

    return change


def without_seal(folder: Path) -> None:
    document = read(folder)
    del document["seal"]
    document["input"]["kernel"] = "box"
    (folder / FILE_NAME).write_text(json.dumps(document))


def with_a_new_version_alone(folder: Path) -> None:
    """As somebody does who knows how versions are made, and has not measured the golden scores again."""
    network = read(folder)["golden"]["network"]
    part("input", "kernel", value="box")(folder)
    remake(folder)
    edit(folder, golden={**read(folder)["golden"], "network": network})


LITE: dict[str, Change] = {
    "the heads of a file swapped": part("files", 0, "heads", value=["aesthetic", "technical"]),
    "another kernel": part("input", "kernel", value="bicubic"),
    "another canonical size": part("input", "canonical", value=1024),
    "another tile": part("input", "tile", value=0),
    "a version by hand": lambda folder: edit(folder, version="2"),
    "a name before the version": lambda folder: edit(folder, version=f"better-{read(folder)['version']}"),
    "a threshold": part("reasons", "thresholds", "noise", "photographs", value=[-9.0, -9.0]),
    "votes": part("votes", "technical", "curvature", value=[0.5]),
    "a percentile": part("population", "aesthetic", "quantiles", 50, value=1.5),
    "the scale of stars": part("composites", "photographs", "means", value=[9.0, 9.0]),
    "the limits of confidence": part("agreement", "photographs", "low_from", value=9.0),
    "a file cut short": cut("nima.tflite"),
    "the gates cut short": cut("reasons.npz"),
    "no seal any more": without_seal,
    "a new version, and golden scores of before": with_a_new_version_alone,
}


def swapped_files(folder: Path) -> None:
    technical, aesthetic = ((folder / name).read_bytes() for name in FILES)
    (folder / FILES[0]).write_bytes(aesthetic)
    (folder / FILES[1]).write_bytes(technical)


def swapped_entries(folder: Path) -> None:
    files = read(folder)["files"]
    files[0]["heads"], files[1]["heads"] = files[1]["heads"], files[0]["heads"]
    edit(folder, files=files)


def the_same_file_twice(folder: Path) -> None:
    shutil.copyfile(folder / FILES[0], folder / FILES[1])
    files = read(folder)["files"]
    files[1].update({name: files[0][name] for name in ("sha256", "bytes")})
    remake(folder, files=files)


def the_same_network_twice(folder: Path) -> None:
    """In files that are not the same, with golden scores as that network gives them."""
    content = (folder / FILES[0]).read_bytes() + b"\0\0\0\0"
    (folder / FILES[1]).write_bytes(content)

    document = read(folder)
    document["files"][1].update(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
    for answer in (document["golden"]["distributions"], *document["golden"]["pictures"].values()):
        answer["aesthetic"] = answer["technical"]
    remake(folder, files=document["files"], golden=document["golden"])


TWO: dict[str, Change] = {
    "two files swapped": swapped_files,
    "two files swapped in the manifest": swapped_entries,
    "the same file twice": the_same_file_twice,
    "the same network twice": the_same_network_twice,
}


@pytest.fixture
def lite(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED / "nima-lite", tmp_path / "models" / "lite"))


@pytest.fixture
def two(model_folder: Path, tmp_path: Path) -> Path:
    """A model with a file for each head."""
    return Path(shutil.copytree(model_folder, tmp_path / "models" / "two"))


def is_refused(folder: Path) -> None:
    verified = CliRunner().invoke(commands, ["models", "verify", folder.name, "--models", str(folder.parent)])
    assert verified.exit_code == 1
    assert f"{folder.name}: FAILED. " in verified.output
    with pytest.raises(ModelUnavailable):
        Assessor(LazyModel(folder)).assess(encode(scene(320, 240)))


@pytest.mark.parametrize("change", LITE.values(), ids=LITE)
def test_what_was_changed_is_refused_by_verify_and_by_serving(lite: Path, change: Change) -> None:
    change(lite)
    is_refused(lite)


@pytest.mark.parametrize("change", TWO.values(), ids=TWO)
def test_of_two_files_neither_takes_the_place_of_the_other(two: Path, change: Change) -> None:
    change(two)
    is_refused(two)


def test_what_changes_no_answer_may_be_changed(lite: Path) -> None:
    edit(lite, description="Ours.", licence="MIT", training={})
    assert verify(lite) <= golden.TOLERANCE


@pytest.mark.parametrize(
    "change",
    [
        *({"kernel": kernel} for kernel in KERNELS if kernel != "lanczos"),
        *({"canonical": side} for side in (320, 600, 700, 1024)),
        {"offset": -0.9},
    ],
    ids=str,
)
def test_another_input_gives_other_scores_than_golden_ones(lite: Path, change: dict[str, Any]) -> None:
    remake(lite, input={**read(lite)["input"], **change})
    with pytest.raises(ModelUnavailable, match="does not give its golden scores"):
        verify(lite)


def test_swapped_heads_give_other_scores_than_golden_ones(lite: Path) -> None:
    part("files", 0, "heads", value=["aesthetic", "technical"])(lite)
    remake(lite)
    with pytest.raises(ModelUnavailable, match="does not give its golden scores"):
        verify(lite)


def test_heads_that_seem_to_be_swapped_are_noticed(lite: Path) -> None:
    assert not seems_swapped(Model(lite))
    part("files", 0, "heads", value=["aesthetic", "technical"])(lite)
    remake(lite)
    assert seems_swapped(Model(lite))


def test_manifests_of_earlier_releases_are_served_under_their_versions(lite: Path) -> None:
    document = read(lite)
    del document["seal"]
    for name in ("pictures", "network"):
        del document["golden"][name]
    document["version"] = "as-it-was-given"
    (lite / FILE_NAME).write_text(json.dumps(document))
    assert verify(lite) <= golden.TOLERANCE
    assert Assessor(LazyModel(lite)).assess(encode(scene(320, 240))).model.version == "as-it-was-given"


def test_the_model_that_ships_has_the_version_of_its_content() -> None:
    manifest = Manifest.read(SHIPPED / "nima-lite")
    assert manifest.renewed() == manifest
