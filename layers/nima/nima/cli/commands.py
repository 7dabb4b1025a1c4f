"""The commands, each imported when it is used."""

from __future__ import annotations

import signal
from importlib import import_module
from typing import Any

import click

from nima import __version__
from nima.errors import NimaError
from nima.interrupt import end_in_order, heeded
from nima.near import did_you_mean

COMMANDS = {
    "score": ("Score pictures on this machine.", "chart"),
    "tag": ("Rate pictures for Lightroom, darktable and digiKam.", "raw"),
    "pick": ("Pick the best of a shoot, group by group.", "trash"),
    "rate": ("Say what tag would give pictures, as CSV.", "raw"),
    "report": ("Write one page about a shoot, which needs no network.", "report"),
    "watch": ("Score pictures as they come into a folder.", "watch"),
    "undo": ("Undo what a run changed among files.", "raw"),
    "plugin": ("Get the plug-ins for Lightroom Classic and Photoshop.", "raw"),
    "photoshop": ("Judge the document that is open in Photoshop.", "photoshop"),
    "models": ("Fetch, convert, adopt and list models.", "train"),
    "train": ("Fine-tune a model on own ratings.", "train"),
    "distill": ("Train a small model on the scores of a large one.", "train"),
    "evaluate": ("Compare models with ratings.", "train"),
    "export": ("Make a model folder of a training run.", "train"),
    "calibrate": ("Give a model its percentiles.", "train"),
    "local": ("Run the whole application on this machine, without an AWS account.", "local"),
}
"""What each does, and the extra of this package that holds what not all of its uses need."""


class _LazyGroup(click.Group):
    """Imports a command's module only when that command is used, so that none pays for another's imports.

    What can be expected to fail is said in one line, with exit code 1.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        try:
            command = import_module(f"nima.cli.{cmd_name}").command
        except ModuleNotFoundError as error:
            raise _missing(cmd_name, error) from error
        if not isinstance(command, click.Command):
            raise TypeError(f"nima.cli.{cmd_name}.command is not a command")
        if heeded():  # from here on there may be something to put in order
            end_in_order(signal.SIGINT)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            ctx.fail(f"No such command {args[0]!r}.{did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (help, _) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NimaError as error:
            raise click.ClickException(error.cause) from error
        except ModuleNotFoundError as error:
            raise _missing(str(ctx.invoked_subcommand), error) from error
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{place}{error.strerror or error}") from error


def _missing(command: str, error: ModuleNotFoundError) -> click.ClickException:
    extra = COMMANDS[command][1]
    return click.ClickException(f'This needs the extra "{extra}": pip install "nima-serverless[{extra}]". ({error})')


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def commands() -> None:
    """How good are these pictures? NIMA scores, their distributions and the reasons."""
