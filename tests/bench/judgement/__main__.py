"""Measures the product's judgement on pictures that nothing was trained on, beside the goals."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from nima.local.project import model_places
from nima.model.folder import installed
from nima.training.distill.data_list import HELD_OUT, TRAIN
from tests.bench.judgement import table
from tests.bench.judgement.answers import Jury
from tests.bench.judgement.sources import ROOT
from tests.bench.judgement.verdicts import collect

BEGIN, END = "<!-- bench-judgement: written by `make bench-judgement` -->", "<!-- /bench-judgement -->"
SPLITS = {"held-out": HELD_OUT, "train": TRAIN}


@click.command()
@click.option("--data", envvar="NIMA_SHARED_DATA", default=ROOT.parent / "shared/data", type=click.Path(path_type=Path))
@click.option("--products", type=click.IntRange(1), default=40, show_default=True, help="Goods on white to spoil.")
@click.option("--photographs", type=click.IntRange(1), default=60, show_default=True, help="Photographs to spoil.")
@click.option("--split", type=click.Choice(tuple(SPLITS)), default="held-out", show_default=True)
@click.option("--model", default="nima-lite", show_default=True, help="The id of the model.")
@click.option("--teacher", default="nima-mobilenet-int8", show_default=True, help="Another one, left out if missing.")
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count() or 1, help="Processes; one a processor.")
@click.option("--json", "target", type=click.Path(dir_okay=False, path_type=Path), help="Also write the figures here.")
@click.option("--page", type=click.Path(path_type=Path), help="Write the tables into this page, between its markers.")
def main(
    *,
    data: Path,
    products: int,
    photographs: int,
    split: str,
    model: str,
    teacher: str,
    workers: int,
    target: Path | None,
    page: Path | None,
) -> None:
    """Print how right reasons, order, stars and confidence are, on the photographs of NIMA_SHARED_DATA.

    Pictures and answers are kept in .cache/judgement: what was stopped goes on, and a second run only counts.
    """
    photos = (ROOT / data / "photos").resolve()
    if not photos.is_dir():
        raise click.ClickException(f"NIMA_SHARED_DATA: there are no photographs in {photos}.")
    cached = ROOT / ".cache" / "judgement"
    models = installed(model_places())
    if model not in models:
        raise click.ClickException(f"The model {model!r} is not installed.")
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with ExitStack() as open_until_done:
        enter = open_until_done.enter_context
        progress = enter(Progress(*columns, console=Console(stderr=True)))
        found = collect(
            photos,
            enter(Jury(models[model], cached, workers)),
            enter(Jury(models[teacher], cached, workers)) if teacher in models else None,
            split=SPLITS[split],
            products=products,
            photographs=photographs,
            ticks=lambda title: _bar(progress, title),
        )
    text = table.markdown(found)
    click.echo(text)
    if target:
        target.write_text(json.dumps(table.document(found), indent=2) + "\n", encoding="utf-8")
    if page:
        before, rest = page.read_text(encoding="utf-8").split(BEGIN)
        page.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def _bar(progress: Progress, title: str) -> Callable[[int, int], None]:
    task = progress.add_task(title, total=None)
    return lambda done, of: progress.update(task, completed=done, total=of)


if __name__ == "__main__":
    main()
