"""The documents of events/ are whole and show what events/README.md says: the tests of the functions rely on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_plus

import pytest

EVENTS = Path(__file__).parents[2] / "events"
NAMES = sorted(path.stem for path in EVENTS.glob("*.json"))
EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"
RECORD = {
    "eventVersion",
    "eventSource",
    "awsRegion",
    "eventTime",
    "eventName",
    "userIdentity",
    "requestParameters",
    "responseElements",
    "s3",
}


def event(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return document


def records(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = event(name)["Records"]
    return found


def thing(name: str) -> dict[str, Any]:
    """The object that the only record of an event is about."""
    (record,) = records(name)
    found: dict[str, Any] = record["s3"]["object"]
    return found


def later(one: str, other: str) -> bool:
    """S3's rule: the shorter sequencer is padded with zeros on the right, then they are compared as texts."""
    width = max(len(one), len(other))
    return one.ljust(width, "0") > other.ljust(width, "0")


def test_readme_explains_each_document() -> None:
    listed = [
        line.split("`")[1]
        for line in (EVENTS / "README.md").read_text(encoding="utf-8").splitlines()
        if line[:3] == "| `"
    ]

    assert sorted(listed) == sorted(f"{name}.json" for name in NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("s3-") and name != "s3-test-event"])
def test_s3_records_are_whole(name: str) -> None:
    assert records(name)
    for record in records(name):
        assert set(record) == RECORD
        assert record["eventSource"] == "aws:s3"
        assert set(record["s3"]) == {"s3SchemaVersion", "configurationId", "bucket", "object"}
        assert set(record["s3"]["bucket"]) == {"name", "ownerIdentity", "arn"}
        created = record["eventName"].startswith("ObjectCreated:")
        assert {"key", "versionId", "sequencer"} <= set(record["s3"]["object"])
        assert ("size" in record["s3"]["object"]) == created


def test_out_of_order_is_an_older_version_of_the_same_picture() -> None:
    put, late = thing("s3-put"), thing("s3-out-of-order")

    assert put["key"] == late["key"]
    assert put["versionId"] != late["versionId"]
    assert later(put["sequencer"], late["sequencer"])
    assert int(put["sequencer"], 16) < int(late["sequencer"], 16), "comparing numbers must give the wrong answer"


def test_duplicate_is_the_same_record_twice() -> None:
    assert records("s3-duplicate") == records("s3-put") * 2


@pytest.mark.parametrize("name", ["s3-delete", "s3-delete-marker", "s3-delete-old-version"])
def test_deletions_follow_the_upload(name: str) -> None:
    assert thing(name)["key"] == thing("s3-put")["key"]
    assert later(thing(name)["sequencer"], thing("s3-put")["sequencer"])


def test_deletions_are_told_apart_by_name_and_version() -> None:
    names = {name: records(name)[0]["eventName"] for name in NAMES if name.startswith("s3-delete")}

    assert names == {
        "s3-delete": "ObjectRemoved:Delete",
        "s3-delete-marker": "ObjectRemoved:DeleteMarkerCreated",
        "s3-delete-old-version": "ObjectRemoved:Delete",
    }
    assert thing("s3-delete")["versionId"] == thing("s3-put")["versionId"]
    assert thing("s3-delete-old-version")["versionId"] == thing("s3-out-of-order")["versionId"]


def test_encoded_key_is_one_decoding_away_from_its_name() -> None:
    name = event("eventbridge-created")["detail"]["object"]["key"]
    key = thing("s3-put-encoded-key")["key"]

    assert set("+ %&") <= set(name)
    assert not name.isascii()
    assert unquote_plus(key) == name
    assert unquote(key) != name, "a space must be a plus"
    assert unquote_plus(unquote_plus(key)) != name, "decoding twice must show"


def test_sizes_and_tags_say_how_an_object_came() -> None:
    multipart = records("s3-multipart")[0]

    assert (thing("s3-zero-bytes")["size"], thing("s3-zero-bytes")["eTag"]) == (0, EMPTY_MD5)
    assert multipart["eventName"] == "ObjectCreated:CompleteMultipartUpload"
    assert thing("s3-multipart")["eTag"].endswith("-3")
    assert len({record["s3"]["object"]["key"] for record in records("s3-several-records")}) == 3


def test_test_event_has_no_records() -> None:
    assert event("s3-test-event")["Event"] == "s3:TestEvent"
    assert "Records" not in event("s3-test-event")


def test_eventbridge_tells_of_one_picture() -> None:
    created, deleted = event("eventbridge-created"), event("eventbridge-deleted")

    assert (created["detail-type"], deleted["detail-type"]) == ("Object Created", "Object Deleted")
    assert created["source"] == deleted["source"] == "aws.s3"
    assert created["detail"]["object"]["key"] == deleted["detail"]["object"]["key"]
    assert later(deleted["detail"]["object"]["sequencer"], created["detail"]["object"]["sequencer"])


def test_api_request_names_a_picture_still_encoded() -> None:
    request = event("api-get-image")
    key = request["pathParameters"]["key"]

    assert request["resource"] == "/images/{key+}"
    assert request["path"] == f"/images/{key}"
    assert unquote(key) == event("eventbridge-created")["detail"]["object"]["key"] in event("keys")["keys"]
