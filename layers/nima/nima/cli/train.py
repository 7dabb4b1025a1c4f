"""``nima train``: a model of one's own field, from one's own ratings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from nima.cli import reasons
from nima.cli.bars import steps, training_bar
from nima.cli.choice import Choice
from nima.cli.epochs import ending, teller
from nima.cli.places import model_of, model_option, models_option
from nima.cli.ratings import encoding_option, groups_option, refusals, say
from nima.cli.resumable import Resumable, out_option
from nima.errors import InvalidRequest
from nima.model.manifest import HEADS, Manifest
from nima.training.evaluate.held_out import HeldOut
from nima.training.finetune import FREEZE, Finetuning, begin, finetune
from nima.training.labels.dataset import Dataset, Source
from nima.training.labels.splits import Shares
from nima.training.networks.architecture import BACKBONES, Architecture, of_model
from nima.training.trainer import tensorboard
from nima.training.trainer.folder import BOARDS, FINDINGS, HELD_OUT, HISTORY
from nima.training.trainer.history import MEASURES, History
from nima.training.trainer.loss import LOSSES
from nima.training.trainer.plan import Plan, schedule
from nima.training.unrated import shares_network

_REASONS = "reasons"
_SHARES = "Of the pictures: to train, to validate and to test on; where RATINGS name no split."


class _Train(Resumable):
    """``nima train RATINGS PICTURES``, and ``nima train reasons``, which takes other arguments."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args[:1] == [_REASONS]:
            return reasons.command.make_context(f"{info_name} {_REASONS}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command(cls=_Train)
@click.argument("ratings", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("pictures", type=click.Path(exists=True, file_okay=False, path_type=Path))
@out_option
@click.option("--head", type=Choice(HEADS), default="aesthetic", show_default=True, help="What was rated.")
@model_option("The id of the model to start from; MODEL. Default: the best one installed.")
@models_option("--models")
@click.option(
    "--backbone",
    type=Choice(BACKBONES),
    metavar="NAME",
    default="mobilenet_folded",
    show_default=True,
    help=f"The trunk: {', '.join(BACKBONES)}.",
)
@click.option("--alpha", type=click.FloatRange(0.1, 4), help="Width of the trunk; else the model's, or 1.")
@click.option("--side", type=click.IntRange(64, 512), help="Input side in pixels; else the model's.")
@click.option("--tile", type=click.IntRange(0, 512), help="Rows of full detail below it; else the model's, or 0.")
@click.option(
    "--weights",
    default="start",
    show_default=True,
    help="start: the model's own (mobilenet_folded only); imagenet: Keras downloads them; none; a file (Keras, LiteRT)",
)
@click.option(
    "--freeze",
    type=click.IntRange(0),
    help=f"Layers that stay as they are; else {', '.join(f'{count} of {name}' for name, count in FREEZE.items())}.",
)
@click.option("--head-epochs", type=click.IntRange(0), default=5, show_default=True, help="First stage: heads alone.")
@click.option("--epochs", type=click.IntRange(0), default=20, show_default=True, help="Second stage, at most.")
@click.option(
    "--learning-rate",
    type=click.FloatRange(0, 1, min_open=True),
    default=1e-4,
    show_default=True,
    help="Of the second stage.",
)
@click.option("--loss", type=Choice(LOSSES), default="emd", show_default=True, help="What is made small.")
@click.option(
    "--dropout", type=click.FloatRange(0, 0.95), default=0.2, show_default=True, help="Share dropped before the heads."
)
@click.option(
    "--select",
    type=Choice(MEASURES),
    default="emd",
    show_default=True,
    help="What the best epoch is told by, on the validation pictures.",
)
@click.option("--patience", type=click.IntRange(0), default=4, show_default=True, help="Epochs without gain; 0: never.")
@click.option("--batch-size", type=click.IntRange(1), default=16, show_default=True, help="Pictures in a step.")
@groups_option("What tells a picture's product or scene.")
@encoding_option
@click.option("--drop-outliers", is_flag=True, help="Leave out raters that vote alike for all or against the others.")
@click.option("--shares", type=(float, float, float), default=(0.8, 0.1, 0.1), show_default=True, help=_SHARES)
@click.option(
    "--tensorboard",
    type=click.Path(file_okay=False),
    is_flag=False,
    flag_value="",
    metavar="[FOLDER]",
    help="Write the epochs for TensorBoard too, to this folder, else into the run's.",
)
@click.option("--mixed-precision", is_flag=True, help="Compute in bfloat16.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the split, and of all chance in training.")
def command(*, ratings: Path, pictures: Path, out: Path, **options: Any) -> None:
    """Fine-tune a model on RATINGS of PICTURES.

    RATINGS is a CSV of votes (image, rater, score) or a CSV or JSON of histograms. Warnings are printed, refusals stop.
    A run that was stopped goes on where it was. `nima export` makes a model folder of it.

    `nima train reasons` learns from clean pictures which defects a model names.
    """
    console = Console(stderr=True)
    task = _task(model_of(options["models"], options["model"]), options)
    freeze = FREEZE[options["backbone"]] if options["freeze"] is None else options["freeze"]
    plan = Plan(
        schedule(options["head_epochs"], options["epochs"], freeze, options["learning_rate"]),
        loss=options["loss"],
        seed=options["seed"],
        patience=options["patience"],
        mixed_precision=options["mixed_precision"],
        keep=options["select"],
        unrated=task.unrated,
    )
    boards = options["tensorboard"]
    if boards is not None:
        tensorboard.check()
    source = Source(
        ratings,
        pictures,
        options["groups"],
        options["encoding"],
        options["drop_outliers"],
        Shares(*options["shares"]),
        options["seed"],
    )
    rest = out / FINDINGS

    def read(dataset: Dataset) -> None:
        say(console, dataset.findings, rest)
        console.print(str(dataset.division), highlight=False, markup=False, soft_wrap=True)

    def callbacks(stage: int) -> list[Any]:
        bar = training_bar(tick, f"stage {stage} of {len(plan.stages)}")
        return [bar] if boards is None else [bar, tensorboard.writer(Path(boards or out / BOARDS), stage)]

    with refusals(console, rest), begin(task, source, plan, out) as beginning:
        if beginning:
            if beginning.taken:
                console.print(beginning.taken, highlight=False, markup=False, soft_wrap=True)
            with steps(console) as tick:
                finetune(beginning, tick=tick, callbacks=callbacks, read=read, told=teller(console, plan))
        else:
            click.echo(f"The run in {out} was over before, with these settings; nothing was done.")
    history = History.read(out / HISTORY, plan.keep)
    for line in ending(history, plan, HeldOut.read(out / HELD_OUT)):
        click.echo(line)
    if history.best == history.epochs[0]:
        click.echo(f"Nothing was gained: {out} is as it began.")
    else:
        click.echo(f"Trained: {out}. Next: nima export {out} --id my-model")


def _task(start: Path, options: dict[str, Any]) -> Finetuning:
    folded = options["backbone"] == "mobilenet_folded"
    weights = None if options["weights"] == "none" else options["weights"]
    if weights == "start" and not folded:
        raise InvalidRequest("Only mobilenet_folded starts from a model; give --weights imagenet, none or a file.")
    manifest = Manifest.read(start)
    own = of_model(manifest, options["head"])
    if weights == "start" and own.backbone != "mobilenet_folded":
        raise InvalidRequest(
            f"{manifest.id} is a {own.backbone}, and only mobilenet_folded goes on with the weights of a model; start "
            "from another --model, or give --weights."
        )
    together = weights == "start" and shares_network(manifest)
    chosen = {name: options[name] for name in ("alpha", "side", "tile", "dropout") if options[name] is not None}
    # Only what is typed differs from the model that is gone on with, or beside which the network is served.
    before = own if weights == "start" else Architecture(options["backbone"], side=own.side, kernel=own.kernel)
    architecture = replace(before, **chosen, heads=HEADS if together else (options["head"],))
    return Finetuning(
        start=start,
        architecture=architecture,
        head=options["head"],
        weights=weights if weights in ("start", "imagenet", None) else Path(weights),
        batch_size=options["batch_size"],
    )
