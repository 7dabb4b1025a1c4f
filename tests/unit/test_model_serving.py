"""Model folders as they are served: hashed before parsed, loaded once, chosen by id, adopted under an honest name."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, current_thread
from typing import Any

import ai_edge_litert.interpreter as litert
import numpy as np
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from nima.cli.commands import commands
from nima.errors import ModelUnavailable
from nima.model.folder import SHIPPED, find_model
from nima.model.litert import LazyModel, Model
from nima.model.manifest import HEADS, Manifest
from tests.manifests import remake
from tests.waiting import until

SHARED = Path(os.environ.get("NIMA_SHARED_DATA", Path(__file__).resolve().parents[2] / ".." / "shared" / "data"))


@pytest.fixture
def folder(model_folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage, in a folder of models."""
    return Path(shutil.copytree(model_folder, tmp_path / "models" / model_folder.name))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every file that LiteRT is given to parse."""
    sizes: list[int] = []
    interpreter = litert.Interpreter

    def counting(*, model_path: str, **options: Any) -> litert.Interpreter:
        sizes.append(Path(model_path).stat().st_size)
        return interpreter(model_path=model_path, **options)

    monkeypatch.setattr(litert, "Interpreter", counting)
    return sizes


def test_pictures_differ_in_their_distributions(model_folder: Path) -> None:
    model = Model(model_folder)
    ramp = np.broadcast_to(np.linspace(0, 255, 224, dtype=np.uint8)[:, None, None], (224, 224, 3))
    noise = np.random.default_rng(1).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    first, second = model.predict(np.ascontiguousarray(ramp)), model.predict(noise)
    for head in HEADS:
        assert first[head].shape == (10,)
        assert first[head].sum() == pytest.approx(1, abs=1e-12)
        assert abs((first[head] - second[head]) @ np.arange(1, 11)) > 0.1
    assert not np.allclose(first["technical"], first["aesthetic"], atol=0.01)


def test_a_damaged_file_is_refused_before_it_is_parsed(folder: Path, parsed: list[int]) -> None:
    path = folder / "technical.tflite"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelUnavailable, match="damaged"):
        Model(folder)
    assert parsed == []


def test_a_file_that_was_changed_since_it_was_loaded_is_not_parsed_again(folder: Path) -> None:
    model = Model(folder)
    pixels = np.zeros(model.manifest.input.shape, np.uint8)
    assert set(model.contributions(pixels)) == set(HEADS)
    path = folder / "technical.tflite"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ModelUnavailable, match="damaged"):
        model.contributions(pixels)


def test_a_file_that_is_missing_or_no_model_is_refused(folder: Path) -> None:
    path = folder / "technical.tflite"
    path.write_bytes(b"not a model")
    files = Manifest.read(folder).to_json()["files"]
    files[0]["sha256"] = hashlib.sha256(b"not a model").hexdigest()
    remake(folder, files=files)
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        Model(folder)
    path.unlink()
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        Model(folder)


@pytest.mark.parametrize("heads", [["aesthetic"], ["technical", "aesthetic"], ["beauty"], []])
def test_a_manifest_must_name_each_head_once(folder: Path, heads: list[str]) -> None:
    files = Manifest.read(folder).to_json()["files"]
    files[0]["heads"] = heads
    remake(folder, files=files)
    with pytest.raises(ModelUnavailable, match="manifest is invalid"):
        Model(folder)


def test_a_file_must_have_an_output_for_each_head_and_the_stated_input(folder: Path) -> None:
    manifest = Manifest.read(folder).to_json()
    remake(folder, files=[{**manifest["files"][0], "heads": list(HEADS)}])
    with pytest.raises(ModelUnavailable, match="unexpected shape"):
        Model(folder)
    remake(folder, files=manifest["files"], input={**manifest["input"], "width": 320})
    with pytest.raises(ModelUnavailable, match="unexpected shape"):
        Model(folder)


def test_a_manifest_cannot_reach_out_of_its_folder(folder: Path) -> None:
    files = Manifest.read(folder).to_json()["files"]
    files[0]["path"] = "../technical.tflite"
    remake(folder, files=files)
    with pytest.raises(ModelUnavailable, match="manifest is invalid"):
        Model(folder)


def test_threads_share_one_load(folder: Path, parsed: list[int]) -> None:
    lazy, start = LazyModel(folder), Barrier(8)
    assert not lazy.loaded

    def ask(_: int) -> Model:
        start.wait()
        return lazy.get()

    with ThreadPoolExecutor(8) as pool:
        models = set(pool.map(ask, range(8)))
    assert len(models) == 1
    assert len(parsed) == len(HEADS)


def test_threads_do_not_mix_their_answers(model_folder: Path) -> None:
    model = Model(model_folder)
    pictures = [np.full((224, 224, 3), value, np.uint8) for value in range(0, 256, 32)]
    alone = [model.predict(pixels)["technical"] for pixels in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda pixels: model.predict(pixels)["technical"], pictures * 4))
    np.testing.assert_array_equal(together, alone * 4)


def test_a_load_that_failed_is_tried_again(folder: Path) -> None:
    lazy = LazyModel(folder)
    content = (folder / "aesthetic.tflite").read_bytes()
    (folder / "aesthetic.tflite").unlink()
    with pytest.raises(ModelUnavailable):
        lazy.get()
    (folder / "aesthetic.tflite").write_bytes(content)
    assert lazy.get().manifest.id == "nima-test"


def test_a_load_begun_is_the_one_that_is_waited_for(folder: Path, parsed: list[int]) -> None:
    asked, found = [], Event()

    def get() -> Path:
        asked.append(1)
        assert found.wait(60)
        return folder

    lazy = LazyModel(get)
    for _ in range(3):
        lazy.begin()
    until(lambda: asked)
    assert not lazy.loaded
    found.set()
    assert lazy.get() is lazy.get()
    lazy.begin()
    assert (len(asked), len(parsed)) == (1, len(HEADS))


def test_a_load_begun_that_fails_while_it_is_waited_for_is_told_and_tried_again_later(folder: Path) -> None:
    asked, fail = [], Event()

    def get() -> Path:
        asked.append(1)
        if len(asked) == 1:
            assert fail.wait(60)
            raise ModelUnavailable("It is not there.")
        return folder

    lazy = LazyModel(get)
    lazy.begin()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lazy.get)
        until(lambda: not lazy.begun)
        fail.set()
        with pytest.raises(ModelUnavailable, match="not there"):
            waiting.result()
    assert lazy.get().manifest.id == "nima-test"
    assert len(asked) == 2


def test_a_load_begun_for_a_picture_of_long_ago_fails_no_later_one(folder: Path) -> None:
    threads = []

    def get() -> Path:
        threads.append(current_thread())
        if len(threads) == 1:
            raise ModelUnavailable("It was not there.")
        return folder

    lazy = LazyModel(get)
    lazy.begin()
    until(lambda: threads)
    threads[0].join()
    assert lazy.get().manifest.id == "nima-test"


def test_the_best_model_that_is_there_is_found(folder: Path) -> None:
    models = folder.parent
    assert find_model([models]) == folder
    shutil.copytree(folder, models / "nima-mobilenet-int8")
    shutil.copytree(folder, models / ".nima-lite-unfinished")
    assert find_model([models]) == models / "nima-mobilenet-int8"
    shutil.copytree(folder, models / "nima-mobilenet")
    assert find_model([models]) == models / "nima-mobilenet"
    assert find_model([models], "nima-test") == folder
    with pytest.raises(ModelUnavailable, match="'nima-lite' is not installed"):
        find_model([models], "nima-lite")
    with pytest.raises(ModelUnavailable, match="No model is installed"):
        find_model([models / "nowhere"])


def test_own_models_come_before_those_that_came_with_the_package(folder: Path) -> None:
    places = [folder.parent, SHIPPED]
    assert find_model(places) == SHIPPED / "nima-lite"
    assert find_model(places, "nima-test") == folder
    shutil.copytree(folder, folder.parent / "nima-lite")
    assert find_model(places) == folder.parent / "nima-lite"


def test_a_model_that_hides_the_one_that_came_along_is_told_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a checkout above the working folder, which somebody has forgotten."""
    checkout = tmp_path / "checkout"
    models = checkout / "functions" / "score" / "models"
    (checkout / "shoot").mkdir(parents=True)
    models.mkdir(parents=True)
    (models.parent / "Dockerfile").touch()
    monkeypatch.chdir(checkout / "shoot")

    def said(command: str, *arguments: str) -> str:
        done = CliRunner().invoke(commands, [command, ".", *arguments])
        assert done.exit_code == 1
        assert "There are no pictures" in done.stderr
        return done.stderr.removesuffix(done.stderr[done.stderr.index("Error: ") :])

    shutil.copytree(SHIPPED / "nima-lite", models / "nima-lite")
    assert said("score") == "", "it is the same one"
    shutil.rmtree(models / "nima-lite")
    shutil.copytree(folder, models / "nima-lite")
    shutil.copytree(folder, models / "nima-test")
    own, shipped = (Manifest.read(place / "nima-lite") for place in (models, SHIPPED))
    told = f"{own.name} of {models} judges, not {shipped.version}, which came with this program; --models chooses.\n"
    for command in ("score", "pick", "tag", "rate"):
        assert said(command) == told
    assert said("score", "--model", "nima-lite") == told
    assert said("score", "--models", str(models)) == "", "it was asked for"
    assert said("score", "--model", "nima-test") == "", "it was asked for, and hides none"


