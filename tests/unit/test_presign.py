"""Upload forms: where they go, and what S3 is told to check."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from nima.aws import process
from nima.aws.presign import EXPIRES_SECONDS, presign_upload


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    process.reset()
    yield
    process.reset()


def test_a_form_goes_to_the_buckets_own_host_in_its_region() -> None:
    """The global host redirects to the region for hours after a bucket was made, which browsers do not follow."""
    form = presign_upload("pictures", "a/b/c.jpg", "image/jpeg", "", 100)
    assert form["url"] == "https://pictures.s3.eu-central-1.amazonaws.com/"
    assert form["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


def test_a_form_is_bound_to_key_type_size_prefix_and_a_short_time() -> None:
    form = presign_upload("pictures", "in/b/c.jpg", "image/png", "in/", 12_345)
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))
    for condition in (
        {"bucket": "pictures"},
        {"key": "in/b/c.jpg"},
        {"Content-Type": "image/png"},
        ["starts-with", "$key", "in/"],
        ["content-length-range", 1, 12_345],
    ):
        assert condition in policy["conditions"]
    assert form["fields"]["key"] == form["key"] == "in/b/c.jpg"
    assert form["expires_in"] == EXPIRES_SECONDS <= 600
    assert form["max_bytes"] == 12_345


def test_a_form_goes_where_browsers_reach_s3_and_is_signed_alike() -> None:
    form = presign_upload("pictures", "a/b/c.jpg", "image/jpeg", "", 100, endpoint="http://127.0.0.1:4566")
    assert form["url"] == "http://127.0.0.1:4566/pictures"
    assert form["fields"].keys() == presign_upload("pictures", "a/b/c.jpg", "image/jpeg", "", 100)["fields"].keys()


def test_another_key_or_type_needs_another_signature() -> None:
    signatures = {
        presign_upload("pictures", key, kind, "", 100)["fields"]["x-amz-signature"]
        for key, kind in (("a.jpg", "image/jpeg"), ("b.jpg", "image/jpeg"), ("a.jpg", "image/png"))
    }
    assert len(signatures) == 3
