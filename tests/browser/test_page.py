"""The page in a real browser on the real application: what a merchandiser does with five photographs."""

from __future__ import annotations

import codecs
import csv
import io
import json
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Response, expect

import nima
from nima.local.stack import LocalStack
from nima.training.defects.light import exposed
from tests.browser.conftest import NAMES
from tests.browser.steps import choose_style, drop, names, problems, scores, settled
from tests.pictures import scene
from tests.waiting import until

STYLES = ("general", "ecommerce", "landscape", "portrait", "creative")
WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def catalogue(stack: LocalStack, photographs: list[Path]) -> str:
    """The same photographs as a collection of the catalogue, which the server ranks."""
    for path in photographs:
        stack.aws.s3.upload_file(str(path), stack.bucket, f"shop/five/{path.name}")
    until(lambda: not stack.busy, what="five photographs")
    return f"{stack.api}/collections/five/ranking"


def ranking(url: str, **query: str) -> dict[str, Any]:
    with urlopen(f"{url}?{'&'.join(f'{k}={v}' for k, v in query.items())}") as answer:
        document: dict[str, Any] = json.load(answer)
        return document


@pytest.fixture
def five(page: Page, photographs: list[Path]) -> Page:
    """The page with the five photographs dropped and ranked."""
    drop(page, photographs)
    settled(page, 5)
    return page


def test_five_photographs_stand_in_the_servers_order_in_every_style(five: Page, catalogue: str) -> None:
    orders = set()
    for style in STYLES:
        choose_style(five, style)
        ranked = ranking(catalogue, style=style)
        assert names(five) == [entry["key"].rpartition("/")[2] for entry in ranked["entries"]]
        assert scores(five) == [f"{entry['score']:.2f}" for entry in ranked["entries"]]
        stars = [float(s.split()[0]) for s in five.locator(".card .stars").evaluate_all("a => a.map(s => s.ariaLabel)")]
        assert stars == [entry["stars"] for entry in ranked["entries"]]
        best = ranked["recommended"]["key"].rpartition("/")[2]
        assert five.locator(".recommended .winner").inner_text() == best
        why = ranked["recommended"]["why"].replace("shop/five/", "")
        assert five.locator(".because").inner_text() == why
        orders.add(tuple(names(five)))
    assert len(orders) > 1, "no style changes the order, so nothing was seen"


def test_own_weights_rank_as_the_server_ranks_with_them(five: Page, catalogue: str) -> None:
    choose_style(five, "custom")
    five.locator("#own").fill("85")
    ranked = ranking(catalogue, weights="0.85,0.15")
    assert names(five) == [entry["key"].rpartition("/")[2] for entry in ranked["entries"]]
    assert scores(five) == [f"{entry['score']:.2f}" for entry in ranked["entries"]]
    expect(five.locator("#weights")).to_have_text("85% technical, 15% aesthetic")


def _is_named(image: Image.Image) -> bool:
    """Whether a picture is said to be under-exposed, and not surely."""
    return any(one.code == "underexposure" and not one.sure for one in nima.score(image).deductions)


def test_what_a_style_minds_is_told_and_tagged(page: Page, photographs: list[Path], tmp_path: Path) -> None:
    with Image.open(photographs[2]) as light:
        turned = light.convert("RGB").rotate(180)
    dark = next(shown for shown in (exposed(turned, -stops / 10) for stops in range(3, 20)) if _is_named(shown))
    dark.save(tmp_path / "dark.png")
    drop(page, [photographs[2], tmp_path / "dark.png"])
    settled(page, 2)
    tag = page.get_by_text("This style minds: underexposure")
    for style, told in (("landscape", 1), ("portrait", 0)):
        choose_style(page, style)
        expect(tag).to_have_count(told)
    expect(page.locator("#weights p")).to_have_text(
        [
            "30% technical, 70% aesthetic",
            "This style minds softness, motion blur, color cast: that costs a picture a point in the order.",
            "Judged by no style: skin tone, expression.",
        ]
    )


