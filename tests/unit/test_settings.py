"""Every variable moves its setting, and a bad value is named with what would be allowed."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nima.aws.sequencer import FIRST_SEQUENCER, SEQUENCER_DIGITS, pad_sequencer
from nima.aws.settings import EvaluateSettings, QuerySettings, ScoreSettings
from nima.aws.uri import S3Uri
from nima.catalogue.keys import KeyPattern, Place
from nima.document.composite import STYLES
from nima.document.rules import MainImageRules
from nima.env import BadSetting
from nima.errors import InvalidRequest
from nima.image.limits import PILLOW_MAX_PIXELS, Limits

NEEDED = {
    "TABLE_NAME": "results",
    "BUCKET_NAME": "pictures",
    "THUMBNAIL_BUCKET_NAME": "thumbnails",
    "EVENT_BUS_NAME": "events",
}
MODELS = Path("models")


def score_settings(**variables: str) -> ScoreSettings:
    return ScoreSettings.from_env({**NEEDED, **variables}, MODELS)


def test_defaults_are_those_documented() -> None:
    settings = score_settings()
    assert (settings.table, settings.bucket, settings.bus) == ("results", "pictures", "events")
    assess = settings.assess
    assert (assess.models, assess.model, assess.threads) == (MODELS, None, None)
    assert (assess.style, assess.reframe, assess.limits) == ("general", True, Limits(26_214_400, 50_000_000))
    assert settings.tombstone_days == 30
    assert settings.pattern.place("a/b/c.jpg") == Place("a", "a~1b")


@pytest.mark.parametrize(
    ("variable", "value", "setting", "expected"),
    [
        ("TABLE_NAME", "other", "table", "other"),
        ("BUCKET_NAME", "other", "bucket", "other"),
        ("THUMBNAIL_BUCKET_NAME", "other", "thumbnails", "other"),
        ("EVENT_BUS_NAME", "other", "bus", "other"),
        ("NIMA_MODELS", "/opt/models", "assess.models", Path("/opt/models")),
        ("MODEL", "nima-lite", "assess.model", "nima-lite"),
        ("MODEL_URI", "s3://models/ours/nima-own/1/", "assess.model_uri", S3Uri("models", "ours/nima-own/1")),
        ("NIMA_THREADS", "2", "assess.threads", 2),
        ("NIMA_STYLE", "portrait", "assess.style", "portrait"),
        ("NIMA_REFRAME", "off", "assess.reframe", False),
        ("NIMA_TOMBSTONE_DAYS", "7", "tombstone_days", 7),
        ("NIMA_MAX_BYTES", "1000", "assess.limits", Limits(max_bytes=1000)),
        ("NIMA_MAX_PIXELS", "1000", "assess.limits", Limits(max_pixels=1000)),
        ("NIMA_MAIN_IMAGE_WHITE_SHARE", "0.5", "assess.rules", MainImageRules(white_share=0.5)),
        ("NIMA_MAIN_IMAGE_WHITE_TOLERANCE", "2", "assess.rules", MainImageRules(white_tolerance=2)),
        ("NIMA_MAIN_IMAGE_FILL", "0", "assess.rules", MainImageRules(fill=0)),
        ("NIMA_MAIN_IMAGE_MINIMUM_SIDE", "400", "assess.rules", MainImageRules(minimum_side=400)),
        ("NIMA_MAIN_IMAGE_ZOOM_SIDE", "1200", "assess.rules", MainImageRules(zoom_side=1200)),
        ("NIMA_MAIN_IMAGE_RECOMMENDED_SIDE", "2000", "assess.rules", MainImageRules(recommended_side=2000)),
        ("NIMA_MAIN_IMAGE_BORDER", "0.01", "assess.rules", MainImageRules(border=0.01)),
        ("NIMA_MAIN_IMAGE_TEXT", "0.5", "assess.rules", MainImageRules(text=0.5)),
    ],
)
def test_every_variable_moves_its_setting(variable: str, value: str, setting: str, expected: Any) -> None:
    read = attrgetter(setting)
    assert read(score_settings(**{variable: value})) == expected != read(score_settings())


def test_the_key_pattern_moves_the_place() -> None:
    assert score_settings(NIMA_KEY_PATTERN="<collection>/<file>").pattern.place("a/b/c.jpg") == Place(None, "a")


@pytest.mark.parametrize("variable", [*NEEDED, "NIMA_STYLE", "NIMA_REFRAME", "NIMA_KEY_PATTERN", "NIMA_MAX_BYTES"])
def test_an_empty_value_is_as_good_as_none(variable: str) -> None:
    if variable in NEEDED:
        with pytest.raises(BadSetting, match=rf"{variable}='' is not valid: it must be set"):
            score_settings(**{variable: ""})
    else:
        assert score_settings(**{variable: ""}).assess == score_settings().assess


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("NIMA_STYLE", "moody", f"one of {', '.join(STYLES)}"),
        ("NIMA_REFRAME", "true", "one of on, off"),
        ("NIMA_THREADS", "many", "a whole number from 0 to 64"),
        ("NIMA_THREADS", "65", "a whole number from 0 to 64"),
        ("NIMA_TOMBSTONE_DAYS", "0", "a whole number from 1 to 3650"),
        ("NIMA_TOMBSTONE_DAYS", "1.5", "a whole number from 1 to 3650"),
        ("NIMA_MAX_BYTES", "25MB", "a whole number from 1 to 536870912"),
        ("NIMA_MAX_PIXELS", str(PILLOW_MAX_PIXELS + 1), f"a whole number from 1 to {PILLOW_MAX_PIXELS}"),
        ("NIMA_MAX_PIXELS", "-5", f"a whole number from 1 to {PILLOW_MAX_PIXELS}"),
        ("NIMA_MAIN_IMAGE_WHITE_SHARE", "1.1", "a number from 0 to 1"),
        ("NIMA_MAIN_IMAGE_FILL", "nan", "a number from 0 to 1"),
        ("NIMA_MAIN_IMAGE_BORDER", "thin", "a number from 0 to 1"),
        ("NIMA_MAIN_IMAGE_WHITE_TOLERANCE", "3", "one of 0, 1, 2, 5"),
        ("NIMA_MAIN_IMAGE_ZOOM_SIDE", "0", "a whole number from 1 to 100000"),
        ("NIMA_KEY_PATTERN", "<category>/<name>", "a key pattern has <file>"),
        ("MODEL_URI", "s3://models", "s3://bucket/prefix"),
        ("MODEL_URI", "https://example.com/model", "s3://bucket/prefix"),
        ("MODEL_URI", "s3://models/*", "s3://bucket/prefix"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(variable: str, value: str, allowed: str) -> None:
    with pytest.raises(BadSetting) as refused:
        score_settings(**{variable: value})
    assert str(refused.value).startswith(f"{variable}={value!r} is not valid: {allowed}")


@pytest.mark.parametrize("variable", ["TABLE_NAME", "BUCKET_NAME", "THUMBNAIL_BUCKET_NAME"])
def test_the_functions_of_the_api_need_their_table_and_buckets(variable: str) -> None:
    lacking = {name: value for name, value in NEEDED.items() if name != variable}
    with pytest.raises(BadSetting, match=variable):
        QuerySettings.from_env(lacking)
    with pytest.raises(BadSetting, match=variable):
        EvaluateSettings.from_env(lacking, MODELS)


@pytest.mark.parametrize(
    ("variable", "value", "setting", "expected"),
    [
        ("TABLE_NAME", "other", "table", "other"),
        ("BUCKET_NAME", "other", "bucket", "other"),
        ("THUMBNAIL_BUCKET_NAME", "other", "thumbnails", "other"),
        ("NIMA_STYLE", "portrait", "style", "portrait"),
        ("NIMA_MAIN_IMAGE_FILL", "0.5", "rules", MainImageRules(fill=0.5)),
        ("NIMA_MAX_BYTES", "1000", "limits", Limits(max_bytes=1000)),
        ("NIMA_UPLOAD_PREFIX", "incoming/", "upload_prefix", "incoming/"),
        ("NIMA_UPLOAD_ENDPOINT", "http://s3.example/", "upload_endpoint", "http://s3.example"),
        ("NIMA_CORS_ORIGINS", "https://a.example, http://b:8000", "origins", ("https://a.example", "http://b:8000")),
    ],
)
def test_every_variable_of_the_query_function_moves_its_setting(
    variable: str, value: str, setting: str, expected: Any
) -> None:
    read = attrgetter(setting)
    assert read(QuerySettings.from_env({**NEEDED, variable: value})) == expected
    assert read(QuerySettings.from_env(NEEDED)) != expected
    if setting in ("table", "bucket", "thumbnails", "upload_prefix", "origins"):
        assert read(EvaluateSettings.from_env({**NEEDED, variable: value}, MODELS)) == expected


@pytest.mark.parametrize("origin", ["*", "cms.example.com", "https://a.example/", "https://*.example", "null"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(BadSetting, match="NIMA_CORS_ORIGINS"):
        QuerySettings.from_env({**NEEDED, "NIMA_CORS_ORIGINS": f"https://cms.example.com,{origin}"})


# Key patterns


@pytest.mark.parametrize(
    ("pattern", "key", "place"),
    [
        ("<folder>/<file>", "shoes/summer/1.jpg", Place("shoes", "shoes~1summer")),
        ("<folder>/<file>", "shoes/summer/red/1.jpg", Place("shoes", "shoes~1summer~1red")),
        ("<folder>/<file>", "shoe-1/1.jpg", Place("shoe-1", "shoe-1")),
        ("<folder>/<file>", "1.jpg", Place(None, "~")),
        ("<folder>/<file>", "/summer/1.jpg", Place(None, "~1summer")),
        ("<folder>/<file>", "Küche/a~b 椅子 %/a\nb.jpg", Place("Küche", "Küche~1a~0b 椅子 %")),
        ("<category>/<collection>/<file>", "shoes/summer/1.jpg", Place("shoes", "summer")),
        ("<category>/<collection>/<file>", "shoes/summer/red/1.jpg", Place("shoes", "summer")),
        ("<category>/<collection>/<file>", "shoes/1.jpg", Place(None, None)),
        ("<category>/<collection>/<file>", "/summer/1.jpg", Place(None, None)),
        ("<category>/<collection>/<file>", "shoes/summer/", Place(None, None)),
        ("<category>/<collection>/<file>", "Küche/Stühle 椅子/a\nb.jpg", Place("Küche", "Stühle 椅子")),
        ("<collection>/<file>", "sku-1/front.jpg", Place(None, "sku-1")),
        ("in/<category>/<file>", "in/shoes/a.jpg", Place("shoes", None)),
        ("in/<category>/<file>", "out/shoes/a.jpg", Place(None, None)),
        ("<category>.<collection>-<file>", "shoes.sku-1.jpg", Place("shoes", "sku")),
        ("a.b/<collection>/<file>", "aXb/c/d.jpg", Place(None, None)),
        ("<file>", "anything/at all", Place(None, None)),
    ],
)
def test_a_key_is_placed_by_its_pattern(pattern: str, key: str, place: Place) -> None:
    assert KeyPattern(pattern).place(key) == place
    assert KeyPattern(pattern, "incoming/").place(f"incoming/{key}") == place
    assert KeyPattern(pattern, "incoming/").place(key) == place


@pytest.mark.parametrize(
    "pattern", ["<category>/<collection>", "<file>/<file>", "<category>/<name>/<file>", "<folder>/x/<file>", "file"]
)
def test_a_pattern_has_known_fields_once_and_the_file(pattern: str) -> None:
    with pytest.raises(ValueError, match="key pattern"):
        KeyPattern(pattern)


# Sequencers

sequencers = st.text("0123456789ABCDEFabcdef", min_size=1, max_size=SEQUENCER_DIGITS)


def later(one: str, other: str) -> bool:
    """S3's own rule."""
    width = max(len(one), len(other))
    return one.upper().ljust(width, "0") > other.upper().ljust(width, "0")


@given(sequencers, sequencers)
def test_padded_sequencers_compare_as_s3_says_and_only_one_is_later(one: str, other: str) -> None:
    padded, against = pad_sequencer(one), pad_sequencer(other)
    assert (padded > against) == later(one, other)
    assert (padded < against) == later(other, one)
    assert len(padded) == SEQUENCER_DIGITS
    assert padded.startswith(one.upper())
    assert padded >= FIRST_SEQUENCER
    assert pad_sequencer(padded) == padded


def test_a_short_sequencer_is_padded_on_the_right() -> None:
    assert pad_sequencer("0055") > pad_sequencer("0054FF")
    assert pad_sequencer("0055") < pad_sequencer("00550001")
    assert pad_sequencer("00a1") == pad_sequencer("00A10")


@pytest.mark.parametrize("sequencer", ["", "xyz", "0x12", "12 ", "F" * (SEQUENCER_DIGITS + 1), "１２"])
def test_what_is_no_sequencer_is_refused(sequencer: str) -> None:
    with pytest.raises(InvalidRequest):
        pad_sequencer(sequencer)
