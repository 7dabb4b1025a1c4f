"""Ratings of pictures, ready to train on: every picture found and readable, its distribution, group and hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nima.errors import InvalidRequest
from nima.image.formats import EXTENSIONS
from nima.model.manifest import SCORES
from nima.training import metrics
from nima.training.labels.duplicates import near_duplicates
from nima.training.labels.files import Entry, Ratings, parse
from nima.training.labels.findings import LOST, WARNING, Finding, judge_counts, judge_lost, judge_raters
from nima.training.pictures import hash_of
from nima.training.progress import Tick

GROUPINGS = ("column", "folder", "prefix", "picture")
LEAST_GROUPS = 10
"""Folders or prefixes are only taken for groups by themselves where there are at least so many of them."""


@dataclass(frozen=True, eq=False)
class Labels:
    """Rated pictures, in the order of the label file.

    Attributes:
        images: Their ids, as the label file has them.
        files: The picture files.
        distributions: ``[n, 10]`` probabilities of the scores 1..10; read-only.
        votes: ``[n]`` how many people rated each; 0 where the label file does not tell.
        groups: The product or scene of each; a group never lies on two sides of a split.
        hashes: The perceptual hash of each, 16 hexadecimal digits.
        distortions: The distortion of each, where the label file names it.
        sides: ``train``, ``validation`` or ``test``, where the label file says it.
    """

    images: tuple[str, ...]
    files: tuple[Path, ...]
    distributions: NDArray[np.float64]
    votes: NDArray[np.int64]
    groups: tuple[str, ...]
    hashes: tuple[str, ...]
    distortions: tuple[str | None, ...]
    sides: tuple[str | None, ...]

    def __post_init__(self) -> None:
        count = len(self.images)
        columns = (self.files, self.groups, self.hashes, self.distortions, self.sides)
        if any(len(column) != count for column in columns) or self.votes.shape != (count,):
            raise ValueError("every column of labels has a value for each picture")
        if self.distributions.shape != (count, SCORES):
            raise ValueError(f"expected [{count}, {SCORES}] probabilities, got {self.distributions.shape}")
        for array in (self.distributions, self.votes):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def means(self) -> NDArray[np.float64]:
        """``[n]`` mean opinion scores, 1..10."""
        return metrics.means(self.distributions)

    def subset(self, indices: ArrayLike) -> Labels:
        """The pictures at these indices, in this order."""
        chosen = np.asarray(indices, np.int64).tolist()
        taken: dict[str, Any] = {}
        for field in fields(self):
            column = getattr(self, field.name)
            taken[field.name] = column[chosen] if isinstance(column, np.ndarray) else tuple(column[i] for i in chosen)
        return Labels(**taken)


def read(
    path: Path,
    pictures: Path,
    *,
    grouping: str | None = None,
    drop_outliers: bool = False,
    tick: Tick | None = None,
) -> tuple[Labels, tuple[Finding, ...]]:
    """Reads a label file (its forms: ``nima.training.labels.files``) and decodes every picture that it names.

    A picture is found by its id in ``pictures`` and the folders in it: by its path or its file name, with or without
    the extension, in any case of letters. What cannot be found or read is left out, and reported.

    Args:
        path: The CSV or JSON file.
        pictures: The folder of the pictures.
        grouping: What tells a picture's group: ``column`` of the label file; ``folder`` that the file lies in;
            ``prefix`` of the file's name before its first ``_`` or ``-``; ``picture``, each its own. None takes the
            first of them that the labels have: a column on every picture, else at least ``LEAST_GROUPS`` folders, or
            prefixes, that hold more than one picture on average.
        drop_outliers: Whether votes of the raters that the report finds constant or contrary are left out.
        tick: Called with how many of how many pictures are decoded.

    Returns:
        The labels, and what is wrong with them, by which ``findings.check`` refuses them.

    Raises:
        InvalidRequest: The file is no label file, the folder is none, or a stated grouping is not there.
    """
    if grouping is not None and grouping not in GROUPINGS:
        raise InvalidRequest(f"A grouping is one of {', '.join(GROUPINGS)}, not {grouping!r}.")
    if not pictures.is_dir():
        raise InvalidRequest(f"{pictures} is not a folder.")
    ratings = parse(path)
    findings = list(_repeated(ratings))
    outliers = judge_raters(ratings.votes) if ratings.votes is not None else ()
    findings += outliers
    if drop_outliers:
        ratings = ratings.without(rater for finding in outliers for rater in finding.items)
    shelf = _Shelf(pictures)
    lost: dict[str, list[str]] = {code: [] for code in LOST}
    kept: list[tuple[Entry, Path, str]] = []
    for done, entry in enumerate(ratings.entries, 1):
        file = shelf.find(entry.image)
        if isinstance(file, str):
            lost[file].append(entry.image)
        elif (phash := hash_of(file)) is None:
            lost["unreadable_file"].append(entry.image)
        else:
            kept.append((entry, file, phash))
        if tick:
            tick(done, len(ratings.entries))
    groups = _grouped([(entry, file.relative_to(pictures)) for entry, file, _ in kept], grouping)
    labels = Labels(
        images=tuple(entry.image for entry, _, _ in kept),
        files=tuple(file for _, file, _ in kept),
        distributions=np.array([entry.distribution for entry, _, _ in kept]).reshape(-1, SCORES),
        votes=np.array([entry.votes for entry, _, _ in kept], np.int64),
        groups=groups,
        hashes=tuple(phash for _, _, phash in kept),
        distortions=tuple(entry.distortion for entry, _, _ in kept),
        sides=tuple(entry.side for entry, _, _ in kept),
    )
    findings += judge_lost(lost, len(ratings.entries))
    findings += judge_counts(labels.votes.tolist(), labels.images)
    findings += _near_duplicates(labels)
    return labels, tuple(findings)


class _Shelf:
    """The picture files of a folder, by what an id may call them."""

    def __init__(self, folder: Path) -> None:
        self._by_name: dict[str, set[Path]] = {}
        for file in sorted(folder.rglob("*")):
            if file.suffix.lower() not in EXTENSIONS or not file.is_file():
                continue
            relative = PurePosixPath(file.relative_to(folder).as_posix())
            for name in {str(relative), str(relative.with_suffix("")), relative.name, relative.stem}:
                self._by_name.setdefault(name.casefold(), set()).add(file)
        self._folder = folder

    def find(self, image: str) -> Path | str:
        """The file of an id, or the code of why there is none."""
        files = self._by_name.get(image.casefold(), set())
        if len(files) > 1:
            # The very name wins: of "1.jpg" and "shoes/1.jpg", and of two names that differ only in case.
            files = {file for file in files if file.relative_to(self._folder).as_posix() == image}
            if not files:
                return "ambiguous_file"
        return next(iter(files), "missing_file")


def _grouped(pictures: Sequence[tuple[Entry, Path]], wanted: str | None) -> tuple[str, ...]:
    """The group of each picture, by the wanted grouping or the first that the labels have."""
    for grouping in (wanted,) if wanted else GROUPINGS:
        names = list(_group_names(pictures, grouping))
        if None in names:
            if wanted:
                raise InvalidRequest("Not every picture has a group in the label file.")
            continue
        found = len(set(names))
        if wanted or grouping in ("column", "picture") or LEAST_GROUPS <= found <= len(names) / 2:
            return tuple(str(name) for name in names)
    raise AssertionError("every picture can be its own group")


def _group_names(pictures: Sequence[tuple[Entry, Path]], grouping: str) -> Iterator[str | None]:
    for entry, file in pictures:
        match grouping:
            case "column":
                yield entry.group
            case "folder":
                yield file.parent.as_posix().casefold()
            case "prefix":
                yield min((file.stem.partition(mark)[0] for mark in "_-"), key=len).casefold()
            case _:
                yield entry.image


def _repeated(ratings: Ratings) -> Iterator[Finding]:
    if ratings.repeated:
        message = f"a rater voted again on {len(ratings.repeated)} pictures; the later vote stands."
        yield Finding("repeated_vote", WARNING, message, ratings.repeated)


def _near_duplicates(labels: Labels) -> Iterator[Finding]:
    pairs = [
        (one, other) for one, other in near_duplicates(labels.hashes) if labels.groups[one] != labels.groups[other]
    ]
    if pairs:
        message = f"{len(pairs)} pairs of pictures of two groups are nearly the same; a split keeps them together."
        names = tuple(f"{labels.images[one]} and {labels.images[other]}" for one, other in pairs)
        yield Finding("near_duplicates", WARNING, message, names)
