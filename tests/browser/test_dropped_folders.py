"""Folders on the page: each keeps its path, its ranking and its recommended picture."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from nima.image.formats import EXTENSIONS, RAW_EXTENSIONS, TYPES
from nima.local.stack import LocalStack
from tests.browser.steps import choose_style, drop, problems, settled

CATALOGUE = {
    "shoe-1/front.jpg": "coffee.png",
    "shoe-1/back.jpg": "chelsea.png",
    "shoe-2/front.jpg": "coffee.png",
    "shoe-2/back.jpg": "rocket.jpg",
    "shoe-10/100% 红 & #1/front.jpg": "astronaut.png",
}
FOLDERS = ["catalogue/shoe-1", "catalogue/shoe-2", "catalogue/shoe-10/100% 红 & #1"]


@pytest.fixture
def catalogue(photographs: list[Path], tmp_path: Path) -> Path:
    """A folder of products, in which file names come again, and the same picture too."""
    by_name = {path.name: path for path in photographs}
    for path, name in CATALOGUE.items():
        (tmp_path / "catalogue" / path).parent.mkdir(parents=True, exist_ok=True)
        Image.open(by_name[name]).convert("RGB").save(tmp_path / "catalogue" / path, quality=92)
    return tmp_path / "catalogue"


def section(page: Page, folder: str) -> Locator:
    return page.get_by_role("region", name=folder, exact=True)


def cards(page: Page, folder: str) -> list[str]:
    return section(page, folder).locator(".card .open").all_inner_texts()


@pytest.mark.parametrize("way", ["drop", "choose"])
def test_each_folder_has_its_own_ranking_and_recommended_picture(page: Page, catalogue: Path, way: str) -> None:
    if way == "drop":
        drop(page, [catalogue])
    else:
        page.locator("#folder").set_input_files(catalogue)
    settled(page, 5)
    assert page.locator("#rankings h2").all_inner_texts() == FOLDERS
    for style in ("general", "landscape"):
        choose_style(page, style)
        for folder in FOLDERS:
            found = cards(page, folder)
            inside = {path.rpartition("/")[2] for path in CATALOGUE if f"catalogue/{path}".rpartition("/")[0] == folder}
            assert set(found) == inside, "a file name that comes again stays as it is"
            expect(section(page, folder).locator(".winner")).to_have_text(found[0])
            expect(section(page, folder).locator(".card.first .rank")).to_have_text("1")
    expect(page.locator(".twins")).to_have_count(0)
    expect(page.locator("#status")).to_contain_text("3 folders ranked")
    assert problems(page) == []


def test_the_export_has_the_path_of_each_picture(page: Page, catalogue: Path) -> None:
    drop(page, [catalogue])
    settled(page, 5)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert {row["path"] for row in rows} == {f"catalogue/{path}" for path in CATALOGUE}
    assert [row["path"].rpartition("/")[0] for row in rows if row["rank"] == "1"] == FOLDERS
    assert {row["filename"] for row in rows} == {"front.jpg", "back.jpg"}


def test_a_large_picture_is_stored_and_ranked_with_its_folder(
    page: Page, stack: LocalStack, catalogue: Path, photographs: list[Path], complaints: list[str]
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1300, 1300, 3), dtype=np.uint8)
    large = catalogue / "shoe-10/100% 红 & #1/large.png"
    Image.fromarray(noise).save(large)
    assert large.stat().st_size > 4_600_000
    drop(page, [catalogue, photographs[0]])
    settled(page, 7)
    assert set(cards(page, FOLDERS[2])) == {"front.jpg", "large.png"}
    assert cards(page, "Not in a folder") == [photographs[0].name]
    listed = stack.aws.s3.list_objects_v2(Bucket=stack.bucket)["Contents"]
    (key,) = [found["Key"] for found in listed]
    assert key.endswith(f"/catalogue/{large.relative_to(catalogue)}")
    document = stack.document(key)
    assert document
    assert document["collection"] == "~1".join(key.removeprefix("incoming/").split("/")[:-1])
    complaints[:] = [said for said in complaints if "404" not in said]  # it was asked for before it was scored


def test_a_folder_that_is_emptied_goes(page: Page, catalogue: Path) -> None:
    drop(page, [catalogue / "shoe-1"])
    settled(page, 2)
    expect(page.locator("#rankings h2")).to_have_text("shoe-1")
    drop(page, [catalogue / "shoe-2"])
    settled(page, 4)
    page.get_by_role("button", name="Remove shoe-1/back.jpg").click()
    assert cards(page, "shoe-1") == ["front.jpg"]
    page.get_by_role("button", name="Details of shoe-2/front.jpg").first.click()
    dialog = page.get_by_role("dialog", name="shoe-2/front.jpg")
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Remove shoe-1/front.jpg").click()
    assert page.locator("#rankings h2").all_inner_texts() == ["shoe-2"]


def test_folders_of_one_name_stay_apart_and_a_folder_comes_but_once(
    page: Page, catalogue: Path, photographs: list[Path], tmp_path: Path
) -> None:
    other = tmp_path / "other" / "shoe-1"
    other.mkdir(parents=True)
    shutil.copy(catalogue / "shoe-1/back.jpg", other / "back.jpg")
    Image.open(photographs[0]).convert("RGB").save(other / "front.jpg")
    drop(page, [catalogue / "shoe-1"])
    settled(page, 2)
    drop(page, [other])
    settled(page, 4)
    assert page.locator("#rankings h2").all_inner_texts() == ["shoe-1", "shoe-1 (2)"]
    for again in (other, catalogue / "shoe-1"):
        drop(page, [again])
        expect(page.locator("#skipped")).to_have_text("2 pictures were here already.")
        page.locator("#skipped").evaluate("element => element.textContent = ''")
    assert set(cards(page, "shoe-1")) == set(cards(page, "shoe-1 (2)")) == {"front.jpg", "back.jpg"}
    expect(page.locator(".twins")).to_have_count(0)
    # One more picture in a folder that is there goes into it.
    shutil.copy(photographs[4], other / "rocket.jpg")
    drop(page, [other])
    settled(page, 5)
    assert set(cards(page, "shoe-1 (2)")) == {"front.jpg", "back.jpg", "rocket.jpg"}
    # Pictures without a folder likewise: the same one once, another one of its name apart.
    drop(page, [other / "front.jpg"])
    settled(page, 6)
    drop(page, [other / "front.jpg"])
    expect(page.locator("#skipped")).to_have_text("1 picture was here already.")
    drop(page, [catalogue / "shoe-1/front.jpg"])
    settled(page, 7)
    assert sorted(cards(page, "Not in a folder")) == ["front.jpg", "front.jpg (2)"]


def test_skipped_files_are_named_and_raw_ones_explained(page: Page, catalogue: Path) -> None:
    for name in ("notes.txt", "IMG_1.CR2"):
        (catalogue / "shoe-1" / name).write_text("no picture")
    drop(page, [catalogue / "shoe-1"])
    settled(page, 2)
    for said in ("2 other files were skipped", "shoe-1/notes.txt", "shoe-1/IMG_1.CR2", "RAW"):
        expect(page.locator("#skipped")).to_contain_text(said)
    drop(page, [catalogue / "shoe-2"])
    settled(page, 4)
    expect(page.locator("#skipped")).to_have_text("")


def test_the_size_of_a_small_file_is_told_in_kilobytes(page: Page, catalogue: Path) -> None:
    path = catalogue / "shoe-1/front.jpg"
    drop(page, [path])
    settled(page, 1)
    page.locator(".card .open").click()
    expect(page.get_by_role("dialog")).to_contain_text(f"JPEG, {round(path.stat().st_size / 1024)} KB")


def test_the_page_takes_the_formats_that_the_server_takes(page: Page) -> None:
    names = {f"x{extension}": name for name, kind in TYPES.items() for extension in kind.extensions}
    names |= {name.upper(): kind for name, kind in names.items()}
    raw = [f"x{extension}" for extension in RAW_EXTENSIONS]
    types, skipped, raw_seen = page.evaluate(
        """async (names) => {
          const at = (name) => import(new URL(`page/${name}.js`, document.baseURI));
          const [{ isRaw, mediaType, sort }, api] = await Promise.all(['pictures', 'api'].map(at));
          const { formats } = await api.settings();
          const files = names.map((path) => ({ path, file: new File([], path) }));
          const { pictures, skipped } = sort(files, formats);
          const types = pictures.map(({ path, file }) => [path, mediaType(file, formats)]);
          return [types, skipped, skipped.filter((path) => isRaw(path, formats))];
        }""",
        [*names, *raw, "notes.txt"],
    )
    assert dict(types) == names
    assert set(raw_seen) == set(raw)
    assert set(skipped) == {*raw, "notes.txt"}
    accepted = (page.locator("#files").get_attribute("accept") or "").split(",")
    assert set(accepted) == {"image/*", *EXTENSIONS}