def test_the_export_is_the_servers_csv_and_excel_knows_its_encoding(five: Page, catalogue: str) -> None:
    choose_style(five, "landscape")
    with five.expect_download() as download:
        five.get_by_role("button", name="Export CSV").click()
    exported = download.value.path().read_bytes()
    assert exported.startswith(codecs.BOM_UTF8)
    with urlopen(f"{catalogue}?style=landscape&format=csv") as answer:
        assert exported.decode("utf-8-sig") == answer.read().decode().replace("shop/five/", "")
    assert download.value.suggested_filename == "ranking-landscape.csv"


def test_names_that_are_formulas_and_what_was_refused_are_exported_as_text(
    page: Page, tmp_path: Path, complaints: list[str]
) -> None:
    for name in ("=1+1.png", "-2.png", "鞋子，正面.png"):
        scene(320, 240).save(tmp_path / name)
    (tmp_path / "@broken.png").write_bytes(b"no picture")
    drop(page, [tmp_path / name for name in ("=1+1.png", "-2.png", "鞋子，正面.png", "@broken.png")])
    settled(page, 1)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"), newline="")))
    assert [row["filename"] for row in rows] == ["'-2.png", "'=1+1.png", "鞋子，正面.png", "'@broken.png"]
    assert [row["path"] for row in rows] == [row["filename"] for row in rows]
    assert {row["group"] for row in rows[:3]} == {"'-2.png"}
    assert [row["rank"] for row in rows] == ["1", "1", "1", ""]
    assert [row["error"] for row in rows] == ["", "", "", "unsupported_format"]
    complaints.clear()  # the browser's, about that refusal


def test_a_click_shows_the_distributions_and_the_reasons(five: Page, catalogue: str, stack: LocalStack) -> None:
    assert not five.evaluate("'Plotly' in window"), "Plotly is fetched before anything is shown"
    card = five.locator(".card", has_text="coffee.png")
    card.locator(".open").click()
    dialog = five.get_by_role("dialog", name="coffee.png")
    expect(dialog.locator(".js-plotly-plot .bars .point")).to_have_count(20)

    document = stack.document("shop/five/coffee.png")
    assert document
    dialog.get_by_text("As a table").first.click()
    shares = dialog.locator("table").first.locator("td").all_inner_texts()
    assert [float(share.rstrip("%")) for share in shares] == pytest.approx(
        [100 * p for p in document["technical"]["distribution"]], abs=0.051
    )
    for deduction in document["deductions"]:
        expect(dialog.get_by_text(deduction["message"])).to_be_visible()
    for check in document["policies"]["marketplace_main_image"]["checks"]:
        expect(dialog.get_by_text(check["message"])).to_be_visible()

    tallest = int(np.argmax(document["aesthetic"]["distribution"]))
    dialog.locator(".plot").nth(1).locator(".bars .point").nth(tallest).hover(force=True)
    expect(dialog.locator(".plot").nth(1).locator(".hoverlayer")).to_contain_text(f"score {tallest + 1}:")

    five.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert five.evaluate("document.activeElement.textContent") == "coffee.png"


def test_two_are_compared_side_by_side(five: Page) -> None:
    compare = five.locator("#compare")
    expect(compare).to_be_disabled()
    for name in ("coffee.png", "rocket.jpg"):
        five.get_by_label(f"Compare {name}").check()
    compare.click()
    dialog = five.get_by_role("dialog", name="Two pictures side by side")
    assert dialog.locator(".legend").all_inner_texts() == ["coffee.png", "rocket.jpg"]
    expect(dialog.locator(".js-plotly-plot .bars .point")).to_have_count(40)
    expect(dialog.locator(".ahead:not(:empty)")).to_have_count(1)


def test_a_third_mark_takes_the_place_of_the_first(five: Page) -> None:
    for name in NAMES[:3]:
        five.get_by_label(f"Compare {name}").check()
    marked = [name for name in NAMES if five.get_by_label(f"Compare {name}").is_checked()]
    assert marked == list(NAMES[1:3])


