"""Fine-tuning as its users do it: typed commands, real photographs, votes by a known rule, a kill in the middle."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nima.local.pictures import default_pictures
from nima.model.folder import SHIPPED
from nima.model.manifest import HEADS, Manifest
from nima.training.samples import distortions

ROOT = Path(__file__).resolve().parents[2]
RATERS = 10
TRAINING = ("--head", "aesthetic", "--model", "nima-lite", "--shares", "0.6", "0.2", "0.2", "--groups", "prefix")
SCHEDULE = ("--head-epochs", "4", "--epochs", "1", "--patience", "0", "--learning-rate", "2e-4")


def nima(*arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    answer = subprocess.run(
        [sys.executable, "-m", "nima.cli", *map(str, arguments)], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert not check or answer.returncode == 0, answer.stderr
    return answer


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A label file and a folder: photographs in five steps of noise and blur, rated the lower the worse they are."""
    folder = tmp_path_factory.mktemp("rated")
    pictures = folder / "pictures"
    pictures.mkdir()
    rng = np.random.default_rng(3)
    with (folder / "votes.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "rater", "score"))
        for path in default_pictures().files.values():
            original = Image.open(path).convert("RGB")
            original.thumbnail((256, 256))
            for change in ("noise", "blur"):
                for level, strength in enumerate((0.0, *distortions.LADDERS[change][1:])):
                    name = f"{path.stem.replace('_', '')}_{change}_{level}.png"
                    distortions.CHANGES[change](original, strength, np.random.default_rng(1)).save(pictures / name)
                    votes = np.clip(np.rint(8.5 - 1.5 * level + rng.normal(0, 0.7, RATERS)), 1, 10)
                    writer.writerows((name, f"rater {i}", int(vote)) for i, vote in enumerate(votes))
    return folder / "votes.csv", pictures


def _srcc(rated: tuple[Path, Path], models: Path, model: str) -> float:
    document = rated[0].with_name(f"{model}.json")
    where = ("--models", models, "--groups", "prefix", "--side", "test", "--json", document)
    nima("evaluate", *rated, "--model", model, *where)
    return float(json.loads(document.read_text())["models"][0]["srcc"])


def test_a_killed_fine_tuning_goes_on_and_makes_a_better_model(rated: tuple[Path, Path], tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = ["train", *map(str, rated), "--out", str(run), *TRAINING, *SCHEDULE]
    process = subprocess.Popen([sys.executable, "-m", "nima.cli", *command], cwd=ROOT, stderr=subprocess.DEVNULL)
    history = run / "history.csv"
    deadline = time.monotonic() + 200
    while not (history.exists() and len(history.read_text().splitlines()) > 3):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (run / "stage-1.done").exists()
    before = len(history.read_text().splitlines())

    done = nima(*command)

    assert "warning: few_pictures" in done.stderr
    assert "few_raters" not in done.stderr
    assert before >= 3
    assert "Going on after stage 1, epoch " in done.stderr
    epochs = [(row["stage"], row["epoch"]) for row in csv.DictReader(history.open())]
    assert epochs == [("0", "0"), *(("1", str(epoch)) for epoch in range(1, 5)), ("2", "1")]
    exported = nima("export", run, "--id", "own", "--into", tmp_path / "models")
    assert {line.partition(" ")[0] for line in exported.stderr.splitlines()} == {"comparing", "test"}
    manifest = Manifest.read(tmp_path / "models" / "own")
    assert manifest.files[0].heads in (HEADS, HEADS[::-1])
    assert manifest.training["plan"]["seed"] == 1
    assert manifest.training["task"]["head"] == "aesthetic"
    data = json.loads((run / "data.json").read_text(encoding="utf-8"))
    assert sum(manifest.training["data"]["pictures"].values()) == len(data["pictures"])
    assert manifest.training["data"]["label_file"] == data["label_file"]
    assert _srcc(rated, tmp_path / "models", "own") > _srcc(rated, SHIPPED, "nima-lite")
