"""``nima score``: pictures of this machine, without a bucket, a table or a server."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from nima.assess.assessment import REJECTED, SCORED, Assessment, ObjectRef, Result
from nima.assess.assessor import Assessor
from nima.assess.composite import STYLES, Weights
from nima.catalogue.ranking import rank
from nima.catalogue.sheet import ranking_sheet
from nima.cli.models import models_option
from nima.errors import NimaError, PermanentError
from nima.local.models import prepare
from nima.local.pictures import pictures_of
from nima.model.litert import LazyModel
from nima.report.table import results


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--style", type=click.Choice(tuple(STYLES)), default="general", show_default=True)
@click.option("--weights", type=(float, float), help="Own weights: technical, aesthetic.")
@click.option("--format", "form", type=click.Choice(("table", "json", "csv")), default="table", show_default=True)
@click.option("--model", envvar="MODEL", help="The id of the model; else the best one installed.")
@models_option("--models")
@click.option("--chart", type=click.Path(dir_okay=False, path_type=Path), help="Draw the best picture's scores there.")
def command(*, paths: tuple[Path, ...], form: str, chart: Path | None, **options: Any) -> None:
    """Score PATHS, pictures and folders of pictures, the best first.

    JSON holds one result document a line. CSV has the columns of the API's rankings.
    """
    style: str = options["style"]
    try:
        weights = Weights.of(*options["weights"]) if options["weights"] else None
        folder: Path = options["models"]
        assessor = Assessor(LazyModel(folder / prepare(folder, options["model"], None)))
        files = [file for path in paths for file in ([path] if path.is_file() else pictures_of(path).files.values())]
        console = Console(stderr=True)
        assessed = {
            str(file): _assess(assessor, file, style, weights)
            for file in track(files, "Scoring", console=console, transient=True, disable=len(files) == 1)
        }
    except NimaError as error:
        raise click.ClickException(error.message) from error
    best_first = dict(sorted(assessed.items(), key=_order))
    if form == "csv":
        _write_csv(best_first, style, weights)
    else:
        _WRITERS[form](best_first)
    best = next(iter(best_first.items()))
    if chart and isinstance(best[1], Assessment):
        _draw(best[1], Path(best[0]).name, chart)


def _assess(assessor: Assessor, path: Path, style: str, weights: Weights | None) -> Assessment | PermanentError:
    try:
        assessor.limits.check_bytes(path.stat().st_size)
        return assessor.assess(path.read_bytes(), style, weights)
    except PermanentError as error:
        return error
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}") from error


Assessed = Mapping[str, Assessment | PermanentError]


def _order(named: tuple[str, Assessment | PermanentError]) -> tuple[float, bool, str]:
    """The best first; between equals the one that opinions agree on; refused ones last."""
    name, found = named
    if isinstance(found, PermanentError):
        return 0.0, False, name
    return -found.composite.score, found.composite.note == "divisive", name


def _document(found: Assessment | PermanentError) -> dict[str, Any]:
    if isinstance(found, PermanentError):
        return {"status": REJECTED, "error": found.to_json()}
    return {"status": SCORED, "error": None, **found.to_json()}


def _write_table(assessed: Assessed) -> None:
    Console().print(results({name: _document(found) for name, found in assessed.items()}))


def _write_json(assessed: Assessed) -> None:
    for name, found in assessed.items():
        click.echo(json.dumps({"filename": name, **_document(found)}, ensure_ascii=False))


def _write_csv(assessed: Assessed, style: str, weights: Weights | None) -> None:
    refused = {name: found.code for name, found in assessed.items() if isinstance(found, PermanentError)}
    results = [_result(name, found) for name, found in assessed.items() if isinstance(found, Assessment)]
    click.echo(ranking_sheet(rank(results, style, weights).entries, refused), nl=False)


def _result(path: str, assessed: Assessment) -> Result:
    return Result(ObjectRef("", path), "", "", None, None, assessed, None)


_WRITERS: dict[str, Callable[[Assessed], None]] = {"table": _write_table, "json": _write_json}


def _draw(assessment: Assessment, title: str, target: Path) -> None:
    try:
        from nima.report.chart import draw
    except ModuleNotFoundError as error:
        raise click.ClickException("Charts need matplotlib: pip install matplotlib.") from error
    draw(assessment, title, target)
