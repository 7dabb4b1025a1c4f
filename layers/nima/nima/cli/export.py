"""``nima export``: a training run becomes a model folder that the functions serve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from nima.cli.bars import steps
from nima.cli.choice import Choice
from nima.cli.lineage import held_out, licence_note
from nima.cli.models import into_option, replace_option
from nima.cli.resumable import Resumable
from nima.errors import ModelUnavailable
from nima.local.project import model_places
from nima.model.install import CALIBRATION, Origin
from nima.model.manifest import HEADS, Manifest
from nima.training.export.convert import Blend, export


@click.command(cls=Resumable)
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--id", "model_id", required=True, help="The model's id, such as my-shop.")
@click.option("--version", default="", help="A name before its version, which is a hash.")
@click.option("--description", default="A NIMA model trained with nima-serverless.", help="One sentence.")
@click.option("--training-data", default="", help="What it was trained on. Default: the run's label file.")
@click.option("--source", default="", help="Where it comes from.")
@click.option("--licence", default="", help="Its licence. Default: that of the model it began with.")
@click.option("--blend", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The model it began with.")
@click.option("--share", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="Of RUN in the blend.")
@click.option("--head-of-blend", type=Choice(HEADS), help="A head that is the blended model's alone.")
@click.option("--aesthetic-share", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="As in RUN.")
@click.option(
    "--pictures",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the run's pictures are now, if they were moved; its figures on the test pictures go into the manifest.",
)
@replace_option
@into_option
def command(
    *,
    run: Path,
    model_id: str,
    models: Path,
    blend: Path | None,
    share: float,
    head_of_blend: str | None,
    aesthetic_share: float,
    pictures: Path | None,
    replacing: bool,
    **facts: Any,
) -> None:
    """Convert RUN to LiteRT, compare it with Keras and install it. `nima calibrate` then gives it percentiles.

    With --blend, its weights are mixed with those of the model that it began with.
    """
    before = _calibration(models / model_id)
    with steps(Console(stderr=True)) as tick:
        model, stored = export(
            run,
            models,
            Origin(model_id, **facts),
            tick=tick,
            blend=Blend(blend, share, aesthetic_share, head_of_blend) if blend else None,
            places=(models, *model_places()),
            pictures=pictures,
            replacing=replacing,
        )
    worst = max(stored.differences, key=lambda difference: difference.probability)
    size = sum(size for _, size in model.manifest.contents.values()) / 1e6
    click.echo(
        f"Installed {model.manifest.name} in {models / model_id}: {size:.1f} MB in {stored.weights}, "
        f"at most {worst.probability:.1e} from Keras in a probability; "
        f"a mean score moves by at most {stored.rounding:.4f} of rounding"
    )
    if not model.manifest.training.get("finished", True):
        click.echo("The run is not over: these are the weights that it has kept so far.")
    click.echo(held_out(model.manifest))
    click.echo(licence_note(model.manifest))
    if before not in (None, _calibration(models / model_id)):
        click.echo("It took an earlier model's place: its calibration is gone, `nima calibrate` it again.")


def _calibration(folder: Path) -> list[object] | None:
    """What a model's scores are compared with; None where there is none."""
    try:
        manifest = Manifest.read(folder)
    except ModelUnavailable:
        return None
    return [getattr(manifest, name) for name in CALIBRATION]
