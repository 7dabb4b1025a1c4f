"""``nima report``: a shoot as one page that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from nima.cli.choice import Choice
from nima.cli.counted import counted
from nima.cli.outcome import REFUSED, name_refused
from nima.cli.outputs import OutputFile, Writing
from nima.cli.scanning import Scanning, scanning_options
from nima.desk.hand import hand_of
from nima.desk.picking import Picking, pick
from nima.desk.report.page import render
from nima.interrupt import INTERRUPTED, interrupted
from nima.local.files import shown
from nima.shoot.groups import Rules
from nima.shoot.picks import Quota
from nima.whole import whole
from nima.words import ENGLISH, LANGUAGES

_TITLED = 3
_LANGUAGE = "What the page begins in; a button on it changes that."


@click.command(cls=Writing)
@click.option("--html", type=OutputFile(), required=True, help="Write the page there.")
@click.option("--language", type=Choice(LANGUAGES), default=ENGLISH, show_default=True, help=_LANGUAGE)
@scanning_options
def command(*, scanning: Scanning, html: Path, language: str) -> None:
    """Write one page about the pictures of PATHS: each with its scores, its group, and why it is picked or not.

    The page holds everything that it shows, so that it works without a network, and can be sent to somebody. Exit code
    3 says that some have no scores.
    """
    rows = scanning.all_rows(scanning.judging(looks=True, thumbnails=True))
    scanning.name_skipped()
    if interrupted():
        click.echo(f"Stopped after {len(rows)} of {len(scanning.shots)} pictures; nothing is written.", err=True)
        click.get_current_context().exit(INTERRUPTED)
    with Console(stderr=True).status("Grouping them, and making the page"):
        picked = pick(rows, Picking(Rules(), Quota()), hand_of)
        page = render(title_of(scanning.paths) or html.stem, picked, scanning.style, datetime.now(), language)
        with whole(html) as part:
            part.write_text(page, encoding="utf-8", errors="backslashreplace")
    name_refused((row.name, row.result.error) for row in picked.unjudged)
    click.echo(f"{html}: {counted(len(picked.choices), 'picture')}, {len(page) / 1e6:.1f} MB.")
    click.get_current_context().exit(REFUSED if picked.unjudged else 0)


def title_of(paths: Sequence[Path]) -> str:
    """What was named, by its last parts."""
    more = f", +{len(paths) - _TITLED}" if len(paths) > _TITLED else ""
    return ", ".join(shown(Path(path.absolute().name or path)) for path in paths[:_TITLED]) + more
