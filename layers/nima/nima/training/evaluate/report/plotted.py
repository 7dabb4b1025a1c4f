"""The section of plots: models beside each other, kind by kind, and their numbers in tables."""

from __future__ import annotations

from collections.abc import Sequence

from nima.training.evaluate.comparison import Comparison
from nima.training.evaluate.evaluation import Evaluation
from nima.training.evaluate.report.markup import Child, Markup, tag
from nima.training.evaluate.report.parts import details, model_name, number, section, table
from nima.training.evaluate.report.plots import Plot, Scales, calibration, histogram, scatter
from nima.training.evaluate.report.texts import Texts


def plotted(say: Texts, comparison: Comparison) -> Markup:
    """The section of a comparison."""
    found = comparison.evaluations
    scales = Scales.of(found)
    rated, predicted = say("ratedMean"), say("predictedMean")
    legend = tag("ul", [tag("li", say(name), class_=f"of-{name}") for name in ("rated", "predicted")], class_="legend")
    return section(
        say("plots"),
        tag("p", say("plotsNote"), class_="hint"),
        tag("h3", say("scatter")),
        _side_by_side(found, scales, scatter, (rated, predicted), [_spread(say, one) for one in found]),
        tag("h3", say("calibration")),
        _side_by_side(found, scales, calibration, (predicted, rated), _labels(say, "calibration", found)),
        details(say("numbers"), [_tenths(say, one) for one in found]),
        tag("h3", say("histogram")),
        legend,
        _side_by_side(found, scales, histogram, (say("meanScore"), say("count")), _labels(say, "histogram", found)),
        details(say("numbers"), _counts(say, found, scales)),
    )


def _side_by_side(
    found: Sequence[Evaluation], scales: Scales, plot: Plot, axes: tuple[str, str], labels: Sequence[str]
) -> Markup:
    figures = [
        tag("figure", tag("figcaption", one.model), plot(one, scales, label, axes))
        for one, label in zip(found, labels, strict=True)
    ]
    return tag("div", figures, class_="grid")


def _labels(say: Texts, kind: str, found: Sequence[Evaluation]) -> list[str]:
    return [say(f"{kind}Label", model=one.model) for one in found]


def _spread(say: Texts, found: Evaluation) -> str:
    ends = {"low": found.actual.min(), "high": found.actual.max()}
    ends |= {"least": found.predicted.min(), "most": found.predicted.max()}
    return say("scatterLabel", model=found.model, **{name: float(end) for name, end in ends.items()})


def _tenths(say: Texts, found: Evaluation) -> list[Child]:
    header = [say(name) for name in ("from", "to", "count", "predictedMean", "ratedMean")]
    rows: list[list[Child]] = [
        [number(one.low, 2), number(one.high, 2), str(one.count), number(one.predicted, 2), number(one.actual, 2)]
        for one in found.calibration
    ]
    return [tag("h4", found.model), table(header, rows, found.model)]


def _counts(say: Texts, found: Sequence[Evaluation], scales: Scales) -> Markup:
    columns = [scales.count(found[0].actual), *(scales.count(one.predicted) for one in found)]
    edges = [number(float(edge), 2) for edge in scales.edges]
    rows: list[list[Child]] = [
        [f"{low} – {high}", *map(str, counts)]
        for low, high, *counts in zip(edges, edges[1:], *columns, strict=False)
        if any(counts)
    ]
    header: list[Child] = [say("meanScore"), say("rated"), *(model_name(one.model) for one in found)]
    return table(header, rows, say("histogram"))
