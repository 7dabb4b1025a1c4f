"""The pictures that models are evaluated on: a side of a run's own data, or of a label file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nima.model.manifest import Manifest
from nima.training.labels.dataset import Source, recall, seen_in_training, sha256
from nima.training.labels.findings import WARNING, Finding, check
from nima.training.labels.labels import Labels
from nima.training.labels.splits import split
from nima.training.progress import Tick

ALL = "all"


@dataclass(frozen=True, eq=False)
class Chosen:
    """Pictures to evaluate on.

    Attributes:
        labels: Their ratings.
        side: The side that they are, or ``all``.
        rated: How many pictures the label file rates, whether they are there or not.
        findings: What is wrong with the ratings, or with evaluating on them.
        seen: How many of the pictures a run has seen in training; None where no run was asked.
    """

    labels: Labels
    side: str
    rated: int
    findings: tuple[Finding, ...]
    seen: int | None

    def describe(self) -> str:
        """One sentence: how many pictures, of how many, and which."""
        which = "all that can be read" if self.side == ALL else f"the {self.side} side"
        return f"Figures on {len(self.labels)} of {self.rated} rated pictures: {which}."

    def to_json(self) -> dict[str, Any]:
        """What an evaluation says of its pictures."""
        return {"side": self.side, "rated": self.rated, "seen_in_training": self.seen}


def of_run(run: Path, pictures: Path | None, side: str) -> Chosen:
    """Exactly the pictures that were on a side of a run, which are as they were; raises as ``recall`` does."""
    labels, findings, rated = recall(run, None if side == ALL else side, pictures)
    return _chosen(labels, side, rated, findings, run)


def of_file(source: Source, side: str, run: Path | None = None, tick: Tick | None = None) -> Chosen:
    """The pictures of a side of a label file.

    Args:
        source: The label file, and how it is split.
        side: The side, or ``all``, for which it need not be splittable.
        run: A run that is asked which of them it has seen in training.
        tick: Called with how many of how many pictures are decoded.

    Raises:
        InvalidRequest: It is no label file, it cannot be split, or the run does not say what it was trained on.
        Refused: Something is wrong with the labels, such as that too many have no picture.
    """
    located = source.locate()
    labels, findings = located.decoded(tick)
    check(findings)
    if side != ALL:
        labels = labels.subset(dict(split(labels, source.seed, source.shares).sides())[side])
    return _chosen(labels, side, located.rated, findings, run)


def trained_on(manifest: Manifest, source: Source, chosen: Chosen) -> Finding | None:
    """Whether a model says that it was trained on this very label file, divided in another way."""
    data = manifest.training.get("data", {})
    if data.get("label_file", {}).get("sha256") != sha256(source.ratings):
        return None
    theirs = (data["seed"], data["grouping"], manifest.training.get("task", {}).get("shares"), "test")
    if theirs == (source.seed, chosen.labels.grouping, asdict(source.shares), chosen.side):
        return None
    message = (
        f"{manifest.name} was trained on {source.ratings.name}, and these are not its test pictures; "
        "`nima evaluate RUN` takes exactly those."
    )
    return Finding("seen_in_training", WARNING, message)


def _chosen(labels: Labels, side: str, rated: int, findings: tuple[Finding, ...], run: Path | None) -> Chosen:
    if run is None:
        return Chosen(labels, side, rated, findings, None)
    seen = seen_in_training(run, labels)
    return Chosen(labels, side, rated, (*findings, *([seen] if seen else [])), len(seen.items) if seen else 0)
