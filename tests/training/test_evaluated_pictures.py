"""A run is evaluated on exactly its test pictures, and what was seen in training is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nima.model.folder import SHIPPED
from nima.model.litert import Model
from nima.model.manifest import Manifest
from nima.training.evaluate.chosen import of_run
from nima.training.evaluate.run import RunModel
from nima.training.labels.dataset import Source, keep, make, summary
from nima.training.labels.splits import Shares
from nima.training.networks.architecture import of_model
from nima.training.networks.build import start_from_folder
from nima.training.trainer.folder import RUN, WEIGHTS
from tests.training.test_run_folder import nima, refused, write_votes
from tests.training.test_training_labels import photograph

LITE = ("--model", "nima-lite", "--models", SHIPPED)
SHARES = Shares(0.6, 0.2, 0.2)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Thirty rated pictures of ten products, and a run on them that has begun."""
    for number in range(30):
        photograph(tmp_path / "pictures" / f"p{number // 3:02d}-{number % 3}.png", number)
    source = Source(write_votes(tmp_path / "votes.csv"), tmp_path / "pictures", shares=SHARES)
    (tmp_path / "run").mkdir()
    keep(make(source.locate(), source), source, tmp_path / "run")
    architecture = of_model(Manifest.read(SHIPPED / "nima-lite"))
    task = {"head": "technical", "start": {"model": "nima-lite 1"}}
    (tmp_path / "run" / RUN).write_text(json.dumps({"architecture": asdict(architecture), "task": task}))
    return tmp_path


def sides(shop: Path) -> Mapping[str, list[dict[str, Any]]]:
    rows = json.loads((shop / "run" / "data.json").read_text())["pictures"]
    return {side: [row for row in rows if row["side"] == side] for side in ("train", "validation", "test")}


def evaluated(*arguments: str | Path) -> tuple[dict[str, Any], str]:
    answer = nima("evaluate", *arguments)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)[0], answer.stderr


def test_a_run_is_evaluated_on_exactly_its_test_pictures(shop: Path) -> None:
    test = sides(shop)["test"]
    chosen = of_run(shop / "run", None, "test")
    assert chosen.labels.images == tuple(row["image"] for row in test)
    assert chosen.labels.distributions.tolist() == [row["distribution"] for row in test]
    found, said = evaluated(shop / "run", *LITE)
    assert found["head"] == "technical"
    assert (found["pictures"], found["rated"], found["side"], found["seen_in_training"]) == (6, 30, "test", 0)
    assert "Figures on 6 of 30 rated pictures: the test side." in said
    assert "warning" not in said
    # What has become of the label file since is of no account.
    (shop / "votes.csv").unlink()
    assert evaluated(shop / "run", *LITE)[0] == found


def test_pictures_that_were_seen_in_training_are_named(shop: Path) -> None:
    found, said = evaluated(shop / "run", "--side", "train", *LITE)
    assert (found["pictures"], found["seen_in_training"]) == (18, 18)
    names = ", ".join(row["image"] for row in sides(shop)["train"][:10])
    assert f"18 of 18 pictures, or nearly the same ones, were seen in the training of {shop / 'run'}. ({names}" in said


def test_other_ratings_of_pictures_that_a_run_has_seen(shop: Path) -> None:
    (shop / "others").mkdir()
    first = sides(shop)["train"][0]["file"]
    with Image.open(shop / "pictures" / first) as image:
        image.resize((96, 96)).save(shop / "others" / "again.jpg", quality=80)
    photograph(shop / "others" / "new.png", 77)
    (shop / "other.csv").write_text("image;rater;score\nagain;x;5\nagain;y;6\nnew;x;8\n", encoding="utf-8-sig")
    arguments = (shop / "other.csv", shop / "others", "--side", "all", *LITE)
    found, said = evaluated(*arguments, "--run", shop / "run")
    assert (found["pictures"], found["seen_in_training"]) == (2, 1)
    assert "seen_in_training: 1 of 2 pictures" in said
    assert "(again)" in said
    assert evaluated(*arguments)[0]["seen_in_training"] is None


