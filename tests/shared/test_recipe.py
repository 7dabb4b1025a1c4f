"""A model of one's own from published weights, by the commands that the guide says, to the code of the functions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.bench.recipe.__main__ import main


@pytest.mark.parametrize("network", ["MobileNetV2 .35", "MobileNetV1 .25"])
def test_a_model_is_trained_served_from_a_bucket_and_rolled_back(network: str, shared: Path, tmp_path: Path) -> None:
    found = tmp_path / "figures.json"
    arguments = ["--data", str(shared), "--pictures", "160", "--quick", "--network", network, "--json", str(found)]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    figures = json.loads(found.read_text())["networks"][network]
    own, began = figures["evaluation"]
    assert own["srcc"] > 0.3
    assert began["model"].startswith("nima-lite ")
    first, second = figures["versions"]
    assert first.startswith("s3://")
    assert first != second
    assert "nima-lite" in done.output
