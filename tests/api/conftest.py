"""The local stack behind an API key, with pictures under the keys that the API's document gives as examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nima.local.server import listen
from nima.local.stack import LocalStack, local_stack
from nima.local.template import Template
from tests.integration.test_local_stack import picture, put

ROOT = Path(__file__).resolve().parents[2]
KEY = "a key"


@pytest.fixture(scope="module")
def stack(model_folder: Path) -> Iterator[LocalStack]:
    variables = {
        "NIMA_MODELS": str(model_folder.parent),
        "MODEL": model_folder.name,
        "POWERTOOLS_LOG_LEVEL": "ERROR",
    }
    with local_stack(Template(ROOT), listen(0), variables, retry_delay=0.01, api_key=KEY) as running:
        for seed, name in enumerate(("front", "back", "sole")):
            put(running, f"shoes/trail-runner/{name}.jpg", picture(seed))
        put(running, "shoes/trail-runner/notes.jpg", b"no picture")
        yield running
