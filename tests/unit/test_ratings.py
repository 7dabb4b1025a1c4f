"""Stars, flags, labels and keywords of results."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from nima.document.assessment import Assessment, Confidence, Deduction
from nima.document.composite import DIVISIVE, STEPS
from nima.shoot.ratings import LABELS, PICKED, REJECTED, SCORE, UNDECIDED, percentiles, rate
from tests.unit.test_catalogue import result


def of(score: float, *sure: str, stars: float = 3.0, note: str | None = None, level: str = "high") -> Assessment:
    one = result("a.jpg", 5, 5).assessment
    assert one
    return replace(
        one,
        composite=replace(one.composite, score=score, stars=stars, note=note),
        deductions=tuple(Deduction(code, 0.5, sure=True) for code in sure),
        confidence=Confidence(level),
    )


def test_a_hundred_pictures_are_spread_over_the_stars_and_a_better_one_never_has_fewer() -> None:
    scores = [number / 20 for number in range(20, 120)]
    random.Random(1).shuffle(scores)
    stars = [one.stars for one in rate([of(score) for score in scores])]
    assert [stars.count(number) for number in (1, 2, 3, 4, 5)] == [10, 20, 40, 20, 10]
    in_order = [number for _, number in sorted(zip(scores, stars, strict=True))]
    assert in_order == sorted(in_order)


def test_equal_pictures_have_equal_stars_and_one_alone_has_three() -> None:
    assert percentiles([5.0, 5.0, 4.0, 6.0]) == [50.0, 50.0, 12.5, 87.5]
    assert {one.stars for one in rate([of(5.0)] * 7)} == {3}
    assert rate([of(9.9)])[0].stars == 3
    assert rate([]) == []


def test_stars_by_score_do_not_depend_on_the_others() -> None:
    halves = [stars for _, stars, _ in STEPS]
    ratings = rate([of(score, stars=stars) for score, stars, _ in STEPS], SCORE)
    assert [one.stars for one in ratings] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert [rate([of(5, stars=stars)], SCORE)[0].stars for stars in halves] == [one.stars for one in ratings]


@pytest.mark.parametrize(
    ("stars", "sure", "choice"),
    [
        (5.0, (), PICKED),
        (5.0, ("noise",), UNDECIDED),
        (4.0, (), UNDECIDED),
        (1.0, (), UNDECIDED),
        (1.0, ("soft", "motion_blur"), UNDECIDED),
        (1.0, ("soft", "overexposure"), REJECTED),
        (2.0, ("overexposure",), UNDECIDED),
    ],
)
def test_the_best_without_a_sure_defect_are_picked_and_nothing_is_rejected_for_blur(
    stars: float, sure: tuple[str, ...], choice: int
) -> None:
    (one,) = rate([of(5, *sure, stars=stars)], SCORE)
    assert one.choice == choice
    assert ("pick" in one.keywords, "reject" in one.keywords) == (choice == PICKED, choice == REJECTED)


def test_labels_say_what_is_to_be_looked_at() -> None:
    those = {
        "Red": of(5, "overexposure", stars=1, level="low"),
        "Green": of(5, stars=5, note=DIVISIVE, level="low"),
        "Yellow": of(5, "soft", stars=3, note=DIVISIVE),
        "Blue": of(5, note=DIVISIVE, level="low"),
        "Purple": of(5, level="low"),
        None: of(5, level="medium"),
    }
    assert {one.label for one in rate(list(those.values()), SCORE)} == {*LABELS, None}
    assert [one.label for one in rate(list(those.values()), SCORE)] == list(those)


def test_sure_defects_are_keywords() -> None:
    assert rate([of(5, "motion_blur", "soft")])[0].keywords == ("motion blur", "soft")
