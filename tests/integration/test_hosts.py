"""Photoshop's panel and its document at work, with a real API behind strict stand-ins; how plug-ins are put up."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from nima.assess.assessor import Assessor
from nima.cli.commands import commands as nima_commands
from nima.document.composite import STYLES
from nima.errors import InvalidRequest
from nima.hosts.open_document import judge_open_document
from nima.hosts.plugins import install
from nima.local.stack import LocalStack
from nima.model.folder import SHIPPED
from nima.model.litert import LazyModel
from tests.documents import commands
from tests.fixtures_hosts import KEY
from tests.fixtures_model import ROOT
from tests.unit.test_page_words import node

HOST = ROOT / "tests" / "photoshop" / "host.js"


def panel(folder: Path, url: str, **task: Any) -> dict[str, Any]:
    """What the panel shows when its button was pressed."""
    task = {"panel": str(install("photoshop", folder, url)), "locale": "en_US", "key": KEY, **task}
    ended = subprocess.run([node(), str(HOST)], input=json.dumps(task), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_the_panel_shows_the_open_document(stack: LocalStack, photograph: Path, tmp_path: Path) -> None:
    document = {"path": str(photograph), "width": 512, "height": 512}
    found = panel(tmp_path, stack.api, document=document)
    shown = found["shown"]
    assert not found["hidden"], shown["state"]
    assert shown["stars"].strip("★½") == ""
    assert any("dark" in reason for reason in shown["reasons"])
    assert any(advice.startswith("Brighten it by") for advice in shown["advice"])
    assert [len(bars) for bars in found["bars"]] == [10, 10]
    assert max(int(height.removesuffix("px")) for height, _ in found["bars"][0]) == 64
    assert found["styles"] == list(STYLES)
    assert found["disposed"] == 1, "pixels are given back"


def test_the_panel_speaks_chinese(stack: LocalStack, photograph: Path, tmp_path: Path) -> None:
    found = panel(tmp_path, stack.api, document={"path": str(photograph), "width": 5120, "height": 300}, locale="zh_CN")
    said = json.dumps([found["titles"], found["shown"]["reasons"], found["shown"]["advice"]], ensure_ascii=False)
    assert "曝光不足" in said
    assert "提亮" in said
    assert not any(word in said for word in ("Judge", "points", "Brighten"))
    assert "张日常照片" in json.dumps(found["shown"]["distributions"], ensure_ascii=False)


@pytest.mark.parametrize(
    ("task", "state"),
    [
        ({"document": None}, "No document is open."),
        ({"key": "another key"}, "A valid API key is needed"),
        ({"stored": {"url": "http://127.0.0.1:1"}}, "The API cannot be reached"),
    ],
)
def test_the_panel_says_what_is_wrong(
    stack: LocalStack, photograph: Path, tmp_path: Path, task: dict[str, Any], state: str
) -> None:
    document = {"path": str(photograph), "width": 512, "height": 512}
    found = panel(tmp_path, stack.api, **{"document": document, **task})
    assert found["hidden"]
    assert state in found["shown"]["state"]


@pytest.mark.parametrize("url", ["", "ftp://a.example", "a.example", "https://"])
def test_a_panel_needs_an_address(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidRequest):
        install("photoshop", tmp_path, url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [line for line in commands("nima") if re.match("nima (plugin|photoshop)", line)])
def test_documented_commands(command: str, tmp_path: Path) -> None:
    words = [word.replace("~", str(tmp_path)) for word in command.split()[1:]]
    ended = CliRunner().invoke(nima_commands, words)
    if words[0] == "photoshop" and sys.platform != "win32":
        assert (ended.exit_code, "Windows only" in ended.output) == (1, True)
        return
    assert ended.exit_code == 0, ended.output
    assert Path(ended.output.splitlines()[0]).is_dir()


class _Document:
    """As much of Photoshop's as is used: it is saved as a copy, else it would be another file from then on."""

    name = "Untitled-1"

    def __init__(self, picture: Path) -> None:
        self._picture = picture

    def saveAs(self, path: str, options: Any, asCopy: bool = False) -> None:
        assert asCopy
        assert options.quality >= 10
        Path(path).write_bytes(self._picture.read_bytes())


class _Strict:
    def __init__(self, **members: Any) -> None:
        self.__dict__.update(members)


def _photoshop(monkeypatch: pytest.MonkeyPatch, documents: list[_Document]) -> list[str]:
    """Stands for photoshop-python-api, which works on Windows only; returns the scripts that Photoshop runs."""
    ran: list[str] = []
    app = _Strict(documents=documents, activeDocument=documents[-1] if documents else None, doJavaScript=ran.append)
    api, errors, package = ModuleType("photoshop.api"), ModuleType("photoshop.api.errors"), ModuleType("photoshop")
    api.__dict__.update(Application=lambda: app, JPEGSaveOptions=lambda quality: _Strict(quality=quality))
    errors.__dict__.update(PhotoshopPythonAPIError=type("PhotoshopPythonAPIError", (Exception,), {}))
    for module in (package, api, errors):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    package.__dict__["api"] = api
    return ran


def test_the_open_document_is_judged(monkeypatch: pytest.MonkeyPatch, photograph: Path) -> None:
    ran = _photoshop(monkeypatch, [_Document(photograph)])
    name, assessment = judge_open_document(Assessor(LazyModel(SHIPPED / "nima-lite")).assess)
    assert name == "Untitled-1"
    assert "underexposure" in [deduction.code for deduction in assessment.deductions]
    (script,) = ran
    shown = json.loads(script.removeprefix("alert(").removesuffix(")"))
    assert shown.startswith("Untitled-1\n")
    assert "of 5 stars" in shown


def test_an_open_document_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    _photoshop(monkeypatch, [])
    with pytest.raises(InvalidRequest, match="No document is open"):
        judge_open_document(Assessor(LazyModel(SHIPPED / "nima-lite")).assess)
