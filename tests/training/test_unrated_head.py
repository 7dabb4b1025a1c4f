"""The head that is not rated keeps what it knew: in the network of both heads, and in one of its own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from nima.assess.assessor import Assessor
from nima.cli.commands import commands
from nima.image.product import find_product
from nima.model.folder import SHIPPED
from nima.model.litert import LazyModel, Model
from nima.model.manifest import Manifest
from nima.model.prepare import prepare
from nima.training.evaluate.ladders import falls
from nima.training.evaluate.run import RunModel
from nima.training.networks.architecture import STANDARD, input_spec, of_model
from nima.training.networks.build import start_from_folder
from nima.training.networks.weights import fold_standard, passes_on, unfold_standard
from nima.training.samples.distortions import CHANGES, LADDERS
from nima.training.unrated import START, other_head
from tests.pictures import encode, scene
from tests.training.test_training_labels import photograph

LITE = SHIPPED / "nima-lite"
SHORT = ("--shares", "0.6", "0.2", "0.2", "--head-epochs", "1", "--epochs", "1", "--learning-rate", "1e-3")


@dataclass(frozen=True)
class Tuned:
    """A fine-tuning that is exported.

    Attributes:
        head: The rated head.
        start: The model that it began with.
        run: Its folder.
        model: The exported model.
    """

    head: str
    start: Path
    run: Path
    model: Path


def nima(*arguments: str | Path) -> str:
    answer = CliRunner().invoke(commands, list(map(str, arguments)))
    assert answer.exit_code == 0, answer.output
    return answer.output


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    for number in range(30):
        photograph(folder / "pictures" / f"p{number // 3:02d}-{number % 3}.png", number)
    # Far above what the start says, so that even a short training is better than it.
    votes = [
        f"p{number // 3:02d}-{number % 3}.png,r{rater},{7 + (number + rater) % 4}"
        for number in range(30)
        for rater in range(10)
    ]
    (folder / "votes.csv").write_text("\n".join(["image,rater,score", *votes]) + "\n", encoding="utf-8")
    return folder


def tuned(shop: Path, head: str, start: Path, *options: str) -> Tuned:
    run = shop / f"{start.name}-{head}-{len(list(shop.iterdir()))}"
    where = ("--model", start.name, "--models", start.parent)
    nima("train", shop / "votes.csv", shop / "pictures", "--out", run, "--head", head, *where, *SHORT, *options)
    nima("export", run, "--id", run.name, "--into", shop / "models")
    return Tuned(head, start, run, shop / "models" / run.name)


@pytest.fixture(scope="module")
def aesthetic(shop: Path) -> Tuned:
    """Of one network, which both heads share."""
    return tuned(shop, "aesthetic", LITE)


@pytest.fixture(scope="module")
def technical(shop: Path) -> Tuned:
    return tuned(shop, "technical", LITE)


@pytest.fixture(scope="module")
def other_backbone(shop: Path) -> Tuned:
    return tuned(shop, "aesthetic", LITE, "--backbone", "mobilenet_v2", "--alpha", "0.35", "--weights", "none")


@pytest.fixture(scope="module", params=["aesthetic", "technical", "other_backbone"])
def any_of_them(request: pytest.FixtureRequest) -> Tuned:
    found: Tuned = request.getfixturevalue(request.param)
    return found


def unseen(count: int = 3) -> list[Image.Image]:
    """Pictures of other kinds than those that were rated, and each made worse."""
    made = [scene(480, 360, seed=100 + number) for number in range(count)]
    return [*made, *(CHANGES[name](made[0], LADDERS[name][2], np.random.default_rng(1)) for name in LADDERS)]


def answers(model: Any, picture: Image.Image) -> dict[str, np.ndarray]:
    pixels = prepare(picture, find_product(np.asarray(picture)), model.manifest.input)
    return {head: np.asarray(answer) for head, answer in model.predict(pixels).items()}


def test_it_answers_as_the_model_that_training_began_with(any_of_them: Tuned) -> None:
    start, own, run = Model(any_of_them.start), Model(any_of_them.model), RunModel(any_of_them.run)
    learned = []
    for picture in unseen():
        before, after, running = (answers(model, picture) for model in (start, own, run))
        kept = other_head(any_of_them.head)
        assert after[kept] == pytest.approx(before[kept], abs=1e-5)
        assert running[kept] == pytest.approx(before[kept], abs=1e-4)
        assert running[any_of_them.head] == pytest.approx(after[any_of_them.head], abs=2e-3)
        learned.append(np.abs(after[any_of_them.head] - before[any_of_them.head]).max())
    assert max(learned) > 0.02


def test_it_falls_down_ladders_as_before(any_of_them: Tuned, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.png" for number in range(2)]
    for number, file in enumerate(files):
        scene(240, 180, seed=60 + number).save(file)
    start, own = falls([Model(any_of_them.start), Model(any_of_them.model)], files, other_head(any_of_them.head))
    for name in LADDERS:
        assert own[name].often == start[name].often
        assert own[name].far == pytest.approx(start[name].far, abs=1e-3)


def test_its_votes_and_percentiles_stay(any_of_them: Tuned) -> None:
    start, own = Manifest.read(any_of_them.start), Manifest.read(any_of_them.model)
    kept = other_head(any_of_them.head)
    assert own.votes.get(kept) == start.votes.get(kept)
    assert own.population == {kept: start.population[kept]}
    assert own.products == {kept: start.products[kept]}
    # People's votes on the rated head need no output layer, and its scores are not those of the start's population.
    assert any_of_them.head not in own.votes


def test_a_backbone_of_its_own_makes_two_files_and_one_that_forks_one(aesthetic: Tuned, other_backbone: Tuned) -> None:
    assert [file.heads for file in Manifest.read(aesthetic.model).files] == [("technical", "aesthetic")]
    two = Manifest.read(other_backbone.model)
    assert sorted(file.heads for file in two.files) == [("aesthetic",), ("technical",)]
    assert of_model(two, "aesthetic").backbone == "mobilenet_v2"
    assert of_model(two, "technical").backbone == "mobilenet_folded"
    assert two.input == Manifest.read(LITE).input


def test_a_model_of_two_files_is_gone_on_with(shop: Path, other_backbone: Tuned) -> None:
    once_more = tuned(shop, "technical", other_backbone.model)
    before, after = (answers(Model(folder), scene(seed=7)) for folder in (other_backbone.model, once_more.model))
    assert np.array_equal(after["aesthetic"], before["aesthetic"])
    assert not np.allclose(after["technical"], before["technical"], atol=1e-3)
    (file,) = (file for file in Manifest.read(other_backbone.model).files if file.heads == ("aesthetic",))
    assert file.sha256 in {file.sha256 for file in Manifest.read(once_more.model).files}


def test_learned_reasons_are_those_of_the_start(shop: Path) -> None:
    start = shop / "starts" / "strict"
    shutil.copytree(LITE, start)
    manifest = Manifest.read(start)
    assert manifest.reasons
    thresholds = {code: dict.fromkeys(groups, (50.0, 60.0)) for code, groups in manifest.reasons.thresholds.items()}
    replace(manifest, id="strict", reasons=replace(manifest.reasons, thresholds=thresholds)).renewed().write(start)
    own = tuned(shop, "aesthetic", start)
    named = {}
    for folder in (LITE, start, own.model):
        assessor = Assessor(LazyModel(folder))
        named[folder] = [[found.code for found in assessor.assess(encode(picture)).deductions] for picture in unseen()]
    assert any(named[LITE])
    assert named[start] != named[LITE]
    assert named[own.model] == named[start]


def test_a_run_is_exported_and_evaluated_when_its_start_is_gone(aesthetic: Tuned, shop: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(aesthetic.run, run)
    nima("export", run, "--id", "own", "--into", tmp_path / "models")
    before, after = (Model(folder) for folder in (aesthetic.model, tmp_path / "models" / "own"))
    for head, answer in answers(after, unseen(1)[0]).items():
        assert answer == pytest.approx(answers(before, unseen(1)[0])[head], abs=1e-6)
    said = nima("evaluate", run, "--models", tmp_path / "models", "--ladders", "1")
    assert "The technical head of run" in said
    assert "1.000" in said
    file = run / START / "nima.tflite"
    file.write_bytes(file.read_bytes()[:-1])
    told = CliRunner().invoke(commands, ["evaluate", str(run), "--models", str(tmp_path / "models")])
    assert told.exit_code == 1


def test_another_input_than_the_start_has_is_refused(shop: Path) -> None:
    for option in (("--side", "224"), ("--tile", "64", "--backbone", "mobilenet_v2", "--weights", "none")):
        out = shop / "refused"
        command = ["train", shop / "votes.csv", shop / "pictures", "--out", out, "--model", "nima-lite", *option]
        answer = CliRunner().invoke(commands, list(map(str, command)))
        assert answer.exit_code == 1
        assert "sees 192 x 192 pixels (lanczos) and 128 rows of full detail" in answer.output
        assert not out.exists()


def test_an_unchanged_start_says_in_training_what_it_says_in_inference() -> None:
    import keras

    architecture = of_model(Manifest.read(LITE))
    network = start_from_folder(architecture, LITE)
    pixels = np.stack([prepare(picture, None, input_spec(architecture)) for picture in unseen(8)])
    batch = pixels.astype(np.float32) / 127.5 - 1

    def means(training: bool) -> np.ndarray:
        return np.asarray(network(batch, training=training)["technical"]) @ np.arange(1, 11)

    before = means(False)
    assert passes_on(network)
    assert np.abs(means(True) - before).max() > 1
    unfold_standard(network, np.asarray(keras.Model(network.input, network.get_layer(STANDARD).input)(batch)))
    assert not passes_on(network)
    assert means(False) == pytest.approx(before, abs=1e-3)
    assert means(True) == pytest.approx(before, abs=0.25)
    fold_standard(network)
    assert means(False) == pytest.approx(before, abs=1e-3)
