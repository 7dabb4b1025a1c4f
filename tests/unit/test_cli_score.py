"""``nima score``, as somebody types it."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from nima.assess.assessor import Assessor
from nima.errors import ModelUnavailable
from nima.model.litert import LazyModel


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    """Three pictures and a text that is named like one."""
    folder = tmp_path / "shoot"
    folder.mkdir()
    for index in range(3):
        tiles = Image.effect_noise((8 << index, 8 << index), 60 + 30 * index)
        tiles.resize((640, 480), Image.Resampling.BICUBIC).convert("RGB").save(folder / f"{index}.jpg")
    (folder / "text.jpg").write_text("not a picture")
    return folder


def nima(model_folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nima.cli", "score", "--models", str(model_folder.parent), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_json_holds_documents_best_first_and_refusals_last(model_folder: Path, shoot: Path) -> None:
    done = nima(model_folder, shoot, "--format", "json", "--style", "landscape")
    assert done.returncode == 0
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["status"] for document in documents] == ["scored"] * 3 + ["rejected"]
    scores = [document["composite"]["score"] for document in documents[:3]]
    assert scores == sorted(scores, reverse=True)
    for document in documents[:3]:
        technical, aesthetic = document["technical"]["mean"], document["aesthetic"]["mean"]
        assert document["composite"]["score"] == pytest.approx(0.7 * technical + 0.3 * aesthetic, abs=1e-3)
    assert documents[3]["error"]["code"] == "unsupported_format"


def test_csv_has_the_guides_columns_first_and_a_row_for_every_file(model_folder: Path, shoot: Path) -> None:
    shutil.copy(shoot / "0.jpg", shoot / "=0.jpg")
    done = nima(model_folder, shoot, "--format", "csv", "--weights", "1", "0")
    rows = {row["path"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert done.stdout.startswith("filename,technical,aesthetic,composite,path,rank,group,")
    assert set(rows) == {str(shoot / name) for name in ("0.jpg", "1.jpg", "2.jpg", "=0.jpg", "text.jpg")}
    assert rows[str(shoot / "=0.jpg")]["filename"] == "'=0.jpg"
    refused = rows.pop(str(shoot / "text.jpg"))
    assert (refused["error"], refused["composite"]) == ("unsupported_format", "")
    assert all(row["composite"] == row["technical"] for row in rows.values())
    assert {row["rank"] for row in rows.values()} == {"1", "2", "3"}
    pair = {str(shoot / "0.jpg"), str(shoot / "=0.jpg")}
    assert {path for path, row in rows.items() if row["group"] in pair} == pair


def test_chart_is_drawn(model_folder: Path, shoot: Path, tmp_path: Path) -> None:
    done = nima(model_folder, shoot / "0.jpg", "--chart", tmp_path / "chart.png")
    assert done.returncode == 0
    assert Image.open(tmp_path / "chart.png").width > 500


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("missing.jpg",), "does not exist"),
        ((".", "--weights", "-1", "2"), "not negative"),
        ((".", "--model", "unknown"), "not installed"),
    ],
)
def test_mistakes_get_one_sentence(model_folder: Path, arguments: tuple[str, ...], complaint: str) -> None:
    done = nima(model_folder, *arguments)
    assert done.returncode != 0
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_for_another_preprocessing_is_refused(model_folder: Path, shoot: Path) -> None:
    manifest = model_folder / "manifest.json"
    stored = manifest.read_text()
    try:
        manifest.write_text(json.dumps({**json.loads(stored), "preprocessing": "0"}))
        with pytest.raises(ModelUnavailable, match="another version of the preprocessing"):
            Assessor(LazyModel(model_folder)).assess((shoot / "0.jpg").read_bytes())
    finally:
        manifest.write_text(stored)
