"""``nima undo``: files as they were before a run changed them."""

from __future__ import annotations

from collections import Counter

import click

from nima.cli.counted import counted
from nima.cli.outcome import REFUSED
from nima.desk import undo as undoing
from nima.desk.changes import Trashed
from nima.desk.runs import Run, find_run, folder_of, runs
from nima.errors import InvalidRequest
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
    back, what Linux has in its trash is brought back from there. What was edited since, and what has another file in
    its place, is left as it is and named, with exit code 3.
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
        click.echo(printable(f"{run.name}  {_told(run)}"))


def _told(run: Run) -> str:
    try:
        changes = run.changes()
    except InvalidRequest as error:
        return error.cause
    said = f"{counted(len(changes), 'change')} in {shown(folder_of(changes))}"
    if run.undone:
        return f"{said}, undone"
    away = any(isinstance(change, Trashed) and not change.told for change in changes)
    return f"{said}, for the system's trash to bring back" if away else said
