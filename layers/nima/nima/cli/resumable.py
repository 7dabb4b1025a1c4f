"""Long work that Ctrl-C ends in order, with exit code 130."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from nima.cli.outputs import Writing
from nima.interrupt import INTERRUPTED, interrupted

out_option = click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The run's folder."
)


class Resumable(Writing):
    """A command that goes on where it was stopped."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BaseException as error:
            if not interrupted():
                raise
            raise _Stopped("Stopped. The same command goes on from here.") from error


class _Stopped(click.ClickException):
    exit_code = INTERRUPTED
