"""``nima score``: pictures of this machine, without a bucket, a table or a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from nima.cli.choice import Choice
from nima.cli.outcome import REFUSED, WRITERS, best, by_folder, name_refused, refused
from nima.cli.outputs import ChartFile, OutputFile, Writing
from nima.cli.rows import FORMS, row_files
from nima.cli.scanning import Scanning, scanning_options
from nima.cli.streams import show
from nima.desk.scan import Row
from nima.document.policy import MAIN_IMAGE, POLICIES
from nima.document.result import Result
from nima.interrupt import INTERRUPTED, interrupted, unbroken
from nima.whole import whole

_POLICY = f"The rules that pictures are judged by: {', '.join(POLICIES)}."
_FORMAT = "What is printed."
_CSV = "Write a CSV there, a row for each picture as soon as it is done."
_JSONL = "Write JSON there, a line for each picture as soon as it is done."

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


@click.command(cls=Writing)
@click.option(
    "--policy", type=Choice(tuple(POLICIES)), metavar="POLICY", default=MAIN_IMAGE, show_default=True, help=_POLICY
)
@click.option("--format", "form", type=Choice(tuple(WRITERS)), default="table", show_default=True, help=_FORMAT)
@_on_request
@click.option("--csv", type=OutputFile(), help=_CSV)
@click.option("--jsonl", type=OutputFile(), help=_JSONL)
@click.option("--chart", type=ChartFile(), help=_CHART)
@scanning_options
def command(*, scanning: Scanning, form: str, chart: Path | None, **options: Any) -> None:
    """Score PATHS, pictures and folders of pictures, the best of each folder first.

    JSON holds one result document a line. CSV has the columns of the API's rankings. Paths are relative to PATHS where
    that is one folder; patterns, as 'shoot/**/*.jpg', and s3://bucket/prefix will do too. What has no scores, or was
    skipped, is named on standard error with the reason; exit code 3 says that pictures were refused. Ctrl-C shows what
    is done, with exit code 130.
    """
    wanted = {name: options[name] for name in _ON_REQUEST}
    if form != "json" and not options["jsonl"] and any(wanted.values()):
        names = ", ".join(f"--{name}" for name, asked in wanted.items() if asked)
        raise click.UsageError(f"{names}: --format json or --jsonl goes with it.")
    if chart:
        from nima.report.chart import draw
    done: dict[str, Result] = {}
    judging = scanning.judging(policy=options["policy"], **wanted)
    with row_files([(form, options[form]) for form in FORMS]) as files:

        def take(row: Row) -> None:
            with unbroken():
                done[row.name] = row.result
                for file in files:
                    file.add(row.result)

        scanning.each(judging, take, remote=True)
    results = by_folder(done)
    first = best(results) if chart else None
    show(WRITERS[form](results))
    if chart and first:
        with whole(chart) as part:
            draw(first[1], Path(first[0]).name, part)
    scanning.name_skipped()
    name_refused(refused(results).items())
    if interrupted():
        click.echo(f"Stopped after {len(results)} of {len(scanning.shots)} pictures.", err=True)
    problems = [file.problem for file in files if file.problem]
    if problems and not interrupted():
        raise click.ClickException("\n".join(problems))
    click.get_current_context().exit(INTERRUPTED if interrupted() else REFUSED if refused(results) else 0)
