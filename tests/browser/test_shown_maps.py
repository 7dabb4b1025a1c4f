"""Maps over a picture: in the details of what was dropped and of what the server has, and in reports."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Locator, Page, expect

from nima.local.stack import LocalStack
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


@pytest.fixture
def language(locale: str) -> str:
    return LANGUAGES[locale]


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    """A photograph whose left half is blurred, upright by its EXIF orientation only."""
    image = scene(480, 320).copy()
    image.paste(image.crop((0, 0, 240, 320)).filter(ImageFilter.GaussianBlur(6)), (0, 0))
    turned = Image.Exif()
    turned[274] = 6
    path = tmp_path / "half.jpg"
    path.write_bytes(encode(image.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=turned))
    return path


def marked(overlay: Locator) -> tuple[float, float, float, float]:
    """What the strongest places of a map cover on the screen: left, top, right, bottom."""
    found = overlay.evaluate(
        """svg => [...svg.querySelectorAll('rect')].filter(one => one.getAttribute('fill-opacity') > 0.4)
               .map(one => one.getBoundingClientRect())
               .reduce(([l, t, r, b], one) => [Math.min(l, one.left), Math.min(t, one.top), Math.max(r, one.right),
                       Math.max(b, one.bottom)], [1e9, 1e9, 0, 0])"""
    )
    left, top, right, bottom = found
    return left, top, right, bottom


def test_a_map_is_laid_over_the_picture_and_taken_off_by_the_keyboard(page: Page, spoiled: Path, language: str) -> None:
    def texts(name: str) -> str:
        return say("texts", name, language=language)

    drop(page, [spoiled])
    settled(page, 1)
    page.locator(".card .open").click()
    details = page.locator("#details")
    details.get_by_role("button", name=texts("mapsAsk")).focus()
    page.keyboard.press("Enter")
    expect(details.get_by_role("radio", name=texts("mapsNone"))).to_be_focused()
    assert details.locator(".mapped svg").count() == 0

    soft = say("maps", "soft", "name", language=language)
    for _ in range(6):
        page.keyboard.press("ArrowRight")
        if details.get_by_role("radio", name=soft).is_checked():
            break
    overlay = details.locator(".mapped svg")
    expect(overlay).to_have_count(1)
    expect(details.get_by_role("status")).to_contain_text(say("maps", "soft", "measured", language=language))
    left, top, right, bottom = marked(overlay)
    box = details.locator(".mapped img").bounding_box()
    assert box
    # The picture stands upright in the middle of its place: what is marked is its left half.
    middle = box["x"] + box["width"] / 2
    assert right < middle + 0.06 * box["width"]
    assert bottom - top > 0.9 * (right - left)
    assert problems(page) == []

    page.keyboard.press("Home")
    details.get_by_role("radio", name=texts("mapsNone")).check()
    assert details.locator(".mapped svg").count() == 0
    expect(details.get_by_role("status")).to_have_text("")


def test_both_scores_have_a_map_and_it_is_said_which_is_exact(
    page: Page, photographs: list[Path], language: str
) -> None:
    drop(page, photographs[:1])
    settled(page, 1)
    page.locator(".card .open").click()
    details = page.locator("#details")
    details.get_by_role("button", name=say("texts", "mapsAsk", language=language)).click()
    for head in ("technical", "aesthetic"):
        details.get_by_role("radio", name=say("maps", head, "name", language=language)).check()
        # Both heads of the tests' model are linear.
        expect(details.get_by_role("status")).to_contain_text(say("maps", head, "exact", language=language))
        fills = details.locator(".mapped svg rect").evaluate_all(
            "all => new Set(all.map(r => r.getAttribute('fill'))).size"
        )
        assert fills == 2
        assert problems(page) == []
    with page.expect_popup() as opened:
        details.get_by_role("button", name=say("texts", "report", language=language)).click()
    figures = opened.value.locator(".maps figure")
    expect(figures.nth(1)).to_contain_text(say("maps", "aesthetic", "name", language=language))
    assert figures.nth(1).locator("svg rect").count() > 3


def test_a_stored_pictures_maps_are_asked_for_by_its_key_and_shown_in_its_report(
    page: Page, stack: LocalStack, photographs: list[Path], language: str
) -> None:
    key = f"cups/{language}/1.png"
    stack.aws.s3.upload_file(str(photographs[2]), stack.bucket, key)
    while stack.document(key) is None:
        page.wait_for_timeout(50)
    page.goto(f"{stack.api}/?collection={quote(f'cups~1{language}', safe='')}")
    settled(page, 1)
    page.locator(".card .open").click()
    page.locator("#details").get_by_role("button", name=say("texts", "mapsAsk", language=language)).click()
    expect(page.locator("#details").get_by_role("radio").first).to_be_focused()

    page.goto(f"{stack.api}/images/{quote(key, safe='')}/report")
    figures = page.locator(".maps figure")
    expect(figures.first).to_contain_text(say("maps", "technical", "name", language=language))
    assert figures.count() >= 2
    assert figures.first.locator("svg rect").count() > 3
    picture, overlay = (figures.first.locator(name).bounding_box() for name in ("img", "svg"))
    assert picture == overlay
    assert problems(page) == []
