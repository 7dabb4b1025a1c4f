"""The score function as Lambda runs it: events with something wrong in them, short time, and failures that say why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from nima.assess.assessor import Assessor
from nima.aws.events import MAX_KEYS
from nima.local.lambda_service import Context, FunctionError
from nima.local.stack import LocalStack
from nima.local.template import QUEUE, Template
from tests.pictures import encode, scene
from tests.stacks import stack_of, table_name

ROOT = Path(__file__).resolve().parents[2]
SCORE = "ScoreFunction"
KEYS = [f"shoes/a/{number}.jpg" for number in range(4)]


@pytest.fixture(scope="module")
def stack(model_folder: Path) -> Iterator[LocalStack]:
    with stack_of(model_folder, NIMA_THREADS="1") as running:
        yield running


@pytest.fixture
def pictures(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four pictures in the bucket, of which nobody has told the function."""
    with monkeypatch.context() as untold:
        untold.setattr(stack.functions[SCORE], "invoke_async", lambda _: None)
        for number, key in enumerate(KEYS):
            body = encode(scene(64 + number, 64 + 8 * number), "JPEG")
            stack.aws.s3.put_object(Bucket=stack.bucket, Key=key, Body=body)
    empty(stack)


def empty(stack: LocalStack) -> None:
    for pk in items(stack):
        stack.aws.dynamodb.delete_item(TableName=table_name(stack), Key={"pk": {"S": pk}})


def items(stack: LocalStack) -> dict[str, Any]:
    return {item["pk"]["S"]: item for item in stack.aws.dynamodb.scan(TableName=table_name(stack))["Items"]}


def scored(stack: LocalStack) -> list[str]:
    return sorted(pk.removeprefix("image#") for pk in items(stack) if pk.startswith("image#"))


def invoke(stack: LocalStack, event: Any) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = stack.functions[SCORE].invoke(event)["results"]
    return results


def failure(stack: LocalStack, event: Any) -> dict[str, Any]:
    """What Lambda answers when the function fails."""
    with pytest.raises(FunctionError) as raised:
        stack.functions[SCORE].invoke(event)
    return raised.value.payload


def put_event(stack: LocalStack, key: str, **thing: Any) -> dict[str, Any]:
    """The record of an upload, as S3 sends it."""
    document: dict[str, Any] = json.loads((ROOT / "events" / "s3-put.json").read_text(encoding="utf-8"))
    s3 = document["Records"][0]["s3"]
    s3["bucket"]["name"] = stack.bucket
    s3["object"] = {"key": key, "sequencer": s3["object"]["sequencer"], **thing}
    return document


# Events with something wrong in them


def test_a_malformed_record_takes_no_other_with_it_and_is_not_tried_again(stack: LocalStack, pictures: None) -> None:
    first, second, third = (put_event(stack, key) for key in (KEYS[0], "%ff", KEYS[1]))
    results = invoke(stack, {"Records": [*first["Records"], *second["Records"], 5, *third["Records"]]})

    assert [(result["key"], result["status"], result["code"]) for result in results] == [
        (KEYS[0], "scored", None),
        (None, "invalid", "invalid_request"),
        (None, "invalid", "invalid_request"),
        (KEYS[1], "scored", None),
    ]
    assert [result["message"] for result in results[1:3]] == [
        "Records[1].s3.object.key: not UTF-8 once it is decoded.",
        "Records[2]: an object, not a number.",
    ]
    assert scored(stack) == KEYS[:2]


