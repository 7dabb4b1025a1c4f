"""What the tests of plug-ins have behind them: the API on this machine, and a photograph with a flaw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from nima.local.stack import LocalStack

KEY = "a key of the hosts"


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    from nima.model.folder import SHIPPED
    from tests.stacks import stack_of

    with stack_of(SHIPPED / "nima-lite", api_key=KEY, POWERTOOLS_LOG_LEVEL="ERROR") as running:
        yield running


@pytest.fixture(scope="session")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dark one, which a brighter exposure would help."""
    import numpy as np
    from PIL import Image

    from nima.local.pictures import default_pictures

    (astronaut,) = (path for path in default_pictures().files.values() if path.stem == "astronaut")
    dark = (np.asarray(Image.open(astronaut).convert("RGB")) * 0.2).astype(np.uint8)
    file = tmp_path_factory.mktemp("pictures") / "dark.jpg"
    Image.fromarray(dark).save(file, quality=95)
    return file
