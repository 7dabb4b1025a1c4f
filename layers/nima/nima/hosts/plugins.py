"""The plug-ins of other programs: what comes with this package is made ready for one user and put where wanted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nima.document.composite import STYLES
from nima.errors import InvalidRequest
from nima.words import LANGUAGES, words

LOCAL = "http://127.0.0.1:8000"
"""The API that ``make run`` and ``nima local`` start."""

_SOURCES = Path(__file__).parent
_MANIFEST = "manifest.json"
_SAID = ("deductions", "changes", "retakes", "heads", "populations")


def _photoshop(folder: Path, url: str) -> None:
    """Lets the panel reach this API and no other, and gives it the words for what it shows."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InvalidRequest(f"{url} is no address of an API; it begins with https:// (or http:// on this machine).")
    path = folder / _MANIFEST
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    manifest["requiredPermissions"]["network"]["domains"] = [f"{parts.scheme}://{parts.netloc}"]
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    said: dict[str, Any] = {"url": url.rstrip("/")}
    for language in LANGUAGES:
        known = words(language)
        styles = {style: known["styles"][style] for style in STYLES}
        said[language] = {family: known[family] for family in _SAID} | {"styles": styles}
    text = json.dumps(said, ensure_ascii=False, indent=1)
    (folder / "words.js").write_text(f'"use strict";\n\nmodule.exports = {text};\n', encoding="utf-8")


@dataclass(frozen=True)
class Plugin:
    """A plug-in.

    Attributes:
        name: Of its folder, which the program it is for knows it by.
        program: That program.
        mark: A file that every copy of it has.
        adapt: Makes a copy ready for one user, whose API has this address.
        then: What to do with the copy.
    """

    name: str
    program: str
    mark: str
    then: str
    adapt: Callable[[Path, str], None] = lambda folder, url: None


PLUGINS: Mapping[str, Plugin] = {
    "lightroom": Plugin(
        "nima.lrplugin",
        "Lightroom Classic",
        "Info.lua",
        "In Lightroom Classic: File > Plug-in Manager > Add, and choose this folder. Then select photographs, and "
        "Library > Plug-in Extras > Rate the selected photographs.",
    ),
    "photoshop": Plugin(
        "nima.photoshop",
        "Photoshop",
        _MANIFEST,
        "In Adobe's UXP Developer Tool: Add Plugin, choose manifest.json in this folder, and Load. The panel is then "
        "under Plugins > NIMA.",
        _photoshop,
    ),
}
"""Every plug-in, by the name that ``nima plugin`` takes; its sources are in the folder of that name."""


def install(name: str, into: Path, url: str = LOCAL) -> Path:
    """Puts a plug-in into a folder, in the place of an older copy of it.

    Args:
        name: One of ``PLUGINS``.
        into: The folder that the plug-in's own is made in.
        url: Where the API is, for a plug-in that asks it.

    Returns:
        The plug-in's folder.

    Raises:
        InvalidRequest: Something else is there, it cannot be written, or the address is none.
    """
    plugin = PLUGINS[name]
    target, fresh = into / plugin.name, into / f".{plugin.name}.new"
    if target.exists() and not (target / plugin.mark).is_file():
        raise InvalidRequest(f"{target} is there, and is no copy of this plug-in.")
    try:
        into.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(_SOURCES / name, fresh)
        plugin.adapt(fresh, url)
        if target.exists():
            shutil.rmtree(target)
        fresh.rename(target)
    except OSError as error:
        raise InvalidRequest(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target