@pytest.mark.parametrize("command", [("calibrate", "--name", "my shoots"), ("train", "reasons", "--out", "run")])
def test_the_programs_own_model_is_changed_only_where_it_is_named(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = (SHIPPED / "nima-lite" / "manifest.json").read_bytes()
    done = CliRunner().invoke(commands, [*command, str(tmp_path)])
    assert done.exit_code == 1
    assert "Error: nima-lite came with this program, and is changed only where --model names it." in done.stderr
    assert (SHIPPED / "nima-lite" / "manifest.json").read_bytes() == before
    assert list(tmp_path.iterdir()) == []


def test_float_files_are_adopted_without_the_published_id(folder: Path, tmp_path: Path) -> None:
    (folder / "manifest.json").unlink()
    into = tmp_path / "models[" / "old]"  # no markup
    result = CliRunner().invoke(commands, ["models", "adopt", str(folder), "--into", str(into)])
    assert result.exit_code == 0, result.output
    adopted = Model(into / "nima-mobilenet-adopted")
    assert adopted.manifest.id == "nima-mobilenet-adopted"
    assert re.fullmatch("[0-9a-f]{12}", adopted.manifest.version)
    listed = CliRunner().invoke(commands, ["models", "list", "--into", str(into)], env={"COLUMNS": "400"})
    assert "models[/old]" in listed.output.replace("\n", "")
    assert "nima-mobilenet-adopted" in listed.output
    assert adopted.manifest.version in listed.output


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_list_of_models_is_whole_in_a_narrow_terminal(folder: Path, width: int) -> None:
    damaged = folder.parent / "一个很长的模型名字-damaged"
    damaged.mkdir()
    (damaged / "manifest.json").write_text("{", encoding="utf-8")
    listed = CliRunner().invoke(
        commands, ["models", "list", "--models", str(folder.parent)], env={"COLUMNS": str(width)}
    )
    assert max(map(cell_len, listed.output.splitlines())) <= width
    manifest = Manifest.read(folder)
    told = " ".join(listed.output.split())
    assert f"{manifest.name} technical, aesthetic; " in told
    assert f"; {manifest.licence}" in told
    assert f"{damaged.name} " in told
    assert "…" not in told


def test_files_that_are_no_models_are_not_adopted(tmp_path: Path) -> None:
    for head in HEADS:
        (tmp_path / f"{head}.tflite").write_bytes(b"not a model")
    result = CliRunner().invoke(
        commands, ["models", "install", "--source", str(tmp_path), "--into", str(tmp_path / "models")]
    )
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "cannot be loaded" in result.output
    assert not (tmp_path / "models").exists() or list((tmp_path / "models").iterdir()) == []


def test_verify_finds_what_changed_since_installation(folder: Path) -> None:
    models = str(folder.parent)
    assert CliRunner().invoke(commands, ["models", "verify", "--into", models]).exit_code == 0
    golden = Manifest.read(folder).to_json()["golden"]
    golden["distributions"]["technical"] = golden["distributions"]["technical"][::-1]
    remake(folder, golden=golden)
    other = CliRunner().invoke(commands, ["models", "verify", "--into", models])
    assert (other.exit_code, "does not give its golden scores" in other.output) == (1, True)
    (folder / "aesthetic.tflite").write_bytes(b"cut short")
    damaged = CliRunner().invoke(commands, ["models", "verify", "--into", models])
    assert (damaged.exit_code, "damaged" in damaged.output) == (1, True)
    empty = CliRunner().invoke(commands, ["models", "verify", "--into", models + "-none"])
    assert (empty.exit_code, "holds no model" in empty.output) == (1, True)


@pytest.mark.skipif(not SHARED.is_dir(), reason="NIMA_SHARED_DATA is not here")
def test_int8_weights_are_named_in_the_id(tmp_path: Path) -> None:
    source = SHARED / "nima-idealo"
    result = CliRunner().invoke(
        commands, ["models", "install", "--into", str(tmp_path)], env={"NIMA_MODEL_SOURCE": str(source)}
    )
    assert result.exit_code == 0, result.output
    manifest = Model(tmp_path / "nima-mobilenet-int8").manifest
    assert (manifest.id, manifest.licence) == ("nima-mobilenet-int8", "Apache-2.0")
    assert (source / "technical.tflite").stat().st_size == manifest.files[0].bytes


@pytest.mark.skipif(not SHARED.is_dir(), reason="NIMA_SHARED_DATA is not here")
def test_published_weights_whose_files_are_swapped_are_adopted_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "swapped").mkdir()
    for head, other in (HEADS, HEADS[::-1]):
        shutil.copy(SHARED / "nima-idealo" / f"{head}.tflite", tmp_path / "swapped" / f"{other}.tflite")
    for source, warned in ((SHARED / "nima-idealo", False), (tmp_path / "swapped", True)):
        done = CliRunner().invoke(
            commands, ["models", "adopt", str(source), "--into", str(tmp_path), "--id", f"own-{warned}"]
        )
        assert (done.exit_code, "If they are swapped" in done.stderr) == (0, warned)
