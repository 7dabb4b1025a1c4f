"""Files that appear whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yields where to write a file, which takes the place of ``path`` if the block ends well."""
    part = path.with_name(f"part-{path.name}")
    yield part
    part.replace(path)
