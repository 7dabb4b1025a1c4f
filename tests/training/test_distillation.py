"""Distillation as it is typed: a list of photographs, samples with labels, a small student, its model folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from nima.cli.commands import commands
from nima.local.pictures import default_pictures
from nima.model.folder import SHIPPED
from nima.model.litert import Model
from nima.model.manifest import HEADS, SCORES, InputSpec
from nima.training.distill import data_list
from nima.training.networks.litert import read_layers
from nima.training.samples import distortions
from nima.training.samples.maker import Maker
from nima.training.samples.recipe import Recipe
from nima.training.samples.samples import UNCHANGED_WEIGHT, Samples

ROOT = Path(__file__).resolve().parents[2]
TEACHER = SHIPPED / "nima-lite"
STUDENT = ("--alpha", "0.25", "--side", "64", "--tile", "64", "--fork", "16", "--hidden", "8", "--kernel", "lanczos")
SAMPLES = ("--rounds", "2", "--mixtures", "1", "--ladders", "1")
SCHEDULE = ("--head-epochs", "0", "--epochs", "1", "--freeze", "10", "--whole-epochs", "1")
STEPS = 1 + len(distortions.LADDERS["blur"])
TECHNICAL = HEADS.index("technical")


def nima(*arguments: str | Path) -> Result:
    """A command in this process, which has TensorFlow."""
    return CliRunner().invoke(commands, list(map(str, arguments)))


def done(*arguments: str | Path) -> None:
    answer = nima(*arguments)
    assert answer.exit_code == 0, answer.output


def refused(*arguments: str | Path) -> str:
    answer = nima(*arguments)
    assert (answer.exit_code, type(answer.exception)) == (1, SystemExit), answer.output
    return answer.stderr


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photographs")
    for name, path in default_pictures().files.items():
        (folder / Path(name).name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def listed(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("list") / "photographs.csv"
    done("distill", "list", "--folder", f"own={photographs}", "--held-out", "0.3", "--seed", "5", "--out", path)
    return path


@pytest.fixture(scope="module")
def run(photographs: Path, listed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in a process of its own, as it is typed."""
    out = tmp_path_factory.mktemp("runs") / "student"
    command = [sys.executable, "-m", "nima.cli", *map(str, _run(photographs, listed, out))]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return out


def _run(photographs: Path, listed: Path, out: Path, *more: str) -> tuple[str | Path, ...]:
    given = ("--folder", f"own={photographs}", "--teacher", TEACHER, "--out", out, "--seed", "5", *STUDENT, *SAMPLES)
    return ("distill", "run", listed, *given, *SCHEDULE, *more)


