"""The words as the page and the report say them: its own modules run by Node.js, which comes with Playwright."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import playwright
import pytest

from nima.document.defects import DEFECTS
from nima.document.policy import MAIN_IMAGE, MainImage, policies
from nima.document.rules import TOLERANCES, MainImageRules
from nima.words import CHINESE, ENGLISH, LANGUAGES, say, words
from query import report

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "functions" / "query" / "page"
NODE = Path(playwright.__file__).parent / "driver" / "node"

# Halves, which JavaScript's own rounding takes up and Python's to even; whole shares; what is nearly one.
NUMBERS = (0.0, 0.05, 0.125, 0.35, 0.5, 0.985, 0.99999, 1.0, 2.25, 2.5, 3.5, 12.345, 61.5, 240.0, 1599.0)
# What has no Chinese name.
KEPT = re.compile(r"NIMA|JPEG|a\*b\*|AVA|sRGB|RGB|CMYK|shoes")

_SAY = """
import * as words from '%s/words.js';
const [chosen, english, calls] = JSON.parse(await new Promise((take) => {
  let text = '';
  process.stdin.on('data', (part) => (text += part)).on('end', () => take(text));
}));
words.use(chosen, chosen.language === english.language ? chosen : english);
console.log(JSON.stringify(calls.map(([name, ...facts]) => words[name](...facts))));
"""

Call = tuple[Any, ...]


@cache
def node() -> str:
    if not NODE.is_file():
        pytest.skip("there is no Node.js beside Playwright")
    return str(NODE)


def said(language: str, calls: list[Call]) -> list[str]:
    """What the page's functions say, called by their names."""
    given = json.dumps([words(language), words(), calls])
    command = [node(), "--input-type=module", "-e", _SAY % PAGE.as_uri()]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?%?", text)


def deductions() -> list[dict[str, Any]]:
    """Every deduction on each of its scales, by several measures."""
    return [
        {
            "code": code,
            "severity": 0.5,
            "measure": measure,
            "unit": say("units", scale.unit),
            "message": say("deductions", code, scale.unit, measure=measure),
        }
        for code, defect in DEFECTS.items()
        for scale in defect.scales
        for measure in NUMBERS
    ]


def verdicts() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Checks with the measures that they are of."""
    measured = [
        MainImage(dict.fromkeys(TOLERANCES, share), share, 1200, 0.0 if share < 1 else 0.02, share / 2)
        for share in (0.0, 0.5, 0.98765, 0.99999, 1.0)
    ]
    measured += [MainImage({}, None, 300, None), MainImage({0: 0.5, 1: 0.6, 2: 0.7, 5: 0.875}, 0.849, 9000, 0.004)]
    return [
        (check.to_json(), one.to_json())
        for one in measured
        for tolerance in TOLERANCES
        for check in policies(MainImageRules(white_tolerance=tolerance))[MAIN_IMAGE].judge(one).checks
    ]


def test_the_page_fills_templates_in_as_the_server_does() -> None:
    """Without the server's messages, so that the templates have to say the same."""
    found = deductions()
    assert said(ENGLISH, [("onDeduction", {**d, "message": ""}) for d in found]) == [d["message"] for d in found]
    checked = verdicts()
    expected = [check["message"] for check, _ in checked]
    assert said(ENGLISH, [("onCheck", {**check, "message": ""}, measures) for check, measures in checked]) == expected
    calls: list[Call] = [
        ("say", "ranking", "means", dict.fromkeys(("score", "technical", "aesthetic"), n)) for n in NUMBERS
    ]
    assert said(ENGLISH, calls) == [say("ranking", "means", **facts) for _, _, _, facts in calls]


def test_in_english_the_servers_own_message_is_said() -> None:
    fact = {"code": "undecodable_image", "message": "The file is empty."}
    assert said(ENGLISH, [("sentence", "errors", fact)]) == ["The file is empty."]
    assert said(CHINESE, [("sentence", "errors", fact)]) == [words(CHINESE)["errors"]["undecodable_image"]]


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != ENGLISH])
def test_in_other_languages_every_message_is_said_with_all_its_numbers(language: str) -> None:
    told = [*deductions(), *(check for check, _ in verdicts())]
    calls: list[Call] = [("onDeduction", deduction) for deduction in deductions()]
    calls += [("onCheck", check, measures) for check, measures in verdicts()]
    for fact, text in zip(told, said(language, calls), strict=True):
        assert sorted(numbers(text)) == sorted(numbers(fact["message"])), text
        assert not re.search("[A-Za-z]{2}", KEPT.sub("", text)), text


