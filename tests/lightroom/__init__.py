"""Lightroom Classic without Lightroom: the plug-in's own files, in Lua 5.1, against a strict stand-in for its SDK."""

from __future__ import annotations

import os
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

PLUGIN = Path(__file__).resolve().parents[2] / "layers" / "nima" / "nima" / "hosts" / "lightroom"
_SDK = Path(__file__).with_name("sdk.lua")


@dataclass
class Lightroom:
    """A catalogue with some photographs selected, and the plug-in.

    Attributes:
        photos: Their facts, as the SDK names them; written into as the plug-in writes.
        folder: For temporary files.
        environment: Of the commands that are started.
        preferences: The user's choices.
        answer: To the dialog: ``ok`` or ``cancel``.
        cancel_after: How often it is asked whether the user has cancelled before that is so; None for never.
        busy: Whether the catalogue grants no write access.
        language: Of Lightroom.
    """

    photos: list[dict[str, Any]]
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    preferences: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    answer: str = "ok"
    cancel_after: int | None = None
    busy: bool = False
    language: str = "en"
    windows: bool = False
    said: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    writes: int = 0

    def __post_init__(self) -> None:
        from lupa.lua51 import LuaRuntime

        self.lua = LuaRuntime(unpack_returned_tuples=True, encoding="utf-8", source_encoding="utf-8")
        table, photos = self.lua.table_from, []
        for facts in self.photos:
            usual: dict[str, Any] = {"fileFormat": "JPG", "isVirtualCopy": False, "fileName": Path(facts["path"]).name}
            photos.append(table({**usual, **facts, "properties": table(facts.get("properties", {}))}))
        self._photos = photos
        texts = translations(self.language)
        self.host = table(
            {
                "photos": table(photos), "preferences": table(self.preferences), "answer": self.answer,
                "passwords": table({"nima-api-key": self.key}), "cancel_after": self.cancel_after, "busy": self.busy,
                "windows": self.windows, "plugin": str(PLUGIN), "said": table([]), "errors": table([]), "writes": 0,
                "looks": 0, "execute": self._execute, "post": _post, "thumbnail": _thumbnail,
                "unique": lambda path: f"{path}.{uuid.uuid4().hex}",
                "delete": lambda path: Path(path).unlink(missing_ok=True),
                "folder": lambda name: str(self.folder), "translated": texts.get,
            }
        )  # fmt: skip
        self.lua.globals().host = self.host
        self.lua.execute(_SDK.read_text(encoding="utf-8"))
        defined = self.run("MetadataDefinition").metadataFieldsForPhotos
        fields = {one.id: one for one in defined.values()}
        self.host.fields = lambda: table(list(fields))
        self.host["values"] = lambda name: (
            table([value.value for value in fields[name]["values"].values() if value.value])
            if fields[name].dataType == "enum"
            else None
        )

    def run(self, name: str) -> Any:
        """Runs one of the plug-in's files, as Lightroom does; returns what it returns."""
        return self.lua.execute((PLUGIN / f"{name}.lua").read_text(encoding="utf-8"))

    def rate(self) -> None:
        """The user's choice in the menu."""
        self.run("Rate")
        self.said = list(self.host.said.values())
        self.errors = list(self.host.errors.values())
        self.writes = self.host.writes

    def shown(self) -> Any:
        """What the dialog shows."""

        def plain(value: Any) -> Any:
            return {name: plain(one) for name, one in value.items()} if hasattr(value, "items") else value

        return plain(self.host.shown)

    def found(self, place: int = 0) -> dict[str, Any]:
        """What the catalogue has of a photograph now."""
        facts = dict(self._photos[place])
        return {**facts, "properties": dict(facts["properties"])}

    def _execute(self, line: str) -> int:
        """As on macOS: by a shell, and what comes back is a status of wait(2)."""
        self.lines.append(line)
        ended = subprocess.run(["/bin/sh", "-c", line], env=os.environ | self.environment, check=False)
        return ended.returncode * 256 if ended.returncode >= 0 else -ended.returncode


def translations(language: str) -> dict[str, str]:
    """The plug-in's texts in a language, by their keys; none for English, which stands in the code."""
    file = PLUGIN / f"TranslatedStrings_{language}.txt"
    if language == "en" or not file.is_file():
        return {}
    lines = (line.strip()[1:-1].partition("=") for line in file.read_text(encoding="utf-8").splitlines() if line)
    return {key.removeprefix("$$$/"): text for key, _, text in lines}


def _thumbnail(path: str) -> Any:
    try:
        return Path(path).read_bytes()
    except OSError:
        return None, "no preview"


def _post(url: str, path: str, header: str, value: str) -> tuple[int | None, str]:
    with Path(path).open("rb") as file:
        try:
            answer = requests.post(url, files={"image": file}, headers={header: value}, timeout=60)
        except requests.ConnectionError:
            return None, ""
    return answer.status_code, answer.text
