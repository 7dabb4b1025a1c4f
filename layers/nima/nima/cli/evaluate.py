"""``nima evaluate``: how well a model agrees with ratings."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from nima.cli.bars import steps
from nima.cli.models import models_option
from nima.cli.resumable import Resumable
from nima.model.folder import Places, find_model
from nima.model.litert import Model
from nima.model.manifest import HEADS
from nima.training.evaluate.evaluation import evaluate
from nima.training.labels import labels as label_file
from nima.training.labels.files import SIDES
from nima.training.labels.splits import split


@click.command(cls=Resumable)
@click.argument("ratings", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("pictures", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--head", type=click.Choice(HEADS), default="aesthetic", show_default=True)
@click.option("--model", "ids", multiple=True, help="The id of a model; several are compared.")
@models_option("--models")
@click.option("--side", type=click.Choice((*SIDES, "all")), default="test", show_default=True, help="Which pictures.")
@click.option("--groups", type=click.Choice(label_file.GROUPINGS), help="As in training.")
@click.option("--seed", type=int, default=1, show_default=True, help="As in training: it makes the split.")
@click.option("--report", "page", type=click.Path(dir_okay=False, path_type=Path), help="An HTML report with plots.")
def command(
    *,
    ratings: Path,
    pictures: Path,
    head: str,
    ids: tuple[str, ...],
    models: Places,
    side: str,
    groups: str | None,
    seed: int,
    page: Path | None,
) -> None:
    """Compare models with RATINGS of PICTURES: SRCC, PLCC, MAE, EMD, accuracy and calibration, as JSON."""
    if page:
        from nima.training.evaluate import report
    with steps(Console(stderr=True)) as tick:
        found, _ = label_file.read(
            ratings, pictures, grouping=groups, tick=lambda done, total: tick("ratings", done, total)
        )
        if side != "all":
            found = found.subset(dict(split(found, seed).sides())[side])
        folders = [find_model(models, model_id) for model_id in ids or (None,)]
        evaluations = [evaluate(Model(folder), found, head=head, tick=partial(tick, folder.name)) for folder in folders]
    if page:
        report.write(page, *evaluations)
    click.echo(json.dumps([evaluation.to_json() for evaluation in evaluations], indent=2))
