"""The page of a shoot: what is in it."""

from __future__ import annotations

import re
from base64 import b64decode
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from PIL import Image

from nima import packages
from nima.cli.report import title_of
from nima.desk.report import page as pages
from nima.desk.report.page import WORDS
from nima.errors import InvalidRequest
from nima.words import LANGUAGES, words
from tests.shoot_pages import HOSTILE, data_of, shoot_page

SCRIPT = Path(pages.__file__).with_name("page.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shoot_page(tmp_path_factory.mktemp("report"))


def test_every_picture_is_there_with_what_it_got(page: Path) -> None:
    data = data_of(page)
    assert {one["name"] for one in data["pictures"]} == {"a.jpg", "b.jpg", HOSTILE}
    (refused,) = data["refused"]
    assert (refused["name"], refused["code"]) == ("text.jpg", "unsupported_format")
    assert refused["said"]["en"].startswith("The file is text, not a JPEG")
    assert refused["said"]["zh-CN"] == words("zh-CN")["errors"]["unsupported_format"]
    for one in data["pictures"]:
        assert one["verdict"] in data["verdicts"]
        assert one["why"]["en"]
        assert one["why"]["zh-CN"] != one["why"]["en"]
        assert sum(one["heads"]["technical"]["distribution"]) == pytest.approx(1, abs=0.01)
        assert max(Image.open(BytesIO(b64decode(one["image"]))).size) <= 256
    assert data["model"].startswith("nima-lite ")


def test_a_name_is_never_markup(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "onerror=alert" in text
    assert "<img src=x" not in text
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert "default-src 'none'" in policy
    assert "unsafe-inline' 'sha" not in policy.partition("script-src")[2]
    assert "http" not in policy


def test_both_languages_say_all_that_is_asked_for() -> None:
    english, chinese = (words(language, WORDS)["texts"] for language in LANGUAGES)
    asked = set(re.findall(r"\bt\('(\w+)'", SCRIPT)) | {"table", "groups", "sheet", "noScript"}
    asked |= {"picture", "name", "stars", "composite", "percentile", "verdict", "group", "defects", "taken", "why"}
    assert set(english) == set(chinese) == asked
    for name, text in english.items():
        facts = [sorted(fact or "" for _, fact, _, _ in Formatter().parse(one)) for one in (text, chinese[name])]
        assert set(facts[0]) == set(facts[1]), name


def test_without_plotly_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda name: None if name == "plotly" else find_spec(name))
    pages._plotly.cache_clear()
    with pytest.raises(InvalidRequest, match=r"nima-serverless\[report\]"):
        pages._plotly()
    pages._plotly.cache_clear()


@pytest.mark.parametrize(
    ("paths", "title"),
    [
        (["shoots/spring"], "spring"),
        (["spring/", "a.jpg"], "spring, a.jpg"),
        (["a", "b", "c", "d", "e"], "a, b, c, +2"),
        (["/"], "/"),
        ([], ""),
    ],
)
def test_it_is_called_by_what_was_named(paths: list[str], title: str) -> None:
    assert title_of([Path(path) for path in paths]) == title
