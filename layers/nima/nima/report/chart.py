"""A chart of one result: both distributions with mean and standard deviation, and the deductions below."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from nima.document.assessment import Assessment
from nima.document.distribution import SCORES
from nima.heads import HEADS
from nima.words import say

_DRAWN_BY = "nima-serverless chart"
# Earlier releases' say only that Matplotlib drew them, an SVG without the date that others have: they are known by that
# and by the figure's size, in points or in pixels.
_EARLIER = re.compile(
    rb"""
    <\?xml\ [^>]*> \s* <!DOCTYPE\ svg\ [^>]*> \s* <svg\ [^>]*\bwidth="648pt"\ height="259\.2pt"[^>]*>
        \s* <metadata> (?: (?!<dc:date>). )*? <dc:title>Matplotlib\ v
    | \x89PNG\r\n\x1a\n\0{3}\rIHDR \0\0\x03\x84 \0\0\x01\x68 .{,99}? tEXtSoftware\0Matplotlib\ version
    | %PDF- .*? /MediaBox\ \[\ 0\ 0\ 648\ 259\.2\ \] .*? /Creator\ \(Matplotlib\ v
    """,
    re.VERBOSE | re.DOTALL,
)
_LARGEST = 1 << 24  # bytes of a chart, which takes a hundredth of that
# By the suffix; no date: the same result gives the same file.
_METADATA: dict[str, dict[str, str | None]] = {
    ".svg": {"Creator": _DRAWN_BY, "Date": None},
    ".png": {"Software": _DRAWN_BY},
    ".pdf": {"Creator": _DRAWN_BY, "CreationDate": None},
}


def draw(assessment: Assessment, title: str, target: Path) -> None:
    """Writes the chart of an assessment to ``target``, in the format that its suffix names (svg, png, pdf)."""
    # Fixed ids, for the same reason.
    mpl.rcParams["svg.hashsalt"] = "nima"
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots(1, len(assessment.scores), sharey=True)
    for axis, (head, score) in zip(axes, assessment.scores.items(), strict=True):
        found = score.distribution
        bars = axis.bar(SCORES, found.probabilities, color=HEADS[head].colour, alpha=0.85)
        axis.bar_label(bars, [f"{p:.0%}" for p in found.probabilities], fontsize=8, padding=2)
        axis.axvspan(found.mean - found.std, found.mean + found.std, color=HEADS[head].colour, alpha=0.1)
        axis.axvline(found.mean, color="#222222", linestyle="--", linewidth=1)
        axis.set_title(say("texts", "chartOf", head=head, mean=found.mean, std=found.std), fontsize=11)
        axis.set_xticks(SCORES)
        axis.set_xlabel("score")
        axis.set_yticks([])
        axis.margins(y=0.12)
        for side in ("left", "right", "top"):
            axis.spines[side].set_visible(False)
    composite, model = assessment.composite, assessment.model
    stars, band = say("texts", "starsOf", stars=composite.stars), say("bands", composite.band)
    figure.suptitle(
        f"{title}: {composite.score:.2f} ({composite.style}), {stars}, {band}",
        fontsize=13,
        fontweight="bold",
    )
    reasons = "  ".join(f"{d.code} {d.severity:.2f}" for d in assessment.deductions) or "no deductions"
    figure.supxlabel(f"{reasons}    model {model.id} {model.version}", fontsize=9)
    figure.savefig(target, metadata=_METADATA[target.suffix])


def is_chart(path: Path) -> bool:
    """Whether a file was written by ``draw``, of an earlier release too."""
    with path.open("rb") as file:
        data = file.read(_LARGEST)
    return _DRAWN_BY.encode() in data or _EARLIER.match(data) is not None