def test_the_report_of_a_dropped_picture_opens_and_stands_alone(five: Page) -> None:
    five.locator(".open").first.click()
    first = names(five)[0]
    with five.expect_popup() as popup:
        five.get_by_role("button", name="Open printable report").click()
    report = popup.value
    expect(report.get_by_role("heading", level=2)).to_have_text(first)
    expect(report.get_by_role("button", name="Print")).to_be_visible()
    assert report.locator("svg.plain").count() == 2
    assert report.locator("img").evaluate("image => image.src.startsWith('data:') && image.naturalWidth > 100")
    assert report.locator("p", has_text="Scored by nima-test").is_visible()
    assert problems(report) == []


def test_a_folder_is_searched_and_copies_stand_behind_the_picture_they_repeat(
    page: Page, photographs: list[Path], tmp_path: Path
) -> None:
    shoot = tmp_path / "shoot" / "deep" / "er"
    shoot.mkdir(parents=True)
    coffee = Image.open(next(path for path in photographs if path.name == "coffee.png")).convert("RGB")
    coffee.save(shoot / "coffee.jpg", quality=95)
    coffee.resize((420, 280)).save(shoot / "small.jpg", quality=40)
    (shoot / "notes.txt").write_text("not a picture")
    (shoot / ".hidden.jpg").write_bytes(b"")
    (shoot / ".previews").mkdir()
    (shoot / ".previews" / "coffee.jpg").write_bytes(b"")

    drop(page, [tmp_path / "shoot"])
    settled(page, 1)
    expect(page.locator(".twins summary")).to_have_text("1 near-duplicate")
    page.locator(".twins summary").click()
    shown = {*names(page), *page.locator(".twin").all_inner_texts()}
    assert shown == {"coffee.jpg", "small.jpg"}
    expect(page.locator("#rankings h2")).to_have_text("shoot/deep/er")
    expect(page.locator("#skipped")).to_have_text("1 other file was skipped: shoot/deep/er/notes.txt.")


def test_what_cannot_be_scored_says_why_and_the_rest_is_ranked(
    page: Page, photographs: list[Path], complaints: list[str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(photographs[0].read_bytes()[:5000])
    text = tmp_path / "text.jpg"
    text.write_text("words")
    (tmp_path / "empty.webp").touch()
    page.locator("#files").set_input_files([broken, text, tmp_path / "empty.webp", *photographs[:2]])
    settled(page, 2)
    rows = page.locator(".refused li")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="empty.webp")).to_contain_text("The file is empty.")
    expect(rows.filter(has_text="text.jpg")).to_contain_text("not a JPEG, PNG")
    assert "internal" not in page.locator(".refused").inner_text()
    # The browser itself notes each refused request; nothing else may be there.
    assert len(complaints) == 3
    assert all("status of 4" in said for said in complaints)
    complaints.clear()


def test_a_large_picture_goes_through_the_bucket_and_has_the_servers_report(
    page: Page, stack: LocalStack, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1500, 1500, 3), dtype=np.uint8)
    large = tmp_path / "large & odd.png"
    Image.fromarray(noise).save(large)
    assert large.stat().st_size > 6_000_000
    missing: list[str] = []

    def hear(answer: Response) -> None:
        if answer.status == 404:
            missing.append(answer.url)

    page.on("response", hear)
    drop(page, [large])
    settled(page, 1)
    listed = stack.aws.s3.list_objects_v2(Bucket=stack.bucket, Prefix="incoming/page/")["Contents"]
    (key,) = [found["Key"] for found in listed]
    assert key.endswith("/large & odd.png")
    stored = stack.document(key)
    assert stored
    page.locator(".open").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(f"Stored as {key}")).to_be_visible()
    expect(dialog.locator(".score")).to_have_text(f"{stored['composite']['score']:.2f}")
    with page.expect_popup() as popup:
        dialog.get_by_role("button", name="Open printable report").click()
    expect(popup.value.locator("body")).to_contain_text("large & odd.png")
    expect(popup.value.locator("body")).to_contain_text(f"{stored['technical']['mean']:.2f}")


