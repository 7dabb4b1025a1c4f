"""Maps over the API: made by the evaluate function, kept beside thumbnails, and gone with what they are of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from nima.aws.table import ResultTable
from nima.aws.thumbnails import Thumbnails
from nima.document.maps import KeptMaps
from nima.document.read import read
from nima.local.stack import LocalStack
from nima.model.folder import SHIPPED
from nima.training.defects.light import exposed
from tests.client import ask
from tests.integration.test_local_stack import picture, put, settle
from tests.pictures import encode, scene
from tests.stacks import stack_of, table_name

JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with stack_of(SHIPPED / "nima-lite") as running:
        yield running


def table(stack: LocalStack) -> ResultTable:
    return ResultTable(table_name(stack), thumbnails=Thumbnails(thumbnails(stack)))


def thumbnails(stack: LocalStack) -> str:
    return stack.aws.physical_id("ThumbnailBucket")


def kept(stack: LocalStack) -> list[str]:
    """What the names of the objects beside the thumbnails end in."""
    found = stack.aws.s3.list_objects_v2(Bucket=thumbnails(stack)).get("Contents", [])
    return sorted(re.sub(r"^[^.]*", "", str(one["Key"])) for one in found)


def made(stack: LocalStack, key: str) -> Any:
    """The answer to who asks for the maps of a picture in the bucket."""
    return ask(stack, f"/evaluate?maps=true&key={quote(key, safe='')}", method="POST")


def embedded(stack: LocalStack, key: str) -> Any:
    """The document in a picture's report."""
    text = ask(stack, f"/images/{quote(key, safe='')}/report").body.decode()
    data = re.search(r'<script type="application/json" id="embedded">(.*?)</script>', text, re.DOTALL)
    assert data
    return json.loads(data[1])["result"]


def test_a_picture_that_is_kept_nowhere_has_its_maps_in_the_answer(stack: LocalStack) -> None:
    document = ask(stack, "/evaluate?maps=true", picture(1), **JPEG).json
    aesthetic = document["maps"]["aesthetic"]
    parts = sum(map(sum, aesthetic["values"]))
    assert aesthetic["base"] + parts == pytest.approx(document["aesthetic"]["mean"], abs=5e-4)
    assert not document["maps"]["technical"]["exact"]
    assert "maps" in document["timings_ms"]
    assert "maps" not in ask(stack, "/evaluate", picture(1), **JPEG).json
    assert kept(stack) == []


def test_maps_are_kept_beside_the_thumbnail_and_go_with_the_picture(stack: LocalStack) -> None:
    key = "shoes/a/1 +.jpg"
    put(stack, key, picture(1))
    path = f"/images/{quote(key, safe='')}/maps"
    before = ask(stack, path)
    assert (before.status, before.code) == (404, "not_found")
    assert "maps" not in embedded(stack, key)

    answer = made(stack, key).json
    assert answer["image"]["key"] == key
    found = ask(stack, path)
    assert found.json == answer["maps"] == embedded(stack, key)["maps"]
    assert kept(stack) == [".jpg", ".maps.json"]
    assert ask(stack, path, **{"If-None-Match": found.headers["ETag"]}).status == 304
    # The result stays as it was.
    stored = ask(stack, f"/images/{quote(key, safe='')}").json
    assert "maps" not in stored
    assert stored["scored_at"] == answer["scored_at"]

    put(stack, key, picture(2))
    assert ask(stack, path).status == 404
    assert kept(stack) == [".jpg"]

    assert made(stack, key).status == 200
    assert kept(stack) == [".jpg", ".maps.json"]
    stack.aws.s3.delete_object(Bucket=stack.bucket, Key=key)
    settle(stack)
    assert kept(stack) == []
    assert ask(stack, path).status == 404


def test_a_picture_that_is_kept_at_once_keeps_its_maps_too(stack: LocalStack) -> None:
    key = "incoming/bags/b/1.jpg"
    answer = ask(stack, f"/evaluate?maps=true&store=true&key={quote(key, safe='')}", picture(3), **JPEG).json
    settle(stack)
    assert ask(stack, f"/images/{quote(key, safe='')}/maps").json == answer["maps"]
    stack.aws.s3.delete_object(Bucket=stack.bucket, Key=key)
    settle(stack)
    assert kept(stack) == []


def test_what_takes_a_pictures_place_meanwhile_leaves_none_of_its_maps(stack: LocalStack) -> None:
    key = "shoes/c/1.jpg"
    put(stack, key, picture(4))
    results = table(stack)
    expected = results.stored(key)
    maps = ask(stack, "/evaluate?maps=true", picture(4), **JPEG).json["maps"]
    put(stack, key, picture(5))

    results.keep_maps(key, expected, read(KeptMaps, maps, {}).maps)
    assert kept(stack) == [".jpg"]
    assert results.maps(key) is None
    assert results.thumbnail(key)
    stack.aws.s3.delete_object(Bucket=stack.bucket, Key=key)
    settle(stack)


def test_without_a_scored_picture_there_is_nothing_to_look_at(stack: LocalStack) -> None:
    put(stack, "shoes/d/text.jpg", b"no picture")
    for key in ("shoes/d/text.jpg", "shoes/d/nobody.jpg"):
        refused = made(stack, key)
        assert (refused.status, refused.code) == (404, "not_found")
    # A picture comes to its key only where it is to be stored.
    refused = ask(stack, "/evaluate?maps=true&key=shoes%2Fd%2F1.jpg", picture(1), **JPEG)
    assert (refused.status, refused.code) == (400, "invalid_request")


def test_a_picture_that_changed_since_it_was_scored_gets_no_maps(stack: LocalStack) -> None:
    key = "shoes/e/1.jpg"
    put(stack, key, picture(6))
    results = table(stack)
    expected = results.stored(key)
    put(stack, key, picture(7))
    assert expected.result
    stale = results.stored(key)
    assert results.replace(expected.result, stale)
    refused = made(stack, key)
    assert (refused.status, refused.code) == (404, "not_found")


def test_advice_and_crops_are_answers_to_who_asks_and_stored_nowhere(stack: LocalStack) -> None:
    dark = encode(exposed(scene(640, 480), -2), "JPEG", quality=92)
    document = ask(stack, "/evaluate?advice=true&crops=true", dark, **JPEG).json
    (first, *_) = document["advice"]
    assert (first["code"], first["change"]) == ("underexposure", "exposure")
    assert first["composite"]["before"] == document["composite"]["score"]
    assert [one["ratio"] for one in document["crops"]] == ["1:1", "4:5", "16:9", "9:16"]
    assert "advise" in document["timings_ms"]

    key = "shoes/e/dark.jpg"
    put(stack, key, dark)
    answer = ask(stack, f"/evaluate?advice=true&key={quote(key, safe='')}", method="POST").json
    assert answer["advice"] == document["advice"]
    assert "crops" not in answer
    stored = ask(stack, f"/images/{quote(key, safe='')}").json
    assert not {"advice", "crops"} & set(stored)
    landscape = ask(stack, "/evaluate?advice=true&style=landscape", dark, **JPEG).json
    assert (
        landscape["advice"][0]["composite"]["before"]
        == landscape["composite"]["score"]
        != document["composite"]["score"]
    )
