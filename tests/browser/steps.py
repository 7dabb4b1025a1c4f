"""What people do on the page, and what they see."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page


def drop(page: Page, paths: Sequence[Path]) -> None:
    """Drags files and folders out of a file manager onto the page."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 200, "data": data})
    session.detach()


def settled(page: Page, cards: int) -> None:
    """Waits until everything is scored and so many cards are shown."""
    page.locator(".card").nth(cards - 1).wait_for()
    page.locator("#progress").wait_for(state="hidden")


def names(page: Page) -> list[str]:
    """The names on the cards, the first place first."""
    return page.locator(".card .open").all_inner_texts()


def scores(page: Page) -> list[str]:
    """The scores on the cards."""
    return page.locator(".card .score").all_inner_texts()


def choose_style(page: Page, style: str) -> None:
    page.locator(f"#styles input[value={style}]").check()


def problems(page: Page) -> list[dict[str, Any]]:
    """What axe finds, of whatever weight."""
    from axe_playwright_python.sync_playwright import Axe

    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [{"id": one["id"], "impact": one["impact"], "nodes": [n["html"] for n in one["nodes"]][:3]} for one in found]
