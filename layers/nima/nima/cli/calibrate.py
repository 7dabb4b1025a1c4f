"""``nima calibrate``: what "better than 72 % of ..." means for a model."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from nima.cli.bars import steps
from nima.cli.models import models_option
from nima.cli.resumable import Resumable
from nima.local.pictures import pictures_of
from nima.model.folder import Places, find_model
from nima.model.manifest import HEADS
from nima.training.export.calibrate import calibrate


@click.command(cls=Resumable)
@click.argument("pictures", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--name", required=True, help='What the photographs are: "better than 72 % of <name>".')
@click.option("--model", envvar="MODEL", help="The id of the model; else the best one installed.")
@click.option("--head", "heads", type=click.Choice(HEADS), multiple=True, help="Only this head.")
@models_option("--models")
def command(pictures: tuple[Path, ...], name: str, model: str | None, heads: tuple[str, ...], models: Places) -> None:
    """Score PICTURES, files or folders, and keep their percentiles in the model's manifest."""
    folder = find_model(models, model or None)
    files = [f for path in pictures for f in ([path] if path.is_file() else pictures_of(path).files.values())]
    with steps(Console(stderr=True)) as tick:
        found = calibrate(folder, name, files, heads or HEADS, lambda done, total: tick(folder.name, done, total))
    for head, population in found.items():
        q = population.quantiles
        click.echo(
            f"{head}: {len(files)} photographs, 5 % below {q[5]:.2f}, half below {q[50]:.2f}, 95 % below {q[95]:.2f}"
        )
