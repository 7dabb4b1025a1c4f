"""A manifest's version is a hash of its content: whoever changes what a result depends on makes another version.

Manifests of earlier releases have no seal: their versions stand as they were given, as results are stored under them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

CONTENT = "content, 1"
"""The form of a seal: the version is the first 12 digits of the SHA-256 of the parts that decide on a result, after a
hyphen where a name stands before it."""

_ANSWERING = ("preprocessing", "files", "input", "votes")
_DECIDING = (*_ANSWERING, "population", "products", "composites", "agreement", "reasons")
_DIGITS = 12


def version_of(document: Mapping[str, Any], label: str = "") -> str:
    """The version that a manifest's content has.

    Args:
        document: The manifest as JSON has it.
        label: A name that comes before the hash, and counts as well.
    """
    digest = _digest({**document, "label": label}, _DECIDING + (("label",) if label else ()))
    return f"{label}-{digest}" if label else digest


def label_of(version: str) -> str:
    """The name before a sealed version's hash; empty where there is none."""
    return version.rpartition("-")[0]


def network_of(document: Mapping[str, Any]) -> str:
    """A hash of what decides on the heads' answers: what golden scores were measured on."""
    return _digest(document, _ANSWERING)


def check(document: Mapping[str, Any]) -> None:
    """Checks that a manifest is as it was made.

    Raises:
        ValueError: It was changed since: its version, or what it is a hash of.
    """
    seal, golden = document.get("seal"), document.get("golden") or {}
    if not seal and not golden.get("network"):
        return  # of an earlier release
    if seal != CONTENT:
        raise ValueError(f"the seal is {seal!r}; this release knows {CONTENT!r}")
    version = str(document.get("version"))
    found = version_of(document, label_of(version))
    if version != found:
        raise ValueError(f"the version is {version}, that of its content is {found}")
    network = golden.get("network")
    if network and network != network_of(document):
        raise ValueError("the golden scores were measured on other files, another input or other votes")


def _digest(document: Mapping[str, Any], names: Iterable[str]) -> str:
    content = {name: document.get(name) for name in names}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:_DIGITS]
