"""What is wrong with a set of labels, as findings with stable codes; and which raters stand apart."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.model.manifest import SCORES
from nima.training.metrics import plcc
from nima.whole import whole

WARNING, REFUSAL = "warning", "refusal"

LOST: Mapping[str, str] = {
    "missing_file": "without a picture file",
    "ambiguous_file": "that several picture files answer to",
    "unreadable_file": "whose picture file cannot be read",
    "changed_file": "whose picture file is not what it was when the run began",
}
"""Why labels are left out, by the code of the finding."""

LEAST_PICTURES = 500
LEAST_RATERS = 10
MOST_LOST = 0.05
"""Labels whose pictures are missing, ambiguous or unreadable in a greater share are refused: some folder is wrong."""

LEAST_VOTES = 10
"""A rater with fewer votes is not judged."""
LEAST_CORRELATION = 0.1

SHOWN = 10
"""So many items of a finding are shown; the others are counted."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        code: What it is, for programs.
        severity: ``warning``, or ``refusal`` where training on it would mislead.
        message: One sentence with the numbers.
        items: The images, raters, groups or lines that it is about, as they are said in every language: ``one ~ other``
            are nearly the same picture, ``one = other`` two names of one file, ``image (rater)`` a vote.
        in_lines: Whether each item is shown on a line of its own.
    """

    code: str
    severity: str
    message: str
    items: tuple[str, ...] = ()
    in_lines: bool = False

    def __str__(self) -> str:
        shown = [*self.items[:SHOWN]]
        if len(self.items) > SHOWN:
            shown.append(f"and {len(self.items) - SHOWN} more")
        head = f"{self.severity}: {self.code}: {self.message}"
        if self.in_lines:
            return "\n  ".join([head, *shown])
        return f"{head} ({', '.join(shown)})" if shown else head


class Refused(InvalidRequest):
    """Labels that nothing should be trained on; ``findings`` has the warnings too."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        refusals = [str(finding) for finding in self.findings if finding.severity == REFUSAL]
        super().__init__("\n".join(["These labels are refused.", *refusals]))


def check(findings: Iterable[Finding]) -> None:
    """Raises ``Refused`` with every refusal, if there is one."""
    found = tuple(findings)
    if any(finding.severity == REFUSAL for finding in found):
        raise Refused(found)


def write(path: Path, findings: Iterable[Finding]) -> None:
    """Writes every item of the findings as CSV, in UTF-8 with the byte order mark that Excel knows it by."""
    with whole(path) as part, part.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(("code", "severity", "item", "message"))
        for found in findings:
            writer.writerows((found.code, found.severity, item, found.message) for item in found.items or ("",))


Votes = Mapping[tuple[str, str], int]
"""The score 1..10 by image and rater."""


def judge_raters(votes: Votes) -> tuple[Finding, ...]:
    """Raters who give one score to everything, and raters whose scores do not follow what the others say.

    A rater is compared with the mean of all other raters on the same pictures (Pearson; below ``LEAST_CORRELATION`` is
    contrary), on at least ``LEAST_VOTES`` pictures that somebody else rated too.
    """
    by_rater: dict[str, dict[str, int]] = {}
    sums: dict[str, int] = {}
    counts: dict[str, int] = {}
    for (image, rater), score in votes.items():
        by_rater.setdefault(rater, {})[image] = score
        sums[image] = sums.get(image, 0) + score
        counts[image] = counts.get(image, 0) + 1
    constant, contrary = [], []
    for rater, scores in sorted(by_rater.items()):
        if len(scores) < LEAST_VOTES:
            continue
        if len(set(scores.values())) == 1:
            constant.append(rater)
            continue
        shared = [image for image in scores if counts[image] > 1]
        if len(shared) < LEAST_VOTES:
            continue
        own = [scores[image] for image in shared]
        others = [(sums[image] - scores[image]) / (counts[image] - 1) for image in shared]
        # NaN, where the others give every picture the same mean, says nothing about this rater.
        if plcc(own, others) < LEAST_CORRELATION:
            contrary.append(rater)
    found = []
    for code, raters, what in (
        ("constant_rater", constant, "one score for every picture"),
        ("contrary_rater", contrary, f"a correlation with the others below {LEAST_CORRELATION}"),
    ):
        if raters:
            message = f"{what}, from {len(raters)} of {len(by_rater)} raters; --drop-outliers leaves them out."
            found.append(Finding(code, WARNING, message, tuple(raters)))
    return tuple(found)


def judge_counts(votes: Sequence[int], images: Sequence[str]) -> tuple[Finding, ...]:
    """Too few pictures, too few raters, or an unknown number of them (0 votes)."""
    found = []
    if not images:
        return (Finding("no_pictures", REFUSAL, "no label has a picture that can be read."),)
    if len(images) < LEAST_PICTURES:
        message = f"{len(images)} pictures; with fewer than {LEAST_PICTURES} a model learns little that lasts."
        found.append(Finding("few_pictures", WARNING, message))
    few = [image for image, count in zip(images, votes, strict=True) if 0 < count < LEAST_RATERS]
    if few:
        message = f"fewer than {LEAST_RATERS} raters on {len(few)} of {len(images)} pictures."
        found.append(Finding("few_raters", WARNING, message, tuple(few)))
    unknown = tuple(image for image, count in zip(images, votes, strict=True) if count == 0)
    if unknown:
        message = f"shares instead of votes on {len(unknown)} of {len(images)} pictures: raters are not counted."
        found.append(Finding("unknown_raters", WARNING, message, unknown))
    return tuple(found)


def judge_scale(distributions: NDArray[np.float64]) -> tuple[Finding, ...]:
    """Whether ``[n, 10]`` distributions look like votes from 1 to 5; of a few pictures nothing is said."""
    if len(distributions) < LEAST_VOTES or distributions[:, SCORES // 2 :].any():
        return ()
    message = f"no score above {SCORES // 2}. Were votes from 1 to {SCORES // 2}? Then bring them to 1 to {SCORES}."
    return (Finding("half_scale", WARNING, message),)


def judge_lost(lost: Mapping[str, Iterable[str]], total: int) -> tuple[Finding, ...]:
    """Pictures left out, by code; refused together where they are more than ``MOST_LOST`` of ``total``."""
    by_code = {code: tuple(images) for code, images in lost.items()}
    severity = REFUSAL if sum(map(len, by_code.values())) > MOST_LOST * total else WARNING
    return tuple(
        Finding(code, severity, f"left out: {len(images)} of {total} labels, {LOST[code]}.", images)
        for code, images in by_code.items()
        if images
    )
