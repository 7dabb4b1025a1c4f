"""The options of commands that use a model: which one, and where models are looked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from nima.local.project import model_places

_Decorator = Callable[[Callable[..., None]], Callable[..., None]]
_folder = click.Path(file_okay=False, path_type=Path)


def model_option(help: str = "The id of the model; else the best one installed.") -> _Decorator:
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
