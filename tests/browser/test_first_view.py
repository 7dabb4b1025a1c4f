"""What the page opens with: the pictures that the server names, or the collection in the page's address."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from nima.aws.table import ResultTable
from nima.local.stack import LocalStack
from tests.browser.steps import drop, names, settled
from tests.integration.test_local_stack import picture, put
from tests.stacks import stack_of, table_name
from tests.unit.test_catalogue import result

RED, BLUE = "衬衫/red & white", "shirts/blue"


@pytest.fixture(scope="module")
def stack(model_folder: Path) -> Iterator[LocalStack]:
    """One that says that the page opens with the collection ``RED``; it has another one too."""
    with stack_of(model_folder, NIMA_PAGE_COLLECTIONS=json.dumps([RED.replace("/", "~1")])) as running:
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
    images = page.locator(".card img")
    expect(images).to_have_count(3)
    page.wait_for_function("[...document.querySelectorAll('.card img')].every((image) => image.naturalWidth > 0)")


def test_the_first_view_asks_for_the_ranking_and_for_what_is_looked_at(
    context: BrowserContext, stack: LocalStack
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1000, "height": 100})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(stack.api)))
    page.goto(stack.api)
    settled(page, 3)
    expect(page.locator("#status")).to_contain_text("3 pictures ranked")
    assert sum("/ranking?" in url for url in asked) == 1
    assert sum("/images/" in url for url in asked) < 3, "the last picture is far from the view"
    page.locator(".card img, .card .thumb").last.scroll_into_view_if_needed()
    expect(page.locator(".card").last.locator("img")).to_have_count(1)
    assert all(url.endswith("/thumbnail") for url in asked if "/images/" in url)
    page.locator(".card .open").last.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".charts figure")).to_have_count(2)
    whole = [url for url in asked if "/images/" in url and not url.endswith("/thumbnail")]
    assert len(whole) == 1, whole
    expect(dialog).not_to_contain_text("of category")


def test_the_export_of_the_first_view_is_the_servers(page: Page, stack: LocalStack) -> None:
    settled(page, 3)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    documents = [stack.document(f"incoming/{row['path']}") for row in rows]
    codes = [" ".join(one["code"] for one in (document or {}).get("deductions", ())) for document in documents]
    assert [row["deductions"] for row in rows] == codes
    assert [row["filename"] for row in rows] == [*ranked(stack), "text.jpg"]


def test_a_place_is_told_only_among_enough_pictures(page: Page, stack: LocalStack, complaints: list[str]) -> None:
    table = ResultTable(table_name(stack))
    for number in range(20):
        key = f"incoming/many/{number}.jpg"
        kept = replace(result(key, 5.0, 5.0, category="many"), collection="many", sequencer="1" * 64)
        assert table.replace(kept, table.stored(key))
    page.goto(f"{stack.api}/?collection=many")
    page.locator(".card .open").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("of category many")
    complaints[:] = [said for said in complaints if "404" not in said]  # none of these has a thumbnail


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
