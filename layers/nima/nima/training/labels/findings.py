"""What is wrong with a set of labels, as findings with stable codes; and which raters stand apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nima.errors import InvalidRequest
from nima.training.metrics import plcc

WARNING, REFUSAL = "warning", "refusal"

LOST: Mapping[str, str] = {
    "missing_file": "labels without a picture file",
    "ambiguous_file": "labels that several picture files answer to",
    "unreadable_file": "picture files that cannot be read",
}
"""Why labels are left out, by the code of the finding."""

LEAST_PICTURES = 500
LEAST_RATERS = 10
MOST_LOST = 0.05
"""Labels whose pictures are missing, ambiguous or unreadable in a greater share are refused: some folder is wrong."""

LEAST_VOTES = 10
"""A rater with fewer votes is not judged."""
LEAST_CORRELATION = 0.1

_SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        code: What it is, for programs.
        severity: ``warning``, or ``refusal`` where training on it would mislead.
        message: One sentence with the numbers.
        items: The images, raters or groups that it is about.
    """

    code: str
    severity: str
    message: str
    items: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = ", ".join(self.items[:_SHOWN]) + (" ..." if len(self.items) > _SHOWN else "")
        return f"{self.severity} {self.code}: {self.message}" + (f" ({shown})" if shown else "")


def check(findings: Iterable[Finding]) -> None:
    """Raises ``InvalidRequest`` with every refusal, if there is one."""
    refusals = [str(finding) for finding in findings if finding.severity == REFUSAL]
    if refusals:
        raise InvalidRequest(f"These labels are refused. {'; '.join(refusals)}")


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
    if constant:
        found.append(_of_raters("constant_rater", constant, "give every picture the same score"))
    if contrary:
        found.append(_of_raters("contrary_rater", contrary, f"correlate with the others below {LEAST_CORRELATION}"))
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
        message = f"{len(few)} of {len(images)} pictures have fewer than {LEAST_RATERS} raters."
        found.append(Finding("few_raters", WARNING, message, tuple(few)))
    unknown = int(np.count_nonzero(np.asarray(votes) == 0))
    if unknown:
        message = f"{unknown} of {len(images)} pictures have shares instead of votes, so their raters are not counted."
        found.append(Finding("unknown_raters", WARNING, message))
    return tuple(found)


def judge_lost(lost: Mapping[str, Iterable[str]], total: int) -> tuple[Finding, ...]:
    """Pictures left out, by code; refused together where they are more than ``MOST_LOST`` of ``total``."""
    by_code = {code: tuple(images) for code, images in lost.items()}
    severity = REFUSAL if sum(map(len, by_code.values())) > MOST_LOST * total else WARNING
    return tuple(
        Finding(code, severity, f"{len(images)} of {total} labels are left out: {LOST[code]}.", images)
        for code, images in by_code.items()
        if images
    )


def _of_raters(code: str, raters: Sequence[str], what: str) -> Finding:
    return Finding(code, WARNING, f"{len(raters)} raters {what}.", tuple(raters))
