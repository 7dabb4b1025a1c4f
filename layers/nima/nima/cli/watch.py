"""``nima watch``: what a tethered camera, or a card reader, drops into a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from nima.cli.outputs import OutputFile, Writing
from nima.cli.rows import FORMS, row_files
from nima.cli.scanning import Scanning, scanning_options
from nima.desk.arrivals import SETTLE_SECONDS, arrivals, beside
from nima.desk.companions import by_shot
from nima.desk.journal import Journal
from nima.desk.scan import Row
from nima.desk.shots import Shot
from nima.desk.tagging import Tagging, tag
from nima.interrupt import INTERRUPTED, ignore, unbroken
from nima.local.files import find, is_folder, shown
from nima.report.table import printable, stars
from nima.shoot.ratings import SCORE, rate

_SETTLE = "For how many seconds a file has to stay as it is to be taken for whole."
_ALL = "Begin with the pictures that are there already."
_TAG = "Rate pictures in sidecars as well, by their scores, as nima tag does."


@click.command(cls=Writing)
@click.option("--settle", type=click.FloatRange(0.1, 60), default=SETTLE_SECONDS, show_default=True, help=_SETTLE)
@click.option("--all", "begin_with_all", is_flag=True, help=_ALL)
@click.option("--tag", "tagged", is_flag=True, help=_TAG)
@click.option("--label", is_flag=True, help="With --tag: give colour labels as well.")
@click.option("--csv", type=OutputFile(), help="Write a row for each picture there.")
@click.option("--jsonl", type=OutputFile(), help="Write a line of JSON for each there.")
@partial(scanning_options, folder=True)
def command(
    *,
    scanning: Scanning,
    settle: float,
    begin_with_all: bool,
    tagged: bool,
    label: bool,
    csv: Path | None,
    jsonl: Path | None,
) -> None:
    """Score pictures as they come into FOLDER, until Ctrl-C.

    A picture is scored once it is whole. A line says what it got; with --tag its sidecars say so too, which nima undo
    takes back. RAW and JPEG of one shot are one picture.
    """
    if len(scanning.paths) != 1:
        raise click.UsageError("It watches one folder: nima watch FOLDER.")
    if not is_folder(scanning.paths[0]):
        raise click.UsageError(f"There is no folder {shown(scanning.paths[0])}.")
    folder = scanning.paths[0].resolve()
    counts: Counter[str] = Counter()
    with ExitStack() as stack:
        files = stack.enter_context(row_files([(form, {"csv": csv, "jsonl": jsonl}[form]) for form in FORMS]))
        journal = stack.enter_context(Journal("watch")) if tagged else None
        there = () if begin_with_all else find(folder, recursive=scanning.recursive, raw=True).pictures
        come = arrivals(folder, there, recursive=scanning.recursive, settle=settle, warn=_warn)
        begun = _begun(come, f"Watching {shown(scanning.paths[0])} until Ctrl-C.")
        rows = stack.enter_context(closing(scanning.endless(_shots(folder, begun))))
        try:
            for row in rows:
                with unbroken():
                    counts["refused" if row.result.error else "scored"] += 1
                    for file in files:
                        before = file.problem
                        file.add(row.result)
                        if file.problem and not before:
                            _warn(file.problem)
                    if journal and row.result.assessment:
                        rating = rate([row.result.assessment], SCORE)
                        for one in tag([(row, rating[0])], Tagging(label=label), journal):
                            if one.error:
                                _warn(f"{one.name}: {one.error.code}: {one.error.cause}")
                    _say(row)
        except KeyboardInterrupt:
            ignore()
    click.echo(f"{counts['scored']} scored, {counts['refused']} refused.", err=True)
    click.get_current_context().exit(INTERRUPTED)


def _warn(sentence: str) -> None:
    click.echo(printable(sentence), err=True)


def _begun(come: Iterable[Sequence[Path]], sentence: str) -> Iterator[Sequence[Path]]:
    """Says when pictures may come."""
    for number, whole in enumerate(come):
        if number == 0:
            _warn(sentence)
        yield whole


def _shots(folder: Path, come: Iterable[Sequence[Path]]) -> Iterator[Shot | None]:
    """The shots of what has come, and None where nothing has."""
    for whole in come:
        if not whole:
            yield None
        for path, others in by_shot(beside(whole, folder)).items():
            if path in whole:  # and not its RAW alone
                yield Shot(path, shown(path.relative_to(folder)), others)


def _say(row: Row) -> None:
    now = f"{datetime.now():%H:%M:%S}"
    found, error = row.result.assessment, row.result.error
    if found:
        reasons = ", ".join(deduction.code.replace("_", " ") for deduction in found.deductions)
        composite = found.composite
        told = f"{stars(composite.stars)}  {composite.score:.2f}  {reasons}".rstrip()
    else:
        told = f"{error.code}: {error.message}" if error else ""
    click.echo(printable(f"{now}  {row.name}  {told}"))  # which Ctrl-C makes none of twice, as it does rich's lines
