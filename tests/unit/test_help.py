"""What commands say of themselves."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from nima.cli.commands import COMMANDS, commands
from tests.unit.test_outputs import every_command

GROUPS = ("models", "distill")


@pytest.fixture(scope="module")
def known() -> dict[str, click.Command]:
    """Every command by its name."""
    return dict(every_command())


def helped(*names: str) -> str:
    done = CliRunner().invoke(commands, [*names, "--help"], env={"COLUMNS": "80"}, terminal_width=80)
    assert done.exit_code == 0
    return done.output


def test_every_option_says_what_it_is_for(known: dict[str, click.Command]) -> None:
    silent = [
        f"{name} {param.opts[0]}"
        for name, command in known.items()
        for param in command.params
        if isinstance(param, click.Option) and not param.help
    ]
    assert silent == []


def test_every_help_fits_a_terminal(known: dict[str, click.Command]) -> None:
    for name in ("", *GROUPS, *known):
        wide = [line for line in helped(*name.split()).splitlines() if cell_len(line) > 80]
        assert wide == [], name


def test_what_a_command_does_is_said_whole_where_commands_are_listed() -> None:
    for name in ("", *GROUPS):
        assert "..." not in helped(*name.split()).partition("Commands:")[2], name


def test_what_an_option_reads_from_the_environment_is_said(known: dict[str, click.Command]) -> None:
    for name, command in known.items():
        for param in command.params:
            if isinstance(param, click.Option) and param.envvar:
                assert str(param.envvar) in str(param.help), (name, param.name)


def test_a_default_that_is_there_is_not_called_required(known: dict[str, click.Command]) -> None:
    for name, command in known.items():
        for param in command.params:
            assert not (param.required and callable(param.default)), (name, param.name)


def test_one_folder_is_watched_and_no_list_of_paths(known: dict[str, click.Command]) -> None:
    assert "nima watch [OPTIONS] FOLDER" in " ".join(helped("watch").split()).replace("commands", "nima")
    assert "--files-from" not in helped("watch")
    assert all("--files-from" in helped(name) for name in ("score", "tag", "pick", "rate", "report"))
    assert set(COMMANDS) <= {name.split()[0] for name in known}
