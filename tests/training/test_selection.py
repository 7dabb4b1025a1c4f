"""Which epoch is kept: the best of all stages and the start, whenever and wherever a run is killed."""

from __future__ import annotations

import csv
import math
import shutil
import signal
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from nima.cli.epochs import ending
from nima.errors import InvalidRequest
from nima.training.evaluate.held_out import HeldOut
from nima.training.trainer import tensorboard
from nima.training.trainer.folder import HISTORY, WEIGHTS
from nima.training.trainer.history import Epoch, History
from nima.training.trainer.plan import Plan, Stage
from tests.training.small_run import epochs, finished, started


def weights(path: Path) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
    return found


def assert_same(one: Path, other: Path) -> None:
    """Two runs have come to the same epochs and kept the same weights."""
    a, b = epochs(one), epochs(other)
    assert [epoch.place for epoch in a] == [epoch.place for epoch in b]
    for mine, theirs in zip(a, b, strict=True):
        assert mine.figures == pytest.approx(theirs.figures, rel=1e-3, abs=1e-5)
    kept, wanted = weights(one / WEIGHTS), weights(other / WEIGHTS)
    assert kept.keys() == wanted.keys()
    assert all(kept[name] == pytest.approx(wanted[name], abs=1e-4) for name in kept)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing happened to."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    kept = finished(folder).kept
    best = History.read(folder / HISTORY, "emd").best
    assert best
    assert best.stage
    assert kept["val_emd"] == pytest.approx(best.figures["val_emd"], abs=1e-6)
    return folder


def test_a_run_that_is_killed_before_any_of_its_files_comes_to_the_same_end(whole: Path, tmp_path: Path) -> None:
    folder, killed_after = tmp_path / "run", []
    for die_at in range(1, 12):
        ended = started(folder, die_at=die_at)
        if ended.code == 0:
            break
        assert ended.code == -signal.SIGKILL, ended.error
        killed_after.append(epochs(folder)[-1].place if (folder / HISTORY).exists() else None)
    assert ended.code == 0
    # Before anything, before the first epoch, and in both stages.
    assert {None, (0, 0), 1, 2} <= {place[0] if place and place[0] else place for place in killed_after}
    rows = [(row["stage"], row["epoch"]) for row in csv.DictReader((folder / HISTORY).open())]
    assert rows == [("0", "0"), ("1", "1"), ("1", "2"), ("2", "1"), ("2", "2")]
    assert_same(folder, whole)
    assert not list(folder.rglob("part-*"))


def test_early_stopping_survives_a_kill_and_a_worse_stage_replaces_nothing(tmp_path: Path) -> None:
    harmful = {"rates": (0.1, 1.0), "stages": (2, 9), "patience": 1}
    ended = finished(tmp_path / "whole", **harmful)
    history = History("emd", epochs(tmp_path / "whole"))
    assert history.best
    assert history.best.stage == 1
    assert ended.kept["val_emd"] == pytest.approx(history.best.figures["val_emd"], abs=1e-6)
    assert history.of(2).waited == 1
    last = history.epochs[-1]
    assert last.epoch < 9

    # Killed before the last file, which says that the stage is over, and before the checkpoint of the last epoch.
    for die_at in (ended.files, ended.files - 1):
        folder = tmp_path / f"killed-{die_at}"
        assert started(folder, die_at=die_at, **harmful).code == -signal.SIGKILL
        assert epochs(folder)[-1].place == last.place
        finished(folder, **harmful)
        assert_same(folder, tmp_path / "whole")


@pytest.mark.parametrize(("keep", "heads"), [("srcc", ("technical", "aesthetic")), ("emd", ("aesthetic",))])
def test_the_start_is_kept_where_training_harms(whole: Path, tmp_path: Path, keep: str, heads: tuple[str, ...]) -> None:
    start = whole / WEIGHTS
    if len(heads) == 1:
        finished(tmp_path / "start", heads=heads)
        start = tmp_path / "start" / WEIGHTS
    kept = finished(tmp_path / "run", start=str(start), rates=(1.0, 1.0), stages=(1, 1), heads=heads, keep=keep).kept
    history = History(keep, epochs(tmp_path / "run"))
    assert [epoch.place for epoch in history.epochs] == [(0, 0), (1, 1), (2, 1)]
    assert history.best == history.epochs[0]
    assert kept == pytest.approx(dict(history.epochs[0].figures), abs=1e-6)
    before, after = weights(start), weights(tmp_path / "run" / WEIGHTS)
    assert all(np.array_equal(after[name], before[name]) for name in after)


def epoch(stage: int, number: int, srcc: float, emd: float) -> Epoch:
    measured = {"val_srcc": srcc, "val_srcc_low": srcc - 0.1, "val_srcc_high": srcc + 0.1, "val_emd": emd}
    return Epoch(stage, number, {"loss": 0.1, **measured})


