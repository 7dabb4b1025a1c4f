"""Reports and figures: what they show is what the result says, and nothing of a picture gets out of its place."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from nima.assess.assessment import Confidence, Deduction, Percentile, Reason, Result, Trait, Traits
from nima.errors import NimaError
from nima.report.document import render
from nima.report.figure import HEADS, figure
from nima.report.words import LANGUAGES, NAMES, SENTENCES, WORDS, choose_language
from tests.unit.test_catalogue import BAD, GOOD, rejected, result

HOSTILE = '"><script>alert(1)</script><img src=//evil.example/x>&.jpg'
DEDUCTIONS = (
    Deduction("blur", 0.9, 3.2, "px (sigma)", "Even the sharpest parts are soft."),
    Deduction("noise", 0.2, 5.0, "levels", "It is grainy."),
)


def whole(key: str = "shoes/a/1.jpg") -> Result:
    """A result that has a bit of everything."""
    found = result(key, 6.5, 7.9, main_image=BAD, deductions=DEDUCTIONS)
    assert found.assessment
    assessed = found.assessment
    return replace(
        found,
        assessment=replace(
            assessed,
            technical=replace(assessed.technical, reference=Percentile("AVA <test>", 71.5)),
            aesthetic=replace(assessed.aesthetic, catalogue=Percentile("category shoes", 33.3)),
            traits=Traits(1.5, True, "sRGB", None, {"monochrome": Trait(True, 2.5, "a*b* units")}),
            confidence=Confidence("medium", (Reason("monochrome", "NIMA misjudges monochrome pictures."),)),
        ),
    )


class Page(HTMLParser):
    """The elements of a page, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action")]
        self.language = dict(attrs).get("lang") or self.language


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_a_report_loads_nothing_and_runs_nothing_whatever_the_key_is(language: str) -> None:
    for made in (whole(HOSTILE), rejected(HOSTILE)):
        page = Page(render(made, b"\xff\xd8\xff", language))
        assert "script" not in page.tags
        assert page.tags.count("img") == 1
        assert all(load.startswith("data:image/jpeg;base64,") for load in page.loads)
        assert page.language == LANGUAGES[language]


def test_a_report_shows_the_scores_standing_deductions_policy_and_caveats() -> None:
    text = render(whole(), None)
    for shown in (
        "technical",
        "mean 6.50",
        "mean 7.90",
        "AVA &lt;test&gt;",
        "71.5 %",
        "category shoes",
        "33.3 %",
        "NIMA misjudges monochrome pictures.",
        "white background",
        "3.2 <span class='dim'>px (sigma)</span>",
        "m 1, preprocessing 1",
    ):
        assert shown.lower() in text.lower(), shown
    assert text.index("Even the sharpest parts") < text.index("It is grainy.")
    assert "failed" in text
    assert "<img" not in text


@pytest.mark.parametrize(("language", "said"), [("en", "advised"), ("zh", "建议")])
def test_what_is_only_recommended_does_not_fail(language: str, said: str) -> None:
    small = replace(GOOD, longest_side=1200)
    text = render(result("1.jpg", 6.5, 7.9, main_image=small), None, language)
    assert f'<span class="warn">{said}</span>' in text
    assert 'class="bad"' not in text


def test_a_chinese_report_leaves_no_english_word_of_its_own() -> None:
    text = render(whole("1.jpg"), None, "zh")
    body = re.sub(r"<style>.*?</style>|<[^>]*>", " ", text, flags=re.DOTALL)
    for english in (*WORDS["en"].values(), "blur", "Even the sharpest", "NIMA misjudges"):
        assert not re.search(rf"\b{re.escape(english)}\b", body), english
    assert "模糊" in body


def test_languages_say_the_same_things() -> None:
    assert set(WORDS["zh"]) == set(WORDS["en"])
    assert all(words.values() for words in WORDS.values())
    assert set(SENTENCES["zh"]) <= set(NAMES["zh"]) | {kind.code for kind in _errors()}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN", "zh"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("fr, zh;q=0.5", "zh"),
        ("zh;q=0", "en"),
        ("zh;q=x, *", "en"),
        (";;;,,,", "en"),
    ],
)
def test_the_language_is_the_one_that_the_browser_prefers(header: str, language: str) -> None:
    assert choose_language(header) == language


def test_a_figure_draws_each_distribution_with_mean_and_spread() -> None:
    made = whole().assessment
    assert made
    drawn = figure(made, "<b>1.jpg</b>")
    assert [bars["name"] for bars in drawn["data"]] == ["Technical", "Aesthetic"]
    assert "<b>" not in drawn["layout"]["title"]["text"]
    for bars, head in zip(drawn["data"], HEADS, strict=True):
        found = getattr(made, head).distribution
        assert bars["y"] == list(found.probabilities)
        marks = [shape for shape in drawn["layout"]["shapes"] if shape["xref"] == bars["xaxis"]]
        (line,) = (mark for mark in marks if mark["type"] == "line")
        (band,) = (mark for mark in marks if mark["type"] == "rect")
        assert line["x0"] == line["x1"] == found.mean
        assert band["x1"] - band["x0"] == pytest.approx(2 * found.std, abs=1e-3)
    (only,) = figure(made, "1.jpg", ("aesthetic",))["data"]
    assert only["name"] == "Aesthetic"


def _errors() -> list[type[NimaError]]:
    found, left = [], [NimaError]
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        found += [kind] if hasattr(kind, "code") else []
    return found
