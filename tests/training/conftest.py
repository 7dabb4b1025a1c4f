"""What tests of training share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nima.training import backend


@pytest.fixture
def stepwise() -> Iterator[None]:
    """Networks that are trained in this process do each step at once.

    Making a graph of the steps takes ten seconds for each stage, and a training of a few pictures has a handful of
    steps. Trainings in processes of their own make graphs, as everybody's do.
    """
    backend.load()
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
