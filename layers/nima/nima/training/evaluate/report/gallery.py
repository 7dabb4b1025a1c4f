"""The pictures themselves: what each model misjudges most, and a table of all."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from nima.training.evaluate.comparison import Comparison
from nima.training.evaluate.misjudged import Misjudged, misjudged
from nima.training.evaluate.report.markup import Child, Markup, tag
from nima.training.evaluate.report.parts import details, model_name, number, section, table
from nima.training.evaluate.report.plots import MOST_DOTS, shares
from nima.training.evaluate.report.texts import Texts


def misjudged_most(say: Texts, comparison: Comparison) -> Markup:
    """The section of what each model misjudges most, both ways."""
    parts: list[Child] = []
    for found in comparison.evaluations:
        parts.append(tag("h3", found.model))
        for name, pictures in zip(("tooHigh", "tooLow"), misjudged(found), strict=True):
            shown = tag("div", [_card(say, one) for one in pictures], class_="cards")
            parts += [tag("h4", say(name)), shown if pictures else tag("p", say("noneMisjudged"))]
    return section(say("misjudged"), tag("p", say("misjudgedNote"), class_="hint"), parts)


def every_picture(say: Texts, comparison: Comparison) -> Markup:
    """The section of what is rated and predicted of every picture."""
    found, labels = comparison.evaluations, comparison.reference.labels
    if len(labels) > MOST_DOTS:
        return section(say("everyPicture"), tag("p", say("tooMany", count=len(labels))))
    rows: list[list[Child]] = [
        [image, number(rated, 2), *(number(float(one.predicted[place]), 2) for one in found)]
        for place, (image, rated) in enumerate(zip(labels.images, found[0].actual.tolist(), strict=True))
    ]
    header: list[Child] = [say("picture"), say("rated"), *(model_name(one.model) for one in found)]
    return section(say("everyPicture"), details(say("numbers"), table(header, rows, say("everyPicture"))))


def _card(say: Texts, one: Misjudged) -> Markup:
    gap = say("gap", predicted=one.predicted, rated=one.rated, gap=one.predicted - one.rated)
    predicted, rated = one.shares
    label = say("sharesLabel", rated=_percent(rated), predicted=_percent(predicted))
    return tag(
        "figure", _thumbnail(say, one), tag("figcaption", tag("b", one.image), gap), shares(predicted, rated, label)
    )


def _thumbnail(say: Texts, one: Misjudged) -> Markup:
    if one.thumbnail is None:
        return tag("div", say("gone"), class_="gone")
    source = f"data:image/jpeg;base64,{base64.b64encode(one.thumbnail).decode()}"
    return tag("img", src=source, alt=one.image)


def _percent(distribution: Sequence[float]) -> str:
    return " ".join(f"{100 * share:.0f}" for share in distribution)
