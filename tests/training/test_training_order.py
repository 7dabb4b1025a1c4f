"""Pictures whose order is known: the loss that asks for it, and batches in which a group stays together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from nima.model.manifest import HEADS, SCORES
from nima.training.samples.batches import batches
from nima.training.samples.samples import Samples
from nima.training.trainer.loss import earth_movers_distance, loss, order_violation


def peaks(*scores: int) -> NDArray[np.float32]:
    return np.eye(SCORES, dtype=np.float32)[np.array(scores) - 1, :]


@pytest.mark.parametrize(
    ("predicted", "missing"),
    [
        ((7, 5), 0.0),  # in order, by more than is asked for
        ((5, 5), 0.5),  # half of the difference of 1
        ((5, 6), 1.5),
    ],
)
def test_a_wrong_order_costs_what_is_missing(predicted: tuple[int, int], missing: float) -> None:
    order = np.array([[3, 1, 2], [3, 0, 2]], np.float32)
    assert np.asarray(order_violation(order, peaks(*predicted))) == pytest.approx([2 * missing, 0])


@pytest.mark.parametrize(
    "order",
    [
        [[3, 1, 2], [4, 0, 2]],  # of two groups
        [[0, 1, 2], [0, 0, 2]],  # of none
        [[3, 0.1, 2], [3, 0, 2]],  # hardly different
    ],
)
def test_pictures_that_need_no_order_cost_nothing(order: list[list[float]]) -> None:
    assert not np.asarray(order_violation(np.array(order, np.float32), peaks(2, 9))).any()


def test_far_apart_is_asked_for_no_more_than_enough() -> None:
    order = np.array([[3, 5, 1], [3, 0, 1]], np.float32)
    assert np.asarray(order_violation(order, peaks(5, 5))) == pytest.approx([0.6, 0])


def test_the_loss_weighs_the_distance_and_adds_the_order() -> None:
    labels, predicted = peaks(4, 4), peaks(5, 4)
    extra = np.array([[0.5, 3, 0, 2], [0, 3, 1, 2]], np.float32)
    found = float(loss("emd")(np.concatenate([labels, extra], axis=1), predicted))
    distance = np.asarray(earth_movers_distance(labels, predicted))
    assert found == pytest.approx((0.5 * distance[0] + 2 * 1.5) / 2, abs=1e-5)


@dataclass(frozen=True)
class Drawn:
    groups: list[float]
    values: list[float]


def drawn(orders: list[tuple[float, float, float]], batch_size: int, share: float = 1.0) -> list[Drawn]:
    n = len(orders)
    labels = np.full((n, len(HEADS), SCORES), 0.1, np.float32)
    weights = np.tile(np.array([[0.5, 1.0]], np.float32), (n, 1))
    samples = Samples(np.zeros((n, 4, 4, 3), np.uint8), labels, weights, np.array(orders, np.float32))
    made = batches([(samples, share)], HEADS, batch_size, seed=3)
    found = []
    for index in range(len(made)):
        _, y, scales = made[index]
        assert y["aesthetic"].shape[1] == SCORES
        assert (scales["technical"] == 1).all()
        assert (y["technical"][:, SCORES] == 0.5).all()
        found.append(Drawn(y["technical"][:, SCORES + 1].tolist(), y["technical"][:, SCORES + 2].tolist()))
    return found


def test_a_group_stays_together_and_everything_is_drawn_once() -> None:
    orders = [(group, float(value), 1.0) for group in (2.0, 3.0, 4.0, 5.0) for value in range(3)]
    found = drawn(orders, batch_size=6)
    pairs = [pair for one in found for pair in zip(one.groups, one.values, strict=True)]
    assert sorted(pairs) == [(group, value) for group, value, _ in orders]
    for one in found:
        assert all(one.groups.count(group) == 3 for group in one.groups)


def test_a_share_that_is_less_than_one_sample_draws_one() -> None:
    assert [len(one.values) for one in drawn([(2.0, float(value), 1.0) for value in range(3)], 8, share=0.1)] == [3]


def test_a_large_group_is_drawn_in_parts_that_differ() -> None:
    found = drawn([(1.0, float(value), 1.0) for value in range(64)], batch_size=8)
    assert sorted(value for one in found for value in one.values) == list(range(64))
    assert any(np.ptp(one.values) > 16 for one in found)


def test_without_an_order_labels_are_distributions() -> None:
    samples = Samples(
        np.zeros((2, 4, 4, 3), np.uint8),
        np.full((2, len(HEADS), SCORES), 0.1, np.float32),
        np.array([[0.5, 1.0], [0.0, 1.0]], np.float32),
        np.zeros((2, 3), np.float32),
    )
    _, y, scales = batches([(samples, 1.0)], HEADS, 2, seed=3)[0]
    assert y["technical"].shape == (2, SCORES)
    assert sorted(scales["technical"].tolist()) == [0, 0.5]
