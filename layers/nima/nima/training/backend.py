"""Keras and its backend, imported once and without greetings."""

from __future__ import annotations

import logging
import os

from nima.native import without_info


def load() -> None:
    """Imports Keras with the backend that ``KERAS_BACKEND`` names, before anything is drawn on standard error."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with without_info():
        import keras  # noqa: F401
    # It remarks upon batches of several sizes, as the last one of a side is.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
