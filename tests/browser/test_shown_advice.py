"""What would help a picture: asked for in its details, said in the page's language."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from nima.training.defects.light import exposed
from nima.words import CHINESE, ENGLISH, say
from tests.browser.steps import drop, problems, settled
from tests.pictures import encode, scene

LANGUAGES = {"en-US": ENGLISH, "zh-CN": CHINESE}


@pytest.fixture(params=LANGUAGES)
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def look(locale: str) -> dict[str, object]:
    return {"viewport": {"width": 1280, "height": 900}, "locale": locale, "color_scheme": "light"}


def test_what_would_help_is_asked_for_and_shown_with_the_best_crops(page: Page, tmp_path: Path, locale: str) -> None:
    language = LANGUAGES[locale]
    dark = tmp_path / "dark.jpg"
    dark.write_bytes(encode(exposed(scene(640, 480), -2), "JPEG", quality=92))
    drop(page, [dark])
    settled(page, 1)
    page.locator(".card .open").click()
    details = page.locator("#details")
    with page.expect_response(lambda answer: "advice=true" in answer.url) as answered:
        details.get_by_role("button", name=say("texts", "askAdvice", language=language)).click()
    document = answered.value.json()
    expect(details.get_by_role("heading", name=say("texts", "crops", language=language))).to_be_visible()
    for one in document["advice"]:
        if one["change"] == "shoot_again":
            text = say("retakes", one["code"], language=language)
        else:
            text = say("changes", one["change"], language=language, **one["parameters"])
        expect(details).to_contain_text(text)
    for crop in document["crops"]:
        facts = {"ratio": crop["ratio"], **crop["box"], **crop["composite"]}
        expect(details).to_contain_text(say("texts", "cropAt", language=language, **facts))
    assert problems(page) == []
    with page.expect_popup() as opened:
        details.get_by_role("button", name=say("texts", "report", language=language)).click()
    expect(opened.value.locator("main")).to_contain_text(say("texts", "crops", language=language))
