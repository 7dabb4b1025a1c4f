"""The commands, each imported when it is used."""

from __future__ import annotations

from importlib import import_module

import click

from nima import __version__

COMMANDS = {
    "score": "Score pictures on this machine.",
    "models": "Fetch, convert, adopt and list models.",
    "train": "Fine-tune a model on own ratings.",
    "distill": "Train a small model on the scores of a large one.",
    "evaluate": "Compare models with ratings.",
    "export": "Make a model folder of a training run.",
    "calibrate": "Give a model its percentiles.",
    "local": "Run the whole application on this machine, without an AWS account.",
}


class _LazyGroup(click.Group):
    """Imports a command's module only when that command is used, so that none pays for another's imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"nima.cli.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"nima.cli.{cmd_name}.command is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def commands() -> None:
    """How good are these pictures? NIMA scores, their distributions and the reasons."""
