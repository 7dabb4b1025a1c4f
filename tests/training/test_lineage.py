"""An exported model says where it comes from and how it does, and takes no other one's place."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from nima.assess.verify import verify
from nima.cli.commands import commands
from nima.model import golden
from nima.model.folder import SHIPPED
from nima.model.install import CALIBRATION
from nima.model.litert import Model
from nima.model.manifest import FILE_NAME, Manifest, Population
from nima.model.votes import AVA
from nima.training.trainer.folder import held
from tests.manifests import edit
from tests.training.test_run_folder import shop, train

__all__ = ["shop"]
LITE = SHIPPED / "nima-lite"
Export = Callable[..., Result]


@pytest.fixture(scope="module")
def run(shop: Path) -> Path:
    answer = train(shop, shop / "run")
    assert answer.returncode == 0, answer.stderr
    return shop / "run"


def nima(*arguments: object) -> Result:
    return CliRunner().invoke(commands, list(map(str, arguments)), env={"COLUMNS": "160"})


def export(run: Path, models: Path, *options: object, model_id: str = "shop") -> Result:
    return nima("export", run, f"--id={model_id}", "--into", models, *options)


@pytest.fixture(scope="module")
def exported(run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The folder of models that the run was exported to, and what was said."""
    models = tmp_path_factory.mktemp("exported")
    answer = export(run, models)
    assert answer.exit_code == 0, answer.output
    return models, answer


@pytest.fixture
def models(exported: tuple[Path, Result], tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(exported[0], tmp_path / "models"))


def another(run: Path, tmp_path: Path) -> Path:
    """A run of the same network on pictures that were divided otherwise."""
    copy = Path(shutil.copytree(run, tmp_path / "another"))
    data = json.loads((copy / "data.json").read_text())
    (copy / "data.json").write_text(json.dumps({**data, "seed": 2}))
    return copy


def test_the_manifest_says_where_it_comes_from(exported: tuple[Path, Result], shop: Path, run: Path) -> None:
    manifest, lite = Manifest.read(exported[0] / "shop"), Manifest.read(LITE)
    assert manifest.renewed() == manifest
    assert verify(exported[0] / "shop") < 1e-3
    assert (manifest.licence, manifest.training_data) == (
        lite.licence,
        "30 pictures with the ratings of 10 raters in votes.csv",
    )
    task, data = manifest.training["task"], manifest.training["data"]
    assert task["head"] == "aesthetic"
    assert task["start"] == {
        "model": lite.name,
        "licence": lite.licence,
        "source": lite.source,
        "files": [file.sha256 for file in lite.files],
    }
    labels = hashlib.sha256((shop / "votes.csv").read_bytes()).hexdigest()
    assert data["label_file"] == {"name": "votes.csv", "sha256": labels}
    assert (data["pictures"], data["raters"]) == ({"train": 18, "validation": 6, "test": 6}, 10)
    assert (data["seed"], data["grouping"]) == (1, "prefix")


def test_its_figures_are_those_of_an_evaluation(exported: tuple[Path, Result], run: Path, tmp_path: Path) -> None:
    models, document = exported[0], tmp_path / "figures.json"
    found = Manifest.read(models / "shop").training["held_out"]
    assert (found["head"], found["side"], found["pictures"]) == ("aesthetic", "test", 6)
    assert found["start"]["model"] == Manifest.read(LITE).name
    shutil.copytree(LITE, tmp_path / "models" / "nima-lite")
    shutil.copytree(models / "shop", tmp_path / "models" / "shop")
    which = ("--model", "shop", "--model", "nima-lite", "--models", tmp_path / "models", "--json", document)
    assert nima("evaluate", run, *which).exit_code == 0
    for mine, theirs in zip((found["model"], found["start"]), json.loads(document.read_text())["models"], strict=True):
        assert (mine["srcc"], mine["emd"]) == pytest.approx((theirs["srcc"], theirs["emd2"]), abs=1e-4)
        low, high = mine["srcc_interval"]
        assert -1 <= low <= mine["srcc"] <= high <= 1


def test_people_are_told(exported: tuple[Path, Result]) -> None:
    models, answer = exported
    manifest, lite = Manifest.read(models / "shop"), Manifest.read(LITE)
    srcc = f"{manifest.training['held_out']['model']['srcc']:.3f}"
    assert "aesthetic, on 6 test pictures:" in answer.stdout
    assert f"shop: SRCC {srcc}" in answer.stdout
    assert f"Licence: {lite.licence}, as {lite.name} has it." in answer.stdout
    shown = nima("models", "show", "shop", "--models", models).output
    for text in (lite.name, "votes.csv", "10 raters", "18 train, 6 validation, 6 test", f"SRCC {srcc}", "aesthetic"):
        assert text in shown
    listed = nima("models", "list", "--models", models).output
    assert lite.name in listed
    assert f"to {srcc}" in listed


def test_pictures_that_are_gone_are_said_to_be_missing(run: Path, shop: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(shop / "pictures", tmp_path / "moved"))
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    data = json.loads((copy / "data.json").read_text())
    (copy / "data.json").write_text(json.dumps({**data, "folder": str(tmp_path / "gone")}))
    answer = export(copy, tmp_path / "models", "--licence", "MIT")
    assert answer.exit_code == 0, answer.output
    manifest = Manifest.read(tmp_path / "models" / "shop")
    assert "is not a folder" in manifest.training["held_out"]["missing"]
    assert "No figures on unseen pictures: " in answer.stdout
    assert manifest.licence == "MIT"
    assert "Licence: MIT.\n" in answer.stdout
    assert export(copy, tmp_path / "models", "--pictures", moved).exit_code == 0
    assert Manifest.read(tmp_path / "models" / "shop").training["held_out"]["pictures"] == 6