def test_the_marketplace_rules_come_first_where_they_are_asked_for(page: Page, tmp_path: Path) -> None:
    from tests.pictures import product, scene

    fit, scenery = tmp_path / "fit.png", tmp_path / "scenery.png"
    product(fill=0.92, side=1700).save(fit)
    scene(1200, 900, seed=3).save(scenery)
    drop(page, [fit, scenery])
    settled(page, 2)
    page.get_by_label("Must meet marketplace rules").check()
    assert names(page) == ["fit.png", "scenery.png"]
    expect(page.locator(".recommended .winner")).to_have_text("fit.png")
    expect(page.locator(".card").first).to_contain_text("Meets marketplace rules")
    page.get_by_role("button", name="Remove fit.png").click()
    expect(page.locator(".notice")).to_contain_text("No picture passes the policy")


def test_everything_can_be_done_from_the_keyboard(page: Page, photographs: list[Path]) -> None:
    page.on("filechooser", lambda chooser: chooser.set_files(photographs))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    settled(page, 5)
    page.locator("#styles input:checked").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#styles input:checked").input_value() == "ecommerce"
    assert page.evaluate("document.activeElement.value") == "ecommerce"
    expect(page.get_by_role("status")).to_contain_text("E-commerce:")
    first = names(page)[0]
    page.get_by_label(f"Compare {first}").focus()
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.ariaLabel") == f"Compare {first}", "the focus is lost by the redraw"
    page.locator(".open").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name=first)).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog", name=names(page)[1])).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, photographs: list[Path], width: int, scheme: str, tmp_path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    assert problems(page) == []
    copy = tmp_path / "copy.jpg"
    Image.open(photographs[2]).convert("RGB").save(copy, quality=60)
    drop(page, [*photographs, copy])
    settled(page, 5)
    assert problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    page.locator(".open").first.click()
    page.locator(".js-plotly-plot .bars").first.wait_for()
    assert problems(page) == []
    page.keyboard.press("Escape")
    for index in (0, 1):
        page.locator(".card .check input").nth(index).check()
    page.locator("#compare").click()
    page.locator("#comparison .js-plotly-plot .bars").first.wait_for()
    assert problems(page) == []


def test_an_answer_that_never_comes_can_be_asked_for_again(
    page: Page, photographs: list[Path], complaints: list[str]
) -> None:
    page.route("**/evaluate", lambda route: route.abort())
    drop(page, photographs[:1])
    row = page.locator(".refused li")
    expect(row).to_contain_text("The server could not be reached.")
    page.unroute("**/evaluate")
    row.get_by_role("button", name="Try again").click()
    settled(page, 1)
    expect(row).to_have_count(0)
    complaints.clear()  # the browser notes the broken request


def test_a_throttled_request_is_sent_again(page: Page, photographs: list[Path], complaints: list[str]) -> None:
    refused: list[str] = []

    def throttle(route: Any) -> None:
        if len(refused) < 2:
            refused.append(route.request.url)
            error = {"error": {"code": "throttled", "message": "Too many requests at once."}, "request_id": "1"}
            route.fulfill(status=429, content_type="application/json", body=json.dumps(error))
        else:
            route.continue_()

    page.route("**/evaluate", throttle)
    drop(page, photographs[:1])
    settled(page, 1)
    assert len(refused) == 2
    assert page.locator(".refused").count() == 0
    complaints.clear()


def test_a_picture_that_the_browser_cannot_show_is_ranked_all_the_same(page: Page, tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (400, 500, 3), dtype=np.uint8)).save(file, "TIFF")
    (tmp_path / "scan.tiff").write_bytes(file.getvalue())
    drop(page, [tmp_path / "scan.tiff"])
    settled(page, 1)
    expect(page.locator(".card .blank")).to_have_text("TIFF")
