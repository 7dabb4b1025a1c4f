"""A run's folder is of one task and says on what data; what is missing is told before anything slow, in one line."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nima.model.folder import SHIPPED
from nima.training.labels.labels import read
from nima.training.labels.splits import Shares, split
from tests.training.test_training_labels import photograph

SHORT = ("--shares", "0.6", "0.2", "0.2", "--head-epochs", "1", "--epochs", "1")
SAYS_NOTHING = {"https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
"""A proxy that nobody is at: there is no network."""


def nima(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nima.cli", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **environment})


def refused(answer: subprocess.CompletedProcess[str]) -> str:
    """The one line that a command ended with."""
    assert answer.returncode == 1, answer.stderr
    assert answer.stdout == ""
    (line,) = answer.stderr.splitlines()
    return line.removeprefix("Error: ")


def write_votes(path: Path, seed: int = 1) -> Path:
    rng = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "rater", "score"))
        for number in range(30):
            scores = (min(10, max(1, 3 + number // 6 + rng.choice((-1, 0, 1)))) for _ in range(10))
            image = f"p{number // 3:02d}-{number % 3}.png"
            writer.writerows((image, f"r{rater}", score) for rater, score in enumerate(scores))
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    for number in range(30):
        photograph(folder / "pictures" / f"p{number // 3:02d}-{number % 3}.png", number)
    write_votes(folder / "votes.csv")
    return folder


def train(shop: Path, out: Path, *options: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return nima("train", shop / "votes.csv", shop / "pictures", "--out", out, *SHORT, *options, **environment)


@pytest.fixture(scope="module")
def trained(shop: Path) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A finished run, and what was said while it ran."""
    answer = train(shop, shop / "run")
    assert answer.returncode == 0, answer.stderr
    return shop / "run", answer


@pytest.fixture
def run(trained: tuple[Path, object], tmp_path: Path) -> Path:
    """A copy of the finished run."""
    shutil.copytree(trained[0], tmp_path / "run")
    return tmp_path / "run"


