"""``nima export``: a training run becomes a model folder that the functions serve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from nima.cli.bars import steps
from nima.cli.models import into_option
from nima.cli.resumable import Resumable
from nima.model.install import Origin
from nima.model.manifest import HEADS
from nima.training.export.convert import Blend, export


@click.command(cls=Resumable)
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--id", "model_id", required=True, help="The model's id, such as my-shop.")
@click.option("--version", default="", help="Its version; else the hash of its weights.")
@click.option("--description", default="A NIMA model trained with nima-serverless.", help="One sentence.")
@click.option("--training-data", default="", help="What it was trained on.")
@click.option("--source", default="", help="Where it comes from.")
@click.option("--licence", default="", help="Its licence.")
@click.option("--blend", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The model it began with.")
@click.option("--share", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="Of RUN in the blend.")
@click.option("--head-of-blend", type=click.Choice(HEADS), help="A head that is the blended model's alone.")
@click.option("--aesthetic-share", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="As in RUN.")
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
    **facts: Any,
) -> None:
    """Convert RUN to LiteRT, compare it with Keras and install it. `nima calibrate` then gives it percentiles.

    With --blend, its weights are mixed with those of the model that it began with.
    """
    with steps(Console(stderr=True)) as tick:
        model, stored = export(
            run,
            models,
            Origin(model_id, **facts),
            tick=lambda done, total: tick("comparing", done, total),
            blend=Blend(blend, share, aesthetic_share, head_of_blend) if blend else None,
        )
    worst = max(stored.differences, key=lambda difference: difference.probability)
    size = sum(size for _, size in model.manifest.contents.values()) / 1e6
    click.echo(
        f"Installed {model.manifest.name} in {models / model_id}: {size:.1f} MB in {stored.weights}, "
        f"at most {worst.probability:.1e} from Keras in a probability; "
        f"a mean score moves by at most {stored.rounding:.4f} of rounding"
    )
