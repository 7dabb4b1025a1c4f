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
