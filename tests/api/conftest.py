"""The local stack behind an API key, with pictures under the keys that the API's document gives as examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nima.local.stack import LocalStack
from tests.integration.test_local_stack import picture, put
from tests.stacks import stack_of

KEY = "a key"


@pytest.fixture(scope="module")
def stack(model_folder: Path) -> Iterator[LocalStack]:
    with stack_of(model_folder, api_key=KEY, POWERTOOLS_LOG_LEVEL="ERROR") as running:
        for seed, name in enumerate(("front", "back", "sole")):
            put(running, f"shoes/trail-runner/{name}.jpg", picture(seed))
        put(running, "shoes/trail-runner/notes.jpg", b"no picture")
        yield running
