"""What docs/training.md says to type, in its order, on a few pictures and for few epochs."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nima.local.pictures import default_pictures
from nima.model.folder import SHIPPED
from nima.model.manifest import HEADS
from tests.documents import DOCUMENTS, by_hand, commands
from tests.manifests import edit
from tests.mocked import served_aws, served_s3

(TRAINING,) = (document for document in DOCUMENTS if document.name == "training.md")
# Reasons take a hundred photographs, each spoiled in many ways: test_reasons runs that command on a few.
IN_ORDER = [
    line
    for line in commands("nima", TRAINING)
    if "models list" not in line and not line.startswith("nima train reasons")
]
OPTIONS = {"train": "--head-epochs 1 --epochs 1 --groups picture --shares 0.6 0.2 0.2"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Path:
    """A folder with rated pictures, a catalogue and the models that are installed."""
    folder = tmp_path_factory.mktemp("shop")
    shutil.copytree(SHIPPED, folder / "models")
    rng = np.random.default_rng(5)
    (folder / "pictures").mkdir()
    with (folder / "votes.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "rater", "score"))
        for path in default_pictures().files.values():
            picture = Image.open(path).convert("RGB")
            for turn in range(2):
                name = f"{path.stem}-{turn}.png"
                view = picture.rotate(180 * turn)
                view.thumbnail((128, 128))
                view.save(folder / "pictures" / name)
                writer.writerows((name, f"rater {i}", int(rng.integers(3, 9))) for i in range(10))
    _write_catalogue(folder / "catalogue")
    colleague = Path(shutil.copytree(SHIPPED / "nima-lite", folder / "shop-from-a-colleague"))
    edit(colleague, id="colleague")
    (folder / "tflite").mkdir()
    for head in HEADS:
        shutil.copy(model_folder / f"{head}.tflite", folder / "tflite")
    return folder


def _write_catalogue(folder: Path) -> None:
    """As many pictures as percentiles take at least: ten cut out of each photograph."""
    folder.mkdir()
    for path in default_pictures().files.values():
        picture = Image.open(path).convert("RGB")
        for place in range(10):
            left, top = picture.width * place // 20, picture.height * place // 20
            view = picture.crop((left, top, left + picture.width // 2, top + picture.height // 2))
            view.thumbnail((128, 128))
            view.save(folder / f"{path.stem}-{place}.png")


def test_a_model_of_ones_own_is_made_as_the_document_says(shop: Path) -> None:
    names = [line.split()[1] for line in IN_ORDER]
    assert names == ["train", "export", "calibrate", "evaluate", *["models"] * 5]
    with served_aws() as reached:
        served_s3(reached).create_bucket(Bucket="my-models")
        environment = by_hand(shop / "bin", **reached, NIMA_MODELS=str(shop / "models"))
        for line in IN_ORDER:
            done = subprocess.run(
                ["bash", "-c", f"{line.partition(' #')[0]} {OPTIONS.get(line.split()[1], '')}"],
                input="y\n",
                cwd=shop,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, (line, done.stderr)
            assert "INFO:" not in done.stderr
        assert done.stdout.startswith("s3://my-models/nima/shop/")
    assert (shop / "report.html").exists()
