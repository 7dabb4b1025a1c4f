"""``python -m nima.local.sam``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nima.interrupt import run

if TYPE_CHECKING:
    import click


def _commands() -> click.Command:
    from nima.local.sam.commands import main

    return main


if __name__ == "__main__":
    run(_commands)
