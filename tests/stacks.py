"""The whole application in a test's own process, on an emulated AWS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nima.local.server import listen
from nima.local.stack import LocalStack, local_stack
from nima.local.template import TABLE, Template
from tests.fixtures_model import ROOT


@contextmanager
def stack_of(model: Path, *, api_key: str | None = None, **variables: str) -> Iterator[LocalStack]:
    """A stack that scores with the model of a folder; what failed is tried again at once."""
    known = {"NIMA_MODELS": str(model.parent), "MODEL": model.name, **variables}
    with local_stack(Template(ROOT), listen(0), known, retry_delay=0.01, api_key=api_key) as stack:
        yield stack


def table_name(stack: LocalStack) -> str:
    """The name of its table of results."""
    (logical_id,) = Template(ROOT).ids(TABLE)
    return stack.aws.physical_id(logical_id)
