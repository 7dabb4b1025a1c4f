"""Files that commands write about pictures: looked at before the work begins, and never one of the pictures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from nima.image.formats import EXTENSIONS, RAW_EXTENSIONS


class OutputFile(click.Path):
    """A file to be written, in a folder that is there. A pattern typed where its name belongs has overwritten none."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if path.suffix.lower() in EXTENSIONS | RAW_EXTENSIONS:
            self.fail(f"'{path}' is the name of a picture.", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"There is no folder '{path.parent}'.", param, ctx)
        return path
