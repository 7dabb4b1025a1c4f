"""Errors as one line for people, with exit code 1 (130 after Ctrl-C), instead of a traceback."""

from __future__ import annotations

from typing import Any

import click

from nima.cli.interrupt import INTERRUPTED
from nima.errors import NimaError

_EXTRA = 'This needs the extra "train": pip install "nima-serverless[cli,train]".'


class Said(click.Command):
    """A command whose known failures are said in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NimaError as error:
            raise click.ClickException(
                f"{error.message} ({error.detail})" if error.detail else error.message
            ) from error
        except ModuleNotFoundError as error:
            raise click.ClickException(f"{_EXTRA} ({error})") from error
        except KeyboardInterrupt as error:
            raise _Stopped("Stopped. The same command goes on from here.") from error


class _Stopped(click.ClickException):
    exit_code = INTERRUPTED
