"""The command line: ``nima score``, ``nima models``, ``nima local``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from nima.interrupt import run

if TYPE_CHECKING:
    import click


def main() -> NoReturn:
    """Runs the command that was typed."""
    run(_commands)


def _commands() -> click.Command:
    from nima.cli.commands import commands

    return commands
