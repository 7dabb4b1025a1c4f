"""The page in Simplified Chinese, by the browser's language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.steps import drop, names, settled

_WORDS = re.compile(r"[A-Za-z]{3,}")
# Names of files, formats, models and populations, and what has no Chinese name.
_KEPT = re.compile(r"[\w .-]+\.(png|jpg|tiff)|nima-test|NIMA|JPEG|PNG|WebP|TIFF|GIF|BMP|HEIC|AVIF|CSV|API")


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


def test_both_languages_have_the_same_messages(page: Page) -> None:
    keys = page.evaluate(
        """async () => {
          const paths = ['en', 'zh-CN'].map((name) => new URL(`page/messages/${name}.js`, document.baseURI));
          const [english, chinese] = (await Promise.all(paths.map((path) => import(path)))).map((m) => m.default);
          return [Object.keys(english), Object.keys(chinese)];
        }"""
    )
    english, chinese = map(set, keys)
    # What the server says in English is translated by its codes.
    assert chinese - english == {"deductionSentences", "checkSentences", "confidenceSentences", "errors"}
    assert english <= chinese


@pytest.mark.parametrize(
    ("family", "codes"),
    [
        ("deductionSentences", "assess/deductions.py"),
        ("checkSentences", "assess/policy.py"),
        ("confidenceSentences", "assess/confidence.py"),
        ("errors", "errors.py"),
    ],
)
def test_every_code_of_the_server_has_a_sentence(page: Page, family: str, codes: str) -> None:
    from nima import errors
    from nima.assess import policy
    from nima.assess.defects import DEFECTS
    from nima.assess.doubts import DOUBTS

    known = {
        "deductionSentences": set(DEFECTS),
        "checkSentences": {
            check.code
            for check in policy.judge_main_image(
                policy.MainImage(dict.fromkeys(policy.TOLERANCES, 1.0), 0.9, 2000, 0.0)
            ).checks
        },
        "confidenceSentences": set(DOUBTS),
        "errors": {
            found.code
            for found in vars(errors).values()
            if isinstance(found, type) and issubclass(found, errors.NimaError) and hasattr(found, "code")
        },
    }[family]
    translated = page.evaluate(
        """async (family) => {
          const path = new URL('page/messages/zh-CN.js', document.baseURI);
          return Object.keys((await import(path)).default[family]);
        }""",
        family,
    )
    assert known <= set(translated)
