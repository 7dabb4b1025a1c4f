"""``nima pick``: the best of a shoot, group by group, with a reason for every picture."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from nima.cli.choice import Choice
from nima.cli.counted import counted
from nima.cli.outcome import REFUSED, name_refused
from nima.cli.picked import WRITERS
from nima.cli.scanning import NamedPath, Scanning, scanning_options
from nima.cli.streams import show
from nima.desk.hand import hand_of
from nima.desk.journal import Journal
from nima.desk.picking import Picked, Picking, links, pick
from nima.desk.rejects import IntoFolder, IntoTrash, PutAway, Way, files_of, put_away
from nima.desk.scan import Row
from nima.desk.trash import sender, tells
from nima.document.similarity import NEAR_DUPLICATE_BITS
from nima.interrupt import INTERRUPTED, ignore, interrupted
from nima.local.files import Skipped, is_folder, shown
from nima.report.table import printable
from nima.shoot.groups import Rules
from nima.shoot.picks import REJECT, VERDICTS, Quota

KEEP, BEST = SETS = ("keep", "best")
"""What becomes of brackets, focus stacks and panoramas."""

_KEEP = "Keep this share of the shoot, as 20%, the best of each group before any second one; sets are kept beside it."
_PER_GROUP = "Keep so many of each group."
_BURST = "How long a burst may pause, as 2s or 500ms."
_SIMILAR = "By how many of 64 bits the hashes of one group may differ."
_SETS = "Keep brackets, focus stacks and panoramas whole, or the best of each."
_DRY = "Only say what would be done."
_MOVE = "Move what is rejected, with its companions, into a folder; nima undo moves it back."
_TRASH = "Put what is rejected, with its companions, into the system's trash; on Linux nima undo brings it back."
_LINKED = "links to pictures that are there"
_SECONDS = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m|)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "": 1.0}
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")


class _Share(click.ParamType[float]):
    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = _PERCENT.fullmatch(str(value).strip())
        if not found or not 0 < float(found[1]) <= 100:
            self.fail(f"{value!r} is no share above 0% and up to 100%, as 20%.", param, ctx)
        return float(found[1]) / 100


class _Seconds(click.ParamType[float]):
    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        found = _SECONDS.fullmatch(str(value).strip().lower())
        if not found:
            self.fail(f"{value!r} is no time, as 2s or 500ms.", param, ctx)
        return float(found[1]) * _UNITS[found[2]]


@click.command()
@click.option("--keep", type=_Share(), help=_KEEP)
@click.option("--per-group", type=click.IntRange(min=1), help=f"{_PER_GROUP}  [default: 1]")
@click.option("--burst", type=_Seconds(), default="2s", show_default=True, help=_BURST)
@click.option("--similar", type=click.IntRange(0, 32), default=NEAR_DUPLICATE_BITS, show_default=True, help=_SIMILAR)
@click.option("--sets", type=Choice(SETS), default=KEEP, show_default=True, help=_SETS)
@click.option("--dry-run", is_flag=True, help=_DRY)
@click.option("--move-rejects", "rejects", type=NamedPath(file_okay=False), help=_MOVE)
@click.option("--trash", is_flag=True, help=_TRASH)
@click.option(
    "--format", "form", type=Choice(tuple(WRITERS)), default="table", show_default=True, help="What is printed."
)
@scanning_options
def command(*, scanning: Scanning, keep: float | None, per_group: int | None, **options: Any) -> None:
    """Pick the best pictures of PATHS, with a reason for every one.

    Pictures that were taken one after the other and look alike are a group, of which the best is picked. Exposure
    brackets, focus stacks and panoramas are kept whole. Ratings and flags that were given by hand stay. Nothing is
    moved unless that is asked for. Exit code 3 says that pictures were refused, or could not be moved.
    """
    if keep is not None and per_group is not None:
        raise click.UsageError("--keep and --per-group: one of them.")
    rejects, trash, dry = options["rejects"], options["trash"], options["dry_run"]
    if rejects and trash:
        raise click.UsageError("--move-rejects and --trash: one of them.")
    if rejects and any(_lies_in(path, rejects) for path in scanning.paths):
        raise click.UsageError(f"--move-rejects: the pictures lie in {shown(rejects)} already.")
    send = sender() if trash else None
    rows = scanning.all_rows(scanning.judging(looks=True))
    linked = {row.path for row in links(rows)}
    scanning.skipped += tuple(Skipped(row.path, _LINKED) for row in rows if row.path in linked)
    scanning.name_skipped()
    if interrupted():
        click.echo(f"Stopped after {len(rows)} of {len(scanning.shots)} pictures; nothing is picked.", err=True)
        click.get_current_context().exit(INTERRUPTED)
    quota = Quota(per_group or 1, keep, sets=options["sets"] == KEEP)
    mine = [row for row in rows if row.path not in linked and not (rejects and _lies_in(row.path.parent, rejects))]
    picked = pick(mine, Picking(Rules(options["burst"], options["similar"]), quota), hand_of)
    left = [row for row, choice in picked.choices if choice.verdict == REJECT]
    with Journal("pick") as journal:
        written = None if dry else journal
        way = IntoTrash(send, written) if send else IntoFolder(rejects, _start(scanning), written) if rejects else None
        done = _put_away(left, way) if way else {}
    show(WRITERS[options["form"]](picked, done))
    place = "the trash" if trash else shown(rejects) if rejects else ""
    _tell(picked, done, journal.run, dry=dry, place=place, trash=trash)
    failed = picked.unjudged or any(one.error for one in done.values())
    click.get_current_context().exit(INTERRUPTED if interrupted() else REFUSED if failed else 0)


def _lies_in(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))  # which a link to itself does not stop


def _start(scanning: Scanning) -> Path:
    """The folder that all pictures lie in."""
    if len(scanning.paths) == 1 and is_folder(scanning.paths[0]):
        return scanning.paths[0]
    folders = [str(shot.path.absolute().parent) for shot in scanning.shots]
    return Path(os.path.commonpath(folders)) if len({Path(folder).anchor for folder in folders}) == 1 else Path("/")


def _put_away(rows: Sequence[Row], way: Way) -> dict[str, PutAway]:
    """What became of each; where Ctrl-C ends it, of those that are done."""
    done: dict[str, PutAway] = {}
    try:
        for one in put_away(rows, way):
            done[one.row.name] = one
    except KeyboardInterrupt:
        ignore()
    return done


def _tell(picked: Picked, done: dict[str, PutAway], run: str | None, *, dry: bool, place: str, trash: bool) -> None:
    """Says on standard error what there is in all, and what was done."""
    counts = Counter(choice.verdict for _, choice in picked.choices)
    sets = {choice.group for _, choice in picked.choices if choice.kind not in ("single", "burst")}
    said = [counted(counts[verdict], verdict) for verdict in VERDICTS]
    if sets:
        said.append(counted(len(sets), "set"))
    click.echo(f"{', '.join(said)}.", err=True)
    name_refused((row.name, row.result.error) for row in picked.unjudged)
    name_refused((one.row.name, one.error) for one in done.values())
    put = [one for one in done.values() if not one.error]
    if put:
        files = sum(len(files_of(one.row)) for one in put)
        what = f"{counted(len(put), 'picture')} ({counted(files, 'file')})"
        how = "would go into" if dry else "went into"
        click.echo(printable(f"{what} {how} {place}.{_way_back(run, trash=trash) if run else ''}"), err=True)


def _way_back(run: str, *, trash: bool) -> str:
    if trash and not tells():
        return " The system's trash is the way back, not nima undo."
    return f" nima undo {run} brings them back."
