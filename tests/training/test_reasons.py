"""Learned reasons: defects that trees were shown are seen, a stopped run goes on, and the seed fixes the file."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from nima.cli import reasons
from nima.errors import InvalidRequest
from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.measure import Frame
from nima.image.numbers import numbers
from nima.model.folder import SHIPPED
from nima.model.gates import Gates
from nima.model.manifest import Manifest
from nima.training.defects.light import exposed
from nima.training.defects.optics import disc_blur
from nima.training.reasons import run
from nima.training.reasons.examples import CLEAN, LOOK_ALIKE, Source, examples
from nima.training.reasons.learn import packed, unpacked
from nima.training.reasons.run import Task, train
from nima.training.reasons.strengths import CODES
from nima.training.reasons.trees import Growth, grow
from tests.pictures import encode, product, scene

PICTURES = 14
SMALL = Growth(trees=12, leaves=4)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("photographs")
    paths = []
    for seed in range(PICTURES):
        path = folder / f"{seed}.jpg"
        path.write_bytes(encode(scene(320, 240, seed), "JPEG", quality=95))
        paths.append(path)
    return paths


@pytest.fixture(scope="module")
def goods(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    path = tmp_path_factory.mktemp("goods") / "goods.jpg"
    path.write_bytes(encode(product(), "JPEG", quality=95))
    return [path]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LEAST_PICTURES", PICTURES)
    monkeypatch.setattr(run, "_TURNS", 1)
    monkeypatch.setattr("nima.training.reasons.learn._LEAST_CLEAN", 4)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED / "nima-lite", tmp_path / "model"))


def test_trees_find_what_two_numbers_have_in_common() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(2000, 6)).astype(np.float32)
    wanted = (values[:, 1] > 0) & (values[:, 4] < 0.3)
    found = grow(values[:1500], wanted[:1500], np.ones(1500), Growth(trees=40)).logits(values[1500:]) > 0
    assert (found == wanted[1500:]).mean() > 0.95


def test_a_source_has_clean_pictures_look_alikes_and_each_defect(photographs: list[Path], goods: list[Path]) -> None:
    scenes = {code for code, _ in examples(Source(photographs[0], "a"), photographs, 1)}
    staged = {code for code, _ in examples(Source(goods[0], "b", goods=True), photographs, 1)}
    assert scenes | staged == {CLEAN, LOOK_ALIKE, *CODES}


def test_what_was_learned_is_seen_and_names_the_model_anew(
    photographs: list[Path], goods: list[Path], model: Path, tmp_path: Path
) -> None:
    before = Manifest.read(model)
    task = Task(photographs, goods)
    learned = train(task, tmp_path / "run", model, growth=SMALL)
    manifest = Manifest.read(model)
    assert manifest.version != before.version
    assert manifest.reasons is not None
    gates = Gates.read(model, manifest.reasons)
    assert set(gates.codes) == set(learned) == set(CODES)
    unseen = scene(320, 240, 99)
    clean, dark, soft = (_logits(gates, image) for image in (unseen, exposed(unseen, -2.5), disc_blur(unseen, 4)))
    assert dark["underexposure"] > clean["underexposure"] + 1
    assert soft["soft"] > clean["soft"] + 1


def test_what_is_learned_alone_leaves_all_else_as_it_was(
    photographs: list[Path], goods: list[Path], model: Path, tmp_path: Path
) -> None:
    train(Task(photographs, goods), tmp_path / "run", model, growth=SMALL)
    before, frames = Manifest.read(model), [scene(320, 240, 99), exposed(scene(320, 240, 98), -2.5)]
    assert before.reasons is not None
    found = [_logits(Gates.read(model, before.reasons), frame) for frame in frames]

    learned = train(Task(photographs, seed=2), tmp_path / "other", model, growth=SMALL, only=["soft", "noise"])

    after = Manifest.read(model)
    assert set(learned) == {"soft", "noise"}
    assert after.version != before.version
    assert after.reasons is not None
    gates = Gates.read(model, after.reasons)
    assert list(gates.codes) == list(CODES)
    for frame, old in zip(frames, found, strict=True):
        new = _logits(gates, frame)
        assert {code for code in CODES if new[code] != old[code]} == set(learned)
    for code in set(CODES) - set(learned):
        assert after.reasons.thresholds[code] == before.reasons.thresholds[code]
    assert after.reasons.thresholds["soft"] != before.reasons.thresholds["soft"]


def test_what_asks_for_numbers_that_are_gone_is_not_kept() -> None:
    content = (SHIPPED / "nima-lite" / run.FILE).read_bytes()
    names = Gates(content).numbers
    assert packed(unpacked(content, names[::-1]), names[::-1]) != content
    assert packed(unpacked(content, names), names) == content
    with pytest.raises(InvalidRequest, match=f"not measured any more .{names[0]}."):
        unpacked(content, names[1:])


def test_reasons_of_goods_are_not_learned_alone_from_photographs(
    photographs: list[Path], model: Path, tmp_path: Path
) -> None:
    before = Manifest.read(model)
    with pytest.raises(InvalidRequest, match="no examples of clutter"):
        train(Task(photographs), tmp_path / "run", model, growth=SMALL, only=["clutter", "soft"])
    assert Manifest.read(model) == before


def test_a_run_that_was_stopped_ends_as_one_that_was_not(photographs: list[Path], model: Path, tmp_path: Path) -> None:
    def stop(what: str, done: int, _: int) -> None:
        if what == "pictures" and done == PICTURES // 2:
            raise KeyboardInterrupt

    task = Task(photographs)
    with pytest.raises(KeyboardInterrupt):
        train(task, tmp_path / "one", model, growth=SMALL, tick=stop)
    assert len(list((tmp_path / "one" / "rows").glob("*.npz"))) >= PICTURES // 2
    train(task, tmp_path / "one", model, growth=SMALL)
    one = (model / run.FILE).read_bytes()
    train(task, tmp_path / "other", model, growth=SMALL)
    assert (model / run.FILE).read_bytes() == one


def test_a_folder_of_other_settings_and_too_few_pictures_are_refused(
    photographs: list[Path], model: Path, tmp_path: Path
) -> None:
    with pytest.raises(InvalidRequest, match="at least 14 clean photographs, not 3"):
        train(Task(photographs[:3]), tmp_path / "run", model)
    train(Task(photographs), tmp_path / "run", model, growth=SMALL)
    with pytest.raises(InvalidRequest, match="seed was 1, now 2"):
        train(Task(photographs, seed=2), tmp_path / "run", model, growth=SMALL)


def test_the_command_says_how_much_is_named(photographs: list[Path], model: Path, tmp_path: Path) -> None:
    place = tmp_path / "models"
    shutil.copytree(model, place / "nima-lite")
    options = ["--out", str(tmp_path / "run"), "--models", str(place), "--model", "nima-lite", "--workers", "1"]
    result = CliRunner().invoke(reasons.command, [str(photographs[0].parent), *options])
    assert result.exit_code == 0, result.output
    assert "underexposure" in result.output
    assert "names 9 defects" in result.output

    alone = CliRunner().invoke(reasons.command, [str(photographs[0].parent), *options, "--only", "noise"])
    assert alone.exit_code == 0, alone.output
    assert "noise" in alone.output
    assert "underexposure" not in alone.output
    assert "names 9 defects" in alone.output


def _logits(gates: Gates, image: object) -> dict[str, float]:
    frame = read_picture(encode(image, "JPEG", quality=92), Limits()).frame  # type: ignore[arg-type]
    return gates.logits(numbers(Frame(frame, None)))