@pytest.fixture(scope="module")
def student(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    models = tmp_path_factory.mktemp("models")
    done("export", run, "--id", "student", "--into", models)
    return models / "student"


def test_the_student_is_served_with_both_heads(student: Path) -> None:
    model = Model(student)
    assert model.manifest.input.shape == (128, 64, 3)
    assert model.manifest.input.kernel == "lanczos"
    assert model.manifest.training["architecture"]["fork"] == 16
    answer = model.predict(np.zeros(model.manifest.input.shape, np.uint8))
    assert sorted(answer) == sorted(HEADS)


def test_held_out_photographs_are_not_trained_on(run: Path, listed: Path) -> None:
    entries = data_list.read(listed)
    back = [entry for entry in entries if entry.split == data_list.HELD_OUT]
    assert 0 < len(back) < len(entries)
    assert len(Samples.read(run / "samples" / "held-out")) == len(back)
    assert len(Samples.read(run / "samples" / "round-00")) == len(entries) - len(back)


def test_mixtures_are_of_training_photographs_and_labelled_for_both_heads(run: Path) -> None:
    mixtures, whole = (Samples.read(run / "samples" / name) for name in ("mixtures-00", "round-00"))
    assert len(mixtures) == len(whole)
    assert mixtures.weights.all()
    assert not mixtures.orders.any()
    assert np.allclose(mixtures.labels.sum(axis=2), 1, atol=1e-5)
    assert not any(np.array_equal(a, b) for a, b in zip(mixtures.pixels, whole.pixels, strict=True))


def test_a_round_of_ladders_shows_some_photographs_in_falling_steps(run: Path) -> None:
    ladders, whole = (Samples.read(run / "samples" / name) for name in ("ladders-00", "round-00"))
    groups, sizes = np.unique(ladders.orders[:, 0], return_counts=True)
    assert groups.all()
    assert set(sizes) == {STEPS}
    assert 0 < len(groups) < len(whole)
    labelled = ladders.weights[:, TECHNICAL].reshape(-1, STEPS) > 0
    assert labelled[:, 0].all()
    assert not labelled[:, 1:].any()
    falling = np.diff(ladders.orders[:, 1].reshape(-1, STEPS), axis=1)
    assert (falling < 0).all()


@pytest.fixture(scope="module", params=[False, True], ids=["people too", "teacher alone"])
def rounds(request: pytest.FixtureRequest, photographs: Path) -> tuple[bool, list[Samples]]:
    """Whether the teacher is alone, and three rounds of samples."""
    recipe = Recipe(TEACHER, InputSpec(64, 64, kernel="lanczos"), seed=5, teacher_alone=request.param)
    pictures = [(path, 1.0) for path in sorted(photographs.iterdir())]
    with Maker(recipe, workers=1) as maker:
        return request.param, [maker.round(number, pictures) for number in range(1, 4)]


def test_steps_down_have_an_order_and_only_the_unchanged_picture_a_label(rounds: tuple[bool, list[Samples]]) -> None:
    alone, made = rounds
    groups = [
        samples.orders[samples.orders[:, 0] == g] for samples in made for g in np.unique(samples.orders[:, 0]) if g
    ]
    for group in groups:
        assert len(group) == STEPS
        assert np.all(np.diff(group[:, 1]) < 0)
        assert np.all(group[:, 2] > 0)
    assert bool(groups) != alone
    for samples in made:
        in_steps = samples.weights[samples.orders[:, 0] > 0, TECHNICAL].reshape(-1, STEPS)
        assert (in_steps[:, 0] == UNCHANGED_WEIGHT).all()
        assert not in_steps[:, 1:].any()


def test_what_people_rated_is_not_learned_from_the_teacher_beside_them(rounds: tuple[bool, list[Samples]]) -> None:
    alone, made = rounds
    weights = np.concatenate([samples.weights for samples in made])
    assert (weights[:, HEADS.index("aesthetic")] == 1).all()
    # 2: unchanged; 1: the teacher's label of any change; 0.3: of one that people have not rated.
    found = set(weights[:, TECHNICAL].astype(float).round(3).tolist())
    assert found == {0.0, 1.0, 2.0} if alone else {0.0, 2.0} <= found <= {0.0, 0.3, 2.0}
    unrated = (weights[:, TECHNICAL] == 0).sum()
    assert (unrated % (STEPS - 1) == 0) if alone else unrated


def later_run(student: Path, photographs: Path, listed: Path, folder: Path, *more: str) -> tuple[Path, Path]:
    """The folders of the student, and of what a run that keeps its answers makes of it."""
    kept = ("--start", str(student), "--keep-answers", "--ema", "0")
    done(*_run(photographs, listed, folder / "later", *kept, *more))
    done("export", folder / "later", "--id", "on", "--blend", student, "--share", "1", "--into", folder)
    return student, folder / "on"


def test_a_later_run_keeps_the_heads_and_what_has_no_weight(
    stepwise: None, student: Path, photographs: Path, listed: Path, tmp_path: Path
) -> None:
    more = ("--epochs", "0", "--whole-learning-rate", "0.01", "--aesthetic-weight", "0")
    heads, trunks, aesthetic = [], [], []
    for folder in later_run(student, photographs, listed, tmp_path, *more):
        layers = read_layers((folder / "nima.tflite").read_bytes())
        heads.append([layer for layer in layers if layer.kind == "dense"])
        trunks.append([layer for layer in layers if layer.kind == "depthwise"])
        aesthetic.append([layer.kernel for layer in layers if "/aesthetic_branch" in layer.name])
    kept = [np.array_equal(a.kernel, b.kernel) for a, b in zip(*heads, strict=True) if a.kernel.shape[1] == SCORES]
    assert kept == [True] * len(HEADS)
    assert any(not np.array_equal(a.kernel, b.kernel) for a, b in zip(*trunks, strict=True))
    assert aesthetic[0]
    assert all(np.array_equal(a, b) for a, b in zip(*aesthetic, strict=True))


def test_a_run_of_the_severity_alone_leaves_everything_else(
    stepwise: None, student: Path, photographs: Path, listed: Path, tmp_path: Path
) -> None:
    more = ("--head-learning-rate", "0.01", "--head-epochs", "2", "--epochs", "0", "--whole-epochs", "0")
    folders = later_run(student, photographs, listed, tmp_path, *more)
    names = {path.stem for path in (tmp_path / "later" / "features").glob("*.npy")}
    assert names == {"round-00", "round-01", "mixtures-00", "ladders-00", "held-out"}
    before, after = (read_layers((folder / "nima.tflite").read_bytes()) for folder in folders)
    changed = [a.name for a, b in zip(before, after, strict=True) if not np.array_equal(a.kernel, b.kernel)]
    assert changed
    assert all("technical_hidden" in name or "technical_severity" in name for name in changed)
    blend = Model(folders[1]).manifest.training["blend"]
    assert blend == {"model": f"student {Model(folders[0]).manifest.version}", "share": 1.0}


def test_answers_are_not_kept_of_random_weights(photographs: Path, listed: Path, tmp_path: Path) -> None:
    assert "model to start from" in refused(*_run(photographs, listed, tmp_path, "--keep-answers"))
    assert not list(tmp_path.iterdir())


def test_samples_of_another_kind_are_not_mixed_in(run: Path, photographs: Path, listed: Path) -> None:
    assert "made in another way" in refused(*_run(photographs, listed, run, "--kernel", "bicubic"))


def test_a_run_without_an_epoch_is_refused(photographs: Path, listed: Path, tmp_path: Path) -> None:
    assert "no epoch" in refused(*_run(photographs, listed, tmp_path, "--epochs", "0", "--whole-epochs", "0"))
    assert not list(tmp_path.iterdir())


def test_a_teacher_asked_in_batches_answers_as_one_asked_alone(photographs: Path) -> None:
    pictures = [(path, 1.0) for path in sorted(photographs.iterdir())]
    one, other = (Recipe(TEACHER, InputSpec(64, 64, kernel="lanczos"), 5, in_batches=asked) for asked in (False, True))
    with Maker(one, workers=1) as alone, Maker(other, workers=1) as batches:
        expected, found = (maker.round(0, pictures) for maker in (alone, batches))
    assert np.array_equal(found.pixels, expected.pixels)
    assert np.allclose(found.labels, expected.labels, atol=1e-3)
