"""``nima evaluate``: how well models agree with ratings."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from nima.cli.bars import steps
from nima.cli.choice import Choice
from nima.cli.outputs import OutputFile
from nima.cli.places import model_of, models_option
from nima.cli.ratings import encoding_option, groups_option, refusals, say
from nima.cli.resumable import Resumable
from nima.model.folder import Places, find_model, installed
from nima.model.litert import Model
from nima.model.manifest import HEADS
from nima.native import without_info
from nima.training.evaluate.chosen import ALL, Chosen, of_file, of_run, trained_on
from nima.training.evaluate.comparison import Comparison, began_with_another
from nima.training.evaluate.comparison import pictures as pictures_of
from nima.training.evaluate.evaluation import Answering, evaluate
from nima.training.evaluate.ladders import PICTURES, Falls, falls
from nima.training.evaluate.report.page import write
from nima.training.evaluate.table import side_by_side
from nima.training.labels.dataset import Source
from nima.training.labels.files import SIDES
from nima.training.labels.kept import versions
from nima.training.labels.splits import Shares
from nima.training.progress import StepTick
from nima.training.trainer.folder import described
from nima.training.unrated import START
from nima.whole import whole
from nima.words import ENGLISH, LANGUAGES

_DIVIDING = ("groups", "seed", "shares", "encoding", "drop_outliers", "run")
"""Options of a label file that a run answers for itself."""


@click.command(cls=Resumable)
@click.argument("ratings", metavar="RUN|RATINGS", type=click.Path(exists=True, path_type=Path))
@click.argument("pictures", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--head", type=Choice(HEADS), help="Which head was rated; else the run's, or aesthetic.")
@click.option("--model", "ids", multiple=True, help="The id of a model; several are compared.")
@models_option("--models")
@click.option("--side", type=Choice((*SIDES, ALL)), default="test", show_default=True, help="Which pictures.")
@groups_option("As in training.")
@encoding_option
@click.option("--drop-outliers", is_flag=True, default=None, help="As in training.")
@click.option("--seed", type=int, help="As in training, where it was not 1: it makes the split.")
@click.option("--shares", type=(float, float, float), help="As in training, where they were others.")
@click.option(
    "--run", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Say which pictures this run has seen."
)
@click.option("--findings", type=OutputFile(), help="A CSV of the findings, if one has more than ten items.")
@click.option(
    "--ladders",
    type=click.IntRange(0),
    default=PICTURES,
    show_default=True,
    help="So many pictures are made worse step by step, to see whether the head that was not rated still tells.",
)
@click.option("--report", "page", type=OutputFile(), help="An HTML report: plots and pictures.")
@click.option("--language", type=Choice(LANGUAGES), default=ENGLISH, show_default=True, help="What the report is in.")
@click.option("--json", "document", type=OutputFile(), help="Everything for programs, every picture too.")
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    ratings: Path,
    pictures: Path | None,
    findings: Path | None,
    page: Path | None,
    language: str,
    document: Path | None,
    **options: Any,
) -> None:
    """Compare models with RATINGS of PICTURES: SRCC, PLCC, MAE, EMD and accuracy, each with its interval of 95 %.

    Of a RUN of `nima train` it is the test pictures of that run, which it has not seen: by default its own network, as
    it is before it is exported, and the model that it began with. PICTURES is where they are now, if they were moved.
    """
    run = ratings if ratings.is_dir() else None
    if run and (given := [f"--{name.replace('_', '-')}" for name in _DIVIDING if options[name] is not None]):
        raise click.UsageError(f"A run has its own answer to {', '.join(given)}.", context)
    if not run and not pictures:
        raise click.UsageError("RATINGS need the folder of their PICTURES.", context)
    console = Console(stderr=True)
    with refusals(console, findings):
        models = _models(options["models"], options["ids"], run)
        head = options["head"] or (described(run).get("task", {}).get("head") if run else None) or "aesthetic"
        with steps(console) as tick:
            chosen = _chosen(ratings, pictures, models, options, tick)
            say(console, chosen.findings, findings)
            console.print(chosen.describe(), highlight=False, markup=False, soft_wrap=True)
            evaluations = [
                evaluate(model, chosen.labels, head=head, tick=partial(tick, model.manifest.id)) for model in models
            ]
            fallen: tuple[Falls, ...] = ()
            if options["ladders"] and began_with_another(models):
                files, other = chosen.labels.files, evaluations[0].other_head
                fallen = falls(models, files, other, options["ladders"], partial(tick, "pictures made worse"))
    made = datetime.now(UTC).replace(microsecond=0)
    comparison = Comparison(tuple(evaluations), fallen)
    if page:
        write(page, comparison, chosen, made, language)
    if document:
        everything = {
            "date": made.isoformat(),
            **comparison.to_json(),
            "data": chosen.to_json(),
            "versions": versions(),
            "pictures": pictures_of(comparison.evaluations),
        }
        with whole(document) as part:
            part.write_text(json.dumps(everything, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    for shown in side_by_side(comparison):
        Console().print(shown, soft_wrap=isinstance(shown, Text), highlight=False)


def _models(places: Places, ids: tuple[str, ...], run: Path | None) -> list[Answering]:
    """Those that are named; without names a run and the model that it began with, or the best one installed."""
    if not run or ids:
        with without_info():
            return [Model(model_of(places, model_id)) for model_id in dict.fromkeys(ids) or (None,)]
    from nima.training.evaluate.run import RunModel

    own = RunModel(run)
    if (run / START).is_dir():
        with without_info():
            return [own, Model(run / START)]
    began = own.manifest.training.get("task", {}).get("start", {}).get("model", "").partition(" ")[0]
    with without_info():
        return [own, *([Model(find_model(places, began))] if began in installed(places) else [])]


def _chosen(
    ratings: Path, pictures: Path | None, models: list[Answering], options: dict[str, Any], tick: StepTick
) -> Chosen:
    if not pictures or ratings.is_dir():
        return of_run(ratings, pictures, options["side"])
    source = Source(
        ratings,
        pictures,
        options["groups"],
        options["encoding"],
        bool(options["drop_outliers"]),
        shares=Shares(*(options["shares"] or ())),
        seed=1 if options["seed"] is None else options["seed"],
    )
    chosen = of_file(source, options["side"], options["run"], partial(tick, "ratings"))
    told = trained_on((model.manifest for model in models), source, chosen)
    return replace(chosen, findings=(*chosen.findings, told)) if told else chosen
