"""The rules of sales channels: each asks what its data say, and what it cannot check it does not pass."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nima.assess.assessor import Assessor
from nima.cli.score import command
from nima.document.channels import CHANNELS, NOT_CHECKED, SOURCES, Channel
from nima.document.policy import CHECKS, MAIN_IMAGE, POLICIES, REQUIRED, MainImage, Verdict
from nima.document.rules import TOLERANCES
from nima.image.formats import FORMATS
from nima.model.litert import LazyModel
from nima.words import LANGUAGES, words
from tests.pictures import encode, product

GOOD = MainImage(dict.fromkeys(TOLERANCES, 1.0), 0.86, 3000, 0.0, 0.0)


@dataclass(frozen=True)
class File:
    bytes: int = 2_000_000
    format: str = "JPEG"
    width: int = 3000
    height: int = 3000


SQUARE = File()
TALL = File(width=2604, height=3750)


def verdict(name: str, measured: MainImage = GOOD, file: File = SQUARE) -> Verdict:
    return POLICIES[name].judge(measured, file)


def failures(name: str, measured: MainImage = GOOD, file: File = SQUARE) -> set[str]:
    return {check.code for check in verdict(name, measured, file).failures}


@pytest.mark.parametrize("name", CHANNELS)
def test_a_good_picture_passes_everywhere_and_the_verdict_says_by_what(name: str) -> None:
    file = TALL if name == "zalando" else SQUARE
    found = verdict(name, replace(GOOD, longest_side=max(file.width, file.height)), file)
    assert found.failures == ()
    assert found.passed
    assert (found.policy, found.read) == (name, "2026-11")
    assert found.source in SOURCES
    assert set(found.not_checked) <= set(NOT_CHECKED)
    json.dumps(found.to_json(), allow_nan=False)


@pytest.mark.parametrize(
    ("name", "measured", "file", "failed"),
    [
        ("amazon", replace(GOOD, white=dict.fromkeys(TOLERANCES, 0.5)), SQUARE, {"white_background"}),
        ("amazon", replace(GOOD, fill=0.7), SQUARE, {"product_fill"}),
        ("amazon", replace(GOOD, longest_side=499), SQUARE, {"minimum_size"}),
        ("amazon", replace(GOOD, longest_side=700), SQUARE, set()),
        ("amazon", replace(GOOD, longest_side=10_001), SQUARE, {"greatest_side"}),
        ("amazon", GOOD, File(format="WEBP"), {"file_format"}),
        ("walmart", GOOD, File(width=3000, height=2900), {"aspect"}),
        ("walmart", GOOD, File(width=3000, height=2985), set()),
        ("walmart", GOOD, File(bytes=5_100_000), {"greatest_file"}),
        ("walmart", GOOD, File(format="GIF"), {"file_format"}),
        ("ebay", replace(GOOD, white={}, fill=None), SQUARE, set()),
        ("ebay", replace(GOOD, border=0.01), SQUARE, {"no_border"}),
        *((name, replace(GOOD, text=0.01), SQUARE, {"no_text"}) for name in (MAIN_IMAGE, "amazon", "ebay", "bol")),
        ("walmart", replace(GOOD, text=0.01), SQUARE, set()),
        ("google", GOOD, File(width=99), {"minimum_shorter_side"}),
        ("google", GOOD, File(width=8100, height=8000), {"greatest_size"}),
        ("google", GOOD, File(format="HEIF"), {"file_format"}),
        ("bol", GOOD, File(bytes=29_000), {"least_file"}),
        ("bol", replace(GOOD, longest_side=6_001), SQUARE, {"greatest_side"}),
        ("zalando", GOOD, SQUARE, {"aspect"}),
        ("otto", replace(GOOD, fill=0.5), SQUARE, {"product_fill"}),
        ("tiktok", GOOD, File(width=599, height=599), {"minimum_shorter_side"}),
        ("etsy", replace(GOOD, white={}), File(width=600), {"minimum_shorter_side"}),
        ("icecat", GOOD, File(bytes=10_001_000), {"greatest_file"}),
    ],
)
def test_each_fault_fails_where_it_is_asked_for(name: str, measured: MainImage, file: File, failed: set[str]) -> None:
    assert failures(name, measured, file) == failed


@pytest.mark.parametrize("name", [MAIN_IMAGE, "amazon", "ebay", "bol"])
def test_text_that_nobody_looked_for_is_neither_passed_nor_failed(name: str) -> None:
    found = verdict(name, replace(GOOD, text=None))
    assert "no_text" not in {check.code for check in found.checks}
    assert "text" in found.not_checked
    assert "text" not in verdict(name).not_checked
    assert found.passed


def test_what_is_not_known_is_not_passed() -> None:
    unknown = POLICIES["walmart"].judge(GOOD)
    assert {"aspect", "greatest_file", "file_format"} <= {check.code for check in unknown.failures}
    assert not unknown.passed


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channel_asks_what_can_be_judged(name: str) -> None:
    channel = CHANNELS[name]
    thresholds = {rule.threshold: code for code, rule in CHECKS.items()}
    about = {"source", "read", "advised", "not_checked", "white_tolerance"}
    asked = {f.name for f in fields(Channel) if f.name not in about and getattr(channel, f.name) is not None}
    assert asked <= set(thresholds)
    assert {check.code for check in verdict(name).checks} == {thresholds[threshold] for threshold in asked}
    assert set(channel.formats or ()) <= set(FORMATS)
    assert any(check.level == REQUIRED for check in verdict(name).checks)


def test_the_stacks_own_policy_is_judged_as_it_was() -> None:
    found = verdict(MAIN_IMAGE)
    assert [check.code for check in found.checks] == [
        "white_background", "product_fill", "minimum_size", "zoom_size", "recommended_size", "no_border", "no_text",
    ]  # fmt: skip
    assert (found.policy, found.source, found.not_checked) == (MAIN_IMAGE, "", ())


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_fails_says_what_to_do_in_every_language(language: str) -> None:
    for code, texts in words(language)["checks"].items():
        assert "failed" in texts or "zero" in texts, code


def test_a_scored_picture_is_judged_by_any_of_them(model_folder: Path) -> None:
    assessment = Assessor(LazyModel(model_folder, threads=1)).assess(encode(product(0.88, 1700), "JPEG", quality=95))
    assert assessment.judged(POLICIES["walmart"]).verdict.passed
    by_zalando: dict[str, Any] = assessment.judged(POLICIES["zalando"]).to_json()["policies"]["marketplace_main_image"]
    assert by_zalando["policy"] == "zalando"
    assert [check["code"] for check in by_zalando["checks"] if not check["pass"]] == [
        "recommended_size", "recommended_shorter_side", "aspect",
    ]  # fmt: skip
    assert POLICIES[MAIN_IMAGE].judge(assessment.verdict.measures).passed


def test_the_command_line_judges_by_a_channel(tmp_path: Path) -> None:
    (tmp_path / "square.jpg").write_bytes(encode(product(0.88, 1700), "JPEG", quality=95))
    for policy, passed in (("walmart", "pass"), ("zalando", "fail")):
        done = CliRunner().invoke(command, [str(tmp_path), "--format", "csv", "--policy", policy])
        assert done.exit_code == 0, done.output
        assert f",{passed}," in done.stdout
