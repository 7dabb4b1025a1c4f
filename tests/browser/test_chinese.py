"""The page in Simplified Chinese, by the browser's language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from nima.local.stack import LocalStack
from tests.browser.steps import drop, names, problems, settled

_WORDS = re.compile(r"[A-Za-z]{3,}")
# Names of files, formats, models, their versions and populations, and what has no Chinese name.
_KEPT = re.compile(
    r"[\w .-]+\.(png|jpg|tiff)|nima-test|NIMA|JPEG|PNG|WebP|TIFF|GIF|BMP|HEIC|AVIF|CSV|API|"
    r"(Adobe |s)RGB|\b[0-9a-f]+-[0-9a-f]{8}\b"
)


@pytest.fixture
def look(look: dict[str, Any]) -> dict[str, Any]:
    return {**look, "locale": "zh-CN"}


def test_nothing_on_the_page_stays_english(page: Page, photographs: list[Path], tmp_path: Path) -> None:
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    seen = [page.locator("body").inner_text()]
    from tests.pictures import product

    (tmp_path / "篮子").mkdir()
    product(fill=0.5, side=420).save(tmp_path / "篮子" / "item.png")
    drop(page, [*photographs, tmp_path / "篮子"])
    settled(page, 6)
    seen.append(page.locator("body").inner_text())
    for name in names(page):
        page.get_by_role("button", name=f"{name} 的详情").last.click()
        page.locator("#details .js-plotly-plot .bars").first.wait_for()
        seen.append(page.locator("#details").inner_text())
        page.keyboard.press("Escape")
    left = {word for text in seen for word in _WORDS.findall(_KEPT.sub("", text))}
    assert left == set()
    assert page.locator("#rankings h2").all_inner_texts() == ["不在文件夹中", "篮子"]
    assert page.locator(".recommended h3").all_inner_texts() == ["推荐主图"] * 2


def test_nothing_in_a_stored_report_stays_english(page: Page, stack: LocalStack, photographs: list[Path]) -> None:
    stack.aws.s3.upload_file(str(photographs[0]), stack.bucket, "杯子/一/1.png")
    stack.aws.s3.put_object(Bucket=stack.bucket, Key="杯子/一/2.png", Body=b"no picture")
    for number, shown in ((1, "杯子/一/1.png"), (2, "文件不是受支持的图片格式")):
        key = quote(f"杯子/一/{number}.png", safe="")
        stack.document(f"杯子/一/{number}.png")
        page.goto(f"{stack.api}/images/{key}/report?style=ecommerce")
        expect(page.locator("main")).to_contain_text(shown)
        left = _WORDS.findall(_KEPT.sub("", page.locator("main").inner_text()).replace("unsupported_format", ""))
        assert left == []
        assert problems(page) == []
