"""A comparison as a table for a terminal, and below it how much better each model is."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from nima.fitting import Fitting
from nima.training.evaluate.comparison import ALIKE, BETTER, MEASURES, UNDEFINED, WORSE, Comparison, Estimate
from nima.training.evaluate.report.parts import number
from nima.training.evaluate.report.texts import Texts, rounded, worded

_COLOURS = {BETTER: "green", WORSE: "red", ALIKE: "dim", UNDEFINED: "dim"}


def side_by_side(comparison: Comparison) -> Iterator[RenderableType]:
    """What is printed, part by part."""
    say = Texts()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(f"{comparison.reference.head}, 95 %", overflow="fold")
    for name in MEASURES:
        table.add_column(say("measures", name, "name"), justify="right", no_wrap=True)
    narrow: list[RenderableType] = []
    for found, figures in zip(comparison.evaluations, comparison.figures, strict=True):
        model, _, version = found.model.partition(" ")
        table.add_row(Text(f"{model}\n{version}"), *(_cell(name, figures[name], "\n") for name in MEASURES))
        narrow.append(Text(found.model, overflow="fold"))
        narrow += [
            Text.assemble(f"  {say('measures', name, 'name'):<9} ", _cell(name, figures[name], "  "))
            for name in MEASURES
        ]
    yield Fitting(table, Group(f"{comparison.reference.head}, 95 %", *narrow))
    for found, differences in zip(comparison.evaluations, comparison.differences, strict=True):
        if differences is None:
            continue
        yield Text(say("against", model=found.model, reference=comparison.reference.model) + ":", style="bold")
        for name, difference in differences.items():
            told = worded(say, name, difference, len(found.labels))
            yield Text.assemble(f"  {say('measures', name, 'name'):<9} ", (told, _COLOURS[difference.verdict]))
    for found, other in zip(comparison.evaluations, comparison.others, strict=True):
        if other:
            yield Text(
                f"The {found.other_head} head of {found.model}, which was not rated: SRCC with that of "
                f"{comparison.reference.model} {number(other.srcc)}, means {number(other.shift, 2)} higher on average, "
                f"{number(other.furthest, 2)} apart at most."
            )
    if comparison.falls:
        yield Text(
            "How its mean falls where pictures are made worse in five steps, in how many of them and by how much:"
        )
        yield _ladders(comparison)


def _ladders(comparison: Comparison) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", *comparison.falls[0]):
        table.add_column(heading, overflow="fold")
    for found, falls in zip(comparison.evaluations, comparison.falls, strict=True):
        table.add_row(found.model, *(f"{fall.often:.0%}, {number(fall.far, 2)}" for fall in falls.values()))
    return table


def _cell(name: str, estimate: Estimate, between: str) -> Text:
    interval = "{low}…{high}".format(**rounded(name, estimate)) if estimate.defined else ""
    return Text.assemble(number(estimate.value), between, (interval, "dim"))
