"""Reports and figures: what they show is what the result says, and nothing of a picture gets out of its place."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from nima.document.assessment import Deduction, Percentile, Percentiles
from nima.document.result import Result
from nima.report.figure import figure
from nima.words import LANGUAGES as TAGS
from nima.words import words
from query.report import LANGUAGES, choose_language, render, security_policy
from tests.unit.test_catalogue import rejected, result

HOSTILE = "\"></script><!--<script>alert(1)</script><img src=//evil.example/x onerror=alert(1)>&amp;'\u2028.jpg"


def whole(key: str = "shoes/a/1.jpg") -> Result:
    """A result with percentiles, and with a message that another release wrote."""
    found = result(key, 6.5, 7.9, deductions=(Deduction("soft", 0.9, 3.2, HOSTILE, HOSTILE),))
    assert found.assessment
    assessed = found.assessment
    technical = replace(assessed.technical, percentile=Percentiles(Percentile(HOSTILE, 71.5)))
    aesthetic = replace(assessed.aesthetic, percentile=Percentiles(catalogue=Percentile("category shoes", 33.3)))
    return replace(found, assessment=replace(assessed, scores={"technical": technical, "aesthetic": aesthetic}))


class Page(HTMLParser):
    """The elements of a page with their attributes, and the texts of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", {}))

    def handle_data(self, data: str) -> None:
        tag, attributes = self.tags[-1] if self.tags else ("", {})
        if tag in ("script", "style"):
            name = attributes.get("type") or tag
            self.inline[name] = self.inline.get(name, "") + data

    @property
    def data(self) -> Any:
        return json.loads(self.inline["application/json"])


def test_reports_know_every_language_by_its_tag_and_without_a_country() -> None:
    assert set(LANGUAGES) == {*TAGS, *(tag.partition("-")[0] for tag in TAGS)}
    assert set(LANGUAGES.values()) == set(TAGS)


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("made", [whole(HOSTILE), rejected(HOSTILE)], ids=["scored", "rejected"])
def test_a_report_is_its_result_and_nothing_of_it_is_markup(made: Result, language: str) -> None:
    page = Page(render(made, b"\xff\xd8\xff", language))
    plain = Page(render(replace(made, image=replace(made.image, key="1.jpg")), None, language))
    assert page.tags == plain.tags
    assert page.data["result"] == json.loads(json.dumps(made.to_json()))
    assert page.data["thumbnail"] == "data:image/jpeg;base64,/9j/"
    assert page.data["words"] == words(LANGUAGES[language])
    assert ("html", {"lang": LANGUAGES[language]}) in page.tags


def test_a_report_loads_nothing_and_runs_its_own_script_alone() -> None:
    page = Page(render(whole(), b"\xff\xd8\xff"))
    assert not [attrs for _, attrs in page.tags if {"src", "href", "srcset", "action"} & set(attrs)]
    assert [attrs.get("type") for tag, attrs in page.tags if tag == "script"] == ["application/json", "module"]
    (policy,) = [attrs["content"] for _, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy
    assert security_policy() == f"{policy}; frame-ancestors 'none'"
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    digests = {name: hashlib.sha256(text.encode()).digest() for name, text in page.inline.items()}
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": f"'sha256-{base64.b64encode(digests['style']).decode()}'",
        "script-src": f"'sha256-{base64.b64encode(digests['module']).decode()}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_whoever_runs_no_scripts_is_told_what_it_is() -> None:
    text = render(whole(), None, "zh")
    assert "<noscript><h1>图片报告: shoes/a/1.jpg</h1><p>本报告由自带的脚本绘制" in text


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
    for bars, head in zip(drawn["data"], made.scores, strict=True):
        found = getattr(made, head).distribution
        assert bars["y"] == list(found.probabilities)
        marks = [shape for shape in drawn["layout"]["shapes"] if shape["xref"] == bars["xaxis"]]
        (line,) = (mark for mark in marks if mark["type"] == "line")
        (band,) = (mark for mark in marks if mark["type"] == "rect")
        assert line["x0"] == line["x1"] == found.mean
        assert band["x1"] - band["x0"] == pytest.approx(2 * found.std, abs=1e-3)
    (only,) = figure(made, "1.jpg", ("aesthetic",))["data"]
    assert only["name"] == "Aesthetic"
