"""``nima score``: pictures of this machine, without a bucket, a table or a server."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from nima.cli.models import models_option
from nima.cli.outcome import REFUSED, WRITERS, best, by_folder, refused
from nima.desk.scan import Judging, scan
from nima.desk.shots import Shot, find_shots
from nima.document.composite import DEFAULT_STYLE, STYLES, Weights
from nima.document.policy import MAIN_IMAGE, POLICIES
from nima.document.result import Rejection, Result
from nima.image.raw.develop import Reading
from nima.interrupt import INTERRUPTED, ignore, interrupted
from nima.local.files import skipped_lines
from nima.local.models import prepare
from nima.report.table import printable

_POLICY = "The rules that pictures are judged by."
_RECURSIVE = "Whether the folders in a folder are looked into."
_RAW = "What of camera RAW is judged: its preview where that is large enough, or always its own pixels."
_NAMED = 20
"""Refused pictures that are named below the results."""

# Parts of a document that are made on request, which JSON alone has.
_ON_REQUEST = {
    "maps": "Say in JSON where in each picture scores and reasons lie.",
    "advice": "Try out, and say in JSON, what would help each picture.",
    "crops": "Say in JSON the best crop of each picture at 1:1, 4:5, 16:9 and 9:16.",
}
_CHART = "Draw the best picture's scores there; needs matplotlib."


def _on_request(command: Callable[..., None]) -> Callable[..., None]:
    for name, about in reversed(_ON_REQUEST.items()):
        command = click.option(f"--{name}", is_flag=True, help=about)(command)
    return command


def _drawable(_context: click.Context, _option: click.Parameter, chart: Path | None) -> Path | None:
    if chart and chart.suffix not in (".svg", ".png", ".pdf"):
        raise click.BadParameter("its name has to end in .svg, .png or .pdf")
    return chart


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(readable=False, path_type=Path))
@click.option("--style", type=click.Choice(tuple(STYLES)), default=DEFAULT_STYLE, show_default=True)
@click.option("--weights", type=(float, float), help="Own weights: technical, aesthetic.")
@click.option("--policy", type=click.Choice(tuple(POLICIES)), default=MAIN_IMAGE, show_default=True, help=_POLICY)
@click.option("--format", "form", type=click.Choice(tuple(WRITERS)), default="table", show_default=True)
@click.option("--recursive/--no-recursive", default=True, show_default=True, help=_RECURSIVE)
@click.option(
    "--raw",
    type=click.Choice([one.value for one in Reading]),
    default=Reading.PREVIEW.value,
    show_default=True,
    help=_RAW,
)
@_on_request
@click.option("--model", envvar="MODEL", help="The id of the model; else the best one installed.")
@models_option("--models")
@click.option("--chart", type=click.Path(dir_okay=False, path_type=Path), callback=_drawable, help=_CHART)
def command(*, paths: tuple[Path, ...], form: str, chart: Path | None, **options: Any) -> None:
    """Score PATHS, pictures and folders of pictures, the best of each folder first.

    JSON holds one result document a line. CSV has the columns of the API's rankings. Paths are relative to PATHS where
    that is one folder. What has no scores, or was skipped, is named on standard error with the reason; exit code 3 says
    that pictures were refused. Ctrl-C shows what is done, with exit code 130.
    """
    wanted = {name: options[name] for name in _ON_REQUEST}
    if form != "json" and any(wanted.values()):
        names = ", ".join(f"--{name}" for name, asked in wanted.items() if asked)
        raise click.UsageError(f"{names}: --format json goes with it.")
    if chart:
        from nima.report.chart import draw
    weights = Weights.of(*options["weights"]) if options["weights"] else None
    model = prepare(options["models"], options["model"], None)
    found = find_shots(paths, recursive=options["recursive"])
    judging = Judging(model, options["style"], weights, options["policy"], raw=options["raw"], **wanted)
    results = by_folder(_score(found.shots, judging))
    first = best(results)
    _show(WRITERS[form](results))
    if chart and first:
        draw(first[1], Path(first[0]).name, chart)
    for line in skipped_lines(found.skipped):
        click.echo(printable(line), err=True)
    _name_refused(refused(results))
    if interrupted():
        click.echo(f"Stopped after {len(results)} of {len(found.shots)} pictures.", err=True)
    click.get_current_context().exit(INTERRUPTED if interrupted() else REFUSED if refused(results) else 0)


def _score(shots: Sequence[Shot], judging: Judging) -> dict[str, Result]:
    """What became of each picture; where Ctrl-C ends it, of those that are done."""
    results: dict[str, Result] = {}
    console = Console(stderr=True)
    unseen = len(shots) == 1 or not console.is_terminal
    try:
        rows = track(scan(shots, judging), "Scoring", len(shots), console=console, transient=True, disable=unseen)
        for row in rows:
            results[row.name] = row.result
    except KeyboardInterrupt:
        ignore()
    return results


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
