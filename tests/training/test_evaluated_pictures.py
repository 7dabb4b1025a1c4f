"""A run is evaluated on exactly its test pictures, and what was seen in training is said."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nima.model.folder import SHIPPED
from nima.model.litert import Model
from nima.model.manifest import Manifest
from nima.training.evaluate.chosen import of_run
from nima.training.evaluate.run import RunModel
from nima.training.labels.dataset import Source, make
from nima.training.labels.kept import keep, summary
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
    """What is written for programs, and what is said beside the table."""
    with TemporaryDirectory() as folder:
        answer = nima("evaluate", *arguments, "--json", Path(folder, "all.json"))
        assert answer.returncode == 0, answer.stderr
        return json.loads(Path(folder, "all.json").read_text()), answer.stderr


def figures(found: dict[str, Any]) -> tuple[int, int, str, int | None]:
    """On how many pictures of how many the figures are, of which side, and how many were seen in training."""
    data = found["data"]
    assert data["evaluated"] == len(found["pictures"]) == found["models"][0]["pictures"]
    return data["evaluated"], data["rated"], data["side"], data["seen_in_training"]


def test_a_run_is_evaluated_on_exactly_its_test_pictures(shop: Path) -> None:
    test = sides(shop)["test"]
    chosen = of_run(shop / "run", None, "test")
    assert chosen.labels.images == tuple(row["image"] for row in test)
    assert chosen.labels.distributions.tolist() == [row["distribution"] for row in test]
    found, said = evaluated(shop / "run", *LITE)
    assert found["head"] == "technical"
    assert figures(found) == (6, 30, "test", 0)
    assert found["data"]["left_out"] == {"train": 18, "validation": 6}
    assert [picture["image"] for picture in found["pictures"]] == list(chosen.labels.images)
    assert "30 pictures in 10 groups, told by the file's name before its first _ or -; 18 train, 6 valid" in said
    assert f"Figures on 6 of 30 rated pictures: the test side; none was seen in the training of {shop}/run." in said
    assert re.findall(r"^warning: (\w+)", said, re.MULTILINE) == ["few_pictures"]
    # What has become of the label file since is of no account.
    (shop / "votes.csv").unlink()
    assert evaluated(shop / "run", *LITE)[0]["models"] == found["models"]


def test_what_was_wrong_with_the_ratings_of_a_run_is_said_again(shop: Path) -> None:
    with (shop / "votes.csv").open("a") as file:
        file.write("nowhere,r1,5\n")
        file.writelines(f"p{number // 3:02d}-{number % 3}.png,always five,5\n" for number in range(30))
    source = Source(shop / "votes.csv", shop / "pictures", shares=SHARES)
    (shop / "run" / "data.json").unlink()
    keep(make(source.locate(), source), source, shop / "run")
    found, said = evaluated(shop / "run", *LITE)
    assert re.findall(r"^warning: (\w+)", said, re.MULTILINE) == ["constant_rater", "missing_file", "few_pictures"]
    assert "left out: 1 of 31 labels, without a picture file. (nowhere)" in said
    assert figures(found) == (6, 31, "test", 0)
    assert found["data"]["left_out"] == {"train": 18, "validation": 6, "missing_file": 1}
    # Runs of earlier releases say nothing of it.
    document = json.loads((shop / "run" / "data.json").read_text())
    del document["findings"]
    (shop / "run" / "data.json").write_text(json.dumps(document))
    assert figures(evaluated(shop / "run", *LITE)[0]) == (6, 30, "test", 0)


def test_pictures_that_were_seen_in_training_are_named(shop: Path) -> None:
    found, said = evaluated(shop / "run", "--side", "train", *LITE)
    assert figures(found) == (18, 30, "train", 18)
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
    assert figures(found) == (2, 2, "all", 1)
    assert "seen_in_training: 1 of 2 pictures" in said
    assert "(again)" in said
    assert figures(evaluated(*arguments)[0]) == (2, 2, "all", None)


def test_the_label_file_that_a_model_was_trained_on_is_known(shop: Path) -> None:
    shutil.copytree(SHIPPED / "nima-lite", shop / "models" / "own")
    manifest = Manifest.read(shop / "models" / "own")
    training = {"task": {"shares": asdict(SHARES)}, "data": summary(shop / "run")}
    replace(manifest, id="own", training={**manifest.training, **training}).write(shop / "models" / "own")
    arguments = (shop / "votes.csv", shop / "pictures", "--model", "own", "--models", shop / "models")
    warned = "trained_on_file: these are not the test pictures of models that were trained on votes.csv"
    assert warned in evaluated(*arguments)[1]
    assert f"(own {manifest.version})" in evaluated(*arguments)[1]
    assert warned not in evaluated(*arguments, "--shares", "0.6", "0.2", "0.2")[1]


def test_pictures_that_are_gone_or_changed_are_not_passed_over(shop: Path) -> None:
    moved = shop / "moved"
    (shop / "pictures").rename(moved)
    assert f"{shop / 'pictures'}, where the run's pictures were, is not a folder." in refused(
        nima("evaluate", shop / "run", *LITE)
    )
    (moved / sides(shop)["train"][0]["file"]).unlink()
    assert figures(evaluated(shop / "run", moved, *LITE)[0]) == (6, 30, "test", 0)
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


def test_the_label_file_gets_the_report_that_training_gives(shop: Path) -> None:
    with (shop / "votes.csv").open("a") as file:
        file.writelines(f"p{number // 3:02d}-{number % 3}.png,always five,5\n" for number in range(30))
    labels = (shop / "votes.csv", shop / "pictures", *LITE, "--shares", "0.6", "0.2", "0.2")
    found, said = evaluated(*labels)
    assert "warning: constant_rater: one score for every picture, from 1 of 11 raters; --drop-outliers" in said
    assert (
        "told by the file's name before its first _ or -; 18 train, 6 validation, 6 test.\nFigures on 6 of 30" in said
    )
    assert [finding["code"] for finding in found["data"]["findings"]] == ["constant_rater", "few_pictures"]
    without, said = evaluated(*labels, "--drop-outliers")
    assert found["pictures"][0]["rated"] != without["pictures"][0]["rated"]
    assert nima("evaluate", shop / "run", "--drop-outliers", *LITE).returncode == 2


def test_a_stated_split_that_leaks_gives_no_figures(shop: Path) -> None:
    rows = [("image", "rater", "score", "group", "split")]
    sides = ("train", "validation", "test")
    rows += [(f"p{n // 3:02d}-{n % 3}.png", "x", str(1 + n % 9), f"g{n // 3}", sides[n % 3]) for n in range(30)]
    (shop / "stated.csv").write_text("".join(",".join(row) + "\n" for row in rows))
    answer = nima("evaluate", shop / "stated.csv", shop / "pictures", *LITE)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "refusal: group_across_splits: 10 groups lie on two sides." in answer.stderr


def test_models_stand_side_by_side(shop: Path) -> None:
    shutil.copytree(SHIPPED / "nima-lite", shop / "models" / "nima-lite")
    shutil.copytree(SHIPPED / "nima-lite", shop / "models" / "own")
    replace(Manifest.read(shop / "models" / "own"), id="own").write(shop / "models" / "own")
    answer = nima(
        *("evaluate", shop / "run", "--models", shop / "models", "--model", "own", "--model", "nima-lite"),
        *("--report", shop / "report.html", "--language", "zh-CN"),
    )
    assert answer.returncode == 0, answer.stderr
    header, *rows = answer.stdout.splitlines()
    assert header.split() == ["technical,", "95", "%", "SRCC", "PLCC", "MAE", "EMD", "Accuracy"]
    assert [row.split()[0] for row in rows[0:4:2]] == ["own", "nima-lite"]
    assert rows[0].split()[1:] == rows[2].split()[1:]
    assert " compared with own " in rows[4]
    assert "SRCC      no difference that 6 pictures can show" in rows[5]
    assert '<html lang="zh-CN">' in (shop / "report.html").read_text(encoding="utf-8")


def test_what_is_missing_is_told_before_anything_is_decoded(shop: Path) -> None:
    labels = (shop / "votes.csv", shop / "pictures")
    assert "The model 'gone' is not installed." in refused(nima("evaluate", *labels, "--model", "gone"))
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
    found, said = evaluated(shop / "run", "--models", SHIPPED)
    one, start = found["models"]
    assert [model["model"].partition(" ")[0] for model in (one, start)] == ["run", "nima-lite"]
    assert found["reference"] == start["model"]
    assert {better["verdict"] for better in one["better_than_reference"].values()} == {"alike"}
    assert one["other_head"]["srcc"] == pytest.approx(1)
    assert one["other_head"]["moved"] < 0.02
    said_first = {line.partition(" ")[0] for line in said.splitlines()}
    assert said_first == {"30", "Figures", "run", "nima-lite", "pictures", "warning:"}
    for fall, before in zip(*(model["other_head_ladders"].values() for model in (one, start)), strict=True):
        assert fall["far"] == pytest.approx(before["far"], abs=0.02)