@pytest.mark.parametrize("name", ["s3-put", "s3-delete", "s3-expired", "eventbridge-created", "eventbridge-deleted"])
def test_an_event_of_another_bucket_is_refused_counted_and_not_tried_again(
    stack: LocalStack, pictures: None, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Results are stored by their keys alone: it would write over those of the stack's own bucket."""
    event = json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))
    (result,) = invoke(stack, event)

    assert (result["status"], result["code"]) == ("invalid", "invalid_request")
    assert "nima-pictures-111122223333-eu-central-1 is not the bucket of this stack" in result["message"]
    assert items(stack) == {}
    assert '"Invalid":[1.0]' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (5, "text, not a number"),
        (None, "text, not null"),
        (["a"], "text, not a list"),
        ("", "1 to 1024 bytes"),
        ("\ud800", "not valid Unicode"),
        ("a\0b", "null character"),
        ("é" * 513, "1 to 1024 bytes"),
    ],
)
def test_a_malformed_key_takes_no_other_with_it_and_is_not_tried_again(
    stack: LocalStack, pictures: None, bad: Any, said: str
) -> None:
    good, refused = invoke(stack, {"keys": [KEYS[0], bad]})

    assert (good["key"], good["status"]) == (KEYS[0], "scored")
    assert (refused["key"], refused["status"], refused["code"]) == (None, "invalid", "invalid_request")
    assert refused["message"].startswith("keys[1]: ")
    assert said in refused["message"]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"keys": ["a"] * (MAX_KEYS + 1)}, "at most 100, not 101"),
        ({"keys": "a"}, "keys: a list, not text"),
        ({"Records": {}}, "Records: a list, not an object"),
        ({"source": "aws.ec2"}, "neither"),
        ([], "neither"),
        (None, "neither"),
    ],
)
def test_an_event_of_no_known_kind_is_refused_whole(stack: LocalStack, event: Any, said: str) -> None:
    answer = failure(stack, event)

    assert answer["errorType"] == "InvalidRequest"
    assert said in answer["errorMessage"]


# Events that tell of something else than what the bucket shows


def test_a_made_up_event_of_a_picture_that_is_there_scores_it_and_says_what_is_different(
    stack: LocalStack, pictures: None
) -> None:
    """As `sam local generate-event s3 put` makes them: with any entity tag and sequencer, and no version."""
    told = {"eTag": "0123456789abcdef0123456789abcdef", "size": 1024, "sequencer": "0A1B2C3D4E5F678901"}
    (result,) = invoke(stack, put_event(stack, quote_plus(KEYS[0]), **told))

    assert (result["key"], result["status"], result["code"]) == (KEYS[0], "scored", "changed")
    assert "entity tag" in result["message"]
    assert scored(stack) == KEYS[:1]


def test_an_event_of_another_version_says_so(stack: LocalStack, pictures: None) -> None:
    (result,) = invoke(stack, put_event(stack, KEYS[0], versionId="OclRz3AwzKsbVRJN9wVGFYGW2WmQzCud"))

    assert (result["status"], result["code"]) == ("scored", "other_version")
    assert "another version" in result["message"]


def test_an_event_of_what_the_bucket_shows_says_nothing_else_and_has_the_scores(
    stack: LocalStack, pictures: None
) -> None:
    head = stack.aws.s3.head_object(Bucket=stack.bucket, Key=KEYS[0])
    told = {"eTag": head["ETag"].strip('"'), "versionId": head["VersionId"]}
    (result,) = invoke(stack, put_event(stack, KEYS[0], **told))
    document = stack.document(KEYS[0])

    assert (result["status"], result["code"], result["message"]) == ("scored", None, None)
    assert document
    means = [document[head]["mean"] for head in ("technical", "aesthetic")]
    assert [result["technical"], result["aesthetic"]] == pytest.approx(means, abs=1e-3)
    assert result["composite"] == pytest.approx(document["composite"]["score"], abs=1e-3)


@pytest.mark.parametrize("of", ["an upload", "a named key"])
def test_an_object_that_is_not_there_is_gone_with_its_code(stack: LocalStack, pictures: None, of: str) -> None:
    event = put_event(stack, "no/such.jpg") if of == "an upload" else {"keys": ["no/such.jpg"]}
    (result,) = invoke(stack, event)

    assert (result["status"], result["code"]) == ("gone", "no_such_key")
    assert "no such object" in result["message"]


# Failures


