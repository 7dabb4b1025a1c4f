"""What the report is made of: sections, tables, and what is folded up."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nima.training.evaluate.report.markup import Child, Markup, tag


def section(title: str, *children: Child) -> Markup:
    """A section under its title."""
    return tag("section", tag("h2", title), *children)


def table(header: Sequence[Child], rows: Sequence[Sequence[Child]], label: str, kind: str | None = None) -> Markup:
    """A table whose first cells say what each row is of; it scrolls by itself where there is no room."""
    head = tag("thead", tag("tr", [tag("th", name, scope="col") for name in header]))
    body = [tag("tr", tag("th", row[0], scope="row"), [tag("td", cell) for cell in row[1:]]) for row in rows]
    whole = tag("table", head, tag("tbody", body), class_=kind, aria_label=label)
    return tag("div", whole, class_="scroll", tabindex=0, role="region", aria_label=label)


def details(summary: str, *children: Child) -> Markup:
    """What is only shown on demand."""
    return tag("details", tag("summary", summary), *children)


def model_name(model: str, *more: str) -> list[Child]:
    """A model's id, and small below it its version and what else is to be said of it."""
    name, _, version = model.partition(" ")
    return [name, *(tag("small", part) for part in (version, *more) if part)]


def number(value: float, digits: int = 3) -> str:
    """A figure; a dash where it is not defined."""
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}") if math.isfinite(value) else "–"
