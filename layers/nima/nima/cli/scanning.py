"""The options of commands that score files of this machine, and the rows that they get, with a bar while they wait."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from nima.cli.models import models_option
from nima.desk.cache import Cache, default_folder
from nima.desk.judging import Judging
from nima.desk.scan import Row, scan
from nima.desk.shots import Shot, find_shots
from nima.document.composite import DEFAULT_STYLE, STYLES, Weights
from nima.errors import InvalidRequest
from nima.interrupt import ignore
from nima.local.files import skipped_lines
from nima.local.models import prepare
from nima.report.table import printable

_READINGS = ("preview", "demosaic")

_OPTIONS = (
    click.option("--style", type=click.Choice(tuple(STYLES)), default=DEFAULT_STYLE, show_default=True),
    click.option("--weights", type=(float, float), help="Own weights: technical, aesthetic."),
    click.option("--model", envvar="MODEL", help="The id of the model; else the best one installed."),
    models_option("--models"),
    click.option("--recursive/--no-recursive", default=True, help="Look into the folders of folders; the default."),
    click.option(
        "--files-from",
        type=click.File("rb"),
        help="A file with more paths, one a line or with a null character between them; - for standard input.",
    ),
    click.option(
        "--raw",
        type=click.Choice(_READINGS),
        default=_READINGS[0],
        show_default=True,
        help="What of camera RAW is judged: the preview, if it is large enough, or always the sensor's pixels.",
    ),
    click.option("--workers", type=click.IntRange(1), help="Processes side by side; else one on each processor."),
    click.option("--no-cache", "cached", flag_value=False, default=True, help="Remember nothing, and look nothing up."),
    click.option("--verify", is_flag=True, help="Read every file, even if by size and time it is as it was."),
)


def scanning_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options; the command gets them all in one, as ``scanning``, and the paths as ``paths``."""

    def collected(*args: Any, **options: Any) -> None:
        names = ("style", "weights", "model", "models", "recursive", "files_from", "raw", "workers", "cached", "verify")
        taken = {name: options.pop(name) for name in names}
        command(*args, scanning=Scanning(paths=options.pop("paths"), **taken), **options)

    collected.__doc__, collected.__name__ = command.__doc__, command.__name__
    wrapped: Any = collected
    wrapped.__click_params__ = getattr(command, "__click_params__", [])
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    paths = click.argument("paths", nargs=-1, type=click.Path(readable=False, path_type=Path))
    return paths(wrapped)  # type: ignore[no-any-return]


@dataclass
class Scanning:
    """What is to be scored, and how."""

    paths: tuple[Path, ...]
    style: str
    weights: tuple[float, float] | None
    model: str | None
    models: Any
    recursive: bool
    files_from: Any
    raw: str
    workers: int | None
    cached: bool
    verify: bool
    shots: tuple[Shot, ...] = field(default=(), init=False)

    def judging(self, **more: Any) -> Judging:
        """How pictures are judged; ``more`` are further members."""
        weights = Weights.of(*self.weights) if self.weights else None
        folder = prepare(self.models, self.model, None)
        return Judging(folder, style=self.style, weights=weights, raw=self.raw, **more)

    def rows(self, judging: Judging) -> Iterator[Row]:
        """A row for each picture as soon as it is done; fewer where Ctrl-C ends it. Then says what was skipped.

        Raises:
            InvalidRequest: There are no pictures.
            ModelUnavailable: No picture can be scored.
        """
        paths = [*self.paths, *self._listed()]
        if not paths:
            raise InvalidRequest("Say which pictures: files, folders, or a list of them with --files-from.")
        found = find_shots(paths, recursive=self.recursive)
        self.shots = found.shots
        warn = partial(click.secho, err=True)
        with ExitStack() as stack:
            cache = stack.enter_context(Cache(default_folder(), judging.name(), warn)) if self.cached else None
            advance = stack.enter_context(_Bar(len(found.shots)))
            try:
                for row in scan(found.shots, judging, workers=self.workers, cache=cache, verify=self.verify):
                    advance()
                    yield row
            except KeyboardInterrupt:
                ignore()
        for line in skipped_lines(found.skipped):
            click.echo(printable(line), err=True)

    def all_rows(self, judging: Judging) -> list[Row]:
        """The rows of all pictures, in the pictures' order, as ``rows`` has them."""
        found = {row.path: row for row in self.rows(judging)}
        return [found[shot.path] for shot in self.shots if shot.path in found]

    def _listed(self) -> Sequence[Path]:
        if self.files_from is None:
            return ()
        content: bytes = self.files_from.read()
        names = content.split(b"\0") if b"\0" in content else content.splitlines()
        return [Path(os.fsdecode(name)) for name in names if name]


class _Bar:
    """A bar with rate and time left, on a terminal and for more than one picture."""

    def __init__(self, count: int) -> None:
        console = Console(stderr=True)
        columns: tuple[ProgressColumn, ...] = (
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn()
        )  # fmt: skip
        self._bars = Progress(*columns, console=console, transient=True, disable=count == 1 or not console.is_terminal)
        self._task = self._bars.add_task("Scoring", total=count)

    def __enter__(self) -> Callable[[], None]:
        self._bars.start()
        return lambda: self._bars.advance(self._task)

    def __exit__(self, *_: object) -> None:
        self._bars.stop()


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="progress.data.speed")
