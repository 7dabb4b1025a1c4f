"""The report as a file of its own: opened from a disk, without a network, by whom and of what it may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from nima.document.item import from_item
from query.report import LANGUAGES, render
from tests.browser.steps import problems
from tests.older_documents import FIRST, FIRST_REJECTED, KEY, SECOND, WITH_EVERYTHING, with_
from tests.pictures import encode, scene

HOSTILE = "\"></script><script>document.title = 'run'</script><img src=x onerror=\"document.title = 'run'\">.jpg"
RELEASES = {"first": FIRST, "first, rejected": FIRST_REJECTED, "second": SECOND, "this": WITH_EVERYTHING}

SMALL = {
    "en": ("The picture is small: its longer side has 240 px.", "240 px (longer side)"),
    "zh-CN": ("图片偏小：长边只有 240 像素。", "测量值 240；单位：像素（长边）"),
}


@pytest.fixture
def saved(context: BrowserContext, complaints: list[str]) -> Page:
    """A page that reaches nothing but files."""
    context.set_offline(True)
    opened = context.new_page()
    opened.on("console", lambda said: complaints.append(said.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    return opened


def opened(page: Page, folder: Path, item: Mapping[str, Any], language: str = "en", key: str = KEY) -> Page:
    """The page with the report of a stored document, which was saved to a folder."""
    result = from_item(item)
    text = render(replace(result, image=replace(result.image, key=key)), encode(scene(320, 240), "JPEG"), language)
    (folder / "report.html").write_text(text, encoding="utf-8")
    page.goto((folder / "report.html").as_uri())
    return page


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("release", RELEASES)
def test_a_saved_report_shows_what_any_release_stored(
    saved: Page, tmp_path: Path, complaints: list[str], release: str, language: str
) -> None:
    item = RELEASES[release]
    report = opened(saved, tmp_path, item, language)
    expect(report.get_by_role("heading", level=2)).to_have_text(KEY)
    assert report.locator("img").evaluate("image => image.naturalWidth") == 320
    if item["status"] == "scored":
        expect(report.locator(".score")).to_have_text("5.57")
        assert report.locator("svg").count() == 2
        for shown in SMALL[LANGUAGES[language]]:
            expect(report.get_by_text(shown, exact=True)).to_be_visible()
    else:
        expect(report.locator("main")).to_contain_text("unsupported_format")
    assert problems(report) == []
    assert complaints == []


def test_no_key_and_no_message_gets_out_of_its_place(saved: Page, tmp_path: Path, complaints: list[str]) -> None:
    item = with_(WITH_EVERYTHING, ("deductions", 0, "message"), HOSTILE)
    item = with_(item, ("technical", "percentile", "reference", "population"), HOSTILE)
    for language in LANGUAGES:
        report = opened(saved, tmp_path, item, language, HOSTILE)
        expect(report.get_by_role("heading", level=2)).to_have_text(HOSTILE)
        expect(report.get_by_text(HOSTILE)).to_have_count({"en": 3, "zh-CN": 2}[LANGUAGES[language]])
        assert report.title().endswith(HOSTILE)
        assert report.locator("script").count() == 2
        assert report.locator("img").count() == 1
    assert complaints == []


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "240 × 240 px, unknown format,"), ("zh", "240 × 240 像素，格式未知，")]
)
def test_a_format_of_a_later_release_is_none_that_is_named(
    saved: Page, tmp_path: Path, complaints: list[str], language: str, shown: str
) -> None:
    report = opened(saved, tmp_path, with_(WITH_EVERYTHING, ("image", "format"), "UNHEARD-OF"), language)
    expect(report.locator("main")).to_contain_text(shown)
    expect(report.locator("main")).not_to_contain_text("undefined")
    assert complaints == []


def test_only_its_own_script_runs(saved: Page, tmp_path: Path, complaints: list[str]) -> None:
    report = opened(saved, tmp_path, WITH_EVERYTHING)
    script = "Object.assign(document.createElement('script'), {text: 'document.title = 1'})"
    report.evaluate(f"document.body.append({script})")
    assert report.title() != "1"
    assert "Content Security Policy" in complaints.pop()


def test_paper_is_white_and_has_no_button(saved: Page, tmp_path: Path) -> None:
    saved.emulate_media(color_scheme="dark")
    report = opened(saved, tmp_path, WITH_EVERYTHING)
    ground = "getComputedStyle(document.body).backgroundColor"
    button = report.get_by_role("button", name="Print")
    expect(button).to_be_visible()
    assert report.evaluate(ground) != "rgb(255, 255, 255)"
    assert problems(report) == []
    report.emulate_media(media="print")
    assert report.evaluate(ground) == "rgb(255, 255, 255)"
    expect(button).to_be_hidden()
