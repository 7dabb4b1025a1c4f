"""Ratings of pictures, ready to train on: every picture found and readable, its distribution, group and hash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nima.errors import InvalidRequest
from nima.image.formats import EXTENSIONS
from nima.model.manifest import SCORES
from nima.training import metrics
from nima.training.labels.duplicates import near_duplicates
from nima.training.labels.files import parse
from nima.training.labels.findings import (
    LOST,
    REFUSAL,
    WARNING,
    Finding,
    check,
    judge_counts,
    judge_lost,
    judge_raters,
    judge_scale,
)
from nima.training.labels.names import picture_id
from nima.training.labels.ratings import Entry
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
        grouping: What told the groups, one of ``GROUPINGS``.
        raters: How many people rated them; 0 where the label file does not tell.
    """

    images: tuple[str, ...]
    files: tuple[Path, ...]
    distributions: NDArray[np.float64]
    votes: NDArray[np.int64]
    groups: tuple[str, ...]
    hashes: tuple[str, ...]
    distortions: tuple[str | None, ...]
    sides: tuple[str | None, ...]
    grouping: str = "picture"
    raters: int = 0

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
        for name in (field.name for field in fields(self)):
            column = getattr(self, name)
            if isinstance(column, tuple):
                taken[name] = tuple(column[index] for index in chosen)
            elif isinstance(column, np.ndarray):
                taken[name] = column[chosen]
        return replace(self, **taken)


@dataclass(frozen=True, eq=False)
class Located:
    """Ratings whose picture files are found, and not decoded yet.

    Attributes:
        found: What the label file says of each picture that has a file, and the file.
        lost: The ids of the others, by the code of why.
        findings: What is wrong with the label file itself.
        grouping: What tells the groups, one of ``GROUPINGS``.
        groups: The group of each of ``found``.
        raters: How many people rated; 0 where the label file does not tell.
    """

    found: tuple[tuple[Entry, Path], ...]
    lost: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...]
    grouping: str
    groups: tuple[str, ...]
    raters: int

    @property
    def rated(self) -> int:
        """How many pictures the label file rates, whether they are there or not."""
        return len(self.found) + sum(map(len, self.lost.values()))

    def decoded(self, tick: Tick | None = None) -> tuple[Labels, tuple[Finding, ...]]:
        """The labels, and what is wrong with them, by which ``findings.check`` refuses them.

        Args:
            tick: Called with how many of how many pictures are decoded.
        """
        kept: list[tuple[Entry, Path, str, str]] = []
        unreadable = []
        for done, ((entry, file), group) in enumerate(zip(self.found, self.groups, strict=True), 1):
            if (phash := hash_of(file)) is None:
                unreadable.append(entry.image)
            else:
                kept.append((entry, file, group, phash))
            if tick:
                tick(done, len(self.found))
        labels = Labels(
            images=tuple(entry.image for entry, *_ in kept),
            files=tuple(file for _, file, *_ in kept),
            distributions=np.array([entry.distribution for entry, *_ in kept]).reshape(-1, SCORES),
            votes=np.array([entry.votes for entry, *_ in kept], np.int64),
            groups=tuple(group for *_, group, _ in kept),
            hashes=tuple(phash for *_, phash in kept),
            distortions=tuple(entry.distortion for entry, *_ in kept),
            sides=tuple(entry.side for entry, *_ in kept),
            grouping=self.grouping,
            raters=self.raters,
        )
        return labels, (
            *self.findings,
            *judge_lost({**self.lost, "unreadable_file": unreadable}, self.rated),
            *judge_counts(labels.votes.tolist(), labels.images),
            *judge_scale(labels.distributions),
            *_near_duplicates(labels),
        )


