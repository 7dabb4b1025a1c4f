"""Rated pictures: where they come from, and how they are divided."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nima.errors import InvalidRequest
from nima.training.labels.findings import Finding, check
from nima.training.labels.labels import Labels, Located, locate
from nima.training.labels.splits import Shares, Split, check_groups, leaks, split
from nima.training.progress import Tick

_HOW = {
    "column": "a column of the label file",
    "folder": "the folder of the file",
    "prefix": "the file's name before its first _ or -",
    "picture": "nothing: each picture is its own",
}


@dataclass(frozen=True)
class Source:
    """Where rated pictures come from, and how they are divided.

    Attributes:
        ratings: The label file.
        pictures: The folder of the pictures.
        grouping, encoding, drop_outliers: As ``nima.training.labels.labels.locate`` takes them.
        shares, seed: As ``nima.training.labels.splits.split`` takes them.
    """

    ratings: Path
    pictures: Path
    grouping: str | None = None
    encoding: str | None = None
    drop_outliers: bool = False
    shares: Shares = field(default_factory=Shares)
    seed: int = 1

    def to_json(self) -> dict[str, Any]:
        """What tells these labels, divided in this way, from others; where they lie counts for nothing.

        Raises:
            OSError: The label file cannot be read.
        """
        return {
            "labels": sha256(self.ratings),
            "groups": self.grouping or "found",
            "drop_outliers": self.drop_outliers,
            "shares": asdict(self.shares),
        }

    def locate(self) -> Located:
        """Finds the pictures; raises as ``nima.training.labels.labels.locate`` does."""
        return locate(
            self.ratings,
            self.pictures,
            grouping=self.grouping,
            encoding=self.encoding,
            drop_outliers=self.drop_outliers,
        )

    def check_trainable(self, located: Located) -> None:
        """Checks that there will be sides to train on and to stop by.

        Raises:
            InvalidRequest: There are too few groups, or no validation side.
        """
        stated = [entry.side for entry, _ in located.found]
        if not any(stated):
            check_groups(located.groups, self.shares)
        if "validation" not in stated if any(stated) else not self.shares.validation:
            raise InvalidRequest("Training stops by the validation pictures, and there are none.")


@dataclass(frozen=True)
class Division:
    """How rated pictures are divided.

    Attributes:
        pictures: How many they are.
        grouping: What told the groups, one of ``GROUPINGS``.
        groups: How many groups they are.
        sides: How many pictures are on each side; empty where they are not split.
        stated: Whether the label file says the sides.
    """

    pictures: int
    grouping: str
    groups: int
    sides: Mapping[str, int]
    stated: bool = False

    def __str__(self) -> str:
        told = f"{self.pictures} pictures in {self.groups} groups, told by {_HOW[self.grouping]}"
        sides = ", ".join(f"{count} {side}" for side, count in self.sides.items())
        return f"{told}{'; ' if sides else ''}{sides}{' (as the label file says)' if self.stated else ''}."


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labels and their sides.

    Attributes:
        labels: The labels.
        parts: Their split.
        findings: What is wrong with them; nothing that refuses them.
        digests: The SHA-256 of each picture file.
    """

    labels: Labels
    parts: Split
    findings: tuple[Finding, ...]
    digests: tuple[str, ...]

    @property
    def division(self) -> Division:
        """How the labels are divided."""
        labels, sides = self.labels, {side: len(indices) for side, indices in self.parts.sides()}
        return Division(len(labels), labels.grouping, len(set(labels.groups)), sides, any(labels.sides))


def make(located: Located, source: Source, tick: Tick | None = None) -> Dataset:
    """Decodes and splits what was located.

    Raises:
        Refused: The labels are refused.
        InvalidRequest: They cannot be split, or the wanted grouping is not there.
    """
    labels, findings = located.decoded(tick)
    check(findings)
    parts = split(labels, source.seed, source.shares)
    findings = (*findings, *leaks(labels, parts))
    check(findings)
    return Dataset(labels, parts, findings, tuple(map(sha256, labels.files)))


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
