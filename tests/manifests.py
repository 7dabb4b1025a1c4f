"""Manifests as somebody writes them by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nima.model import seal
from nima.model.manifest import FILE_NAME


def edit(folder: Path, **changes: Any) -> None:
    """Changes parts of a model's manifest and nothing else, as an editor does."""
    path = folder / FILE_NAME
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def remake(folder: Path, **changes: Any) -> None:
    """Changes parts of a manifest as if the model had been made with them: it is sealed again."""
    edit(folder, **changes)
    edit(folder, **sealed(json.loads((folder / FILE_NAME).read_text())))


def sealed(document: dict[str, Any]) -> dict[str, Any]:
    """A manifest with the version that its content has."""
    golden = {**document["golden"], "network": seal.network_of(document)} if document["golden"] else None
    return {**document, "golden": golden, "version": seal.version_of(document, seal.label_of(document["version"]))}
