"""An HTML report of models on the same pictures, in one file that needs no other: what a reader asks comes first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from nima import __version__
from nima.csp import allowed
from nima.training.evaluate.chosen import Chosen
from nima.training.evaluate.comparison import LEAST_PICTURES, MEASURES, Comparison, Estimate
from nima.training.evaluate.ladders import Fall
from nima.training.evaluate.report.gallery import every_picture, misjudged_most
from nima.training.evaluate.report.markup import Child, Markup, tag
from nima.training.evaluate.report.parts import model_name, number, section, table
from nima.training.evaluate.report.plotted import plotted
from nima.training.evaluate.report.provenance import findings, provenance, seen
from nima.training.evaluate.report.texts import Texts, rounded, worded
from nima.training.metrics import CUT
from nima.whole import whole
from nima.words import ENGLISH

_STYLE = Path(__file__).with_name("page.css")


def write(path: Path, comparison: Comparison, chosen: Chosen, made: datetime, language: str = ENGLISH) -> None:
    """Writes the report, whole or not at all.

    The same evaluations at the same time give the same file.

    Args:
        path: The file.
        comparison: The models.
        chosen: The pictures that they were evaluated on.
        made: When that was.
        language: One of ``nima.words.LANGUAGES``.
    """
    with whole(path) as part:
        part.write_text(render(comparison, chosen, made, language), encoding="utf-8")


def render(comparison: Comparison, chosen: Chosen, made: datetime, language: str = ENGLISH) -> str:
    """The report as text; the rest as ``write``."""
    say = Texts(language)
    title = say("title" if len(comparison.evaluations) > 1 else "titleOne")
    head = [
        tag("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">'),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Markup(_style())),
    ]
    body = [
        tag("header", tag("h1", title), _lead(say, comparison, chosen)),
        tag("main", list(_sections(say, comparison, chosen, made))),
        tag("footer", say("madeBy", version=__version__), class_="hint"),
    ]
    return f"<!doctype html>\n{tag('html', tag('head', head), tag('body', body), lang=language)}\n"


def _sections(say: Texts, comparison: Comparison, chosen: Chosen, made: datetime) -> Iterator[Child]:
    yield _side_by_side(say, comparison)
    yield provenance(say, comparison, chosen, made)
    yield findings(say, chosen)
    yield plotted(say, comparison)
    yield misjudged_most(say, comparison)
    yield _distortions(say, comparison)
    yield _other_head(say, comparison)
    yield every_picture(say, comparison)
    explained = (say("explained", cut=CUT), say("explainedIntervals", least=LEAST_PICTURES))
    yield section(say("howTo"), [tag("p", text) for text in explained])


def _lead(say: Texts, comparison: Comparison, chosen: Chosen) -> Markup:
    told = say(
        "lead",
        head=say("heads", comparison.reference.head).capitalize(),
        count=len(chosen.labels),
        rated=chosen.rated,
        side=say("sides", chosen.side),
    )
    return tag("p", told, " ", seen(say, chosen))


def _side_by_side(say: Texts, comparison: Comparison) -> Markup:
    heading = [(say("measures", name, "name"), say("measures", name, "better")) for name in MEASURES]
    rows: list[list[Child]] = [
        [_named(say, comparison, place), *(_estimate(say, name, figures[name]) for name in MEASURES)]
        for place, figures in enumerate(comparison.figures)
    ]
    header: list[Child] = [say("model"), *([name, tag("small", better)] for name, better in heading)]
    return section(
        say("sideBySide"),
        table(header, rows, say("sideBySide"), "figures"),
        tag("p", say("intervals"), class_="hint"),
        list(_differences(say, comparison)),
    )


def _named(say: Texts, comparison: Comparison, place: int) -> Child:
    found = comparison.evaluations[place]
    return model_name(found.model, say("began") if comparison.began(found) else "")


def _estimate(say: Texts, name: str, estimate: Estimate) -> Child:
    if not estimate.defined:
        return number(estimate.value)
    return [number(estimate.value), tag("small", say("interval", **rounded(name, estimate)))]


def _differences(say: Texts, comparison: Comparison) -> Iterator[Child]:
    reference = comparison.reference.model.partition(" ")[0]
    for found, differences in zip(comparison.evaluations, comparison.differences, strict=True):
        if differences is None:
            continue
        yield tag("h3", say("against", model=found.model.partition(" ")[0], reference=reference))
        lines = [
            tag(
                "li",
                tag("b", say("measures", name, "name")),
                " ",
                tag("span", worded(say, name, difference, len(found.labels)), class_=difference.verdict),
            )
            for name, difference in differences.items()
        ]
        yield tag("ul", lines, class_="differences")
    if len(comparison.evaluations) > 1:
        yield tag("p", say("againstNote"), class_="hint")


def _distortions(say: Texts, comparison: Comparison) -> Child:
    header = [say("distortion"), say("pictures"), *(say("measures", m, "name") for m in ("srcc", "plcc", "mae"))]
    parts: list[Child] = []
    for found in comparison.evaluations:
        rows: list[list[Child]] = [
            [one.name, str(one.count), *map(number, (one.srcc, one.plcc, one.mae, one.bias))]
            for one in found.distortions
        ]
        if rows:
            parts += [tag("h3", found.model), table([*header, say("bias")], rows, found.model)]
    return section(say("distortions"), parts) if parts else None


def _other_head(say: Texts, comparison: Comparison) -> Child:
    reference = comparison.reference
    title = say("other", head=say("heads", reference.other_head))
    rows: list[list[Child]] = [
        [
            model_name(found.model),
            number(other.srcc),
            say("shifted", shift=other.shift),
            number(other.moved, 2),
            number(other.furthest, 2),
        ]
        for found, other in zip(comparison.evaluations, comparison.others, strict=True)
        if other
    ]
    if rows:
        header = [say("model"), say("otherSrcc", reference=reference.model.partition(" ")[0])]
        told = tag("p", say("otherNote", reference=reference.model))
        apart = table([*header, say("shift"), say("moved"), say("furthest")], rows, title, "figures")
        return section(title, told, apart, _ladders(say, comparison))
    began = next((found.began for found in comparison.evaluations if found.began), "")
    return section(title, tag("p", say("otherAlone", began=began))) if began else None


def _ladders(say: Texts, comparison: Comparison) -> Child:
    if not comparison.falls:
        return None
    rows: list[list[Child]] = [
        [model_name(found.model), *(_fall(say, one) for one in falls.values())]
        for found, falls in zip(comparison.evaluations, comparison.falls, strict=True)
    ]
    header: list[Child] = [say("model"), *(say("ladders", name) for name in comparison.falls[0])]
    return [tag("h3", say("ladder")), tag("p", say("ladderNote")), table(header, rows, say("ladder"), "figures")]


def _fall(say: Texts, fall: Fall) -> Child:
    return [number(fall.far, 2), tag("small", say("fall", often=round(100 * fall.often)))]


@cache
def _style() -> str:
    return _STYLE.read_text(encoding="utf-8")


def _policy() -> str:
    return f"default-src 'none'; img-src data:; style-src {allowed(_style())}; base-uri 'none'; form-action 'none'"
