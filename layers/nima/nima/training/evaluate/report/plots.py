"""Plots of evaluations as SVG: all with one scale, so that models can be compared by eye; colours are the page's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nima.training.evaluate.evaluation import Evaluation
from nima.training.evaluate.report.markup import Markup, tag

MOST_DOTS = 2000
"""Of more pictures not each has a dot, but how many there are in each cell of a grid."""

BINS = 24

_WIDTH, _HEIGHT = 320, 318
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 310, 10, 274
_CELLS = 60
_MARKS = 5
_MIDDLE = 4
"""From a text's middle to its line."""


@dataclass(frozen=True)
class Axis:
    """A scale from ``low`` to ``high``, with marks at ``ticks``."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float, start: float, end: float) -> float:
        """Where a value lies between two places."""
        return start + (value - self.low) / (self.high - self.low) * (end - start)


@dataclass(frozen=True, eq=False)
class Scales:
    """The scales that all plots of a report have.

    Attributes:
        means: Of all means, predicted and rated.
        edges: ``[BINS + 1]`` between which means are counted.
        counts: Of how many pictures there are between two edges.
    """

    means: Axis
    edges: NDArray[np.float64]
    counts: Axis

    @classmethod
    def of(cls, evaluations: Sequence[Evaluation]) -> Scales:
        """The narrowest that show everything."""
        means = np.concatenate([values for found in evaluations for values in (found.predicted, found.actual)])
        low = max(1.0, math.floor(2 * (float(means.min()) - 0.1)) / 2)
        high = min(10.0, math.ceil(2 * (float(means.max()) + 0.1)) / 2)
        edges = np.linspace(low, high, BINS + 1)
        most = max(
            int(np.histogram(values, edges)[0].max())
            for found in evaluations
            for values in (found.predicted, found.actual)
        )
        step = 1.0 if high - low > 2 else 0.5
        ticks = np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step
        return cls(Axis(low, high, tuple(ticks.tolist())), edges, _from_zero(most))

    def count(self, values: NDArray[np.float64]) -> list[int]:
        """How many of some means are between each two edges."""
        found: list[int] = np.histogram(values, self.edges)[0].tolist()
        return found


def scatter(found: Evaluation, scales: Scales, label: str, axes: tuple[str, str]) -> Markup:
    """Each picture by its rated and predicted mean."""
    means = scales.means
    if len(found.labels) <= MOST_DOTS:
        marks = [
            tag("circle", cx=_across(means, x), cy=_up(means, y), r=3)
            for x, y in zip(found.actual.tolist(), found.predicted.tolist(), strict=True)
        ]
    else:
        marks = list(_cells(found, means))
    return _framed(label, axes, means, means, [_diagonal(), tag("g", marks, class_="dots")])


def calibration(found: Evaluation, scales: Scales, label: str, axes: tuple[str, str]) -> Markup:
    """What tenths of the pictures are rated on average, by what is predicted of them."""
    means = scales.means
    places = [(_across(means, part.predicted), _up(means, part.actual)) for part in found.calibration]
    line = tag("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in places), class_="line")
    dots = [tag("circle", cx=x, cy=y, r=4, class_="point") for x, y in places]
    return _framed(label, axes, means, means, [_diagonal(), line, *dots])


def histogram(found: Evaluation, scales: Scales, label: str, axes: tuple[str, str]) -> Markup:
    """How many pictures have which mean: rated as bars, predicted as a line around."""
    means, counts = scales.means, scales.counts
    places = [_across(means, float(edge)) for edge in scales.edges]
    bars = [
        tag("rect", x=left, width=right - left, y=_up(counts, n), height=_BOTTOM - _up(counts, n), class_="rated")
        for left, right, n in zip(places, places[1:], scales.count(found.actual), strict=False)
        if n
    ]
    outline = [f"M{places[0]:.1f} {_BOTTOM}"]
    for right, n in zip(places[1:], scales.count(found.predicted), strict=True):
        outline.append(f"V{_up(counts, n):.1f}H{right:.1f}")
    line = tag("path", d=f"{''.join(outline)}V{_BOTTOM}", class_="line")
    return _framed(label, axes, means, counts, [*bars, line])


def shares(predicted: Sequence[float], rated: Sequence[float], label: str) -> Markup:
    """Two distributions over 1..10 in little room: the rated one as bars, the predicted one as a line."""
    width, height, foot = 160, 52, 38
    step, tallest = width / len(rated), max(*predicted, *rated)

    def top(share: float) -> float:
        return foot - share / tallest * (foot - 2)

    bars = [
        tag("rect", x=place * step + 1.5, width=step - 3, y=top(share), height=foot - top(share), class_="rated")
        for place, share in enumerate(rated)
    ]
    line = " ".join(f"{(place + 0.5) * step:.1f},{top(share):.1f}" for place, share in enumerate(predicted))
    numbers = [
        tag("text", str(place + 1), x=(place + 0.5) * step, y=height - 2, class_="middle")
        for place in (0, len(rated) - 1)
    ]
    parts = [*bars, tag("polyline", points=line, class_="line"), *numbers]
    return _svg(label, width, height, parts, "shares")


def _cells(found: Evaluation, means: Axis) -> Iterator[Markup]:
    edges = np.linspace(means.low, means.high, _CELLS + 1)
    counts = np.histogram2d(found.actual, found.predicted, (edges, edges))[0]
    width, height = (_RIGHT - _LEFT) / _CELLS, (_BOTTOM - _TOP) / _CELLS
    for row, column in np.argwhere(counts):
        yield tag(
            "rect",
            x=_LEFT + int(row) * width,
            y=_BOTTOM - (int(column) + 1) * height,
            width=width,
            height=height,
            opacity=float(np.sqrt(counts[row, column] / counts.max())),
        )


def _framed(label: str, axes: tuple[str, str], x: Axis, y: Axis, marks: Sequence[Markup]) -> Markup:
    across = [(_across(x, tick), f"{tick:g}") for tick in x.ticks]
    up = [(_up(y, tick), f"{tick:g}") for tick in y.ticks]
    frame = [
        *(tag("line", x1=_LEFT, x2=_RIGHT, y1=place, y2=place, class_="grid") for place, _ in up),
        *(tag("line", x1=place, x2=place, y1=_TOP, y2=_BOTTOM, class_="grid") for place, _ in across),
    ]
    words = [
        *(tag("text", said, x=place, y=_BOTTOM + 16, class_="middle") for place, said in across),
        *(tag("text", said, x=_LEFT - 6, y=place + _MIDDLE, class_="end") for place, said in up),
        tag("text", axes[0], x=(_LEFT + _RIGHT) / 2, y=_HEIGHT - 8, class_="middle name"),
        tag(
            "text",
            axes[1],
            transform=f"translate(13 {(_TOP + _BOTTOM) // 2}) rotate(-90)",
            class_="middle name",
        ),
    ]
    return _svg(label, _WIDTH, _HEIGHT, [*frame, *marks, *words], "plot")


def _svg(label: str, width: int, height: int, parts: Sequence[Markup], kind: str) -> Markup:
    return tag("svg", parts, viewBox=f"0 0 {width} {height}", role="img", aria_label=label, class_=kind)


def _diagonal() -> Markup:
    return tag("line", x1=_LEFT, y1=_BOTTOM, x2=_RIGHT, y2=_TOP, class_="diagonal")


def _across(axis: Axis, value: float) -> float:
    return axis.at(value, _LEFT, _RIGHT)


def _up(axis: Axis, value: float) -> float:
    return axis.at(value, _BOTTOM, _TOP)


def _from_zero(most: int) -> Axis:
    """From 0 to a little more than the most, with few round marks."""
    steps = (base * 10**power for power in range(12) for base in (1, 2, 5))
    step = next(step for step in steps if most / step <= _MARKS)
    return Axis(0, 1.05 * most, tuple(float(tick) for tick in range(0, most + 1, step)))


Plot = Callable[[Evaluation, Scales, str, tuple[str, str]], Markup]
