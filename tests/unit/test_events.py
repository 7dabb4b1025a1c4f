"""The documents of events/ are whole and show what events/README.md says; and how they, and spoilt ones, are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_plus

import pytest

from nima.aws.events import Malformed, read_changes

BUCKET = "nima-pictures-111122223333-eu-central-1"
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


EXPIRED = ("s3-expired", "s3-expired-for-good")
ORDERED = [name for name in NAMES if name.startswith("s3-") and name not in ("s3-test-event", *EXPIRED)]


@pytest.mark.parametrize("name", ORDERED)
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


def test_a_lifecycles_expirations_say_little_of_their_order() -> None:
    """As in the examples of S3's own documentation."""
    marker, version = (records(name)[0] for name in EXPIRED)
    names = [record["eventName"] for record in (marker, version)]
    assert names == ["LifecycleExpiration:DeleteMarkerCreated", "LifecycleExpiration:Delete"]
    for record in (marker, version):
        assert set(record) == RECORD
        assert record["s3"]["object"]["key"] == thing("s3-put")["key"]
        assert record["userIdentity"]["principalId"] == "s3.amazonaws.com"
    assert int(marker["s3"]["object"]["sequencer"][2:10], 16) % 86_400 == 0, "a midnight"
    assert set(version["s3"]["object"]) == {"key"}
    detail = event("eventbridge-expired")["detail"]
    assert (detail["reason"], detail["requester"]) == ("Lifecycle Expiration", "s3.amazonaws.com")


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


# Reading them


def spoilt(spoil: Callable[[dict[str, Any]], Any]) -> list[Any]:
    """What is read of an upload with something changed in it."""
    document = event("s3-put")
    spoil(document)
    return list(read_changes(document, BUCKET))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda record: record.pop("s3"), "Records[0].s3: missing."),
        (lambda record: record.pop("eventName"), "Records[0].eventName: missing."),
        (lambda record: record.update(eventName="ObjectTagging:Put"), "Records[0].eventName: it tells of neither"),
        (lambda record: record.update(s3=None), "Records[0].s3: an object, not null."),
        (lambda record: record["s3"].pop("object"), "Records[0].s3.object: missing."),
        (lambda record: record["s3"].update(bucket=[]), "Records[0].s3.bucket: an object, not a list."),
        (lambda record: record["s3"]["bucket"].update(name="a b"), "Records[0].s3.bucket.name: a bucket's name."),
        (lambda record: record["s3"]["object"].pop("key"), "Records[0].s3.object.key: missing."),
        (lambda record: record["s3"]["object"].update(key=4711), "Records[0].s3.object.key: text, not a number."),
        (lambda record: record["s3"]["object"].update(key="a%ff"), "Records[0].s3.object.key: not UTF-8"),
        (lambda record: record["s3"]["object"].update(key="\ud83d"), "Records[0].s3.object.key: not valid Unicode."),
        (lambda record: record["s3"]["object"].update(key="a%00"), "Records[0].s3.object.key: it holds a null"),
        (lambda record: record["s3"]["object"].update(key="%20" * 1025), "Records[0].s3.object.key: 1 to 1024 bytes"),
        (lambda record: record["s3"]["object"].update(size=-1), "Records[0].s3.object.size: 0 to"),
        (lambda record: record["s3"]["object"].update(size=10**40), "Records[0].s3.object.size: 0 to"),
        (lambda record: record["s3"]["object"].update(size=True), "Records[0].s3.object.size: a whole number, not a b"),
        (lambda record: record["s3"]["object"].update(eTag="a\r\nb"), "Records[0].s3.object.eTag: an entity tag."),
        (lambda record: record["s3"]["object"].update(versionId=7), "Records[0].s3.object.versionId: text, not a num"),
        (
            lambda record: record["s3"]["object"].update(sequencer="0x1"),
            "Records[0].s3.object.sequencer: a hexadecimal",
        ),
    ],
)
def test_a_record_that_cannot_be_read_says_which_part(spoil: Callable[[dict[str, Any]], Any], said: str) -> None:
    (malformed,) = spoilt(lambda document: spoil(document["Records"][0]))

    assert isinstance(malformed, Malformed)
    assert malformed.error.message.startswith(said)


def test_the_longest_key_may_be_of_any_characters() -> None:
    (change,) = spoilt(lambda document: document["Records"][0]["s3"]["object"].update(key="%E9%9E%8B" * 341 + "+"))

    assert not isinstance(change, Malformed)
    assert change.image.key == "鞋" * 341 + " "


def test_what_eventbridge_lacks_is_named_too() -> None:
    document = event("eventbridge-created")
    del document["detail"]["object"]["key"]
    (malformed,) = read_changes(document, BUCKET)

    assert isinstance(malformed, Malformed)
    assert malformed.error.message == "detail.object.key: missing."


def test_the_document_of_sam_local_generate_event_is_read() -> None:
    """Its eTag, sequencer and key are made up; it has no version id."""
    told = {"size": 1024, "eTag": "0123456789abcdef0123456789abcdef", "sequencer": "0A1B2C3D4E5F678901"}
    thing = {"key": "test%2Fkey", **told}
    record = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "example-bucket"}, "object": thing}}
    (change,) = read_changes({"Records": [record]}, "example-bucket")

    assert not isinstance(change, Malformed)
    assert (change.image.bucket, change.image.key, change.image.version_id) == ("example-bucket", "test/key", None)
