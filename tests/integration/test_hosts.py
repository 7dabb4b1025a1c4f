"""Photoshop's panel and its document at work, with a real API behind strict stand-ins; how plug-ins are put up."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from types import SimpleNamespace
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
from tests.answering import answering, refusal
from tests.documents import commands
from tests.fixtures_hosts import KEY
from tests.fixtures_model import ROOT
from tests.photoshop_com import Photoshop
from tests.unit.test_page_words import node

_NO_ADDRESSES = (
    *("", "ftp://a.example", "a.example", "https://", "http://a.example", "https://a.example?x", "https://a b"),
    *("https://me:secret@a.example", "https://[", "http://127.0.0.1.a.example", "https://a.example/新"),
)
_FAULTS = {
    "stars.replaceChildren()": "an element has no member replaceChildren",
    "stars.title = 'x'": "an element has no member title",
    "stars.value = 'x'": "an element has no member value",
    "stars.setAttribute('data-x', 'x')": "an element has no attribute data-x",
    "stars.style.color = 'red'": "style takes no member color",
    "document.querySelectorAll('p')": "document has no member querySelectorAll",
    "require('fs')": "UXP has no module fs",
    "new TextDecoder()": "TextDecoder is not a constructor",
    "core.batchPlay": "core has no member batchPlay",
    "app.activeDocument.pixels": "Document has no member pixels",
    "await imaging.getPixels({ size: 1 })": "getPixels takes no size",
    "await imaging.getPixels({ componentSize: '8' })": "componentSize of getPixels is no string",
    "await imaging.getPixels({})": "getPixels is called outside of a modal scope",
    "await core.executeAsModal(async () => 1, {})": "a modal scope has a name",
    "await core.executeAsModal(() => core.executeAsModal(() => 1, { commandName: 'x' }), { commandName: 'x' })": (
        "host is in a modal state"
    ),
    """await core.executeAsModal(async () => {
         const { imageData } = await imaging.getPixels({ colorSpace: "RGB", applyAlpha: true });
         imageData.dispose();
         await imaging.encodeImageData({ imageData });
       }, { commandName: "x" })""": "there are no pixels any more",
    "await require('uxp').storage.secureStorage.setItem('x', '')": "nothing is no value",
    "await fetch('https://a.example', {})": "the manifest does not allow https://a.example",
    "await fetch(url, { body: new Uint8Array(1), signal: {} })": "fetch takes no signal",
    "await fetch(url, { body: 'x' })": "a body is bytes",
}
HOST = ROOT / "tests" / "photoshop" / "host.js"

needs_python_api = pytest.mark.skipif(
    not list(distributions(name="photoshop-python-api")), reason="photoshop-python-api is not installed"
)


def panel(folder: Path, url: str, **task: Any) -> dict[str, Any]:
    """What the panel shows when its button was pressed."""
    task = {"panel": str(install("photoshop", folder, url)), "locale": "en_US", "key": KEY, **task}
    ended = subprocess.run([node(), str(HOST)], input=json.dumps(task), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def _document(photograph: Path, width: int = 512, height: int = 512) -> dict[str, Any]:
    return {"path": str(photograph), "width": width, "height": height}


def test_the_panel_shows_the_open_document(stack: LocalStack, photograph: Path, tmp_path: Path) -> None:
    found = panel(tmp_path, stack.api, document=_document(photograph))
    shown = found["shown"]
    assert not found["hidden"], shown["state"]
    assert shown["state"] == ""
    assert shown["url"] == stack.api
    assert shown["stars"].strip("★½") == ""
    assert any("dark" in reason for reason in shown["reasons"])
    assert any(advice.startswith("• Brighten it by") for advice in shown["advice"])
    assert [len(bars) for bars in found["bars"]] == [10, 10]
    assert max(int(height.removesuffix("px")) for height, _ in found["bars"][0]) == 64
    assert found["styles"] == list(STYLES)
    assert (found["disposed"], found["leaked"], found["pressable"]) == (1, 0, True)


def test_the_panel_speaks_chinese(stack: LocalStack, photograph: Path, tmp_path: Path) -> None:
    found = panel(tmp_path, stack.api, document=_document(photograph, 5120, 300), locale="zh_CN", presses=2)
    said = json.dumps(found["shown"], ensure_ascii=False)
    assert all(word in said for word in ("曝光不足", "提亮", "张日常照片", "评估当前文档", "人像"))
    assert not any(word in said for word in ("Judge", "points", "Brighten", "Portrait"))
    assert (found["shown"]["state"], len(found["bars"]), found["disposed"]) == ("", 2, 2), (
        "what is found the second time stands in its place"
    )


def test_the_panel_keeps_what_is_typed(stack: LocalStack, photograph: Path, tmp_path: Path) -> None:
    found = panel(tmp_path, stack.api, document=None, typed={"style": "portrait", "key": ""})
    assert found["stored"] == {"style": "portrait"}
    assert found["keys"] == 0, "a key that was emptied is kept no more"


@pytest.mark.parametrize(
    ("task", "state"),
    [
        ({"document": None}, "No document is open."),
        ({"key": "another key"}, "A valid API key is needed"),
        ({"key": "another key", "locale": "zh_CN"}, "需要有效的 API 密钥。"),
        ({"key": ""}, "A valid API key is needed"),
        ({"modal": True}, "host is in a modal state"),
        ({"document": {"path": "/nowhere.jpg", "width": 9, "height": 9}}, "no such file"),
    ],
)
def test_the_panel_says_what_is_wrong(
    stack: LocalStack, photograph: Path, tmp_path: Path, task: dict[str, Any], state: str
) -> None:
    found = panel(tmp_path, stack.api, **{"document": _document(photograph), **task})
    assert found["hidden"]
    assert state in found["shown"]["state"]
    assert (found["leaked"], found["pressable"]) == (0, True)


@pytest.mark.parametrize(
    ("status", "body", "locale", "state"),
    [
        (403, b'{"message": "Forbidden"}', "en_US", "Forbidden"),
        (413, refusal("image_too_large"), "zh_CN", "文件超过大小上限。"),
        (429, b'{"message": "Too Many Requests"}', "en_US", "Too Many Requests"),
        (503, b"", "en_US", "The API answers with status 503."),
        (200, b"<html>a router</html>", "en_US", "is another program."),
        (200, b"null", "zh_CN", "应答的是其他程序。"),
        (None, b"", "en_US", "The API cannot be reached: no answer in 60 s"),
    ],
)
def test_the_panel_says_what_the_api_said(
    photograph: Path, tmp_path: Path, status: int | None, body: bytes, locale: str, state: str
) -> None:
    with answering(lambda asked: (status, body) if status else None) as (url, asked):
        found = panel(tmp_path, url, document=_document(photograph), locale=locale, pace=0.01)
    assert state in found["shown"]["state"]
    assert (found["hidden"], found["pressable"], len(asked)) == (True, True, 1)


def test_an_api_that_is_down(photograph: Path, tmp_path: Path) -> None:
    found = panel(tmp_path, "http://127.0.0.1:1", document=_document(photograph))
    assert "The API cannot be reached: " in found["shown"]["state"]


def test_the_stand_in_raises(photograph: Path, tmp_path: Path) -> None:
    folder = install("photoshop", tmp_path, "http://127.0.0.1:1")
    tries = "".join(f"async () => {{ {script} }},\n" for script in _FAULTS)
    (folder / "panel.js").write_text(f"""
        const stars = document.getElementById("stars");
        const {{ app, core, imaging }} = require("photoshop");
        const {{ url }} = require("./words.js");
        async function start() {{
          const faults = [];
          const push = (error) => faults.push(error?.message ?? "none");
          for (const one of [{tries}]) await one().then(() => push(), push);
          throw new Error(JSON.stringify(faults) + "\\n");
        }}
        document.addEventListener("DOMContentLoaded", start);""")
    task = {"panel": str(folder), "locale": "en_US", "document": _document(photograph)}
    ended = subprocess.run([node(), str(HOST)], input=json.dumps(task), capture_output=True, text=True, check=False)
    faults = json.loads(ended.stderr.splitlines()[0].removeprefix("Error: "))
    assert dict(zip(_FAULTS, faults, strict=True)) == _FAULTS


@pytest.mark.parametrize("url", _NO_ADDRESSES)
@pytest.mark.parametrize("name", ["photoshop", "lightroom"])
def test_a_plug_in_needs_an_address(tmp_path: Path, name: str, url: str) -> None:
    with pytest.raises(InvalidRequest, match="is no address of an API"):
        install(name, tmp_path, url)
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


@needs_python_api
def test_the_open_document_is_judged(photograph: Path) -> None:
    photoshop = Photoshop(photograph)
    with photoshop.running():
        name, assessment = judge_open_document(Assessor(LazyModel(SHIPPED / "nima-lite")).assess)
    assert name == "Untitled-1 新.psd"
    assert "underexposure" in [deduction.code for deduction in assessment.deductions]
    (script,) = photoshop.ran
    assert script.isascii(), "ExtendScript takes it in any code page"
    shown = json.loads(script.removeprefix("alert(").removesuffix(")"))
    assert shown.startswith("Untitled-1 新.psd\n")
    assert "of 5 stars" in shown
    assert not any(file.exists() for file in photoshop.files), "no copy is left behind"


@needs_python_api
def test_the_command_prints_what_it_found(photograph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nima.cli.photoshop.sys", SimpleNamespace(platform="win32"))
    with Photoshop(photograph).running():
        done = CliRunner().invoke(nima_commands, ["photoshop", "--models", str(SHIPPED), "--style", "portrait"])
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    assert printed["filename"] == "Untitled-1 新.psd"
    assert printed["composite"]["style"] == "portrait"


@needs_python_api
def test_the_command_says_nothing_of_how_it_computes(photograph: Path) -> None:
    """LiteRT says it once in a process, past Python."""
    program = """
