"""The options of commands that use a model: which one, and where models are looked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click

from nima.errors import InvalidRequest, ModelUnavailable
from nima.local.files import shown
from nima.local.models import prepare
from nima.local.project import model_places
from nima.model.folder import SHIPPED, Places, find_model
from nima.model.manifest import Manifest
from nima.report.table import printable

_Decorator = Callable[[Callable[..., None]], Callable[..., None]]
_folder = click.Path(file_okay=False, path_type=Path)


def model_option(help: str = "The id of the model; MODEL. Default: the best one installed.") -> _Decorator:
    """The option for one model's id; the command gets it as ``model``."""
    return click.option("--model", envvar="MODEL", help=help)


def models_option(*flags: str) -> _Decorator:
    """The option, under these names, for where models are looked for; the command gets its places as ``models``."""
    return click.option(
        *flags,
        "models",
        envvar="NIMA_MODELS",
        type=_folder,
        callback=lambda _context, _option, folder: (folder,) if folder else model_places(),
        help="Folder of model folders; NIMA_MODELS. Default: your own models, and those that came with this program.",
    )


def served(places: Places, model_id: str | None, source: str | None = None) -> Path:
    """The folder of the model that judges, as ``nima.local.models.prepare`` has it; a surprising one is told."""
    return _told(places, prepare(places, model_id or None, source))


def model_of(places: Places, model_id: str | None) -> Path:
    """The folder of a model, as ``nima.model.folder.find_model`` has it; a surprising one is told."""
    return _told(places, find_model(places, model_id or None))


def changed(places: Places, model_id: str | None) -> Path:
    """The folder of a model that is to be changed, as ``model_of`` has it.

    Raises:
        InvalidRequest: It is this program's own, and nobody has named it.
    """
    folder = model_of(places, model_id)
    if not model_id and folder.parent.resolve() == SHIPPED.resolve():
        raise InvalidRequest(f"{folder.name} came with this program, and is changed only where --model names it.")
    return folder


def _told(places: Places, folder: Path) -> Path:
    """Says of a model that hides another one of this program's, and was not asked for by its folder, where it lies."""
    shipped = SHIPPED / folder.name
    if SHIPPED in places and folder != shipped:
        with suppress(ModelUnavailable):  # there is none; what is wrong with the model itself is said when it is used
            own, other = Manifest.read(folder), Manifest.read(shipped)
            if own.version != other.version:
                instead = f"not {other.version}, which came with this program; --models chooses"
                click.echo(printable(f"{own.name} of {shown(folder.parent)} judges, {instead}."), err=True)
    return folder