@pytest.mark.parametrize(
    "model_id", ["nima-lite", "NIMA-LITE", "nima-mobilenet", "../shop", "/tmp/shop", ".shop", "", "a b"]
)
def test_an_id_that_is_none_of_ones_own_is_refused(run: Path, models: Path, model_id: str) -> None:
    before = sorted(path.name for path in models.parent.rglob("*"))
    for options in ((), ("--replace",)):
        refused = export(run, models, *options, model_id=model_id)
        assert (refused.exit_code, type(refused.exception)) == (1, SystemExit)
        assert "is not yours" in refused.stderr or "letters, digits and . _ -" in refused.stderr
    assert sorted(path.name for path in models.parent.rglob("*")) == before


def test_a_version_is_a_name(run: Path, models: Path) -> None:
    refused = export(run, models, "--version", "1/2")
    assert (refused.exit_code, "A model's version has up to 64 letters" in refused.stderr) == (1, True)


def test_a_run_takes_the_place_of_its_own_model_alone(run: Path, models: Path, tmp_path: Path) -> None:
    other = another(run, tmp_path)
    before = (models / "shop" / FILE_NAME).read_bytes()
    refused = export(other, models)
    assert refused.exit_code == 1
    assert "which is another model. Choose another id, or --replace it." in refused.stderr
    assert (models / "shop" / FILE_NAME).read_bytes() == before
    assert export(other, models, "--replace").exit_code == 0
    assert Manifest.read(models / "shop").training["data"]["seed"] == 2


def test_the_same_network_keeps_what_it_was_given_since(run: Path, models: Path) -> None:
    """Its calibration, its output layers and its reasons; of another network of the run they are gone."""
    given = calibrated(models / "shop")
    answer = export(run, models, "--licence", "MIT", "--version", "autumn")
    assert answer.exit_code == 0, answer.output
    assert "calibrat" not in answer.stdout
    again = Manifest.read(models / "shop")
    assert (again.licence, again.version.partition("-")[0]) == ("MIT", "autumn")
    given_since = (*CALIBRATION, "reasons")
    assert [getattr(again, name) for name in given_since] == [getattr(given, name) for name in given_since]
    assert verify(models / "shop") < 1e-3
    (file,) = given.files
    replace(given, files=(replace(file, sha256="0" * 64),), golden=None).renewed().write(models / "shop")
    answer = export(run, models)
    assert answer.exit_code == 0, answer.output
    assert "It took an earlier model's place: its calibration is gone" in answer.stdout
    other = Manifest.read(models / "shop")
    assert other.products != given.products
    assert other.reasons != given.reasons


def calibrated(folder: Path) -> Manifest:
    """With goods to compare with, distributions of one peak, and gates that name nothing soft."""
    model = Model(folder)
    reasons = model.manifest.reasons
    assert reasons is not None
    thresholds = {**reasons.thresholds, "soft": dict.fromkeys(reasons.thresholds["soft"], (90.0, 91.0))}
    model.manifest = replace(
        model.manifest,
        products={"technical": Population.of("goods", [2, 8])},
        votes={"technical": AVA},
        reasons=replace(reasons, thresholds=thresholds),
    )
    manifest = replace(model.manifest, golden=golden.measure(model)).renewed()
    manifest.write(folder)
    return manifest


def test_a_run_that_does_not_say_its_data_takes_no_place(run: Path, models: Path, tmp_path: Path) -> None:
    """As runs of earlier releases: two of them cannot be told apart."""
    old = Path(shutil.copytree(run, tmp_path / "old"))
    (old / "data.json").unlink()
    claim: dict[str, Any] = json.loads((old / "run.json").read_text())
    (old / "run.json").write_text(json.dumps({name: claim[name] for name in claim if name != "task"}))
    first = export(old, models, model_id="old")
    assert first.exit_code == 0, first.output
    assert "Its licence is not stated; --licence says it." in first.stdout
    assert Manifest.read(models / "old").licence == ""
    assert "which is another model" in export(old, models, model_id="old").stderr


def test_a_run_that_is_not_over_is_exported_as_such(run: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    for mark in copy.glob("stage-1*"):
        shutil.rmtree(mark) if mark.is_dir() else mark.unlink()
    answer = export(copy, tmp_path / "models")
    assert answer.exit_code == 0, answer.output
    assert "The run is not over" in answer.stdout
    assert "exported before it was over" in nima("models", "show", "shop", "--models", tmp_path / "models").output


def test_a_run_that_is_being_trained_is_not_exported(run: Path, models: Path) -> None:
    before = (models / "shop" / FILE_NAME).read_bytes()
    with held(run):
        refused = export(run, models)
    assert (refused.exit_code, f"Another process trains in {run}" in refused.stderr) == (1, True)
    assert (models / "shop" / FILE_NAME).read_bytes() == before


def test_nobody_trains_from_a_model_that_was_changed(run: Path, models: Path, shop: Path, tmp_path: Path) -> None:
    edit(models / "shop", version="1")
    where = ("--model", "shop", "--models", models, "--out", tmp_path / "next")
    refused = nima("train", shop / "votes.csv", shop / "pictures", *where)
    assert (refused.exit_code, "was changed after it was made" in refused.stderr) == (1, True)
