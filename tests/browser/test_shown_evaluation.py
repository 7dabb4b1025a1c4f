"""The report of an evaluation as people open it: from a disk, without a network, in both languages and themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from nima.training.evaluate.report.page import write
from nima.training.evaluate.report.texts import Texts
from nima.words import CHINESE, ENGLISH
from tests.browser.steps import problems
from tests.evaluations import HOSTILE, MADE, chosen, compared, rated

LOOKS = {
    "wide and light": (ENGLISH, {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}),
    "narrow and dark": (CHINESE, {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}),
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report in each language."""
    folder = tmp_path_factory.mktemp("report")
    labels = rated(folder)
    comparison = compared(labels)
    found = {language: folder / f"{language}.html" for language in (ENGLISH, CHINESE)}
    for language, path in found.items():
        write(path, comparison, chosen(labels), MADE, language)
    for file in labels.files:
        file.unlink()
    return found


@pytest.fixture(params=LOOKS)
def language(request: pytest.FixtureRequest) -> str:
    found: str = LOOKS[request.param][0]
    return found


@pytest.fixture
def look(request: pytest.FixtureRequest, language: str) -> dict[str, Any]:
    return next(look for spoken, look in LOOKS.values() if spoken == language)


def test_a_report_that_was_saved(
    context: BrowserContext, reports: dict[str, Path], language: str, complaints: list[str]
) -> None:
    say, asked = Texts(language), list[str]()
    context.set_offline(True)
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(reports[language].as_uri())

    assert [url for url in asked if not url.startswith("data:")] == [reports[language].as_uri()]
    expect(page.get_by_role("heading", level=1)).to_have_text(say("title"))
    expect(page.get_by_role("table", name=say("sideBySide"))).to_be_visible()
    # Six plots, drawn in the page's colours: the policy lets its own style in.
    expect(page.locator("svg.plot")).to_have_count(6)
    dots = page.locator("svg.plot .dots").first
    assert dots.evaluate("group => getComputedStyle(group).fill") != "rgb(0, 0, 0)"
    # The first picture lies on its side in the file.
    upright = page.get_by_role("img", name=HOSTILE).first
    assert upright.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [80, 160]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the report scrolls sideways"
    for summary in page.locator("summary").all():
        summary.click()
    expect(page.get_by_role("table", name=say("everyPicture"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "its numbers make it scroll sideways"
    assert problems(page) == []
    assert complaints == []