def test_the_label_file_that_a_model_was_trained_on_is_known(shop: Path) -> None:
    shutil.copytree(SHIPPED / "nima-lite", shop / "models" / "own")
    manifest = Manifest.read(shop / "models" / "own")
    training = {"task": {"shares": asdict(SHARES)}, "data": summary(shop / "run")}
    replace(manifest, id="own", training={**manifest.training, **training}).write(shop / "models" / "own")
    arguments = (shop / "votes.csv", shop / "pictures", "--model", "own", "--models", shop / "models")
    warned = f"seen_in_training: own {manifest.version} was trained on votes.csv, and these are not its test pictures"
    assert warned in evaluated(*arguments)[1]
    assert warned not in evaluated(*arguments, "--shares", "0.6", "0.2", "0.2")[1]


def test_pictures_that_are_gone_or_changed_are_not_passed_over(shop: Path) -> None:
    moved = shop / "moved"
    (shop / "pictures").rename(moved)
    assert f"{shop / 'pictures'}, where the run's pictures were, is not a folder." in refused(
        nima("evaluate", shop / "run", *LITE)
    )
    (moved / sides(shop)["train"][0]["file"]).unlink()
    assert evaluated(shop / "run", moved, *LITE)[0]["pictures"] == 6
    photograph(moved / sides(shop)["test"][0]["file"], 88)
    answer = nima("evaluate", shop / "run", moved, *LITE)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert (
        "refusal: changed_file: left out: 1 of 6 labels, whose picture file is not what it was when the run began. "
        f"({sides(shop)['test'][0]['image']})"
    ) in answer.stderr


def test_no_figures_on_the_few_pictures_that_are_left(shop: Path) -> None:
    for number in range(18):
        (shop / "pictures" / f"p{number // 3:02d}-{number % 3}.png").unlink()
    answer = nima("evaluate", shop / "votes.csv", shop / "pictures", *LITE, "--findings", shop / "all.csv")
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "refusal: missing_file: left out: 18 of 30 labels, without a picture file. (p00-0.png, " in answer.stderr
    assert len((shop / "all.csv").read_text(encoding="utf-8-sig").splitlines()) == 1 + 18 + 1


def test_what_is_missing_is_told_before_anything_is_decoded(shop: Path) -> None:
    labels = (shop / "votes.csv", shop / "pictures")
    assert "The model 'gone' is not installed." in refused(nima("evaluate", *labels, "--model", "gone"))
    report = shop / "nowhere" / "report.html"
    assert refused(nima("evaluate", *labels, *LITE, "--report", report)) == (
        f"There is no folder {report.parent} for the report."
    )
    (shop / "run" / "data.json").unlink()
    assert refused(nima("evaluate", shop / "run", *LITE)).endswith(
        "run does not say which pictures its run was trained on, as those of earlier releases do not. "
        "Give the label file and the folder of the pictures in its place."
    )
    assert nima("evaluate", shop / "votes.csv").returncode == 2
    assert nima("evaluate", shop / "run", "--seed", "2", *LITE).returncode == 2


def test_a_run_answers_as_the_model_that_it_became(shop: Path) -> None:
    lite = SHIPPED / "nima-lite"
    architecture = of_model(Manifest.read(lite))
    start_from_folder(architecture, lite).save_weights(shop / "run" / WEIGHTS)
    own = RunModel(shop / "run")
    pixels = np.random.default_rng(2).integers(0, 256, own.manifest.input.shape, np.uint8)
    expected = Model(lite).predict(pixels)["aesthetic"]
    assert own.predict(pixels)["aesthetic"] == pytest.approx(expected, abs=2e-3)
    answer = nima("evaluate", shop / "run", "--models", SHIPPED)
    names = [found["model"] for found in json.loads(answer.stdout)]
    assert [name.partition(" ")[0] for name in names] == ["run", "nima-lite"]
    assert {line.partition(" ")[0] for line in answer.stderr.splitlines()} == {"Figures", "run", "nima-lite"}
