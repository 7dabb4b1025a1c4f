"""The page of a shoot in Chromium, with the network off."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.shoot_pages import HOSTILE, data_of, shoot_page

_KEPT = re.compile(r"\w+\.jpg|nima-lite \w+|nima|unsupported_format|English|^shoot", re.MULTILINE)
"""Names and codes, and what changes the language."""

MANY = 1000
PATIENT_MS = 1000
"""Far above what sorting takes (see docs/photographers.md), for machines that do other things as well."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shoot_page(tmp_path_factory.mktemp("report"))


@pytest.fixture
def page(browser: Browser, path: Path) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 850}, offline=True)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: pytest.fail("a name was run"))
    page.goto(path.as_uri())
    return page


def names(page: Page) -> list[str]:
    return page.locator("tbody th").all_inner_texts()


def test_sorts_filters_and_shows_a_picture(page: Page) -> None:
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Name", exact=True).click()
    assert names(page) == sorted(["a.jpg", "b.jpg", HOSTILE])
    page.get_by_role("button", name="Name", exact=True).click()
    assert names(page)[-1] == HOSTILE
    page.get_by_role("searchbox").fill("b.jpg")
    expect(page.get_by_text("1 of 3 pictures")).to_be_visible()
    page.locator("tbody .open").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".plot .bars path")).to_have_count(20)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("text.jpg")).to_be_visible()


def test_speaks_both_languages_and_prints_everything(page: Page) -> None:
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("group").get_by_role("button", name="分组")).to_be_visible()
    page.get_by_role("button", name="小样").click()
    expect(page.locator(".sheet figure")).to_have_count(3)
    for view in ("表格", "分组", "小样"):
        page.get_by_role("group").get_by_role("button", name=view).click()
        assert english(page.locator("#app").inner_text()) == []
    page.locator(".open").first.click()
    page.locator(".plot .bars").first.wait_for()
    assert english(page.get_by_role("dialog").inner_text()) == []


def english(text: str) -> list[str]:
    """Words that are no names."""
    return re.findall(r"[A-Za-z]{2,}", _KEPT.sub("", text.replace(HOSTILE, "")))


def test_a_thousand_pictures_are_sorted_at_once(browser: Browser, path: Path, tmp_path: Path) -> None:
    data = data_of(path)
    one = data["pictures"][0]
    data["pictures"] = [
        {**one, "name": f"{place * 7919 % MANY:04}.jpg", "composite": place % 97 / 10, "group": place}
        for place in range(MANY)
    ]
    text = path.read_text(encoding="utf-8")
    begin, end = '<script type="application/json" id="data">', "</script>"
    before, _, rest = text.partition(begin)
    large = tmp_path / "large.html"
    large.write_text(before + begin + json.dumps(data).replace("<", "\\u003c") + end + rest.partition(end)[2])
    page = browser.new_page()
    page.goto(large.as_uri())
    took = page.evaluate(
        """() => ['name', 'composite', 'technical'].map((name) => {
          const begun = performance.now();
          document.querySelector(`[data-sort=${name}]`).click();
          document.body.offsetHeight;
          return performance.now() - begun;
        })"""
    )
    assert max(took) < PATIENT_MS
    page.locator("[data-sort=name]").click()
    assert names(page)[:2] == ["0000.jpg", "0001.jpg"]
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert len(names(page)) == MANY
    page.close()