def locate(
    path: Path,
    pictures: Path,
    *,
    grouping: str | None = None,
    encoding: str | None = None,
    drop_outliers: bool = False,
) -> Located:
    """Reads a label file and finds the pictures that it is about.

    An id is a picture's path in the folder, with or without its suffix, or its name where no other file has that, in
    any case of letters, form of Unicode and kind of slash. What goes before the folder's own name counts for nothing.

    Args:
        path: The label file.
        pictures: The folder of the pictures.
        grouping: What tells a picture's group: ``column`` of the label file; ``folder`` that the file lies in;
            ``prefix`` of the file's name before its first ``_`` or ``-``; ``picture``, each its own. None takes the
            first of them that the labels have: a column on every picture, else at least ``LEAST_GROUPS`` folders, or
            prefixes, that hold more than one picture on average.
        encoding: Of the label file; None for what its byte order mark says, else UTF-8.
        drop_outliers: Whether votes of the raters that the report finds constant or contrary are left out.

    Raises:
        InvalidRequest: The file is no label file, the folder is none, or the grouping is not there.
        Refused: Lines are no ratings, files have two labels, or too many labels have no file.
    """
    if grouping is not None and grouping not in GROUPINGS:
        raise InvalidRequest(f"A grouping is one of {', '.join(GROUPINGS)}, not {grouping!r}.")
    if not pictures.is_dir():
        raise InvalidRequest(f"{pictures} is not a folder.")
    ratings = parse(path, encoding)
    outliers = judge_raters(ratings.votes) if ratings.votes is not None else ()
    if drop_outliers:
        ratings = ratings.without(rater for finding in outliers for rater in finding.items)
    shelf = _Shelf(pictures)
    lost: dict[str, list[str]] = {code: [] for code in LOST}
    found: list[tuple[Entry, Path]] = []
    for entry in ratings.entries:
        file = shelf.find(entry.image)
        if isinstance(file, str):
            lost[file].append(entry.image)
        else:
            found.append((entry, file))
    findings = (*ratings.findings, *outliers)
    counts = judge_counts([entry.votes for entry, _ in found], [entry.image for entry, _ in found])
    check([*findings, *_named_twice(found), *judge_lost(lost, len(ratings.entries)), *counts])
    raters = len({rater for _, rater in ratings.votes or ()})
    told, groups = _grouped([(entry, file.relative_to(pictures)) for entry, file in found], grouping)
    lost_ids = {code: tuple(images) for code, images in lost.items()}
    return Located(tuple(found), lost_ids, findings, told, groups, raters)


def read(path: Path, pictures: Path, *, tick: Tick | None = None, **options: Any) -> tuple[Labels, tuple[Finding, ...]]:
    """Labels and what is wrong with them: ``locate`` with these options, and all of it decoded."""
    return locate(path, pictures, **options).decoded(tick)


class _Shelf:
    """The picture files of a folder, by what an id may call them."""

    def __init__(self, folder: Path) -> None:
        self._by_name: dict[str, set[Path]] = {}
        for file in sorted(folder.rglob("*")):
            if file.suffix.lower() not in EXTENSIONS or not file.is_file():
                continue
            relative = PurePosixPath(_id_of(file, folder))
            for name in {str(relative), str(relative.with_suffix("")), relative.name, relative.stem}:
                self._by_name.setdefault(name.casefold(), set()).add(file)
        self._folder = folder
        self._name = picture_id(folder.resolve().name).casefold()

    def find(self, image: str) -> Path | str:
        """The file of an id, or the code of why there is none."""
        files = self._by_name.get(image.casefold(), set())
        if len(files) > 1:
            # The very name wins: of "1.jpg" and "shoes/1.jpg", and of two names that differ only in case.
            files = {file for file in files if _id_of(file, self._folder) == image}
            if not files:
                return "ambiguous_file"
        if not files and (inside := self._inside(image)):
            return self.find(inside)
        return next(iter(files), "missing_file")

    def _inside(self, image: str) -> str:
        """What follows the folder's own name in an id that begins further up, as on the machine of who rated."""
        parts = PurePosixPath(image).parts
        at = [part.casefold() for part in parts].index(self._name) + 1 if self._name in map(str.casefold, parts) else 0
        return "/".join(parts[at:]) if at else ""


def _id_of(file: Path, folder: Path) -> str:
    return picture_id(file.relative_to(folder).as_posix())


def _named_twice(found: Sequence[tuple[Entry, Path]]) -> Iterator[Finding]:
    by_file: dict[Path, list[str]] = {}
    for entry, file in found:
        by_file.setdefault(file, []).append(entry.image)
    twice = tuple(" = ".join(images) for images in by_file.values() if len(images) > 1)
    if twice:
        yield Finding("named_twice", REFUSAL, "labels that name the same picture file in several ways.", twice)


def _grouped(pictures: Sequence[tuple[Entry, Path]], wanted: str | None) -> tuple[str, tuple[str, ...]]:
    """The wanted grouping or the first that the labels have, and the group of each picture."""
    for grouping in (wanted,) if wanted else GROUPINGS:
        names = list(_group_names(pictures, grouping))
        if None in names:
            if wanted:
                raise InvalidRequest("Not every picture has a group in the label file.")
            continue
        found = len(set(names))
        if wanted or grouping in ("column", "picture") or LEAST_GROUPS <= found <= len(names) / 2:
            return grouping, tuple(str(name) for name in names)
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


def _near_duplicates(labels: Labels) -> Iterator[Finding]:
    pairs = [
        (one, other) for one, other in near_duplicates(labels.hashes) if labels.groups[one] != labels.groups[other]
    ]
    if pairs:
        message = f"pairs of nearly the same picture in two groups, which a split keeps together: {len(pairs)}."
        names = tuple(f"{labels.images[one]} ~ {labels.images[other]}" for one, other in pairs)
        yield Finding("near_duplicates", WARNING, message, names)
