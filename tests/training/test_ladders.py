"""How the head that was not rated tells worse pictures from better ones, beside the model that training began with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from nima.model.folder import SHIPPED
from nima.model.litert import Model
from nima.training.evaluate.comparison import Comparison
from nima.training.evaluate.ladders import Fall, falls
from nima.training.evaluate.report.page import render
from nima.training.evaluate.table import side_by_side
from nima.training.samples.distortions import LADDERS
from nima.words import LANGUAGES
from tests.evaluations import MADE, bells, chosen, compared, rated
from tests.pictures import scene


class Blind:
    """Answers as nima-lite does of a clean picture, whatever is shown."""

    def __init__(self, model: Model) -> None:
        self.manifest = model.manifest

    def predict(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
        return dict.fromkeys(("technical", "aesthetic"), bells(np.array([6.0]))[0])


def test_a_fall_is_counted_step_by_step_and_measured_from_end_to_end() -> None:
    fall = Fall.of(np.array([[6.0, 5.0, 4.0], [6.0, 6.5, 5.0]]))
    assert (fall.often, fall.far) == (0.75, 1.5)


def test_the_technical_head_falls_down_every_ladder_and_one_that_is_blind_down_none(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.png" for number in range(3)]
    for number, file in enumerate(files):
        scene(240, 160, seed=number).save(file)
    lite = Model(SHIPPED / "nima-lite")
    told: list[tuple[int, int]] = []
    sees, blind = falls([lite, Blind(lite)], files, "technical", 2, lambda *done: told.append(done))
    assert told == [(1, 2), (2, 2)]
    assert list(sees) == list(blind) == list(LADDERS)
    for name in LADDERS:
        assert sees[name].often >= 0.8
        assert sees[name].far > 0.5
        assert blind[name] == Fall(0, 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_table_report_and_json_show_both_models_falls(language: str, tmp_path: Path) -> None:
    found = compared(rated(tmp_path))
    ours, starts = (dict.fromkeys(LADDERS, Fall(often, far)) for often, far in ((0.52, 0.31), (0.98, 2.34)))
    found = replace(found, falls=(ours, starts))
    console = Console(record=True, width=200)
    for part in side_by_side(found):
        console.print(part)
    printed = console.export_text()
    assert "0.25 apart at most" in printed
    for shown in (printed, render(found, chosen(found.evaluations[0].labels), MADE, language)):
        assert shown.count("52") >= len(LADDERS)
        assert shown.count("2.34") == len(LADDERS)
    models = json.loads(json.dumps(found.to_json()))["models"]
    assert [model["other_head_ladders"]["blur"] for model in models] == [
        {"often": 0.52, "far": 0.31},
        {"often": 0.98, "far": 2.34},
    ]
    assert models[0]["other_head"]["furthest"] == pytest.approx(0.25, abs=0.05)
    unasked = Comparison(found.evaluations)
    assert unasked.to_json()["models"][0]["other_head_ladders"] is None
    assert "2.34" not in render(unasked, chosen(found.evaluations[0].labels), MADE, language)
