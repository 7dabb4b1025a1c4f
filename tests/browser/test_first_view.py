"""What the page opens with: the pictures that the server names, or the collection in the page's address."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from nima.local.server import listen
from nima.local.stack import LocalStack, local_stack
from nima.local.template import Template
from tests.browser.steps import drop, names, settled
from tests.integration.test_local_stack import picture, put

ROOT = Path(__file__).resolve().parents[2]
RED, BLUE = "衬衫/red & white", "shirts/blue"


@pytest.fixture(scope="module")
def stack(model_folder: Path) -> Iterator[LocalStack]:
    """One that says that the page opens with the collection ``RED``; it has another one too."""
    variables = {
        "NIMA_MODELS": str(model_folder.parent),
        "MODEL": model_folder.name,
        "NIMA_PAGE_COLLECTIONS": json.dumps([RED.replace("/", "~1")]),
    }
    with local_stack(Template(ROOT), listen(0), variables, retry_delay=0.01) as running:
        for seed in range(3):
            put(running, f"incoming/{RED}/{seed}.jpg", picture(seed))
        put(running, f"incoming/{RED}/text.jpg", b"no picture")
        put(running, f"incoming/{BLUE}/4.jpg", picture(4))
        yield running


def ranked(stack: LocalStack) -> list[str]:
    documents = {n: stack.document(f"incoming/{RED}/{n}.jpg") for n in range(3)}
    scores = {f"{n}.jpg": document["composite"]["score"] for n, document in documents.items() if document}
    return sorted(scores, key=lambda name: -scores[name])


def test_the_bare_address_shows_what_the_server_has_just_scored(page: Page, stack: LocalStack) -> None:
    settled(page, 3)
    assert names(page) == ranked(stack)
    expect(page.locator(".folder h2")).to_have_text(RED)
    expect(page.locator(".recommended .winner")).to_contain_text(ranked(stack)[0])
    expect(page.locator(".refused li")).to_contain_text("not a JPEG")
    sizes = page.locator(".card img").evaluate_all("all => all.map((image) => image.naturalWidth)")
    assert len(sizes) == 3
    assert min(sizes) > 0


def test_stored_pictures_have_details_and_reports_and_others_can_be_dropped_beside_them(
    page: Page, stack: LocalStack, tmp_path: Path
) -> None:
    settled(page, 3)
    page.locator(".card .open").first.click()
    page.get_by_role("button", name="Open printable report")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Open printable report").click()
    expect(opened.value.locator("body")).to_contain_text(f"{RED}/{ranked(stack)[0]}")
    page.keyboard.press("Escape")
    (tmp_path / "mine.jpg").write_bytes(picture(5))
    drop(page, [tmp_path / "mine.jpg"])
    settled(page, 4)
    assert "mine.jpg" in names(page)


def test_an_address_names_the_collection_to_open_with(page: Page, stack: LocalStack) -> None:
    page.goto(f"{stack.api}/?collection={quote(BLUE.replace('/', '~1'))}")
    settled(page, 1)
    assert names(page) == ["4.jpg"]


def test_a_collection_that_has_nothing_left_hides_no_other(context: BrowserContext, stack: LocalStack) -> None:
    def with_one_more(route: Any) -> None:
        named = route.fetch().json()
        route.fulfill(json={**named, "collections": ["gone", *named["collections"]]})

    page: Any = context.new_page()
    page.route("**/page/settings.json", with_one_more)
    page.goto(stack.api)
    settled(page, 3)
    assert names(page) == ranked(stack)
    expect(page.locator("#skipped")).to_be_empty()


def test_a_picture_without_a_thumbnail_keeps_its_scores(context: BrowserContext, stack: LocalStack) -> None:
    put(stack, "incoming/plain/5.jpg", picture(5))
    bucket = stack.aws.physical_id("ThumbnailBucket")
    folder = hashlib.sha256(b"incoming/plain/5.jpg").hexdigest()
    for found in stack.aws.s3.list_objects_v2(Bucket=bucket, Prefix=folder)["Contents"]:
        stack.aws.s3.delete_object(Bucket=bucket, Key=found["Key"])
    page: Any = context.new_page()
    page.goto(f"{stack.api}/?collection=plain")
    settled(page, 1)
    assert names(page) == ["5.jpg"]
    expect(page.locator(".card .blank")).to_have_text("JPG")


def test_an_unknown_collection_is_said_and_the_page_works(
    context: BrowserContext, stack: LocalStack, complaints: list[str]
) -> None:
    page: Any = context.new_page()
    page.goto(f"{stack.api}/?collection=nothing")
    expect(page.locator("#skipped")).to_have_text("There is no such collection.")
    expect(page.locator("#choose-files")).to_be_enabled()
