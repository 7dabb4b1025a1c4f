"""The page where the API asks for a key, as on AWS."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import drop, problems, settled


@pytest.fixture(scope="module")
def api_key() -> str:
    return "a-key-of-the-test"


def test_the_key_is_asked_for_once_and_kept_for_the_tab(
    page: Page, photographs: list[Path], complaints: list[str], api_key: str
) -> None:
    dialog = page.get_by_role("dialog", name="API key")
    drop(page, photographs)
    expect(dialog).to_be_visible()
    assert problems(page) == []

    page.get_by_label("Key", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("That key was not accepted")
    page.get_by_label("Key", exact=True).fill(api_key)
    page.keyboard.press("Enter")
    settled(page, 5)
    expect(dialog).to_be_hidden()

    page.reload()
    page.wait_for_selector("html[data-ready]")
    drop(page, photographs[:1])
    settled(page, 1)
    assert page.evaluate("Object.values(localStorage).length + document.cookie.length") == 0
    other = page.context.new_page()
    other.goto(page.url)
    assert other.evaluate("sessionStorage.length") == 0
    assert all("403" in said for said in complaints)
    complaints.clear()


def test_whoever_has_no_key_can_try_again_later(
    page: Page, photographs: list[Path], complaints: list[str], api_key: str
) -> None:
    drop(page, photographs[:1])
    page.get_by_role("button", name="Cancel").click()
    row = page.locator(".refused li")
    expect(row).to_contain_text("A valid API key is needed")
    row.get_by_role("button", name="Try again").click()
    page.get_by_label("Key", exact=True).fill(api_key)
    page.get_by_role("button", name="Use it").click()
    settled(page, 1)
    complaints.clear()
