"""What pictures are given in a photographer's programs: stars, a pick flag, a colour label and keywords."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nima.document.assessment import Assessment
from nima.document.composite import NOTES
from nima.document.vocabulary import LOW

PERCENTILE, SCORE = WAYS = ("percentile", "score")
"""What stars are by: where a picture stands among those rated together, or its own composite."""

STAR_SHARES = (10.0, 30.0, 70.0, 90.0)
"""Share, in percent, of pictures rated together that has fewer than 2, 3, 4 and 5 stars."""

PICKED, UNDECIDED, REJECTED = 1, 0, -1
"""Pick flags."""

LABELS = ("Red", "Yellow", "Green", "Blue", "Purple")
"""The colour labels that programs share, by their English names."""

KEYWORD = "NIMA"
"""The keyword that all others stand below."""

_CHOSEN = {PICKED: "pick", REJECTED: "reject"}
# By blur alone nothing is rejected: what looks soft may be meant so, or the only picture of its moment.
_BLURS = frozenset(("soft", "motion_blur"))
_LEAST = 1


@dataclass(frozen=True)
class Rating:
    """What a picture is given.

    Attributes:
        stars: 1 to 5.
        percentile: Share, in percent, of those rated together that is below it; of equals half counts.
        choice: Whether it is picked, rejected or neither.
        label: A colour of ``LABELS``; None where nothing is to be said by one.
        keywords: Below ``KEYWORD``.
    """

    stars: int
    percentile: float
    choice: int
    label: str | None
    keywords: tuple[str, ...]

    def unrejected(self) -> Rating:
        """The same, or for a rejected picture its stars and its defects alone."""
        if self.choice != REJECTED:
            return self
        words = tuple(word for word in self.keywords if word != _CHOSEN[REJECTED])
        return replace(self, choice=UNDECIDED, label=None, keywords=words)


def rate(assessments: Sequence[Assessment], by: str = PERCENTILE) -> list[Rating]:
    """What pictures are given that are rated together, in their order.

    Args:
        by: One of ``WAYS``.
    """
    shares = percentiles([one.composite.score for one in assessments])
    return [_rating(one, share, by) for one, share in zip(assessments, shares, strict=True)]


def percentiles(scores: Sequence[float]) -> list[float]:
    """Share, in percent, of some scores that is below each; of equal ones, itself among them, half counts."""
    order = sorted(scores)
    first = {score: place for place, score in reversed(list(enumerate(order)))}
    last = {score: place + 1 for place, score in enumerate(order)}
    return [50.0 * (first[score] + last[score]) / len(order) for score in scores]


def _rating(one: Assessment, share: float, by: str) -> Rating:
    stars = _by_share(share) if by == PERCENTILE else _by_score(one.composite.stars)
    choice = _choice(one, stars)
    label = next((label for label, applies in _LABELLED.items() if applies(one, choice)), None)
    said = (_CHOSEN.get(choice), *(deduction.code.replace("_", " ") for deduction in one.sure))
    return Rating(stars, round(share, 1), choice, label, tuple(dict.fromkeys(word for word in said if word)))


def _by_share(share: float) -> int:
    return _LEAST + sum(share >= below for below in STAR_SHARES)


def _by_score(stars: float) -> int:
    """Whole stars of halves; a half counts as one more, and none have none."""
    return max(math.floor(stars + 0.5), _LEAST)


def _choice(one: Assessment, stars: int) -> int:
    if stars == _LEAST + len(STAR_SHARES) and not one.sure:
        return PICKED
    return REJECTED if stars == _LEAST and {defect.code for defect in one.sure} - _BLURS else UNDECIDED


_LABELLED: dict[str, Callable[[Assessment, int], bool]] = {
    "Red": lambda one, choice: choice == REJECTED,
    "Green": lambda one, choice: choice == PICKED,
    "Yellow": lambda one, choice: bool(one.sure),
    "Blue": lambda one, choice: one.composite.note in NOTES,
    "Purple": lambda one, choice: one.confidence.level == LOW,
}
"""When each colour is given, the first that holds: rejected, picked, a sure defect, opinions that are expected to
split, scores that are not to be relied on."""
