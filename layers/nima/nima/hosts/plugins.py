"""The plug-ins of other programs: what comes with this package is made ready for one user and put where wanted."""

from __future__ import annotations

import json
import shutil
import sysconfig
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
_HERE = "Here.lua"
_SAID = ("deductions", "changes", "retakes", "heads", "populations", "errors")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _lightroom(folder: Path, url: str) -> None:
    """Tells the plug-in where this very command is, as Lightroom starts programs without the user's PATH."""
    said = {
        language: {
            "deductions": {code: known["name"] for code, known in words(language)["deductions"].items()},
            "errors": words(language)["errors"],
        }
        for language in LANGUAGES
    }
    here = {"command": _command(), "url": url, "words": said}
    (folder / _HERE).write_text(f"return {_lua(here)}\n", encoding="utf-8")


def _photoshop(folder: Path, url: str) -> None:
    """Lets the panel reach this API and no other, and gives it the words for what it shows."""
    path = folder / _MANIFEST
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    parts = urlsplit(url)
    manifest["requiredPermissions"]["network"]["domains"] = [f"{parts.scheme}://{parts.netloc}"]
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    said: dict[str, Any] = {"url": url}
    for language in LANGUAGES:
        known = words(language)
        styles = {style: known["styles"][style] for style in STYLES}
        said[language] = {family: known[family] for family in _SAID} | {"styles": styles}
    text = json.dumps(said, ensure_ascii=False, indent=1)
    (folder / "words.js").write_text(f'"use strict";\n\nmodule.exports = {text};\n', encoding="utf-8")


def _command() -> str:
    """Where ``nima`` of this Python is; its bare name where that is not known."""
    beside = shutil.which("nima", path=sysconfig.get_path("scripts"))
    return beside or shutil.which("nima") or "nima"


def _lua(value: str | Mapping[str, Any]) -> str:
    """Text, or texts by their names, as Lua has them."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    return "{" + ", ".join(f"[{_lua(name)}] = {_lua(one)}" for name, one in value.items()) + "}"


def _address(url: str) -> str:
    """An API's address as the plug-ins take it; the key is not to travel in the clear."""
    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    except ValueError:
        safe = False
    plain = not (parts.username or parts.query or parts.fragment) if safe else False
    if not plain or not parts.hostname or not url.isascii() or any(one.isspace() for one in url):
        raise InvalidRequest(f"{url} is no address of an API; it begins with https:// (or http:// on this machine).")
    return url.rstrip("/")


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
    adapt: Callable[[Path, str], None]


PLUGINS: Mapping[str, Plugin] = {
    "lightroom": Plugin(
        "nima.lrplugin",
        "Lightroom Classic",
        "Info.lua",
        "In Lightroom Classic: File > Plug-in Manager > Add, and choose this folder. Then select photographs, and "
        "Library > Plug-in Extras > Rate the selected photographs.",
        _lightroom,
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
        url: Where the API is that the plug-in asks.

    Returns:
        The plug-in's folder.

    Raises:
        InvalidRequest: Something else is there, it cannot be written, or the address is none.
    """
    plugin, address = PLUGINS[name], _address(url)
    target, fresh, older = (into / name for name in (plugin.name, f".{plugin.name}.new", f".{plugin.name}.old"))
    if target.exists() and not (target / plugin.mark).is_file():
        raise InvalidRequest(f"{target} is there, and is no copy of this plug-in.")
    try:
        into.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        for file in (_SOURCES / name).iterdir():
            shutil.copyfile(file, fresh / file.name)
        plugin.adapt(fresh, address)
        shutil.rmtree(older, ignore_errors=True)
        if target.exists():
            target.rename(older)
        fresh.rename(target)
    except OSError as error:
        if older.exists() and not target.exists():
            older.rename(target)
        raise InvalidRequest(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(older, ignore_errors=True)  # where the program has one of its files open, the next time
    return target
