"""``nima tag``: ratings, flags, labels and keywords where a photographer's programs look for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nima.cli.choice import Choice
from nima.cli.counted import counted
from nima.cli.outcome import REFUSED, name_refused
from nima.cli.scanning import Scanning, scanning_options
from nima.cli.undo import FORCE, undo_run
from nima.desk.journal import Journal
from nima.desk.runs import find_run
from nima.desk.scan import Row
from nima.desk.tagging import Tagged, Tagging, tag
from nima.desk.xmp.sidecar import NAMINGS
from nima.interrupt import INTERRUPTED, ignore, interrupted, raise_if_lost
from nima.local.files import shown
from nima.report.table import fitted, printable
from nima.shoot.ratings import PERCENTILE, WAYS, Rating, rate

_NAME = "tag"
_FLAGS = {1: "pick", 0: "", -1: "reject"}
_SIDECAR = "Write sidecars of these names; else those that there are, and both where there is none."


@click.command()
@click.option("--sidecar", type=Choice(NAMINGS), help=_SIDECAR)
@click.option("--embed", type=Choice(("jpeg",)), help="Write into files of this kind as well.")
@click.option("--stars", type=Choice(WAYS), default=PERCENTILE, show_default=True, help="What stars are by.")
@click.option("--label", is_flag=True, help="Give colour labels as well.")
@click.option("--rejects", is_flag=True, help="Mark rejected pictures: a rating of -1 and a reject flag.")
@click.option("--overwrite", is_flag=True, help="Let ratings, flags and labels that were made by hand give way.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--undo", "undone", is_flag=False, flag_value="", metavar="[RUN]", help="Undo a run, else the last one.")
@click.option("--force", is_flag=True, help=f"With --undo. {FORCE}")
@scanning_options
def command(
    *, scanning: Scanning, stars: str, embed: str | None, dry_run: bool, undone: str | None, force: bool, **how: Any
) -> None:
    """Rate the pictures of PATHS for Lightroom, darktable, digiKam and others.

    Stars, pick flags, keywords and the numbers behind them go into sidecars (name.xmp and name.ext.xmp), of which every
    other byte stays as it is, and on request into JPEG files. What was set by hand stays. Exit code 3 says that some
    pictures were refused.
    """
    if undone is not None:
        undo_run(find_run(undone or None, _NAME), force=force)
        return
    rows = scanning.all_rows(scanning.judging())
    scanning.name_skipped()
    if interrupted():  # stars are by all pictures, so that nothing is written before the last has its scores
        click.echo(f"Stopped after {len(rows)} of {len(scanning.shots)} pictures; nothing is written.", err=True)
        click.get_current_context().exit(INTERRUPTED)
    assessments = [row.result.assessment for row in rows if row.result.assessment]
    rated = zip([row for row in rows if row.result.assessment], rate(assessments, stars), strict=True)
    done = _tag(list(rated), Tagging(embed=embed is not None, **how), dry_run=dry_run)
    refused = [*((row.name, row.result.error) for row in rows), *((one.name, one.error) for one in done)]
    name_refused(refused)
    failed = any(error for _, error in refused)
    click.get_current_context().exit(INTERRUPTED if interrupted() else REFUSED if failed else 0)


def _tag(rated: Sequence[tuple[Row, Rating]], how: Tagging, *, dry_run: bool) -> list[Tagged]:
    """Tags pictures and says so; where Ctrl-C ends it, those that are done."""
    done: list[Tagged] = []
    with Journal(_NAME) as journal:
        try:
            for one in tag(rated, how, None if dry_run else journal):
                done.append(one)
                raise_if_lost()
        except KeyboardInterrupt:
            ignore()
    if dry_run:
        _show(done)
    click.echo(_summary(done, journal.run, dry_run=dry_run))
    if interrupted():
        click.echo(f"Stopped after {len(done)} of {len(rated)} pictures.", err=True)
    return done


def _show(done: Iterable[Tagged]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("File", "Stars", "Flag", "Label", "Kept", "Written"):
        table.add_column(heading, overflow="fold")
    for one in done:
        if one.error is None:
            stars = one.was if "rating" in one.kept else str(one.rating.stars)
            cells = (
                printable(one.name),
                f"{one.was} → {stars}" if one.was and one.was != stars else stars or "",
                "" if "pick" in one.kept else _FLAGS[one.rating.choice],
                "" if "label" in one.kept else one.rating.label or "",
                ", ".join(one.kept),
                ", ".join(printable(shown(Path(path.name))) for path in one.files),
            )
            table.add_row(*map(Text, cells))
    fitted(Console(), table).print(table)


def _summary(done: Sequence[Tagged], run: str | None, *, dry_run: bool) -> str:
    files = sum(len(one.files) for one in done if one.error is None)
    kept = sum(bool(one.kept) for one in done)
    said = f"{counted(len(done), 'picture')}, {counted(files, 'file')} {'would be ' if dry_run else ''}written."
    if kept:
        said += f" {counted(kept, 'picture')} {'keep' if kept != 1 else 'keeps'} what was set by hand."
    return f"{said} To take it back: nima undo {run}" if run else said
