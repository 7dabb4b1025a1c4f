"""``nima distill``: a small model that learns from a large one, on photographs that nobody has rated."""

from __future__ import annotations

from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from nima.cli.bars import steps, training_bar
from nima.cli.choice import Choice
from nima.cli.epochs import teller
from nima.cli.outputs import OutputFile
from nima.cli.resumable import Resumable, out_option
from nima.errors import InvalidRequest
from nima.model.manifest import KERNELS
from nima.training.distill import data_list
from nima.training.distill.run import distill
from nima.training.distill.task import Distillation
from nima.training.networks.architecture import BACKBONES, Architecture
from nima.training.trainer.plan import Plan, schedule

# Options that are parts of the architecture.
_SHAPE = {field.name for field in fields(Architecture)} - {"heads"}
# Options that are parts of the task as they are.
_TASK = {field.name for field in fields(Distillation)} - {"architecture", "folders", "entries", "start"}
_BACKBONE = f"The trunk: {', '.join(BACKBONES)}."
_EMA = "Momentum of the moving average of the weights, which is kept; 0: none."
_POSITIVE = click.FloatRange(0, min_open=True)
# It does not matter to them how a JPEG was decoded at a smaller size.
_ANTIALIASED = tuple(kernel for kernel in KERNELS if kernel != "nearest")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def _named(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(value.partition("=")[::2] for value in values)
    if "" in pairs.values():
        raise click.BadParameter("must look like name=value", ctx, param)
    return pairs


_folders = click.option(
    "--folder",
    "folders",
    multiple=True,
    required=True,
    callback=_named,
    help="A collection of photographs: name=folder. May be given several times.",
)


@click.group()
def command() -> None:
    """Train a small model on the scores of a large one."""


@command.command("list", cls=Resumable)
@_folders
@click.option("--share", "shares", multiple=True, callback=_named, help="name=0..1: in which share of the rounds.")
@click.option("--held-out", type=click.FloatRange(0, 0.9), default=0.15, show_default=True, help="Share held out.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of which are held out.")
@click.option("--out", type=OutputFile(), required=True, help="The CSV file to write.")
def list_command(folders: dict[str, str], shares: dict[str, str], held_out: float, seed: int, out: Path) -> None:
    """Write the data list: every photograph, and whether it is held out. Near-duplicates stay together."""
    console = Console(stderr=True)
    paths = {name: Path(folder) for name, folder in folders.items()}
    with steps(console) as tick:
        entries = data_list.make(
            paths, {n: float(s) for n, s in shares.items()}, held_out, seed, lambda d, n: tick("pictures", d, n)
        )
    data_list.write(out, entries)
    back = sum(entry.split == data_list.HELD_OUT for entry in entries)
    click.echo(f"{out}: {len(entries)} photographs, {back} of them held out")


@command.command("run", cls=Resumable)
@click.argument("pictures", type=_FILE)
@_folders
@click.option("--teacher", type=_FOLDER, required=True, help="The teacher's model folder.")
@out_option
@click.option(
    "--backbone", type=Choice(BACKBONES), metavar="NAME", default="mobilenet_folded", show_default=True, help=_BACKBONE
)
@click.option("--alpha", type=float, default=1.0, show_default=True, help="Width of the trunk.")
@click.option("--side", type=click.IntRange(64, 512), default=192, show_default=True, help="Input side in pixels.")
@click.option("--tile", type=click.IntRange(0, 512), default=0, show_default=True, help="Rows of full detail below it.")
@click.option(
    "--fork",
    type=click.IntRange(0, 1024),
    default=0,
    show_default=True,
    help="Width of the last block where each head has its own last two; 0: none.",
)
@click.option(
    "--hidden",
    type=click.IntRange(0, 1024),
    default=0,
    show_default=True,
    help="Width of the technical head's hidden layer; 0: none.",
)
@click.option(
    "--dropout",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    show_default=True,
    help="Share dropped before the heads.",
)
@click.option(
    "--kernel",
    type=Choice(_ANTIALIASED),
    default="bicubic",
    show_default=True,
    help="Filter by which pictures are brought to the input's size.",
)
@click.option("--start", help="Weights to begin with: teacher, imagenet, a model folder or a file; else random ones.")
@click.option(
    "--aesthetic-share",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Of the aesthetic head in the trunk, where --start has a file for each head.",
)
@click.option("--rounds", type=click.IntRange(1), default=8, show_default=True, help="Rounds of changed pictures.")
@click.option("--head-epochs", type=click.IntRange(0), default=0, show_default=True, help="First stage: heads alone.")
@click.option(
    "--epochs", type=click.IntRange(0), default=20, show_default=True, help="Second stage: all but what --freeze names."
)
@click.option(
    "--freeze",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="First layers that the second stage leaves alone.",
)
@click.option("--train-detail", is_flag=True, help="Leave none of the trunk for detail alone in that stage.")
@click.option("--whole-epochs", type=click.IntRange(0), default=0, show_default=True, help="Last stage: every layer.")
@click.option("--whole-learning-rate", type=float, help="Of the last stage; else a third of the one before.")
@click.option(
    "--epoch-share", type=_POSITIVE, default=0.25, show_default=True, help="Share of the samples in an epoch."
)
@click.option("--clean-repeats", type=_POSITIVE, default=3.0, show_default=True, help="Weight of unchanged pictures.")
@click.option("--mixtures", type=click.IntRange(0), default=0, show_default=True, help="Rounds of mixed pictures.")
@click.option("--mixture-share", type=_POSITIVE, default=0.5, show_default=True, help="Share of them in an epoch.")
@click.option("--ladders", type=click.IntRange(0), default=0, show_default=True, help="Rounds of falling steps.")
@click.option("--ladder-share", type=_POSITIVE, default=0.25, show_default=True, help="Share of them in an epoch.")
@click.option("--teacher-alone", is_flag=True, help="Leave people's scores and falling steps to a later run.")
@click.option("--in-batches", is_flag=True, help="Ask the teacher in batches on Keras's backend, as a GPU wants it.")
@click.option("--keep-answers", is_flag=True, help="Keep the heads and, on unchanged pictures, the start's answers.")
@click.option("--kept-weight", type=float, default=30.0, show_default=True, help="Of an answer that is kept.")
@click.option("--ladder-weight", type=float, default=1.0, show_default=True, help="Of the order of falling steps.")
@click.option("--people-weight", type=float, default=1.0, show_default=True, help="Of the order of people's scores.")
@click.option("--aesthetic-weight", type=float, default=1.0, show_default=True, help="Of aesthetic labels.")
@click.option("--learning-rate", type=float, default=5e-5, show_default=True, help="Of the second stage.")
@click.option("--head-learning-rate", type=float, help="Of the first stage; else ten times that of the second.")
@click.option("--batch-size", type=click.IntRange(1), default=32, show_default=True, help="Pictures in a step.")
@click.option("--ema", type=click.FloatRange(0, 1, max_open=True), default=0.999, show_default=True, help=_EMA)
@click.option("--mixed-precision", is_flag=True, help="Compute in bfloat16.")
@click.option("--kodak", type=_FOLDER, help="The Kodak photographs, for TID2013's human scores.")
@click.option("--human-scores", type=_FILE, help="JSON of TID2013's distributions.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of all chance in training.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Processes that make samples.")
@click.option("--loaders", type=click.IntRange(1), default=1, show_default=True, help="Threads that make batches.")
def run_command(pictures: Path, folders: dict[str, str], out: Path, **options: Any) -> None:
    """Train a student on the data list PICTURES. A run that was stopped goes on where it was."""
    console = Console(stderr=True)
    start = options["start"]
    if start not in ("teacher", "imagenet", None) and not Path(start).exists():
        raise InvalidRequest(f"There is no model folder or file of weights {start}.")
    task = Distillation(
        architecture=Architecture(**{name: options[name] for name in _SHAPE}),
        folders={name: Path(folder) for name, folder in folders.items()},
        entries=data_list.read(pictures),
        start=start if start in ("teacher", "imagenet", None) else Path(start),
        **{name: options[name] for name in _TASK},
    )
    plan = Plan(
        schedule(**{name: options[name] for name in signature(schedule).parameters}),
        seed=options["seed"],
        patience=0,
        ema=options["ema"],
        mixed_precision=options["mixed_precision"],
        keep_heads=options["keep_answers"],
        keep="last",
    )
    with steps(console) as tick:
        distill(
            task,
            plan,
            out,
            workers=options["workers"],
            loaders=options["loaders"],
            tick=tick,
            callbacks=lambda stage: [training_bar(tick, f"stage {stage} of {len(plan.stages)}")],
            told=teller(console, plan),
        )
    click.echo(f"Trained: {out}. Next: nima export {out} --id my-model")
