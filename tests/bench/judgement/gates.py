"""The learned reasons of nima-lite, from the training side: ``python -m tests.bench.judgement.gates``.

Takes about half an hour on two processors and goes on where it was stopped: what was measured is in ``.cache/reasons``.
"""

from __future__ import annotations

import os
from pathlib import Path

import click
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from nima.model.folder import SHIPPED
from nima.training.distill.data_list import TRAIN
from nima.training.reasons.run import Task, train
from nima.training.reasons.strengths import CODES
from tests.bench.judgement import sources
from tests.bench.judgement.sources import KODAK, ROOT

PHOTOS = ROOT / os.environ.get("NIMA_SHARED_DATA", "../shared/data") / "photos"
PHOTOGRAPHS, GOODS = 900, 300


def task(photos: Path) -> Task:
    """Everyday photographs, those of Kodak, goods where they are, and every cut-out that is not held out."""
    everyday = sources.of(sources.photographs(photos), TRAIN)
    chosen = [
        *sources.drawn([source for source in everyday if source.collection != KODAK], PHOTOGRAPHS),
        *(source for source in everyday if source.collection == KODAK),
        *sources.drawn(sources.of(sources.goods(photos), TRAIN), GOODS),
    ]
    packshots = sources.of(sources.packshots(photos), TRAIN)
    groups = {source.path: source.group for source in (*chosen, *packshots)}
    return Task([source.path for source in chosen], [source.path for source in packshots], groups)


@click.command()
@click.option("--only", multiple=True, type=click.Choice(CODES), help="A defect to learn; others stay as they are.")
def main(only: tuple[str, ...]) -> None:
    """Give nima-lite the reasons that are learned from the training side of the photographs."""
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        bars = {what: progress.add_task(what, total=None) for what in ("pictures", "reasons")}
        learned = train(
            task(PHOTOS),
            ROOT / ".cache" / "reasons",
            SHIPPED / "nima-lite",
            workers=os.cpu_count() or 1,
            tick=lambda what, done, total: progress.update(bars[what], completed=done, total=total),
            only=only or CODES,
        )
    print("| code | thresholds | held back: named | surely |\n|---|---|---|---|")
    for code, each in learned.items():
        thresholds = "; ".join(f"{group} {named:.2f}, {sure:.2f}" for group, (named, sure) in each.thresholds.items())
        named, sure = each.recall
        print(f"| {code} | {thresholds} | {named:.0%} | {sure:.0%} |")


if __name__ == "__main__":
    main()
