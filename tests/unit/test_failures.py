"""What operators read of a failure: why, in plain words, whichever service it came from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from nima.aws import process
from nima.aws.failures import Failure, expected, summary
from nima.aws.objects import open_object
from nima.aws.table import ResultTable
from nima.document.result import ObjectRef
from nima.errors import Internal, ModelUnavailable, NimaError, Throttled
from tests.mocked import mocked_aws

IMAGE = ObjectRef("no-such-bucket", 'shoes/"1".jpg')


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "a secret word")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    process.reset()
    with mocked_aws():
        yield
    process.reset()


def cause(call: Callable[[], object]) -> str:
    """What a failing call is told with."""
    with pytest.raises(NimaError) as raised:
        call()
    told = str(Failure(IMAGE, raised.value))
    assert told.startswith(f"{json.dumps(IMAGE.key)} in {IMAGE.bucket}: internal: ")
    assert "secret" not in told
    return told


def look(image: ObjectRef) -> None:
    with open_object(image.bucket, image.key):
        pass


def test_a_missing_bucket_table_and_bus_are_called_so(aws: None) -> None:
    assert "GetObject: the bucket does not exist" in cause(lambda: look(IMAGE))
    assert "GetItem: the table or the event bus does not exist" in cause(lambda: ResultTable("none").get("a"))


def test_a_missing_region_is_called_so(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "no AWS region is set" in cause(lambda: ResultTable("none").get("a"))


def test_a_service_that_nobody_answers_for_is_called_so(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert "Could not connect" in cause(lambda: look(IMAGE))


def test_the_error_of_many_names_the_first_and_counts_the_others() -> None:
    kinds = [Internal] * 9 + [Throttled] * 2 + [ModelUnavailable]
    failures = [Failure(ObjectRef("b", f"{n}.jpg"), kind("Busy.", detail="so it is")) for n, kind in enumerate(kinds)]
    message = summary(failures, 100).message

    assert message.startswith("12 of 100 pictures could not be processed: ")
    assert '"4.jpg" in b: internal: Busy. (so it is)' in message
    assert '"5.jpg"' not in message
    assert message.endswith("and 4 more: internal, 1 more: model_unavailable, 2 more: throttled")


def test_the_error_of_many_stays_short() -> None:
    long = Failure(ObjectRef("b" * 63, "鞋" * 341), expected(RuntimeError("鞋" * 10_000)))
    assert len(summary([long] * 100, 100).message.encode()) < 16_384


def test_an_exceptions_text_can_always_be_sent() -> None:
    told = str(Failure(IMAGE, expected(ValueError("a\n\ud800\t b"))))
    assert told.encode().endswith(rb"(ValueError: a \ud800 b)")
