"""An HTML report of evaluations in one file: figures, plots and the pictures that the model misjudges most."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from string import Template

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nima.training.evaluate.evaluation import Evaluation
from nima.training.metrics import CUT
from nima.whole import whole

_COLOUR, _REFERENCE = "#2f6f9f", "#777777"
_WORST = 15

_PAGE = Path(__file__).with_suffix(".html")


def write(path: Path, *evaluations: Evaluation) -> None:
    """Writes the report of one or more evaluations, whole or not at all. It refers to no other file.

    The same evaluations give the same file.
    """
    if not evaluations:
        raise ValueError("a report needs an evaluation")
    sections = "\n".join(map(_section, evaluations))
    page = Template(_PAGE.read_text(encoding="utf-8")).substitute(sections=sections, cut=f"{CUT:g}")
    with whole(path) as part:
        part.write_text(page, encoding="utf-8")


def _section(found: Evaluation) -> str:
    figures = {
        "Pictures": str(len(found.images)),
        "SRCC": _number(found.srcc),
        "PLCC": _number(found.plcc),
        "MAE": _number(found.mae),
        "EMD (r = 1)": _number(found.emd1),
        "EMD (r = 2)": _number(found.emd2),
        "Accuracy": _number(found.accuracy),
    }
    plots = "".join(f"<figure>{_svg(draw, found)}</figure>" for draw in (_scatter, _calibration, _histogram))
    parts = [
        f"<section>\n<h2>{escape(found.model)}: {escape(found.head)}</h2>",
        _table(list(figures), [list(figures.values())]),
        f'<div class="plots">{plots}</div>',
    ]
    if found.distortions:
        rows = [[d.name, str(d.count), *map(_number, (d.srcc, d.plcc, d.mae, d.bias))] for d in found.distortions]
        parts += [
            "<h3>Each distortion</h3>",
            _table(["Distortion", "Pictures", "SRCC", "PLCC", "MAE", "Predicted less rated"], rows),
        ]
    gaps = np.abs(found.predicted - found.actual)
    rows = [
        [found.images[i], f"{found.predicted[i]:.2f}", f"{found.actual[i]:.2f}", f"{gaps[i]:.2f}"]
        for i in np.argsort(-gaps, kind="stable")[:_WORST]
    ]
    parts += ["<h3>Misjudged most</h3>", _table(["Picture", "Predicted", "Rated", "Difference"], rows), "</section>"]
    return "\n".join(parts)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'


def _number(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"


def _svg(draw: Callable[[Axes, Evaluation], None], found: Evaluation) -> str:
    # Ids that depend on the content alone, so that plots in one page do not use each other's and files can be compared.
    with mpl.rc_context({"svg.hashsalt": f"{found.model} {found.head} {draw.__name__}", "font.size": 9}):
        figure = Figure(figsize=(4.2, 3.8), layout="constrained")
        axes = figure.subplots()
        draw(axes, found)
        for side in ("right", "top"):
            axes.spines[side].set_visible(False)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = file.getvalue()
    label = f'<svg role="img" aria-label="{escape(axes.get_title(), quote=True)}" '
    return svg[svg.index("<svg") :].replace("<svg ", label, 1)


def _scatter(axes: Axes, found: Evaluation) -> None:
    axes.scatter(found.actual, found.predicted, s=9, alpha=0.45, color=_COLOUR, linewidths=0, rasterized=_many(found))
    _diagonal(axes, found.actual.tolist() + found.predicted.tolist())
    axes.set(title="Predicted and rated means", xlabel="rated mean", ylabel="predicted mean")


def _calibration(axes: Axes, found: Evaluation) -> None:
    predicted = [part.predicted for part in found.calibration]
    actual = [part.actual for part in found.calibration]
    axes.plot(predicted, actual, "o-", color=_COLOUR, markersize=4)
    _diagonal(axes, predicted + actual)
    axes.set(title="Calibration, tenths by prediction", xlabel="predicted mean", ylabel="rated mean")


def _histogram(axes: Axes, found: Evaluation) -> None:
    both = np.concatenate([found.predicted, found.actual])
    edges = np.linspace(float(both.min()) - 0.01, float(both.max()) + 0.01, 31).tolist()
    axes.hist(found.actual, edges, color=_REFERENCE, alpha=0.5, label="rated")
    axes.hist(found.predicted, edges, histtype="step", color=_COLOUR, linewidth=1.6, label="predicted")
    axes.set(title="How the means are spread", xlabel="mean", ylabel="pictures")
    axes.legend(frameon=False)


def _diagonal(axes: Axes, values: Sequence[float]) -> None:
    ends = [min(values) - 0.1, max(values) + 0.1]
    axes.plot(ends, ends, "--", color=_REFERENCE, linewidth=1, zorder=0)
    axes.set_aspect("equal")


def _many(found: Evaluation) -> bool:
    """Whether dots are better drawn as one embedded picture than as so many shapes."""
    return len(found.images) > 2000
