"""The page of a shoot in Chromium, with the network off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bench.report import ACT, acts
from tests.browser.steps import problems
from tests.shoot_pages import HOSTILE, made_of, shoot_page

_KEPT = re.compile(r"\w+\.jpg|nima-lite \w+|nima|unsupported_format|English|^shoot", re.MULTILINE)
"""Names and codes, and what changes the language."""

A4 = 718
"""Pixels of 1/96 inch between the usual margins."""

MANY = 1000
PATIENT_MS = 1000
"""Far above what each takes (see docs/numbers.md), for machines that do other things as well."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shoot_page(tmp_path_factory.mktemp("report"))


def opened(browser: Browser, path: Path, **look: Any) -> Page:
    """A page, with the network off; nothing is asked for, thrown or complained of."""
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "offline": True, **look})
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: pytest.fail("a name was run"))
    page.on("request", lambda asked: None if asked.url.startswith(("file:", "data:")) else pytest.fail(asked.url))
    page.goto(path.as_uri())
    return page


@pytest.fixture
def page(browser: Browser, path: Path) -> Iterator[Page]:
    page = opened(browser, path)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def many(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_of(path, MANY, tmp_path_factory.mktemp("many") / "many.html")


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
    page.get_by_text("1 without scores").click()
    expect(page.get_by_text("text.jpg")).to_be_visible()


def test_what_is_picked_comes_first_with_the_reason(browser: Browser, many: Path) -> None:
    page = opened(browser, many)
    verdicts = page.locator("tbody .verdict").all_inner_texts()
    assert verdicts == sorted(verdicts, key=["pick", "alternate", "reject"].index)
    assert all(page.locator("tbody .why").all_inner_texts())
    page.locator("[data-choice=pick]").click()
    assert set(page.locator("tbody .verdict").all_inner_texts()) == {"pick"}
    page.context.close()


def test_by_keyboard_one_looks_at_one_after_the_other(page: Page) -> None:
    page.locator("[data-sort=name]").click()
    known = names(page)
    page.locator("tbody th .open").first.focus()
    page.keyboard.press("Enter")
    shown = page.get_by_role("dialog").get_by_role("heading", level=2)
    for key, name in (("", known[0]), ("ArrowRight", known[1]), ("ArrowRight", known[2]), ("ArrowRight", known[2])):
        if key:
            page.keyboard.press(key)
        expect(shown).to_have_text(name)
    page.keyboard.press("ArrowLeft")
    expect(shown).to_have_text(known[1])
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.innerText") == known[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_view(browser: Browser, path: Path, scheme: str) -> None:
    page = opened(browser, path, color_scheme=scheme, bypass_csp=True)
    for view in ("table", "groups", "sheet"):
        page.locator(f"[data-choice={view}]").click()
        assert problems(page) == []
    page.locator(".open").first.click()
    assert problems(page) == []
    page.context.close()


def test_a_narrow_window_scrolls_no_further_than_its_table(browser: Browser, path: Path) -> None:
    page = opened(browser, path, viewport={"width": 390, "height": 844})
    for view in ("table", "groups", "sheet"):
        page.locator(f"[data-choice={view}]").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_whole_table_is_on_a_small_screen_and_on_paper(
    browser: Browser, path: Path, tmp_path: Path, language: str
) -> None:
    said = {
        "name": "A_long_name_of_a_picture-2.jpg",
        "verdict": "alternate",
        "stars": 4.5,
        "kind": "bracket",
        "defects": ["low_resolution", "text_overlay", "underexposure"],
        "taken": "2026-11-28 12:57:32",
    }
    page = opened(browser, made_of(path, 40, tmp_path / "wide.html", **said), viewport={"width": 1280, "height": 800})
    if language != "en":
        page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert (
        page.evaluate(
            "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.scroll'))"
        )
        == 0
    )
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= A4
    page.context.close()


def test_one_picture_is_compared_with_none(browser: Browser, path: Path, tmp_path: Path) -> None:
    page = opened(browser, made_of(path, 1, tmp_path / "one.html"))
    page.locator("tbody th .open").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Composite ")).to_be_visible()
    expect(dialog.get_by_text("better than")).to_have_count(0)
    page.context.close()


def test_a_tall_window_is_filled(browser: Browser, many: Path) -> None:
    page = opened(browser, many, viewport={"width": 1440, "height": 5000})
    page.locator("[data-choice=sheet]").click()
    expect(page.locator("figure").nth(150)).to_be_attached()
    page.context.close()


def test_where_nothing_has_scores_it_says_why(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, shoot_page(tmp_path, "--language", "zh-CN", names=()))
    expect(page.locator(".refused li")).to_be_visible()
    expect(page.locator(".refused summary")).to_have_text("1 张无评分")
    assert page.locator("main").count() == 0
    page.context.close()


def test_speaks_both_languages_and_prints_everything(page: Page) -> None:
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("group", name="视图").get_by_role("button", name="分组")).to_be_visible()
    page.get_by_role("button", name="小样").click()
    expect(page.locator(".sheet figure")).to_have_count(3)
    for view in ("表格", "分组", "小样"):
        page.get_by_role("group").get_by_role("button", name=view).click()
        assert english(page.locator("#app").inner_text()) == []
    page.locator(".open").first.click()
    page.locator(".plot .bars").first.wait_for()
    assert english(page.get_by_role("dialog").inner_text()) == []


def test_sentences_follow_one_another_as_the_language_has_it(browser: Browser, path: Path, tmp_path: Path) -> None:
    why = {"en": ["Rated by hand.", "Nothing is like it."], "zh-CN": ["已由人工评级。", "没有与它相似的照片。"]}
    page = opened(browser, made_of(path, 1, tmp_path / "one.html", why=why))
    expect(page.locator("td.why")).to_have_text("Rated by hand. Nothing is like it.")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("td.why")).to_have_text("已由人工评级。没有与它相似的照片。")
    page.context.close()


def english(text: str) -> list[str]:
    """Words that are no names."""
    return re.findall(r"[A-Za-z]{2,}", _KEPT.sub("", text.replace(HOSTILE, "")))


def test_a_thousand_pictures_are_sorted_and_filtered_at_once(browser: Browser, many: Path) -> None:
    page = opened(browser, many)
    page.wait_for_load_state("load")
    for name, act in acts(page):
        assert page.evaluate(ACT, list(act)) < PATIENT_MS, name
    page.locator("[data-sort=name]").click()
    assert names(page)[:2] == ["00000.jpg", "00001.jpg"]
    assert len(names(page)) < MANY / 10
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(page.locator("tbody tr").nth(50)).to_be_attached()
    page.locator("[data-sort=composite]").click()
    expect(page.locator("thead")).to_be_in_viewport()
    expect(page.locator("tbody tr").first).to_be_in_viewport()
    page.locator("[data-sort=name]").click()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert names(page) == [f"{number:05}.jpg" for number in range(MANY)]
    page.context.close()
