"""Label files as commands take them: their options, and what is said of them."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from nima.cli.choice import Choice
from nima.training.labels.findings import REFUSAL, SHOWN, Finding, Refused, write
from nima.training.labels.labels import GROUPINGS

_Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def _known(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    try:
        return value and codecs.lookup(value).name
    except LookupError as error:
        raise click.BadParameter(f"{value!r} is no encoding that Python knows.", context, option) from error


def groups_option(help: str) -> _Decorator:
    """The option for what tells the groups; the command gets it as ``groups``."""
    return click.option("--groups", type=Choice(GROUPINGS), help=help)


encoding_option = click.option(
    "--encoding", callback=_known, help="Of RATINGS, such as gb18030; else what its first bytes say, or UTF-8."
)


def say(console: Console, findings: Iterable[Finding], rest: Path | None = None) -> None:
    """Prints the warnings, and writes all findings to a file if one has more items than are shown."""
    found = tuple(findings)
    for finding in found:
        if finding.severity != REFUSAL:
            console.print(str(finding), highlight=False, markup=False, soft_wrap=True)
    if any(len(finding.items) > SHOWN for finding in found):
        if rest:
            rest.parent.mkdir(parents=True, exist_ok=True)
            write(rest, found)
        where = f"All of them are in {rest}." if rest else "--findings FILE names all of them."
        console.print(where, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def refusals(console: Console, rest: Path | None = None) -> Iterator[None]:
    """Says the warnings beside a refusal too, before it ends the command."""
    try:
        yield
    except Refused as error:
        say(console, error.findings, rest)
        raise
