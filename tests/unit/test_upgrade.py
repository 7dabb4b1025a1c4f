"""Documents of other releases: what they lack or have too much takes nothing with it, and answers keep the schema."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from nima.aws.stored import Stored
from nima.catalogue.ranking import rank
from nima.catalogue.sheet import ranking_sheet
from nima.catalogue.stats import CategoryStats, Contribution
from nima.document.composite import STYLES
from nima.document.item import Unreadable, from_item, to_item
from nima.document.result import DOCUMENT, ObjectRef, Rejection, Result
from nima.document.schema import Schemas
from nima.document.short import EVENT
from nima.report.figure import figure
from nima.web.schemas import components
from query.report import LANGUAGES, render
from tests.older_documents import (
    FIRST,
    FIRST_DELETED,
    FIRST_REJECTED,
    KEY,
    SECOND,
    SEQUENCER,
    WITH_EVERYTHING,
    paths,
    with_,
    without,
)

RELEASES = {"first": FIRST, "first, rejected": FIRST_REJECTED, "second": SECOND, "this": WITH_EVERYTHING}
ESSENTIAL = {("technical",), ("aesthetic",), ("technical", "distribution"), ("aesthetic", "distribution")}


def schema(name: str) -> Draft202012Validator:
    known = {**components(), **Schemas({"Event": EVENT}).all()}
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": {"schemas": known}})


VALIDATORS = {name: schema(name) for name in ("Result", "Ranking", "Event")}


def valid(name: str, document: Any) -> None:
    """As it would be sent: JSON, and what the schema promises."""
    sent = json.loads(json.dumps(document, allow_nan=False))
    error = next(VALIDATORS[name].iter_errors(sent), None)
    assert error is None, error


def use(item: Mapping[str, Any]) -> Result:
    """Everything that is done with an item, by readers and by writers."""
    stored = Stored(item)
    stored.unchanged()
    assert stored.next_revision >= 1
    assert stored.sequencer in ("", SEQUENCER)
    assert stored.contribution is None or isinstance(stored.contribution, Contribution)
    result = stored.shown
    assert result
    result = CategoryStats.of_counters("shoes", [{"scored": 1, "technical:91": 1, "aesthetic:91": 1}]).place(result)
    valid("Result", result.to_json())
    valid("Event", EVENT.of(result))
    ranking = rank([result], "ecommerce")
    valid("Ranking", ranking.to_json())
    ranking_sheet(ranking.entries)
    for language in LANGUAGES:
        render(result, None, language)
    if result.assessment:
        figure(result.assessment, KEY)
    return result


@pytest.mark.parametrize("item", RELEASES.values(), ids=RELEASES)
def test_what_an_earlier_release_wrote_is_read(item: dict[str, Any]) -> None:
    result = use(item)
    assert result.image.key == KEY
    assert result.image.version_id == "v1"
    assert result.status == item["status"]
    assert result.to_json()["document"] == DOCUMENT
    if result.assessment:
        assert result.to_json()["technical"]["mean"] == 5.5751
        assert result.assessment.composite.score == 5.5723
        assert result.assessment.confidence.level == "medium"


def test_what_the_first_release_did_not_measure_is_no_pass_and_no_duplicate() -> None:
    results = [use({**FIRST, "pk": f"image#{key}"}) for key in ("a", "b")]
    ranking = rank(results, "general")
    assert [entry.key for entry in ranking.entries] == ["a", "b"]
    checks = {check.code: check for check in ranking.entries[0].verdict.checks}
    for code in ("white_background", "no_border"):
        assert (checks[code].measure, checks[code].passed) == (None, False)
        assert "score the picture again" in checks[code].message
    assert checks["minimum_size"].measure == 240


@pytest.mark.parametrize("style", STYLES)
def test_what_a_style_minds_is_that_of_the_reader_whatever_was_stored(style: str) -> None:
    assessment = use(WITH_EVERYTHING).assessment
    assert assessment
    scored = assessment.weighed(style)
    item = to_item(Result(image=ObjectRef(key=KEY), assessment=scored))
    assert not {"minds", "not_judged"} & set(item["composite"])
    item["composite"] |= {"minds": ["noise"], "not_judged": ["taste"]}
    read = use({**item, "pk": f"image#{KEY}"}).assessment
    assert read
    assert read.composite == scored.composite


def test_a_tombstone_of_the_first_release_is_one() -> None:
    stored = Stored(FIRST_DELETED)
    assert (stored.shown, stored.stands, stored.sequencer) == (None, False, SEQUENCER)


def test_a_level_is_the_stored_one_whatever_the_reasons() -> None:
    assessment = use(with_(WITH_EVERYTHING, ("confidence", "level"), "low")).assessment
    assert assessment
    assert (assessment.confidence.level, len(assessment.confidence.reasons)) == ("low", 1)


@pytest.mark.parametrize("item", RELEASES.values(), ids=RELEASES)
def test_any_missing_or_empty_member_takes_nothing_with_it(item: dict[str, Any]) -> None:
    for path in paths(item):
        for changed in (without(item, path), with_(item, path, None)):
            if path == ("pk",):
                continue
            result = use(changed)
            assert result.image.key == KEY, path
            lost = path in ESSENTIAL or path[1:2] == ("distribution",) or path == ("status",)
            if not lost:
                assert result.status == item["status"], path


@pytest.mark.parametrize("wrong", ["text", Decimal(5), True, {}, [], {"a": [1]}, [{"a": None}]], ids=str)
def test_a_member_of_another_kind_takes_nothing_with_it(wrong: Any) -> None:
    for path in paths(WITH_EVERYTHING):
        if path == ("pk",):
            continue
        stored = Stored(with_(WITH_EVERYTHING, path, wrong))
        stored.unchanged()
        assert stored.next_revision >= 1
        result = stored.shown
        if path != ("status",):
            assert result, path
        if result:
            json.dumps(result.to_json(), allow_nan=False)
            rank([result], "general").to_json()
            render(result, None)


@pytest.mark.parametrize("wrong", [Decimal(-5), Decimal("1e30"), Decimal("0.3")], ids=str)
def test_a_number_out_of_its_range_gets_into_no_answer(wrong: Decimal) -> None:
    numbers = [
        path
        for path in paths(WITH_EVERYTHING)
        if isinstance(_at(WITH_EVERYTHING, path), Decimal | int) and path != ("revision",)
    ]
    for path in numbers:
        use(with_(WITH_EVERYTHING, path, wrong))
    assert ("composite", "score") in numbers


def _at(item: Any, path: Any) -> Any:
    for name in path:
        item = item[name]
    return item


def test_a_code_that_has_another_name_now_is_read_by_that() -> None:
    blurred = {"code": "blur", "severity": Decimal("0.5"), "measure": Decimal("2.3"), "unit": "px", "message": "Soft."}
    earlier = {**copy.deepcopy(SECOND), "deductions": [blurred]}
    found = from_item(earlier).assessment
    assert found
    (deduction,) = found.deductions
    assert (deduction.code, deduction.severity, deduction.sure) == ("soft", 0.5, True)


def test_text_that_an_earlier_release_did_not_look_for_is_not_judged() -> None:
    verdict = rank([use(SECOND)], "general").entries[0].verdict
    assert "no_text" not in {check.code for check in verdict.checks}
    assert "text" in verdict.not_checked


def test_what_a_later_release_adds_is_left_out() -> None:
    later = copy.deepcopy(WITH_EVERYTHING)
    for path in paths(WITH_EVERYTHING):
        place: Any = later
        for name in path:
            place = place[name]
        if isinstance(place, dict) and path[-1] not in ("timings_ms", "contribution"):
            place["added"] = {"since": "then"}
    later |= {"document": 9, "added": [1], "timings_ms": {"total": Decimal(1), "added": {"since": "then"}}}
    later["deductions"].append({"code": "moire", "severity": Decimal(1), "measure": 1, "unit": "", "message": "x"})
    later["confidence"]["reasons"].append({"code": "moire", "message": "Screens are misjudged."})
    assessment = use(later).assessment
    assert assessment
    assert [deduction.code for deduction in assessment.deductions] == ["low_resolution"]
    assert [reason.code for reason in assessment.confidence.reasons] == ["minimalist", "moire"]
    assert set(assessment.traits.kinds) == {"monochrome", "high_contrast", "minimalist", "abstract"}


@pytest.mark.parametrize(
    ("path", "word", "seen"),
    [
        (("image", "format"), "UNHEARD-OF", ""),
        (("composite", "style"), "moody", "custom"),
        (("composite", "band"), "superb", "excellent"),
        (("composite", "note"), "viral", "divisive"),
        (("confidence", "level"), "certain", "medium"),
    ],
)
def test_a_word_of_a_later_release_gives_way_to_one_that_is_known(path: Any, word: str, seen: str) -> None:
    result = use(with_(WITH_EVERYTHING, path, word))
    document: Any = result.to_json()
    for name in path:
        document = document.get(name, "") if isinstance(document, dict) else document
    assert document == seen
    assert result.to_json()["composite"]["score"] == pytest.approx(5.5723, abs=1e-4)


def test_a_refusal_by_a_code_of_a_later_release_keeps_its_words() -> None:
    error = {"code": "too_dark", "message": "It is too dark."}
    assert use({**FIRST_REJECTED, "error": error}).error == Rejection("internal", "It is too dark.")


def test_a_sequencer_of_another_form_makes_no_event_late() -> None:
    for sequencer in ("zzz", "0061", "F" * 65, 5, None):
        assert Stored({**SECOND, "sequencer": sequencer}).sequencer == ""


def test_a_document_that_cannot_be_read_is_shown_with_its_key_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    broken = with_(SECOND, ("technical", "distribution"), [Decimal(1)])
    with pytest.raises(Unreadable):
        from_item(broken)
    with caplog.at_level(logging.WARNING):
        result = use(broken)
    assert (result.image.key, result.status) == (KEY, "rejected")
    assert result.error
    assert result.error.code == "internal"
    assert KEY in caplog.text
    assert Stored(broken).result is None
