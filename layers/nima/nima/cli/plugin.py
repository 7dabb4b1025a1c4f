"""``nima plugin``: the plug-ins for Lightroom Classic and Photoshop."""

from __future__ import annotations

from pathlib import Path

import click

from nima.cli.choice import Choice
from nima.hosts.plugins import LOCAL, PLUGINS, install


@click.command()
@click.argument("name", type=Choice(tuple(PLUGINS)))
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    show_default="this folder",
    help="Where the plug-in's folder is made.",
)
@click.option(
    "--url", default=LOCAL, show_default=True, help="The API that is asked; Photoshop's panel may ask no other."
)
def command(*, name: str, into: Path, url: str) -> None:
    """Put the plug-in for Lightroom Classic or Photoshop where that program can be told of it.

    An older copy of it is replaced.
    """
    click.echo(f"{install(name, into, url)}\n{PLUGINS[name].then}")
