"""Models come from elsewhere, and go: adopted whole or not at all, never in another one's place, shown, removed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nima.cli.commands import commands
from nima.model.folder import SHIPPED
from nima.model.manifest import FILE_NAME, HEADS, Manifest, Population
from tests.manifests import edit, remake

Run = Callable[..., Result]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def nima(models: Path) -> Run:
    def run(command: str, *arguments: object, stdin: str | None = None) -> Result:
        line = ["models", command, *map(str, arguments), "--into", str(models)]
        return CliRunner().invoke(commands, line, input=stdin, env={"COLUMNS": "150"})

    return run


@pytest.fixture
def raw(model_folder: Path, tmp_path: Path) -> Path:
    """A folder with the two LiteRT files alone."""
    (tmp_path / "raw").mkdir()
    for head in HEADS:
        shutil.copy(model_folder / f"{head}.tflite", tmp_path / "raw")
    return tmp_path / "raw"


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """An exported model of somebody else."""
    folder = Path(shutil.copytree(SHIPPED / "nima-lite", tmp_path / "elsewhere" / "shop"))
    edit(folder, id="shop")
    return folder


def holds(models: Path) -> list[str]:
    return sorted(path.name for path in models.iterdir()) if models.exists() else []


def test_an_exported_model_keeps_its_manifest(nima: Run, exported: Path, models: Path) -> None:
    done = nima("adopt", exported)
    assert done.exit_code == 0, done.output
    assert (models / "shop" / FILE_NAME).read_bytes() == (exported / FILE_NAME).read_bytes()
    assert nima("verify", "shop").exit_code == 0
    again = nima("adopt", exported, "--id", "studio")
    assert again.exit_code == 0, again.output
    found = Manifest.read(models / "studio")
    assert (found.id, found.version) == ("studio", Manifest.read(exported).version)


def test_an_exported_model_that_was_changed_is_not_adopted_at_all(nima: Run, exported: Path, models: Path) -> None:
    content = (exported / "nima.tflite").read_bytes()
    (exported / "nima.tflite").write_bytes(content[:-1])
    assert "damaged" in nima("adopt", exported).output
    (exported / "nima.tflite").write_bytes(content)
    (exported / "reasons.npz").rename(exported / "reasons.away")
    assert "cannot be read" in nima("adopt", exported).output
    (exported / "reasons.away").rename(exported / "reasons.npz")
    remake(exported, input={**Manifest.read(exported).to_json()["input"], "kernel": "box"})
    assert "does not give its golden scores" in nima("adopt", exported).output
    assert holds(models) == []


@pytest.mark.parametrize(
    "model_id", ["../shop", "/tmp/shop", ".shop", "", "a b", "shop/1", "Ж", "x" * 65, "-shop", "shop\n", "..", "$HOME"]
)
def test_an_id_is_a_name(nima: Run, raw: Path, models: Path, model_id: str) -> None:
    for source in (raw, SHIPPED / "nima-lite"):
        refused = nima("adopt", source, f"--id={model_id}")
        assert (refused.exit_code, type(refused.exception)) == (1, SystemExit)
        assert "letters, digits and . _ -" in refused.output
    assert not models.exists()


@pytest.mark.parametrize("model_id", ["nima-lite", "Nima-Lite", "nima-mobilenet"])
def test_ids_of_others_are_not_taken(nima: Run, raw: Path, models: Path, model_id: str) -> None:
    for arguments in ((raw, "--id", model_id), (raw, "--id", model_id, "--replace")):
        refused = nima("adopt", *arguments)
        assert (refused.exit_code, "is not yours" in refused.output) == (1, True)
    assert "is not yours" in nima("adopt", SHIPPED / "nima-lite").output, "nor is a copy of it"
    assert not models.exists()


def test_a_model_of_another_origin_is_replaced_only_if_one_says_so(
    nima: Run, raw: Path, exported: Path, models: Path
) -> None:
    assert nima("adopt", raw, "--id", "shop").exit_code == 0
    before = (models / "shop" / FILE_NAME).read_bytes()
    refused = nima("adopt", exported)
    assert refused.exit_code == 1
    assert "which is another model. Choose another id" in refused.output
    assert "--replace" in refused.output
    assert (models / "shop" / FILE_NAME).read_bytes() == before
    assert nima("adopt", exported, "--replace").exit_code == 0
    assert Manifest.read(models / "shop") == Manifest.read(exported)
    assert "which is another model. Choose another id" in nima("adopt", raw, "--id", "shop").output
    (models / "shop" / FILE_NAME).write_text("{}")
    assert "no model that can be read" in nima("adopt", raw, "--id", "shop").output
    assert holds(models) == ["shop"]


def test_the_same_files_again_keep_their_calibration(nima: Run, raw: Path, models: Path) -> None:
    assert nima("adopt", raw, "--id", "shop", "--licence", "MIT").exit_code == 0
    folder = models / "shop"
    manifest = Manifest.read(folder)
    assert (manifest.licence, manifest.training_data) == ("MIT", "")
    population = {head: Population.of("ours", [2, 5, 8]) for head in HEADS}
    calibrated = replace(manifest, population=population).renewed()
    calibrated.write(folder)
    assert nima("adopt", raw, "--id", "shop").exit_code == 0
    assert Manifest.read(folder) == calibrated
    assert nima("adopt", raw, "--id", "shop", "--licence", "CC0-1.0").exit_code == 0
    assert Manifest.read(folder) == replace(calibrated, licence="CC0-1.0")
    assert nima("adopt", raw, "--id", "shop", "--replace").exit_code == 0
    assert Manifest.read(folder).population == {}


def test_two_heads_are_two_networks(nima: Run, raw: Path, models: Path) -> None:
    shutil.copy(raw / "technical.tflite", raw / "aesthetic.tflite")
    assert "are the same file" in nima("adopt", raw).output
    # A file may have bytes after its model.
    (raw / "aesthetic.tflite").write_bytes((raw / "technical.tflite").read_bytes() + bytes(64))
    refused = nima("adopt", raw)
    assert (refused.exit_code, "Two heads of the model answer alike" in refused.output) == (1, True)
    assert holds(models) == []


def test_a_model_is_removed_whole_when_one_agrees(nima: Run, exported: Path, models: Path) -> None:
    assert nima("adopt", exported).exit_code == 0
    assert nima("remove", "shop", stdin="n\n").exit_code == 1
    assert nima("remove", "shop").exit_code == 1, "nobody is there to ask"
    assert holds(models) == ["shop"]
    asked = nima("remove", "shop", stdin="y\n")
    assert (asked.exit_code, f"Remove shop from {models}?" in asked.output) == (0, True)
    assert holds(models) == []
    assert nima("adopt", exported).exit_code == 0
    assert nima("remove", "shop", "--yes").output == f"Removed shop from {models}\n"
    gone = nima("remove", "shop", "--yes")
    assert (gone.exit_code, "'shop' is not installed" in gone.output) == (1, True)
    assert "'../elsewhere/shop' is not installed" in nima("remove", "../elsewhere/shop", "--yes").output
    assert (exported / FILE_NAME).is_file()


def test_the_model_that_ships_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIMA_MODELS", raising=False)
    for arguments in (["remove", "nima-lite", "--yes"], ["remove", "nima-lite", "--yes", "--models", str(SHIPPED)]):
        refused = CliRunner().invoke(commands, ["models", *arguments])
        assert (refused.exit_code, "is not removed" in refused.output) == (1, True)
    assert Manifest.read(SHIPPED / "nima-lite").id == "nima-lite"


def test_a_model_is_shown(nima: Run, exported: Path) -> None:
    assert nima("adopt", exported).exit_code == 0
    manifest = Manifest.read(exported)
    shown = nima("show", "shop").output
    for text in (manifest.version, manifest.licence, manifest.source, "1,849 everyday photographs", "95% of the run"):
        assert text in shown
    assert manifest == Manifest.from_json(json.loads(nima("show", "shop", "--json").output))
