"""What the tests of plug-ins have behind them: the API on this machine, and a photograph with a flaw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures_model import ROOT

if TYPE_CHECKING:
    from nima.local.stack import LocalStack

KEY = "a key of the hosts"


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    from nima.local.server import listen
    from nima.local.stack import local_stack
    from nima.local.template import Template
    from nima.model.folder import SHIPPED

    variables = {"NIMA_MODELS": str(SHIPPED), "MODEL": "nima-lite", "POWERTOOLS_LOG_LEVEL": "ERROR"}
    with local_stack(Template(ROOT), listen(0), variables, retry_delay=0.01, api_key=KEY) as running:
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