import sys
from pathlib import Path
from types import SimpleNamespace
from nima.cli import photoshop
from tests.photoshop_com import Photoshop

photoshop.sys = SimpleNamespace(platform="win32")
with Photoshop(Path(sys.argv[1])).running():
    photoshop.command(["--models", sys.argv[2]], standalone_mode=False)
"""
    command = [sys.executable, "-c", program, str(photograph), str(SHIPPED)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert json.loads(done.stdout)["filename"] == "Untitled-1 新.psd"


@needs_python_api
def test_the_command_says_in_a_line_what_is_wrong(photograph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nima.cli.photoshop.sys", SimpleNamespace(platform="win32"))
    with Photoshop(photograph, fails="saveAs").running():
        done = CliRunner().invoke(nima_commands, ["photoshop", "--models", str(SHIPPED)])
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("Error: Photoshop could not write a copy")


@needs_python_api
@pytest.mark.parametrize(
    ("photoshop", "error"),
    [
        ({"picture": False}, "No document is open"),
        ({"installed": False}, "Photoshop is not installed"),
        ({"fails": "saveAs"}, "could not write a copy of the document"),
        ({"fails": "doJavaScript"}, "it is busy"),
    ],
)
def test_photoshop_says_what_is_wrong(photograph: Path, photoshop: dict[str, Any], error: str) -> None:
    given = {"picture": True, **photoshop}
    picture = photograph if given.pop("picture") else None
    with Photoshop(picture, **given).running(), pytest.raises(InvalidRequest, match=error):
        judge_open_document(Assessor(LazyModel(SHIPPED / "nima-lite")).assess)
