"""The command line: ``nima score``, ``nima models``, ``nima local``."""

from __future__ import annotations

from importlib import import_module
from typing import NoReturn

from nima.cli.streams import make_ready
from nima.interrupt import run


def main() -> NoReturn:
    """Runs the command that was typed."""
    make_ready()
    run(lambda: import_module("nima.cli.commands").commands)
