"""``nima photoshop``: the document that is open in Photoshop."""

from __future__ import annotations

import json
import sys

import click

from nima.assess.assessor import Assessor
from nima.cli.choice import Choice
from nima.cli.places import model_option, models_option, served
from nima.cli.scanning import STYLE
from nima.document.composite import DEFAULT_STYLE, STYLES
from nima.hosts.open_document import judge_open_document
from nima.model.folder import Places
from nima.model.litert import LazyModel
from nima.native import without_info


@click.command()
@click.option("--style", type=Choice(tuple(STYLES)), default=DEFAULT_STYLE, show_default=True, help=STYLE)
@model_option()
@models_option("--models")
def command(*, style: str, model: str | None, models: Places) -> None:
    """Judge the document that is open in Photoshop on this computer.

    A JPEG copy of it is judged; the document stays as it is. Photoshop shows the stars and the reasons, and the whole
    result is printed as JSON. Works on Windows; the panel of `nima plugin photoshop` works on macOS too.
    """
    if sys.platform != "win32":
        raise click.ClickException("This works on Windows only. `nima plugin photoshop` makes a panel for any system.")
    lazy = LazyModel(served(models, model))
    with without_info():
        lazy.get()
    assessor = Assessor(lazy)
    name, assessment = judge_open_document(lambda data: assessor.assess(data, style))
    click.echo(json.dumps({"filename": name, **assessment.to_json()}, ensure_ascii=False))
