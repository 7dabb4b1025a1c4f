"""A model of one's own from published weights, by the commands that the guide says, to the code of the functions."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from tests.bench.recipe.__main__ import main

NETWORK = "MobileNetV2 .35"
"""The guide's; `make bench-recipe` has others."""


def test_a_model_is_trained_served_from_a_bucket_and_rolled_back(shared: Path, tmp_path: Path) -> None:
    found = tmp_path / "figures.json"
    arguments = ["--data", str(shared), "--pictures", "160", "--quick", "--network", NETWORK, "--json", str(found)]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    figures = json.loads(found.read_text())["networks"][NETWORK]
    own, began = figures["evaluation"]
    assert own["srcc"] > 0.3
    assert began["model"].startswith("nima-lite ")
    first, second = figures["versions"]
    assert first.startswith("s3://")
    assert first != second
    assert "nima-lite" in done.output
