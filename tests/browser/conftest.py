"""Chromium on the page of a running local stack, with photographs to drop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from nima.local.pictures import default_pictures
from nima.local.stack import LocalStack
from tests.chromium import launched
from tests.stacks import stack_of

NAMES = ("astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg")
PATIENCE = 60_000


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = launched(playwright)
    if running is None:
        pytest.skip("there is no Chromium: install it, or run `playwright install chromium`, or set NIMA_CHROMIUM")
    yield running
    running.close()


@pytest.fixture(scope="module")
def api_key() -> str | None:
    """The API key that the stack asks for; modules may say another one."""
    return None


@pytest.fixture(scope="module")
def stack(model_folder: Path, api_key: str | None) -> Iterator[LocalStack]:
    with stack_of(model_folder, api_key=api_key) as running:
        yield running


@pytest.fixture(scope="session")
def photographs() -> list[Path]:
    """Five photographs that come with scikit-image."""
    found = {path.name: path for path in default_pictures().files.values()}
    return [found[name] for name in NAMES]


@pytest.fixture
def look() -> dict[str, Any]:
    """How the browser is set up; tests may say otherwise."""
    return {"viewport": {"width": 1280, "height": 900}, "locale": "en-US", "color_scheme": "light"}


@pytest.fixture
def context(browser: Browser, look: dict[str, Any]) -> Iterator[BrowserContext]:
    fresh = browser.new_context(**look, reduced_motion="reduce", accept_downloads=True)
    fresh.set_default_timeout(PATIENCE)
    yield fresh
    fresh.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console says of errors and warnings, and what was thrown; none is expected after a test."""
    return []


@pytest.fixture
def page(stack: LocalStack, context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    """The page, opened and ready."""

    def hear(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            complaints.append(said.text)

    def listen_to(opened: Page) -> None:
        opened.on("console", hear)
        opened.on("pageerror", lambda error: complaints.append(str(error)))

    context.on("page", listen_to)
    opened = context.new_page()
    opened.goto(stack.api)
    opened.wait_for_selector("html[data-ready]")
    yield opened
    assert complaints == []
