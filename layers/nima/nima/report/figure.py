"""A result's distributions as a Plotly figure: the plain document that Plotly draws, made without Plotly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nima.document.assessment import Assessment, Score
from nima.document.distribution import SCORES
from nima.heads import HEADS
from nima.words import say

_GAP = 0.1


def figure(assessment: Assessment, title: str, heads: Sequence[str] = ()) -> dict[str, Any]:
    """One bar chart for each head: the probability of every score, the mean as a line, one std either side shaded.

    Args:
        assessment: What is drawn.
        title: The picture's name.
        heads: Those that are drawn side by side; none draws all that there are scores of.

    Returns:
        ``{"data": [...], "layout": {...}}`` for ``Plotly.newPlot``; JSON types only.
    """
    heads = heads or tuple(assessment.scores)
    composite = assessment.composite
    stars, band = say("texts", "starsOf", stars=composite.stars), say("bands", composite.band)
    layout: dict[str, Any] = {
        "title": {"text": f"{_plain(title)}: {composite.score:.2f}, {stars}, {band}"},
        "bargap": _GAP,
        "showlegend": False,
        "hovermode": "x",
        "shapes": [],
        "annotations": [],
        "margin": {"l": 50, "r": 20, "t": 90, "b": 50},
    }
    data = []
    width = (1 - _GAP * (len(heads) - 1)) / len(heads)
    for place, head in enumerate(heads):
        axis = "" if place == 0 else str(place + 1)
        score: Score = assessment.scores[head]
        data.append(_bars(head, score, axis))
        left = place * (width + _GAP)
        layout[f"xaxis{axis}"] = {
            "title": {"text": "score"},
            "tickvals": list(SCORES),
            "range": [0.4, 10.6],
            "domain": [round(left, 6), round(left + width, 6)],
            "anchor": f"y{axis}",
        }
        layout[f"yaxis{axis}"] = {
            "title": {"text": "probability"} if place == 0 else {},
            "tickformat": ".0%",
            "rangemode": "tozero",
            "anchor": f"x{axis}",
            **({"matches": "y"} if place else {}),
        }
        layout["shapes"] += _marks(head, score, axis)
        layout["annotations"].append(_heading(head, score, left + width / 2))
    return {"data": data, "layout": layout}


def _bars(head: str, score: Score, axis: str) -> dict[str, Any]:
    probabilities = list(score.distribution.probabilities)
    return {
        "type": "bar",
        "name": say("heads", head),
        "x": list(SCORES),
        "y": probabilities,
        "text": [f"{p:.1%}" for p in probabilities],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": HEADS[head].colour},
        "hovertemplate": say("texts", "chartHover", x="%{x}", y="%{y:.1%}") + "<extra></extra>",
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
    }


def _marks(head: str, score: Score, axis: str) -> list[dict[str, Any]]:
    mean, std = score.distribution.mean, score.distribution.std
    common = {"xref": f"x{axis}", "yref": f"y{axis} domain", "y0": 0, "y1": 1}
    return [
        {
            **common,
            "type": "rect",
            "x0": round(mean - std, 4),
            "x1": round(mean + std, 4),
            "fillcolor": HEADS[head].colour,
            "opacity": 0.12,
            "line": {"width": 0},
            "layer": "below",
        },
        {**common, "type": "line", "x0": mean, "x1": mean, "line": {"color": "#333333", "width": 1.5, "dash": "dash"}},
    ]


def _heading(head: str, score: Score, middle: float) -> dict[str, Any]:
    found = score.distribution
    return {
        "text": say("texts", "chartOf", head=say("heads", head), mean=found.mean, std=found.std),
        "x": round(middle, 6),
        "y": 1.08,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "center",
        "showarrow": False,
        "font": {"size": 14},
    }


def _plain(text: str) -> str:
    """A text that Plotly, which reads some HTML in titles, shows as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
