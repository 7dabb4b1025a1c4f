"""Agreement figures against values computed by hand, and what they must never do."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nima.training import metrics

scores = st.lists(st.integers(1, 10), min_size=3, max_size=30)


def test_rank_correlation_by_hand() -> None:
    # 1 - 6 * sum(d^2) / (n (n^2 - 1)) with d = 0, 1, -1, 0, 0.
    assert metrics.srcc([1, 2, 3, 4, 5], [10, 30, 20, 40, 50]) == pytest.approx(1 - 6 * 2 / (5 * 24))
    assert metrics.srcc([1, 2, 3], [9, 4, 1]) == -1
    # Ranks 1.5 1.5 3 beside 1 2 3: cov 1.5, variances 1.5 and 2.
    assert metrics.srcc([4, 4, 7], [1, 2, 3]) == pytest.approx(1.5 / math.sqrt(1.5 * 2))


def test_linear_correlation_by_hand() -> None:
    # Deviations -1 0 1 and -4/3 -1/3 5/3: 3 / sqrt(2 * 42/9).
    assert metrics.plcc([1, 2, 3], [1, 2, 4]) == pytest.approx(3 / math.sqrt(2 * 42 / 9))
    assert metrics.plcc([1, 2, 3], [5, 3, 1]) == -1


def test_ties_share_their_rank() -> None:
    assert metrics.ranks([3, 1, 3, 2, 3]).tolist() == [4, 1, 4, 2, 4]


@given(scores, st.permutations(list(range(30))))
def test_rank_correlation_sees_order_alone(values: list[int], order: list[int]) -> None:
    other = [order[index] for index in range(len(values))]
    found = metrics.srcc(values, other)
    assert math.isnan(found) == (len(set(values)) == 1)
    if not math.isnan(found):
        assert -1 <= found <= 1
        assert metrics.srcc([v**3 for v in values], other) == pytest.approx(found)
        assert metrics.srcc([-v for v in values], other) == pytest.approx(-found)


@pytest.mark.parametrize("correlation", [metrics.srcc, metrics.plcc])
def test_what_is_not_defined_is_not_a_number(correlation: Callable[..., float]) -> None:
    assert math.isnan(correlation([5, 5, 5], [1, 2, 3]))
    assert math.isnan(correlation([1], [1]))
    assert math.isnan(correlation([], []))


def test_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="compared"):
        metrics.srcc([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="compared"):
        metrics.emd(np.full((2, 10), 0.1), np.full((1, 10), 0.1))


def test_earth_movers_distance_by_hand() -> None:
    lowest, second, highest = np.eye(10)[[0, 1, 9]]
    one, other = np.stack([lowest, lowest, lowest]), np.stack([lowest, second, highest])
    # From 1 to 10 nine of the ten cumulative sums differ by 1; from 1 to 2, one does.
    assert metrics.emd(one, other, 1).tolist() == pytest.approx([0, 0.1, 0.9])
    assert metrics.emd(one, other, 2).tolist() == pytest.approx([0, math.sqrt(0.1), math.sqrt(0.9)])
    half = (lowest + second) / 2
    assert metrics.emd(half[None], lowest[None], 2)[0] == pytest.approx(math.sqrt(0.25 / 10))


def test_means_are_read_from_the_scores_one_to_ten() -> None:
    assert metrics.means(np.eye(10)).tolist() == list(range(1, 11))
    assert metrics.means(np.full((2, 3, 10), 0.1)).tolist() == [[pytest.approx(5.5)] * 3] * 2


def test_a_mean_of_five_counts_as_poor() -> None:
    assert metrics.two_class_accuracy([5.0, 5.1, 6, 4], [4.9, 7, 4, 3]) == 0.75
    assert metrics.two_class_accuracy([5.0, 5.1], [4.9, 7], cut=5.05) == 1


def test_mean_absolute_difference() -> None:
    assert metrics.mae([1, 5, 9], [2, 5, 7]) == 1


def test_calibration_groups_neighbouring_predictions_evenly() -> None:
    predicted, actual = [7, 3, 5, 4, 6, 8], [8, 3, 5, 4, 7, 9]
    low, high = metrics.calibration(predicted, actual, bins=2)
    assert (low.low, low.high, low.count, low.predicted, low.actual) == (3, 5, 3, 4, 4)
    assert (high.low, high.high, high.count, high.predicted, high.actual) == (6, 8, 3, 7, 8)
    assert len(metrics.calibration([1, 2, 3], [1, 2, 3], bins=10)) == 3


def test_each_name_is_judged_by_itself() -> None:
    noise, blur = (
        dict(zip(("name", "count", "srcc", "bias"), (found.name, found.count, found.srcc, found.bias), strict=True))
        for found in metrics.by_name(
            ["noise", "blur", "noise", None, "blur", "noise"], [1, 5, 2, 9, 4, 3], [2, 1, 3, 1, 2, 4]
        )[::-1]
    )
    assert noise == {"name": "noise", "count": 3, "srcc": pytest.approx(1), "bias": -1}
    assert blur == {"name": "blur", "count": 2, "srcc": pytest.approx(-1), "bias": 3}


def rated(pictures: int, noise: float, seed: int) -> tuple[metrics.Array, metrics.Array]:
    rng = np.random.default_rng(seed)
    actual = rng.normal(5, 1, pictures)
    return actual + rng.normal(0, noise, pictures), actual


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    truth = metrics.srcc(*rated(100_000, 1, 1))
    found = [metrics.interval(metrics.srcc, *rated(60, 1, seed), draws=200) for seed in range(100)]
    assert 88 <= sum(low <= truth <= high for low, high in found) <= 99


def test_an_interval_narrows_with_the_pictures_and_is_the_same_again() -> None:
    low, high = metrics.interval(metrics.srcc, *rated(50, 1, 2))
    assert low < metrics.srcc(*rated(50, 1, 2)) < high
    assert metrics.interval(metrics.srcc, *rated(50, 1, 2)) == (low, high)
    assert metrics.interval(metrics.srcc, *rated(50, 1, 2), seed=1) != (low, high)
    wide = metrics.interval(metrics.srcc, *rated(800, 1, 2))
    # Four times as narrow by sixteen times the pictures, more or less.
    assert 0.15 < (wide[1] - wide[0]) / (high - low) < 0.4


def test_a_paired_interval_is_of_the_difference_alone() -> None:
    good, actual = rated(80, 0.8, 3)
    # Nearly the same predictions, so that both figures move together from draw to draw.
    worse = good + np.random.default_rng(4).normal(0, 0.2, 80)
    low, high = metrics.paired_interval(metrics.srcc, good, worse, actual)
    assert low < metrics.srcc(good, actual) - metrics.srcc(worse, actual) < high
    alone = metrics.interval(metrics.srcc, good, actual)
    assert high - low < (alone[1] - alone[0]) / 2
    assert metrics.paired_interval(metrics.srcc, good, good, actual) == (0, 0)
    low, high = metrics.paired_interval(metrics.srcc, actual, -actual, actual)
    assert low == high == pytest.approx(2)


def test_intervals_of_distributions_and_of_what_is_not_defined() -> None:
    rows = np.eye(10)[np.random.default_rng(5).integers(0, 10, 40)]
    low, high = metrics.interval(metrics.mean_emd, rows, np.full((40, 10), 0.1))
    assert low < metrics.mean_emd(rows, np.full((40, 10), 0.1)) < high
    assert all(map(math.isnan, metrics.interval(metrics.srcc, [5, 5, 5], [1, 2, 3])))
    assert all(map(math.isnan, metrics.interval(metrics.srcc, [], [])))
    assert all(map(math.isnan, metrics.interval(metrics.mean_emd, np.empty((0, 10)), np.empty((0, 10)))))
    # Draws of one picture alone have no correlation; the others have.
    assert metrics.interval(metrics.srcc, [1, 2], [3, 4]) == (1, 1)
