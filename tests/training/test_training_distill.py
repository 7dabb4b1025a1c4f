"""What a distillation makes of its samples before it trains on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nima.model.manifest import HEADS, SCORES
from nima.training.distill.run import weighed
from nima.training.distill.task import Distillation
from nima.training.networks.architecture import Architecture
from nima.training.samples.samples import PEOPLE, Samples


def test_each_weight_of_a_task_scales_what_it_is_named_after() -> None:
    groups = np.array([0, PEOPLE, PEOPLE + 1], np.float32)
    orders = np.stack([groups, np.zeros(3, np.float32), np.full(3, 10, np.float32)], axis=1)
    samples = Samples(
        np.zeros((3, 8, 8, 3), np.uint8),
        np.full((3, len(HEADS), SCORES), 1 / SCORES, np.float32),
        np.full((3, len(HEADS)), 4, np.float32),
        orders,
    )
    task = Distillation(
        Path(), Architecture(), {}, (), 1, 1, aesthetic_weight=0.5, ladder_weight=0.25, people_weight=2.0
    )
    found = weighed(samples, task)
    assert found.orders[1, 2] == pytest.approx(20)
    assert found.orders[2, 2] == pytest.approx(2.5)
    assert found.weights[:, HEADS.index("aesthetic")] == pytest.approx(2)
    assert found.weights[:, HEADS.index("technical")] == pytest.approx(4)
    assert (samples.orders[1:, 2] == 10).all()