def test_the_best_epoch_is_told_by_its_measure_and_of_equal_ones_it_is_the_first() -> None:
    run = (
        epoch(0, 0, 0.2, 0.3),
        epoch(1, 1, 0.5, 0.2),
        epoch(1, 2, 0.5, 0.1),
        epoch(2, 1, 0.5, 0.1),
        epoch(2, 2, 0.4, 0.0),
    )
    assert History("srcc", run).best == run[2]
    assert History("emd", run).best == run[4]
    assert History("srcc", run).waited == 2
    # A stage waits for a better epoch of its own.
    assert [History("srcc", run).of(stage).waited for stage in (1, 2)] == [0, 1]
    assert History("srcc").best is None


def test_what_is_not_defined_is_worse_than_anything() -> None:
    run = (epoch(0, 0, math.nan, 0.1), epoch(1, 1, -0.9, 0.5), epoch(1, 2, math.nan, math.nan))
    assert History("srcc", run).best == run[1]
    assert History("emd", run).best == run[0]


def test_a_history_is_read_as_it_was_written_and_one_of_earlier_releases_is_none(tmp_path: Path) -> None:
    path = tmp_path / HISTORY
    written = History("srcc", (Epoch(0, 0, {"val_srcc": 1 / 3, "val_emd": math.nan}), epoch(1, 1, 0.1, 1e-9)))
    written.write(path)
    read = History.read(path, "srcc")
    assert read.epochs[1] == written.epochs[1]
    assert read.epochs[0].figures["val_srcc"] == 1 / 3
    assert math.isnan(read.epochs[0].figures["val_emd"])
    assert "loss" not in read.epochs[0].figures
    path.write_text("epoch,loss,val_loss\n0,0.5,0.4\n1,0.4,0.3\n")
    assert History.read(path, "last") == History("last")
    path.write_text("stage,epoch,loss\n1,one,0.5\n")
    with pytest.raises(InvalidRequest, match="is damaged"):
        History.read(path, "srcc")


def test_a_run_whose_history_is_gone_is_not_gone_on_with(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(whole, folder)
    (folder / HISTORY).unlink()
    (folder / "stage-1.done").unlink()
    before = (folder / WEIGHTS).read_bytes()
    ended = started(folder)
    assert ended.code == 1
    assert f"{folder / HISTORY} is gone, by which the best epoch is told." in ended.error
    assert (folder / WEIGHTS).read_bytes() == before


def test_tensorboard_that_is_not_installed_is_told_before_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(InvalidRequest, match=r"pip install '\.\[train,tensorboard\]'"):
        tensorboard.check()


PLAN = Plan((Stage(2, 0.1), Stage(5, 0.01)), patience=2, keep="srcc")


def told(*trained: Epoch, held_out: HeldOut) -> list[str]:
    return list(ending(History("srcc", (epoch(0, 0, 0.4, 0.3), *trained)), PLAN, held_out))


def test_the_end_says_what_was_kept_why_it_stopped_and_what_that_is_worth() -> None:
    actual = np.random.default_rng(1).normal(5, 1, 60)
    noise = np.random.default_rng(2).normal(0, 1, 60)
    better = HeldOut.compared("nima-lite 1", actual + noise / 4, actual + 3 * noise, actual)
    run = (epoch(1, 1, 0.5, 0.2), epoch(1, 2, 0.6, 0.2), *(epoch(2, n, 0.5, 0.2) for n in (1, 2, 3)))
    best, ended, worth = told(*run, held_out=better)
    assert best == (
        "Best epoch by the SRCC of the validation pictures: stage 1, epoch 2, srcc 0.600 (95 %: 0.500 to 0.700), "
        "emd 0.200; srcc 0.400 (95 %: 0.300 to 0.500), emd 0.300 at the start."
    )
    assert ended == "Stage 1 ended after 2 of 2 epochs; stage 2 ended after 3 of 5 epochs, the last 2 without gain."
    assert worth.startswith(f"Held out, on 60 test pictures: SRCC {better.srcc.value:.3f} (95 %: ")
    assert f"; nima-lite 1 {better.start.value:.3f} (95 %: " in worth
    assert f"; difference +{better.difference.value:.3f} (95 %: {better.difference.low:.3f} to " in worth
    assert better.difference.low > 0
    assert "no difference" not in worth
    # Nothing to tell apart.
    close = HeldOut.compared("nima-lite 1", actual + noise, actual + noise[::-1], actual)
    assert told(*run, held_out=close)[2].endswith(", no difference that 60 pictures can show.")


def test_what_is_not_known_of_the_test_pictures_is_said(tmp_path: Path) -> None:
    none = HeldOut.compared("nima-lite 1", np.empty(0), np.empty(0), np.empty(0))
    assert told(epoch(1, 1, 0.5, 0.2), held_out=none)[2].startswith("There are no test pictures")
    one = HeldOut.compared("nima-lite 1", np.array([5.0]), np.array([4.0]), np.array([3.0]))
    assert told(epoch(1, 1, 0.5, 0.2), held_out=one)[2].startswith("Held out, on 1 test pictures: too few")
    one.write(tmp_path / "held-out.json")
    assert "NaN" not in (tmp_path / "held-out.json").read_text()
    assert math.isnan(HeldOut.read(tmp_path / "held-out.json").srcc.value)
    (tmp_path / "held-out.json").write_text("{}")
    with pytest.raises(InvalidRequest, match="is damaged"):
        HeldOut.read(tmp_path / "held-out.json")
