"""``nima calibrate``: what "better than 72 % of ..." and five stars mean for a model."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click
from rich.console import Console

from nima.cli.bars import steps
from nima.cli.choice import Choice
from nima.cli.places import changed, model_option, models_option
from nima.cli.resumable import Resumable
from nima.local.pictures import pictures_of
from nima.model.folder import Places, find_model
from nima.model.litert import Model
from nima.model.manifest import HEADS, KINDS
from nima.native import without_info
from nima.training.export.agreement import agree
from nima.training.export.calibrate import calibrate


@click.command(cls=Resumable)
@click.argument("pictures", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--name", required=True, help='What they are: "better than 72 % of <name>"; {count}: how many.')
@model_option("The id of the model; MODEL. Default: the best one installed, if that is your own.")
@click.option("--head", "heads", type=Choice(HEADS), multiple=True, help="Only this head's percentiles.")
@click.option("--of", "kinds", type=Choice(KINDS), multiple=True, help="Only these of the pictures.")
@click.option(
    "--one-peak",
    type=Choice(HEADS),
    multiple=True,
    help="Give this head's distributions one peak and the spread of people's votes; the means stay.",
)
@click.option("--teacher", help="The id of the model that it was taught by; the confidence is fitted to it too.")
@models_option("--models")
def command(
    *,
    pictures: tuple[Path, ...],
    name: str,
    model: str | None,
    heads: tuple[str, ...],
    kinds: tuple[str, ...],
    one_peak: tuple[str, ...],
    teacher: str | None,
    models: Places,
) -> None:
    """Score PICTURES, files or folders, and keep in the model's manifest what its scores are compared with.

    Products on a plain ground and other photographs make a population each, where there are 100 of them.
    """
    folder = changed(models, model)
    files = [f for path in pictures for f in ([path] if path.is_file() else pictures_of(path).files.values())]
    with without_info():
        taught_by = Model(find_model(models, teacher)) if teacher else None
    with steps(Console(stderr=True)) as tick:
        found = calibrate(
            folder,
            name,
            files,
            heads or HEADS,
            kinds=kinds or KINDS,
            one_peak=one_peak,
            tick=lambda done, total: tick(folder.name, done, total),
        )
        if taught_by:
            told = partial(tick, taught_by.manifest.id)
            found = agree(folder, name, files, taught_by, kinds=kinds or KINDS, tick=told)
    for kind, populations in zip(KINDS, (found.population, found.products), strict=True):
        for head, population in populations.items():
            low, half, high = (population.quantiles[percent] for percent in (5, 50, 95))
            click.echo(f"{head}, {population.name} ({kind}): 5 % below {low:.2f}, half {half:.2f}, 95 % {high:.2f}")
    click.echo(f"{found.name} is what it is now.")