@pytest.mark.parametrize("error", [RuntimeError("the secret valve"), MemoryError(), RecursionError(), KeyError("x")])
def test_an_unexpected_failure_takes_no_other_picture_with_it_and_says_why(
    stack: LocalStack, pictures: None, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    answers: list[Exception | None] = [None, error, None]
    assess = Assessor.assess

    def failing(self: Assessor, data: bytes) -> Any:
        answer = answers.pop(0)
        if answer:
            raise answer
        return assess(self, data)

    monkeypatch.setattr(Assessor, "assess", failing)
    answer = failure(stack, {"keys": KEYS[:3]})

    assert scored(stack) == [KEYS[0], KEYS[2]]
    assert answer["errorType"] == "Internal"
    for part in ("1 of 3", KEYS[1], stack.bucket, "internal", type(error).__name__, str(error)):
        assert part in answer["errorMessage"]


def test_the_next_attempt_scores_only_what_is_left_of_the_keys(
    stack: LocalStack, pictures: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    assess = Assessor.assess

    def failing_once(self: Assessor, data: bytes) -> Any:
        sizes.append(len(data))
        if len(sizes) == 3:
            raise MemoryError
        return assess(self, data)

    monkeypatch.setattr(Assessor, "assess", failing_once)
    settle(stack, {"keys": KEYS})

    assert scored(stack) == KEYS
    assert len(sizes) == len(KEYS) + 1
    assert invoke(stack, {"keys": KEYS[:1]})[0]["status"] == "scored", "another invocation does"


def test_many_failures_are_named_briefly(stack: LocalStack, pictures: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: Assessor, __: bytes) -> Any:
        raise RuntimeError("x" * 100_000)

    monkeypatch.setattr(Assessor, "assess", failing)
    message = failure(stack, {"keys": [*KEYS, *KEYS]})["errorMessage"]

    assert all(key in message for key in KEYS)
    assert message.endswith("and 3 more: internal")
    assert len(message.encode()) < 8192


def test_the_failure_queue_gets_the_reason(stack: LocalStack, pictures: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: Assessor, __: bytes) -> Any:
        raise RuntimeError("the valve is shut")

    monkeypatch.setattr(Assessor, "assess", failing)
    settle(stack, {"keys": KEYS[:1]})

    (kept,) = failed_events(stack)
    assert kept["requestPayload"] == {"keys": KEYS[:1]}
    for part in (KEYS[0], stack.bucket, "internal", "the valve is shut"):
        assert part in kept["responsePayload"]["errorMessage"]


def settle(stack: LocalStack, event: dict[str, Any]) -> None:
    """Sends an event as AWS does, and waits until it is dealt with."""
    function = stack.functions[SCORE]
    function.invoke_async(event)
    function._events.join()


def failed_events(stack: LocalStack) -> list[dict[str, Any]]:
    (logical_id,) = Template(ROOT).ids(QUEUE)
    url = stack.aws.physical_id(logical_id)
    messages = stack.aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        stack.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


# Short time


@pytest.fixture
def assessed(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the pictures that were assessed; each takes 20 seconds of the function's minute."""
    sizes: list[int] = []
    before: list[int] = []
    assess, handler = Assessor.assess, stack.functions[SCORE].handler

    def counting(self: Assessor, data: bytes) -> Any:
        sizes.append(len(data))
        return assess(self, data)

    def starting(event: Any, context: Context) -> Any:
        before[:] = sizes
        return handler(event, context)

    def remaining(_: Context) -> int:
        return 60_000 - 20_000 * (len(sizes) - len(before))

    monkeypatch.setattr(Assessor, "assess", counting)
    monkeypatch.setattr(stack.functions[SCORE], "handler", starting)
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", remaining)
    return sizes


def test_what_there_is_no_time_for_is_left_to_the_retry(stack: LocalStack, pictures: None, assessed: list[int]) -> None:
    answer = failure(stack, {"keys": KEYS})

    assert scored(stack) == KEYS[:3]
    assert len(assessed) == 3
    assert "1 of 4" in answer["errorMessage"]
    assert KEYS[3] in answer["errorMessage"]
    assert "no time left" in answer["errorMessage"]


def test_the_retry_passes_over_what_is_done(stack: LocalStack, pictures: None, assessed: list[int]) -> None:
    settle(stack, {"keys": KEYS})

    assert scored(stack) == KEYS
    assert len(assessed) == len(set(assessed)) == 4, "each was scored once"
    assert failed_events(stack) == []


def test_a_picture_is_begun_however_short_the_time_is(
    stack: LocalStack, pictures: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: 100)

    assert invoke(stack, {"keys": KEYS[:1]})[0]["status"] == "scored"


def test_the_time_kept_for_one_picture_leaves_most_of_the_functions_time_to_the_others(stack: LocalStack) -> None:
    from score.handler import SLOWEST_PICTURE_MS  # which reads the environment when it is imported

    assert stack.functions[SCORE].spec.timeout * 1000 >= 4 * SLOWEST_PICTURE_MS
