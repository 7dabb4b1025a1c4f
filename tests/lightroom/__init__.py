"""Lightroom Classic without Lightroom: the plug-in's own files, in Lua 5.1, against a strict stand-in for its SDK."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import requests

from nima.hosts.plugins import install
from tests.waiting import PATIENCE

SOURCES = Path(__file__).resolve().parents[2] / "layers" / "nima" / "nima" / "hosts" / "lightroom"
_SDK = Path(__file__).with_name("sdk.lua")
UNSET: dict[str, Any] = {"pickStatus": 0, "colorNameForLabel": "none"}
"""What Lightroom has of a photograph that nobody has rated: its rating is nil."""


@cache
def plugin() -> Path:
    """The plug-in as ``nima plugin`` puts it up, with the command of this Python."""
    folder = tempfile.TemporaryDirectory(prefix="nima-plugin-")
    _KEPT.append(folder)
    return install("lightroom", Path(folder.name))


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


@dataclass
class Lightroom:
    """A catalogue with some photographs selected, and the plug-in.

    Attributes:
        photos: Their facts, as the SDK names them; written into as the plug-in writes.
        folder: For temporary files.
        environment: Of the commands that are started.
        preferences: The user's choices.
        key: The API key that is kept.
        selected: Whether anything is selected; else all that is shown is what commands are for.
        answer: To the dialog: ``ok`` or ``cancel``.
        cancel_after: How often it is asked whether the user has cancelled before that is so; None for never.
        meanwhile: Called whenever that is asked, with how often it was.
        busy: Whether the catalogue grants no write access.
        language: Of Lightroom.
        preview: What Lightroom has as a JPEG of a file, or None and why it has none; the file itself by default.
        preview_seconds: How long Lightroom takes for it.
        patience: Seconds after which an API has not answered.
        said: What the user was told.
        errors: What dialogs of errors have said.
        faults: Errors that users see as internal ones, or not at all.
        batches: How many photographs were written in each write access.
        looks: How often it was asked whether the user has cancelled.
        dialogs: How many dialogs were shown.
    """

    photos: list[dict[str, Any]]
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    preferences: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    selected: bool = True
    answer: str = "ok"
    cancel_after: int | None = None
    meanwhile: Callable[[int], object] = lambda looks: None
    busy: bool = False
    language: str = "en"
    windows: bool = False
    preview: Callable[[str], Any] | None = None
    preview_seconds: float = 0.3
    patience: float = PATIENCE
    said: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    looks: int = 0
    dialogs: int = 0

    def __post_init__(self) -> None:
        from lupa.lua51 import LuaRuntime

        self.lua = LuaRuntime(unpack_returned_tuples=True, encoding="utf-8", source_encoding="utf-8")
        table, photos = self.lua.table_from, []
        for facts in self.photos:
            usual: dict[str, Any] = {"fileFormat": "JPG", "isVirtualCopy": False, "fileName": Path(facts["path"]).name}
            nested = {name: table(value) for name, value in facts.items() if isinstance(value, dict)}
            photos.append(table({**UNSET, **usual, **facts, "properties": table({}), **nested}))
        self._photos = photos
        self._hand: list[tuple[int, str, Any]] = []
        self._running: list[subprocess.Popen[bytes]] = []
        texts = translations(self.language)
        self.host = table(
            {
                "photos": table(photos), "preferences": table(self.preferences), "answer": self.answer,
                "passwords": table({"nima-api-key": self.key}), "busy": self.busy, "selected": self.selected,
                "windows": self.windows, "plugin": str(plugin()), "said": table([]), "errors": table([]),
                "faults": table([]), "went_on": self.progress.append, "execute": self._execute, "ended": self._ended,
                "pause": self._pause, "cancelled": self._cancelled, "thumbnail": self.preview or _thumbnail,
                "preview_seconds": self.preview_seconds, "clock": 0.0,
                "post": self._post, "unique": lambda path: f"{path}.{uuid.uuid4().hex}", "delete": _delete,
                "exists": lambda path: "file" if Path(path).is_file() else False, "wrote": self.batches.append,
                "by_hand": lambda: self._hand.pop(0) if self._hand else None, "asked": self._asked,
                "folder": lambda name: str(self.folder), "translated": texts.get,
            }
        )  # fmt: skip
        self.lua.globals().host = self.host
        self.lua.execute(_SDK.read_text(encoding="utf-8"))
        defined = self.run("MetadataDefinition").metadataFieldsForPhotos
        fields = {one.id: one for one in defined.values()}
        enums = {name: one["values"] for name, one in fields.items() if one.dataType == "enum"}
        allowed = {name: table([one.value for one in some.values() if one.value]) for name, some in enums.items()}
        self.host.fields, self.host.allowed = table(list(fields)), table(allowed)

    def run(self, name: str) -> Any:
        """Runs one of the plug-in's files, as Lightroom does; returns what it returns."""
        return self.lua.execute((plugin() / f"{name}.lua").read_text(encoding="utf-8"))

    def rate(self) -> None:
        """The user's choice in the menu; what comes of it, once all tasks have ended."""
        self.run("Rate")
        self.host.drain()
        for name in ("said", "errors", "faults"):
            setattr(self, name, list(self.host[name].values()))
        assert not self.faults, self.faults

    def seconds(self) -> float:
        """How long it took, by the time of those who wait."""
        return float(self.host.clock)

    def codes(self) -> list[int]:
        """The exit codes of the commands that were started."""
        return [process.wait() for process in self._running]

    def shown(self) -> Any:
        """What the dialog shows."""

        def plain(value: Any) -> Any:
            return {name: plain(one) for name, one in value.items()} if hasattr(value, "items") else value

        return plain(self.host.shown)

    def found(self, place: int = 0) -> dict[str, Any]:
        """What the catalogue has of a photograph now."""
        facts = dict(self._photos[place])
        return {**facts, "properties": dict(facts["properties"])}

    def by_hand(self, place: int = 0, **facts: Any) -> None:
        """The user sets something of a photograph, as the SDK names it, while the plug-in is at work."""
        self._hand += [(place + 1, name, value) for name, value in facts.items()]

    def _asked(self) -> None:
        self.dialogs += 1

    def _cancelled(self) -> bool:
        self.looks += 1
        self.meanwhile(self.looks)
        return self.cancel_after is not None and self.looks > self.cancel_after

    def _execute(self, line: str) -> subprocess.Popen[bytes]:
        """By a shell: that of macOS, or as cmd would."""
        self.lines.append(line)
        environment = os.environ | self.environment
        if self.windows:
            words, errors = cmd(line)
            with Path(errors).open("wb") as file:
                process = subprocess.Popen(words, env=environment, stderr=file)
        else:
            process = subprocess.Popen(["/bin/sh", "-c", line], env=environment)
        self._running.append(process)
        return process

    def _ended(self, process: subprocess.Popen[bytes]) -> int | None:
        """What comes back: on macOS a status of wait(2)."""
        code = process.poll()
        if code is None or self.windows:
            return code
        return code * 256 if code >= 0 else -code

    def _pause(self) -> None:
        if any(process.poll() is None for process in self._running):
            time.sleep(0.02)

    def _post(self, url: str, path: str, timeout: float, *fields: str) -> tuple[int | None, str]:
        headers = dict(zip(fields[::2], fields[1::2], strict=True))
        with Path(path).open("rb") as file:
            try:
                answer = requests.post(url, files={"image": file}, headers=headers, timeout=min(timeout, self.patience))
            except requests.Timeout:
                return None, "timedOut"
            except requests.RequestException:
                return None, "cannotConnectToHost"
        return answer.status_code, answer.text


