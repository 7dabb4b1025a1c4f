"""Files that commands write: looked at before the work begins, and never a photograph or what the command reads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from nima.desk.companions import SIDECARS
from nima.image.formats import EXTENSIONS, RAW_EXTENSIONS
from nima.image.sniff import is_text, kind_of

_START = 1 << 12
"""Bytes by which a kind of file is known."""


class OutputFile(click.Path):
    """A file of text to be written, in a folder that is there.

    It is no picture and belongs to none, by its name or by what it holds. A pattern typed where its name belongs has
    overwritten none.
    """

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if wrong := self.wrong(path):
            self.fail(wrong, param, ctx)
        if not path.parent.is_dir():
            self.fail(f"There is no folder '{path.parent}'.", param, ctx)
        return path

    def wrong(self, path: Path) -> str | None:
        """Why it is not written over; None where it may be."""
        names = {name.suffix.lower() for name in (path, Path(os.path.realpath(path)))}  # a link stays one
        if names & (EXTENSIONS | RAW_EXTENSIONS):
            return f"'{path}' is the name of a picture."
        if names & SIDECARS:
            return f"'{path}' is the name of a file that belongs to a picture."
        start = _start(path)
        kind = kind_of(start)
        return (
            None if kind is None or is_text(kind) else f"'{path}' holds something else, and is left as it is: {kind}."
        )


class ChartFile(OutputFile):
    """A drawing to be written, by the format that its name has. Nothing but a drawing of this program is replaced."""

    def wrong(self, path: Path) -> str | None:
        """Why it is not written over; None where it may be."""
        if path.suffix not in (".svg", ".png", ".pdf"):
            return "its name has to end in .svg, .png or .pdf"
        from nima.report.chart import is_chart

        if path.is_file() and path.stat().st_size and not is_chart(path):
            return f"'{path}' is there, and was not drawn by this program: choose another name."
        return None


class Writing(click.Command):
    """A command that writes files, each of which is neither another one nor one that it reads."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        read = {file: param for param, path in self._files(ctx, outputs=False) if (file := _file(path))}
        written: dict[object, click.Parameter] = {}
        for param, path in self._files(ctx, outputs=True):
            file = _file(path)
            if file in read:
                name = read[file].get_error_hint(ctx)
                raise click.BadParameter(f"'{path}' is read, as {name} says, and so not written.", ctx, param)
            if file in written:
                raise click.UsageError(f"{written[file].opts[0]} and {param.opts[0]}: a file for each.", ctx)
            if file:
                written[file] = param
        return rest

    def _files(self, ctx: click.Context, *, outputs: bool) -> Iterator[tuple[click.Parameter, Path]]:
        for param in self.params:
            if isinstance(param.type, click.Path | click.File) and isinstance(param.type, OutputFile) == outputs:
                value = ctx.params.get(str(param.name))
                for one in value if isinstance(value, tuple) else (value,):
                    path = getattr(one, "name", None) if isinstance(param.type, click.File) else one
                    if isinstance(path, str | Path):
                        yield param, Path(path)


def _start(path: Path) -> bytes:
    with suppress(OSError):  # there is none, or what is wrong with it is said when it is written
        if path.is_file():
            with path.open("rb") as file:
                return file.read(_START)
    return b""


def _file(path: Path) -> object:
    """What tells a file from others, whatever its name; None of a pipe or a device, which several may share."""
    with suppress(OSError):
        if path.is_file():
            about = path.stat()
            return about.st_dev, about.st_ino
        if path.exists():
            return None
    return os.path.realpath(path)
