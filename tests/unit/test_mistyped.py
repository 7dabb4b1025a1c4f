"""What is said to somebody who mistyped a command or a name."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from nima.cli.choice import Choice
from nima.cli.commands import commands
from tests.unit.test_outputs import every_command


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["scor"], "No such command 'scor'. Did you mean score?"),
        (["Score"], "Did you mean score?"),
        (["picks", "shoot"], "Did you mean pick?"),
        (["model", "list"], "Did you mean models?"),
        (["score", "--style", "portrat"], "'creative'. Did you mean portrait?"),
        (["score", "--policy", "Amazn"], "Did you mean amazon?"),
        (["pick", "--sets", "bset"], "Did you mean best?"),
        (["plugin", "lightrom"], "Did you mean lightroom?"),
        (["score", "--model", "nima-lit", "."], "The model 'nima-lit' is not installed. Did you mean nima-lite? ("),
        (["models", "show", "nimalite"], "Did you mean nima-lite?"),
    ],
)
def test_the_nearest_name_is_said(typed: list[str], said: str) -> None:
    done = CliRunner().invoke(commands, typed)
    assert done.exit_code in (1, 2)
    assert said in done.stderr


@pytest.mark.parametrize("typed", [["xyzzy"], ["score", "--style", "xyzzy"], ["score", "--model", "xyzzy", "."]])
def test_where_nothing_is_near_nothing_is_asked(typed: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(commands, typed)
    assert (done.exit_code != 0, "xyzzy" in done.stderr, "Did you mean" in done.stderr) == (True, True, False)


def test_every_name_of_a_few_is_asked_for() -> None:
    for name, command in every_command():
        for param in command.params:
            assert not isinstance(param.type, click.Choice) or isinstance(param.type, Choice), (name, param.name)
