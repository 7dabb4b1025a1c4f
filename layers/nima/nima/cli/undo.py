"""``nima undo``: files as they were before a run changed them."""

from __future__ import annotations

from collections import Counter

import click

from nima.cli.counted import counted
from nima.cli.outcome import REFUSED
from nima.desk import undo as undoing
from nima.desk.runs import Run, find_run, folder_of, runs
from nima.local.files import shown
from nima.report.table import printable

FORCE = "Undo what was edited since as well; the edits are lost."


@click.command()
@click.argument("run", required=False)
@click.option("--list", "listed", is_flag=True, help="Show the runs that there are.")
@click.option("--force", is_flag=True, help=FORCE)
def command(*, run: str | None, listed: bool, force: bool) -> None:
    """Undo what RUN changed among files, else what the last run did.

    Every file is again what it was, to the byte, with its time; what was created is removed, what was moved is moved
    back. What was edited since is left as it is and named, with exit code 3.
    """
    if listed:
        show_runs()
    else:
        undo_run(find_run(run), force=force)


def undo_run(run: Run, *, force: bool) -> None:
    """Undoes a run and says what became of its files."""
    done = list(undoing.undo(run, force=force))
    for one in done:
        if one.what == undoing.REFUSED:
            click.echo(printable(f"{shown(one.path)}: {one.why}"), err=True)
    counts = Counter(one.what for one in done)
    told = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    click.echo(f"{run.name}: {told}.")
    if counts[undoing.REFUSED]:
        click.get_current_context().exit(REFUSED)


def show_runs() -> None:
    """Lists the runs, the latest first."""
    known = runs()
    if not known:
        click.echo("There is nothing to undo.")
    for run in reversed(known):
        changes = run.changes()
        count = counted(len(changes), "change")
        where = shown(folder_of(changes))
        click.echo(printable(f"{run.name}  {count} in {where}{', undone' if run.undone else ''}"))
