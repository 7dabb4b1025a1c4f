"""Words about codes: every code has them in every language, and there are none for what is no code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from nima.desk.report.page import WORDS as DESK
from nima.document.advice import CHANGES, RETAKE
from nima.document.assessment import UNKNOWN
from nima.document.channels import NOT_CHECKED, SOURCES
from nima.document.composite import BANDS, CUSTOM, NOT_JUDGED, NOTES, STYLES
from nima.document.defects import DEFECTS
from nima.document.doubts import DOUBTS, SMALLEST_SIDE
from nima.document.earlier import EARLIER
from nima.document.kinds import KINDS
from nima.document.maps import MAPS
from nima.document.policy import CHECKS, POLICIES
from nima.document.rules import TOLERANCES
from nima.document.vocabulary import HIGH, LEVELS
from nima.errors import error_codes
from nima.heads import HEADS
from nima.image.colour import UNUSABLE
from nima.model.populations import OF_IDEALO
from nima.shoot import WORDS as SHOOT
from nima.shoot.groups import BURST, SINGLE
from nima.shoot.picks import VERDICTS
from nima.shoot.reasons import REASONS
from nima.shoot.sets import FINDERS
from nima.training.evaluate.report.texts import WORDS as EVALUATION
from nima.words import ENGLISH, FOLDER, LANGUAGES, say, words

PAGE_ERRORS = {"offline", "timed_out"}
"""Of the page alone."""

FOLDERS = pytest.mark.parametrize("folder", [FOLDER, SHOOT, DESK, EVALUATION], ids=lambda folder: folder.parent.name)
"""All that have words."""

OTHERS = [language for language in LANGUAGES if language != ENGLISH]


def codes(folder: Path) -> dict[str, set[str]]:
    """The codes of each family that are closed sets elsewhere."""
    if folder == SHOOT:
        units = {unit for unit in REASONS.values() if unit}
        groups = {SINGLE, BURST, *FINDERS}
        return {"verdicts": set(VERDICTS), "groups": groups, "picking": set(REASONS), "units": units}
    return {
        "heads": set(HEADS),
        "styles": {*STYLES, CUSTOM},
        "bands": set(BANDS),
        "notes": set(NOTES),
        "levels": set(LEVELS),
        "doubts": set(LEVELS) - {HIGH},
        "deductions": set(DEFECTS),
        "checks": set(CHECKS),
        "traits": set(KINDS),
        "reasons": set(DOUBTS),
        "policies": set(POLICIES),
        "sources": set(SOURCES),
        "not_checked": set(NOT_CHECKED),
        "not_judged": set(NOT_JUDGED),
        "errors": {*error_codes(), "unauthorized", *PAGE_ERRORS},
        "maps": set(MAPS),
        "changes": set(CHANGES) - {RETAKE},
        "retakes": set(DEFECTS),
        "states": {"passed", "failed", "advised"},
    }


def texts(found: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text with its path; of one that depends on a count the most general form."""
    if isinstance(found, str):
        yield path, found
    elif isinstance(found, list):
        for place, part in enumerate(found):
            yield from texts(part, (*path, str(place)))
    elif set(found) == {"one", "other"}:
        yield path, found["other"]
    else:
        for name, part in found.items():
            yield from texts(part, (*path, name))


def facts(text: str) -> set[tuple[str, str]]:
    """What stands in a template's braces: the facts' names with their formats."""
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(text) if name is not None}


def recognised(family: str, text: str) -> list[str]:
    """The codes of a family whose English words are these."""
    parts = {code: re.split(r"{\w+}", template) for code, template in words()[family].items()}
    return [code for code, fixed in parts.items() if re.fullmatch("(.+)".join(map(re.escape, fixed)), text)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("folder", "family"), [(folder, name) for folder in (FOLDER, SHOOT) for name in codes(folder)])
def test_every_code_has_words_and_there_are_words_for_nothing_else(language: str, folder: Path, family: str) -> None:
    assert set(words(language, folder)[family]) == codes(folder)[family]


