"""``nima train reasons``: which defects a model names, learned from clean pictures."""

from __future__ import annotations

import os
from pathlib import Path

import click
from rich.console import Console

from nima.cli.bars import steps
from nima.cli.places import changed, model_option, models_option
from nima.cli.resumable import Resumable, out_option
from nima.local.pictures import pictures_of
from nima.model.folder import Places
from nima.model.manifest import Manifest
from nima.training.reasons.run import Task, train
from nima.training.reasons.strengths import CODES

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(cls=Resumable)
@click.argument("photographs", nargs=-1, required=True, type=_FOLDER)
@click.option(
    "--goods", multiple=True, type=_FOLDER, help="Folder of goods on white, or cut out. May be given several times."
)
@out_option
@model_option("The id of the model that gets them; MODEL. Default: the best one installed, if that is your own.")
@models_option("--models")
@click.option(
    "--only", multiple=True, type=click.Choice(CODES), help="A defect to learn; others stay as they are. Several times."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the defects that are made.")
@click.option(
    "--workers", type=click.IntRange(1), default=os.cpu_count() or 1, help="Processes; else one for each processor."
)
def command(
    *,
    photographs: tuple[Path, ...],
    goods: tuple[Path, ...],
    out: Path,
    model: str | None,
    models: Places,
    only: tuple[str, ...],
    seed: int,
    workers: int,
) -> None:
    """Learn from clean PHOTOGRAPHS, folders of them, which defects there can be, and give a model these reasons.

    Defects of every kind and strength are made, and clean pictures that look as if they had one. A run that was stopped
    goes on where it was.
    """
    folder = changed(models, model)
    task = Task(_files(photographs), _files(goods), seed=seed)
    with steps(Console(stderr=True)) as tick:
        learned = train(task, out, folder, workers=workers, tick=tick, only=only or CODES)
    click.echo("Of defects that were held back:")
    for code, each in learned.items():
        named, sure = each.recall
        click.echo(f"  {code:14s} {named:4.0%} named, {sure:4.0%} surely")
    reasons = Manifest.read(folder).reasons
    click.echo(f"{folder}: names {len(reasons.thresholds) if reasons else 0} defects.")


def _files(folders: tuple[Path, ...]) -> list[Path]:
    return [path for folder in folders for path in pictures_of(folder).files.values()]