def cmd(line: str) -> tuple[list[str], str]:
    """What cmd and a program's C runtime make of a command line: its words, and where errors go."""
    assert (line[0], line[-1]) == ('"', '"'), "cmd takes the outermost quotation marks away"
    *words, redirection, errors = _words(line[1:-1])
    assert redirection == "2>"
    return words, errors


def _words(line: str) -> list[str]:
    """By the rules of Microsoft's C runtime: backslashes count where a quotation mark follows them."""
    words: list[str] = []
    word, quoted, slashes = "", False, 0
    begun = False
    for mark in f"{line} ":
        if mark == "\\":
            slashes += 1
            continue
        word += "\\" * (slashes // 2 if mark == '"' else slashes)
        begun = begun or slashes > 0 or mark != " "
        if mark == '"' and slashes % 2 == 0:
            quoted = not quoted
        elif mark != " " or quoted:
            word += mark
        elif begun:
            words.append(word)
            word, begun = "", False
        slashes = 0
    return words


def translations(language: str) -> dict[str, str]:
    """The plug-in's texts in a language, by their keys; none for English, which stands in the code."""
    file = SOURCES / f"TranslatedStrings_{language}.txt"
    if language == "en" or not file.is_file():
        return {}
    lines = (line.strip()[1:-1].partition("=") for line in file.read_text(encoding="utf-8").splitlines() if line)
    return {key.removeprefix("$$$/"): text for key, _, text in lines}


def _delete(path: str) -> bool:
    there = Path(path).exists()
    Path(path).unlink(missing_ok=True)
    return there


def _thumbnail(path: str) -> Any:
    try:
        return Path(path).read_bytes()
    except OSError:
        return None, "no preview"