def test_what_is_said_of_shoots_alone_is_not_sent_to_the_page() -> None:
    assert not (set(words(ENGLISH, SHOOT)) - {"language", "units"}) & set(words())
    assert set(words(ENGLISH, SHOOT)) == {"language", *codes(SHOOT)}


@FOLDERS
@pytest.mark.parametrize("language", OTHERS)
def test_languages_say_the_same_things_with_the_same_facts(language: str, folder: Path) -> None:
    english, translated = dict(texts(words(ENGLISH, folder))), dict(texts(words(language, folder)))
    assert set(translated) == set(english)
    for path, text in translated.items():
        assert facts(text) == facts(english[path]), path
        assert text or path in {("ranking", "subject"), ("texts", "sentenceSeparator")}, path
        assert "  " not in text, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_about_a_code_can_be_said(language: str) -> None:
    for folder in (FOLDER, SHOOT):
        for path, text in texts({name: one for name, one in words(language, folder).items() if name != "texts"}):
            said = say(*path, language=language, folder=folder, **{name: 0.5 for name, _ in facts(text)})
            assert "{" not in said, path


@FOLDERS
def test_languages_are_the_files(folder: Path) -> None:
    assert {path.stem for path in folder.glob("*.json")} == set(LANGUAGES)
    assert all(words(language, folder)["language"] == language for language in LANGUAGES)


@FOLDERS
def test_a_file_says_nothing_twice_by_accident(folder: Path) -> None:
    for language in LANGUAGES:

        def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            names = [name for name, _ in pairs]
            assert len(set(names)) == len(names), names
            return dict(pairs)

        json.loads((folder / f"{language}.json").read_text(encoding="utf-8"), object_pairs_hook=once)


def test_every_unit_is_that_of_a_measure_and_has_words() -> None:
    scales = {code: {scale.unit for scale in defect.scales} for code, defect in DEFECTS.items()}
    assert {code: set(texts) - {"name"} for code, texts in words()["deductions"].items()} == scales
    others = {*(kind.unit for kind in KINDS.values()), *(place.unit for place in MAPS.values())}
    assert {*others, *(rule.unit for rule in CHECKS.values())}.union(*scales.values()) == set(words()["units"])


def test_a_unit_is_known_by_its_english_words() -> None:
    for code in words()["units"]:
        assert recognised("units", say("units", code, level=255)) == [code]


def test_what_models_are_compared_with_has_words() -> None:
    manifests = [json.loads(path.read_text()) for path in (FOLDER.parent / "models").glob("*/manifest.json")]
    groups = ("population", "products", "composites")
    named = [p["name"] for manifest in manifests for group in groups for p in manifest[group].values()]
    named += [scale.population for scales in EARLIER.values() for scale in scales]
    assert named
    for name in {*named, *(population.name for population in OF_IDEALO.values()), "category shoes"}:
        assert len(recognised("populations", name)) == 1, name
    assert all(len(recognised("color_spaces", name)) == 1 for name in (UNUSABLE, UNKNOWN))


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_that_stand_in_a_text_are_those_of_the_code(language: str) -> None:
    assert str(SMALLEST_SIDE) in say("reasons", "tiny", language=language)
    assert f" {TOLERANCES[-1]} " in say("checks", "white_background", "measured", language=language, pure=1, near=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_share_is_rounded_down_so_that_only_the_whole_is_called_all(language: str) -> None:
    for share, said in ((1.0, "100%"), (0.99999, "99.9%"), (0.5, "50%"), (0.0, "0%")):
        assert said in say("checks", "white_background", "measured", language=language, pure=share, near=1)


def test_a_fact_is_no_template() -> None:
    hostile = "{0.__class__}{name!r:>9}%s"
    assert hostile in say("populations", "category", name=hostile)


def test_a_missing_word_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("deductions", "no_such_defect", "name")
