"""The options of commands that score files of this machine, and the rows that they get, with a bar while they wait."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.console import Console

from nima.cli.bars import tracked
from nima.cli.choice import Choice
from nima.cli.places import model_option, models_option, served
from nima.desk.cache import NAME
from nima.desk.judging import Judging
from nima.desk.scan import Row, scan
from nima.desk.shots import Shot, find_shots
from nima.document.composite import DEFAULT_STYLE, STYLES, Weights
from nima.image.formats import PREVIEW, READINGS
from nima.interrupt import ignore
from nima.local.files import Skipped, skipped_lines
from nima.local.project import cache_folder
from nima.model.folder import Places
from nima.report.table import printable

_RECURSIVE = "Whether the folders in a folder are looked into."
_RAW = "What of camera RAW is judged: its preview where that is large enough, or always its own pixels."
_FROM = "A file with more paths, a line each or with a null character between them; - is standard input."
_WORKERS = "How many processes score; else one for each processor."
STYLE = "How the composite weighs both scores, and which defects it minds."
_WEIGHTS = "Weights of one's own, technical and aesthetic, in place of the style's."
_CACHE = "Whether scores are kept in the user's cache folder, and found there again."
_VERIFY = "Read every file again, also those that look as they did."


class NamedPath(click.Path):
    """A path that says something: an empty one, of a variable that was never set, would be the working folder."""

    def __init__(self, **limits: bool) -> None:
        super().__init__(path_type=Path, **limits)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not os.fspath(value):
            self.fail("It is empty.", param, ctx)
        return super().convert(value, param, ctx)


def scanning_options(command: Callable[..., None], *, folder: bool = False) -> Callable[..., None]:
    """Gives a command its paths and how they are scored, in its parameter ``scanning``.

    Args:
        command: The command.
        folder: Whether it takes one folder, rather than paths and lists of them.
    """
    chosen = (
        click.argument("paths", nargs=-1, type=NamedPath(readable=False), metavar="FOLDER" if folder else None),
        click.option("--style", type=Choice(tuple(STYLES)), default=DEFAULT_STYLE, show_default=True, help=STYLE),
        click.option("--weights", type=(float, float), help=_WEIGHTS),
        click.option("--recursive/--no-recursive", default=True, show_default=True, help=_RECURSIVE),
        *(() if folder else (click.option("--files-from", type=click.File("rb"), help=_FROM),)),
        click.option("--raw", type=Choice(READINGS), default=PREVIEW, show_default=True, help=_RAW),
        click.option("--workers", type=click.IntRange(1, 256), help=_WORKERS),
        click.option("--cache/--no-cache", default=True, show_default=True, help=_CACHE),
        click.option("--verify", is_flag=True, help=_VERIFY),
        model_option(),
        models_option("--models"),
    )
    names = tuple(one.name for one in Scanning.__dataclass_fields__.values() if one.init)

    def collecting(**options: Any) -> None:
        command(scanning=Scanning(**{name: options.pop(name, None) for name in names}), **options)

    collecting.__doc__ = command.__doc__
    collecting.__dict__.update(command.__dict__)
    found: Callable[..., None] = collecting
    for option in reversed(chosen):
        found = option(found)
    return found


@dataclass
class Scanning:
    """What is to be scored, and how; the members are the options of ``scanning_options``.

    Attributes:
        shots: The pictures, once they were asked for.
        skipped: What of the folders is none.
    """

    paths: tuple[Path, ...]
    style: str
    weights: tuple[float, float] | None
    recursive: bool
    files_from: BinaryIO | None
    raw: str
    workers: int | None
    cache: bool
    verify: bool
    model: str | None
    models: Places
    shots: tuple[Shot, ...] = field(default=(), init=False)
    skipped: tuple[Skipped, ...] = field(default=(), init=False)

    def judging(self, **more: Any) -> Judging:
        """How pictures are judged; ``more`` are further members of it."""
        weights = Weights.of(*self.weights) if self.weights else None
        return Judging(served(self.models, self.model), self.style, weights, raw=self.raw, **more)

    def each(self, judging: Judging, take: Callable[[Row], object], *, remote: bool = False) -> None:
        """Hands over a row for each picture as soon as it is done; where Ctrl-C ends it, of those that are done.

        Args:
            judging: How pictures are judged.
            take: Given each row.
            remote: Whether pictures in S3 will do.

        Raises:
            InvalidRequest: There are no pictures.
            ModelUnavailable: No picture can be scored.
        """
        paths = [*self.paths, *self._listed()]
        if not paths:
            raise click.UsageError("Missing argument 'PATHS...'.")
        found = find_shots(paths, recursive=self.recursive, remote=remote)
        self.shots, self.skipped = found.shots, found.skipped
        rows = self._scan(self.shots, judging)
        console = Console(stderr=True)
        seen = len(self.shots) > 1 and console.is_terminal
        try:
            with closing(rows):
                for row in tracked(rows, "Scoring", len(self.shots), console) if seen else rows:
                    take(row)
        except KeyboardInterrupt:
            ignore()

    def all_rows(self, judging: Judging, told: Callable[[int, int], object] = lambda done, total: None) -> list[Row]:
        """All rows, in the order of the pictures.

        Args:
            judging: How pictures are judged.
            told: Given how many are done, and of how many, after each. A ``KeyboardInterrupt`` of it ends this.
        """
        done: dict[Path, Row] = {}

        def take(row: Row) -> None:
            done.setdefault(row.path, row)
            told(len(done), len(self.shots))

        self.each(judging, take)
        return [done[shot.path] for shot in self.shots if shot.path in done]

    def endless(self, shots: Iterable[Shot | None]) -> Generator[Row, None, None]:
        """Rows of shots that come one by one, as ``nima.desk.scan.scan`` has them."""
        return self._scan(shots, self.judging())

    def _scan(self, shots: Iterable[Shot | None], judging: Judging) -> Generator[Row, None, None]:
        folder = cache_folder() if self.cache else None
        return scan(
            shots,
            judging,
            workers=self.workers,
            cache=folder and folder / NAME,
            verify=self.verify,
            warn=lambda sentence: click.echo(sentence, err=True),
        )

    def name_skipped(self) -> None:
        """Says on standard error what was skipped, and why."""
        for line in skipped_lines(self.skipped):
            click.echo(printable(line), err=True)

    def _listed(self) -> list[Path]:
        content = self.files_from.read() if self.files_from else b""
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # Windows' shell writes such
            content = content.decode("utf-16", "surrogatepass").encode("utf-8", "surrogatepass")
        content = content.removeprefix(codecs.BOM_UTF8)
        names = content.split(b"\0") if b"\0" in content else content.splitlines()
        return [Path(os.fsdecode(name)) for name in names if name]
