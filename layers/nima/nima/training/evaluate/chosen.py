"""The pictures that models are evaluated on: a side of a run's own data, or of a label file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nima.model.manifest import Manifest
from nima.training.labels.dataset import Division, Source, make, sha256
from nima.training.labels.findings import LOST, WARNING, Finding, check
from nima.training.labels.kept import division, recall, seen_in_training, summary
from nima.training.labels.labels import Labels
from nima.training.progress import Tick

ALL = "all"


@dataclass(frozen=True, eq=False)
class Chosen:
    """Pictures to evaluate on.

    Attributes:
        labels: Their ratings.
        side: The side that they are, or ``all``.
        rated: How many pictures there are ratings of, whether they are there or not.
        findings: What is wrong with the ratings, or with evaluating on them.
        seen: How many of the pictures a run has seen in training; None where no run was asked.
        division: How all rated pictures that can be read are divided.
        seed: What split them; None where they are not split by a seed.
        label_file: The name and the SHA-256 of the label file.
        run: The run that was asked, if one was.
    """

    labels: Labels
    side: str
    rated: int
    findings: tuple[Finding, ...]
    seen: int | None
    division: Division
    seed: int | None
    label_file: Mapping[str, str]
    run: Path | None

    def describe(self) -> str:
        """How the pictures are divided; how many are evaluated of how many, and which."""
        which = "all that can be read" if self.side == ALL else f"the {self.side} side"
        unseen = f"; none was seen in the training of {self.run}" if self.seen == 0 else ""
        return f"{self.division}\nFigures on {len(self.labels)} of {self.rated} rated pictures: {which}{unseen}."

    def left_out(self) -> dict[str, int]:
        """How many rated pictures are not evaluated, by the side that they are on or the code of what is wrong."""
        left = Counter({side: n for side, n in self.division.sides.items() if self.side not in (ALL, side) and n})
        for found in self.findings:
            if found.code in LOST:  # before the run began, or since
                left[found.code] += len(found.items)
        return dict(left)

    def to_json(self) -> dict[str, Any]:
        """What an evaluation says of its pictures."""
        return {
            "side": self.side,
            "evaluated": len(self.labels),
            "rated": self.rated,
            "left_out": self.left_out(),
            "seen_in_training": self.seen,
            "run": None if self.run is None else str(self.run),
            "label_file": dict(self.label_file),
            "raters": self.labels.raters,
            "seed": self.seed,
            "division": asdict(self.division),
            "findings": [asdict(found) for found in self.findings],
        }


def of_run(run: Path, pictures: Path | None, side: str) -> Chosen:
    """Exactly the pictures that were on a side of a run, which are as they were; raises as ``recall`` does."""
    labels, findings, rated = recall(run, None if side == ALL else side, pictures)
    told = summary(run)
    return _asked(
        run, Chosen(labels, side, rated, findings, None, division(run), told["seed"], told["label_file"], run)
    )


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
    file = {"name": source.ratings.name, "sha256": sha256(source.ratings)}
    if side == ALL:
        labels, findings = located.decoded(tick)
        check(findings)
        undivided = Division(len(labels), labels.grouping, len(set(labels.groups)), {})
        return _asked(run, Chosen(labels, side, located.rated, findings, None, undivided, None, file, run))
    dataset = make(located, source, tick)
    labels = dataset.labels.subset(dict(dataset.parts.sides())[side])
    seed = None if dataset.division.stated else source.seed
    chosen = Chosen(labels, side, located.rated, dataset.findings, None, dataset.division, seed, file, run)
    return _asked(run, chosen)


def trained_on(manifests: Iterable[Manifest], source: Source, chosen: Chosen) -> Finding | None:
    """Which models say that they were trained on this very label file, divided in another way; None where none does."""
    digest = sha256(source.ratings)
    here = (source.seed, chosen.labels.grouping, asdict(source.shares), chosen.side)
    names = []
    for manifest in manifests:
        data, task = manifest.training.get("data", {}), manifest.training.get("task", {})
        if data.get("label_file", {}).get("sha256") != digest:
            continue
        if (data["seed"], data["grouping"], task.get("shares"), "test") != here:
            names.append(manifest.name)
    if not names:
        return None
    message = (
        f"these are not the test pictures of models that were trained on {source.ratings.name}; "
        "`nima evaluate RUN` takes exactly those."
    )
    return Finding("trained_on_file", WARNING, message, tuple(names))


def _asked(run: Path | None, chosen: Chosen) -> Chosen:
    """With what a run has seen of the pictures."""
    if run is None:
        return chosen
    found = seen_in_training(run, chosen.labels)
    findings = (*chosen.findings, *([found] if found else []))
    return replace(chosen, findings=findings, seen=len(found.items) if found else 0)
