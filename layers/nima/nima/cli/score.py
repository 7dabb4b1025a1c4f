"""``nima score``: pictures of this machine, without a bucket, a table or a server."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import click

from nima.cli.files import RowFile, SheetFile
from nima.cli.outcome import REFUSED, WRITERS, best, by_folder, refused
from nima.cli.scanning import Scanning, scanning_options
from nima.document.policy import MAIN_IMAGE, POLICIES
from nima.document.result import Rejection, Result
from nima.interrupt import INTERRUPTED, interrupted
from nima.report.table import printable

_POLICY = "The rules that pictures are judged by."
_NAMED = 20
"""Refused pictures that are named below the results."""

# Parts of a document that are made on request, which JSON alone has.
_ON_REQUEST = {
    "maps": "Say in JSON where in each picture scores and reasons lie.",
    "advice": "Try out, and say in JSON, what would help each picture.",
    "crops": "Say in JSON the best crop of each picture at 1:1, 4:5, 16:9 and 9:16.",
}
_CHART = "Draw the best picture's scores there; needs matplotlib."
_file = click.Path(dir_okay=False, path_type=Path)


def _on_request(command: Callable[..., None]) -> Callable[..., None]:
    for name, about in reversed(_ON_REQUEST.items()):
        command = click.option(f"--{name}", is_flag=True, help=about)(command)
    return command


def _drawable(_context: click.Context, _option: click.Parameter, chart: Path | None) -> Path | None:
    if chart and chart.suffix not in (".svg", ".png", ".pdf"):
        raise click.BadParameter("its name has to end in .svg, .png or .pdf")
    return chart


@click.command()
@scanning_options
@click.option("--policy", type=click.Choice(tuple(POLICIES)), default=MAIN_IMAGE, show_default=True, help=_POLICY)
@click.option("--format", "form", type=click.Choice(tuple(WRITERS)), default="table", show_default=True)
@click.option("--csv", type=_file, help="Write CSV there as well, row by row; in order at the end.")
@click.option("--jsonl", type=_file, help="Write a result document a line there as well, as they come.")
@_on_request
@click.option("--chart", type=_file, callback=_drawable, help=_CHART)
def command(
    *,
    scanning: Scanning,
    policy: str,
    form: str,
    csv: Path | None,
    jsonl: Path | None,
    chart: Path | None,
    **on_request: bool,
) -> None:
    """Score PATHS, pictures and folders of pictures, the best of each folder first.

    JSON holds one result document a line. CSV has the columns of the API's rankings. Paths are relative to PATHS where
    that is one folder; patterns such as 'shoot/**/*.jpg' and s3://bucket/prefix work too. What has no scores, or was
    skipped, is named on standard error with the reason; exit code 3 says that pictures were refused. Ctrl-C shows what
    is done, with exit code 130. What was judged before is remembered, so that the same command goes on.
    """
    if form != "json" and not jsonl and any(on_request.values()):
        names = ", ".join(f"--{name}" for name, asked in on_request.items() if asked)
        raise click.UsageError(f"{names}: --format json goes with it, or --jsonl.")
    if chart:
        from nima.report.chart import draw
    found: dict[str, Result] = {}
    judging = scanning.judging(policy=policy, **on_request)
    with ExitStack() as stack:
        files = [stack.enter_context(kind(path)) for kind, path in ((SheetFile, csv), (RowFile, jsonl)) if path]
        for row in scanning.rows(judging):
            found[row.name] = row.result
            for file in files:
                file.add(row.name, row.result)
        results = by_folder(found)
        for file in files:
            file.finish(results)
    first = best(results)
    _show(WRITERS[form](results))
    if chart and first:
        draw(first[1], Path(first[0]).name, chart)
    _name_refused(refused(results))
    if interrupted():
        click.echo(f"Stopped after {len(results)} of {len(scanning.shots)} pictures.", err=True)
    click.get_current_context().exit(INTERRUPTED if interrupted() else REFUSED if refused(results) else 0)


def _show(text: str) -> None:
    """Writes to standard output, where somebody still reads it; a name that steers a terminal stays that name."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # Else the interpreter would say so when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise click.ClickException(f"The results cannot be written: {error.strerror}.") from error


def _name_refused(errors: Mapping[str, Rejection]) -> None:
    """Names refused pictures and the reasons."""
    for name, error in list(errors.items())[:_NAMED]:
        click.echo(printable(f"{name}: {error.code}: {error.message}"), err=True)
    if len(errors) > _NAMED:
        click.echo(f"... and {len(errors) - _NAMED} more without scores.", err=True)