def test_what_is_said_is_about_the_run_alone(trained: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    run, answer = trained
    assert answer.stdout.splitlines()[-1] in (
        f"Trained: {run}. Next: nima export {run} --id my-model",
        f"Nothing was gained: {run} is as it began.",
    )
    lines = answer.stderr.splitlines()
    assert lines[0].startswith("warning: few_pictures: 30 pictures")
    assert lines[1] == (
        "30 pictures in 10 groups, told by the file's name before its first _ or -; 18 train, 6 validation, 6 test."
    )
    # All the rest are epochs and bars.
    epochs = ("start: ", "stage 1, epoch 1 of 1: ", "stage 2, epoch 1 of 1: ")
    assert [line for line in lines[2:5] if not line.startswith(epochs)] == []
    bars = (
        "ratings ",
        "training pictures ",
        "validation pictures ",
        "stage 1 of 2 ",
        "stage 2 of 2 ",
        "test pictures, ",
    )
    assert [line for line in lines[5:] if not line.startswith(bars)] == []


def test_the_data_of_a_run_is_in_its_folder(trained: tuple[Path, object], shop: Path) -> None:
    document = json.loads((trained[0] / "data.json").read_text(encoding="utf-8"))
    labels, _ = read(shop / "votes.csv", shop / "pictures")
    sides = {
        labels.images[i]: side for side, indices in split(labels, 1, Shares(0.6, 0.2, 0.2)).sides() for i in indices
    }
    assert {row["image"]: row["side"] for row in document["pictures"]} == sides
    first = document["pictures"][0]
    assert first["sha256"] == hashlib.sha256((shop / "pictures" / first["file"]).read_bytes()).hexdigest()
    assert (first["group"], first["votes"], first["phash"]) == ("p00", 10, labels.hashes[0])
    assert (document["seed"], document["grouping"], document["raters"]) == (1, "prefix", 10)
    assert document["label_file"]["sha256"] == hashlib.sha256((shop / "votes.csv").read_bytes()).hexdigest()
    assert {"nima", "keras", "numpy", "preprocessing", "python"} <= set(document["versions"])
    assert {"tensorflow", "tensorflow-cpu"} & set(document["versions"])


def test_a_run_that_is_over_is_not_said_to_be_trained_again(
    run: Path, shop: Path, trained: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    before = {file: file.stat().st_mtime_ns for file in run.rglob("*")}
    answer = train(shop, run)
    assert answer.returncode == 0
    first, *ending = answer.stdout.splitlines()
    assert first == f"The run in {run} was over before, with these settings; nothing was done."
    assert ending == trained[1].stdout.replace(str(trained[0]), str(run)).splitlines()
    assert answer.stderr == ""
    assert {file: file.stat().st_mtime_ns for file in run.rglob("*")} == before


@pytest.mark.parametrize(
    ("options", "difference"),
    [
        (("--head", "technical"), "task head was aesthetic, now technical"),
        (("--weights", "none"), "task weights was start, now random"),
        (("--batch-size", "8"), "task batch_size was 16, now 8"),
        (("--groups", "picture"), "task groups was found, now picture"),
        (("--shares", "0.8", "0.1", "0.1"), "task shares train was 0.6, now 0.8"),
        (("--drop-outliers",), "task drop_outliers was false, now true"),
        (("--seed", "2"), "plan seed was 1, now 2"),
        (("--epochs", "7"), "plan stages 2 epochs was 1, now 7"),
        (("--dropout", "0.5"), "architecture dropout was 0.2, now 0.5"),
    ],
)
def test_another_task_is_refused_with_what_differs(
    run: Path, shop: Path, options: tuple[str, ...], difference: str
) -> None:
    line = refused(train(shop, run, *options))
    assert line.startswith(f"{run} holds another run: ")
    assert difference in line
    assert line.endswith("Choose another folder, or what was chosen then.")


def test_other_labels_and_another_start_are_refused(run: Path, shop: Path, tmp_path: Path, model_folder: Path) -> None:
    votes = write_votes(tmp_path / "votes.csv", seed=2)
    before, now = (hashlib.sha256(path.read_bytes()).hexdigest() for path in (shop / "votes.csv", votes))
    answer = nima("train", votes, shop / "pictures", "--out", run, *SHORT)
    assert f"holds another run: task labels was {before}, now {now}." in refused(answer)
    shutil.copytree(model_folder, tmp_path / "models" / "nima-test")
    answer = train(shop, run, "--weights", "none", "--model", "nima-test", "--models", tmp_path / "models")
    assert "task start model was nima-lite " in refused(answer)


def test_pictures_that_have_changed_since_are_refused(run: Path, shop: Path, tmp_path: Path) -> None:
    (run / "stage-1.done").unlink()
    moved = tmp_path / "moved"
    shutil.copytree(shop / "pictures", moved)
    photograph(moved / "p04-1.png", 99)
    answer = nima("train", shop / "votes.csv", moved, "--out", run, *SHORT)
    assert answer.returncode == 1
    assert f"Error: 1 of 30 pictures are not what they were when the run in {run} began" in answer.stderr
    assert "(p04-1.png)" in answer.stderr
    assert "training pictures" not in answer.stderr


def test_a_folder_that_is_taken_is_told_at_once(shop: Path, run: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    assert refused(train(shop, tmp_path / "mine")) == (
        f"{tmp_path / 'mine'} is not empty, and holds no run. Choose another folder."
    )
    older = json.loads((run / "run.json").read_text())
    del older["task"]
    (run / "run.json").write_text(json.dumps(older))
    assert refused(train(shop, run)) == (
        f"{run} holds a run that does not say which labels it was trained on, as those of earlier releases do not. "
        "It can be exported, but not gone on with. Choose another folder."
    )
    (tmp_path / "running").mkdir()
    descriptor = os.open(tmp_path / "running", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        assert refused(train(shop, tmp_path / "running")) == f"Another process trains in {tmp_path / 'running'}."
    finally:
        os.close(descriptor)


def test_weights_that_cannot_be_had_are_told_in_one_line(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    keras = ("--backbone", "mobilenet_v2", "--alpha", "0.35", "--weights")
    answer = train(shop, out, *keras, "imagenet", KERAS_HOME=str(tmp_path / "keras"), **SAYS_NOTHING)
    assert answer.returncode == 1
    (line,) = answer.stderr.splitlines()
    assert line.startswith("Error: The ImageNet weights of mobilenet_v2 cannot be fetched (URL fetch failure on http")
    assert line.endswith("Fetch the file elsewhere and name it with --weights, or begin with --weights none.")
    assert refused(train(shop, out, *keras, tmp_path / "gone.h5")) == f"There is no file of weights {tmp_path}/gone.h5."
    (tmp_path / "text.h5").write_text("no weights")
    assert f"{tmp_path}/text.h5 is no file of weights; what is read are " in refused(
        train(shop, out, *keras, tmp_path / "text.h5")
    )
    assert not out.exists()


def test_weights_of_another_network_are_told_in_one_line(shop: Path, run: Path, tmp_path: Path) -> None:
    keras = ("--backbone", "mobilenet_v2", "--alpha", "0.35", "--weights", run / "model.weights.h5")
    assert "model.weights.h5 do not fit mobilenet_v2 0.35: of its 104 layers 0 fit" in refused(
        train(shop, tmp_path / "other", *keras)
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--shares", "0.9", "0", "0.1"), "Training stops by the validation pictures, and there are none."),
        (("--shares", "0.5", "0.5", "0.5"), "Shares are not negative, sum to 1 and leave something to train on"),
        (("--groups", "folder"), "Groups lie on one side each, and 1 cannot fill 3 sides."),
        (("--groups", "column"), "Not every picture has a group in the label file."),
        (("--learning-rate", "nan"), "A learning rate is a number above 0."),
        (("--head-epochs", "0", "--epochs", "0"), "There is no epoch to train."),
        (("--model", "gone"), "The model 'gone' is not installed."),
    ],
)
def test_what_cannot_be_trained_is_told_before_pictures_are_decoded(
    shop: Path, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    assert said in refused(train(shop, tmp_path / "run", *options))
    assert not (tmp_path / "run").exists()


def test_a_distillation_tells_of_a_start_that_is_missing_before_samples_are_made(shop: Path, tmp_path: Path) -> None:
    arguments = (shop / "votes.csv", "--folder", f"shop={shop / 'pictures'}", "--teacher", SHIPPED / "nima-lite")
    answer = nima("distill", "run", *arguments, "--out", tmp_path / "run", "--start", tmp_path / "gone.h5")
    assert refused(answer) == f"There is no model folder or file of weights {tmp_path}/gone.h5."
    assert not (tmp_path / "run").exists()


def test_training_that_only_harms_keeps_its_start_and_is_written_for_tensorboard(shop: Path, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    out = tmp_path / "run"
    answer = train(shop, out, "--learning-rate", "1", "--batch-size", "4", "--tensorboard")
    assert answer.returncode == 0, answer.stderr
    kept, ended, worth, last = answer.stdout.splitlines()
    assert kept.startswith("No epoch is better than the start by the EMD of the validation pictures: srcc ")
    assert kept.endswith(". The start's weights are kept.")
    assert ended == "Stage 1 ended after 1 of 1 epochs; stage 2 ended after 1 of 1 epochs."
    assert worth.startswith("Held out, on 6 test pictures: ")
    assert last == f"Nothing was gained: {out} is as it began."
    # Batches of several sizes in several stages are nothing that TensorFlow should remark upon.
    said = (
        "warning: few_pictures",
        "30 pictures in ",
        "start: ",
        "stage ",
        "ratings ",
        "training ",
        "validation ",
        "test ",
    )
    assert [line for line in answer.stderr.splitlines() if not line.startswith(said)] == []

    rows = list(csv.DictReader((out / "history.csv").open()))
    for stage in (1, 2):
        events = EventAccumulator(str(out / "tensorboard" / f"stage-{stage}" / "validation")).Reload()
        (written,) = events.Tensors("epoch_emd")
        assert float(make_ndarray(written.tensor_proto)) == pytest.approx(float(rows[stage]["val_emd"]))