def test_units_populations_and_spaces_are_translated_and_others_stay_as_they_are() -> None:
    units = {say("units", code, level=254) for code in words()["units"]}
    populations = {"category shoes", "2,286 everyday photographs", "19,929 AVA photographs"}
    spaces = {"unusable profile", "grey", "RGB of its own primaries gamma 2.2"}
    calls = [
        ("translated", family, text)
        for family, texts in (("units", units), ("populations", populations), ("color_spaces", spaces))
        for text in sorted(texts)
    ]
    for (_, _, text), found in zip(calls, said(CHINESE, calls), strict=True):
        assert sorted(numbers(found.replace(",", ""))) == sorted(numbers(text.replace(",", ""))), found
        assert re.search("[\u4e00-\u9fff]", found)
        assert not re.search("[A-Za-z]{3}", KEPT.sub("", found).replace("gamma", "")), found
    assert said(ENGLISH, calls) == [text for _, _, text in calls]
    names = ("our catalogue of 2026", "$& {name} (.*)", "category $&{name}")
    own = [("translated", "populations", name) for name in names]
    assert said(CHINESE, own) == ["our catalogue of 2026", "$& {name} (.*)", "类别 $&{name}"]


def test_what_depends_on_a_count_has_a_form_for_one() -> None:
    calls = [("t", "duplicates", {"count": count}) for count in (0, 1, 2)]
    assert said(ENGLISH, calls) == ["0 near-duplicates", "1 near-duplicate", "2 near-duplicates"]
    assert said(CHINESE, calls[1:2]) == ["1 张近似重复"]


def test_codes_of_releases_to_come_are_shown_as_they_are() -> None:
    unknown = {"code": "red_eyes", "measure": 1, "unit": "px", "message": "It moved."}
    calls: list[Call] = [
        ("onDeduction", unknown),
        ("onCheck", unknown, {"white": {}}),
        ("sentence", "reasons", unknown),
        ("word", "deductions", "red_eyes"),
        ("onDeduction", {**unknown, "code": "soft"}),
    ]
    assert said(CHINESE, calls) == ["It moved."] * 3 + ["red eyes", "It moved."]


@pytest.mark.parametrize("code", ["constructor", "__proto__", "toString"])
def test_what_every_object_of_javascript_has_is_no_code(code: str) -> None:
    unknown = {"code": code, "measure": 1, "unit": "px", "message": "It moved."}
    calls: list[Call] = [("onDeduction", unknown), ("onCheck", unknown, {"white": {}})]
    calls.append(("sentence", "reasons", unknown))
    assert said(CHINESE, calls) == ["It moved."] * 3
    assert said(CHINESE, [("word", "traits", code)]) == [code.replace("_", " ")]


def test_every_text_is_used_by_the_page_or_the_server_and_every_one_used_is_there() -> None:
    sources = "".join(path.read_text() for path in (*PAGE.glob("*.js"), PAGE / "index.html"))
    server = "".join(path.read_text() for path in (ROOT / "functions", ROOT / "layers") for path in path.rglob("*.py"))
    texts = set(words()["texts"])
    used = set(re.findall(r"\bt\('(\w+)'", sources)) | set(re.findall(r'data-text="(\w+)"', sources))
    assert used <= texts
    named = set(re.findall(r"[\"'](\w+)[\"']", sources + server)) | {"points", "readyFolders", "reorderedFolders"}
    assert texts <= named
    assert set(words()["ranking"]) <= named


def test_the_reports_script_is_one_that_runs() -> None:
    """Names that two of its modules have would be an error of syntax."""
    done = subprocess.run(
        [node(), "--input-type=module", "--check"], input=report._script(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not re.search(r"^(import|export)\b", report._script(), re.MULTILINE)
