"""The real template on LocalStack, its functions in their containers: from the upload to the API and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image

from nima.local.pictures import default_pictures
from tests.container.cloud import Cloud
from tests.container.routes import KEY, VISITS, Ask, Visit, described, visited
from tests.pictures import encode, scene
from tests.waiting import until

PHOTOGRAPHS = {path.name: path for path in default_pictures().files.values()}


@pytest.fixture(scope="module")
def heard(application: Cloud) -> str:
    """The URL of a queue that hears what the application tells its event bus."""
    sqs, events = application.client("sqs"), application.client("events")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = application.outputs["EventBusName"]
    events.put_rule(Name="heard", EventBusName=bus, EventPattern=json.dumps({"source": ["nima"]}))
    events.put_targets(Rule="heard", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    return str(url)


def messages(cloud: Cloud, url: str) -> Iterator[dict[str, Any]]:
    """Takes what a queue holds."""
    sqs = cloud.client("sqs")
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            yield json.loads(message["Body"])


def failures(cloud: Cloud) -> list[dict[str, Any]]:
    return list(messages(cloud, cloud.outputs["FailureQueueUrl"]))


def put(cloud: Cloud, key: str, body: bytes, **options: Any) -> dict[str, Any]:
    answer: dict[str, Any] = cloud.client("s3").put_object(Bucket=cloud.bucket, Key=key, Body=body, **options)
    return answer


def picture(seed: int) -> bytes:
    return encode(scene(640, 480, seed=seed), "JPEG", quality=90)


def document(cloud: Cloud, key: str) -> dict[str, Any] | None:
    status, body = cloud.get(f"/images/{quote(key, safe='')}")
    assert status in (200, 404), body
    return json.loads(body) if status == 200 else None


def scored(cloud: Cloud, key: str, etag: str | None = None, seconds: float = 120) -> dict[str, Any]:
    """The document of a key, of one version of it, as soon as the API has it."""

    def found() -> dict[str, Any] | None:
        answer = document(cloud, key)
        return answer if answer and etag in (None, answer["image"]["etag"]) else None

    answer = until(found, seconds, f"the document of {key}")
    assert answer is not None
    return answer


def test_photographs_go_from_the_bucket_to_the_api_and_the_bus(application: Cloud, heard: str) -> None:
    keys = {f"photographs/first/{name}": PHOTOGRAPHS[name] for name in ("coffee.png", "chelsea.png", "rocket.jpg")}
    for key, path in keys.items():
        put(application, key, path.read_bytes())

    for key in keys:
        answer = scored(application, key)
        assert (answer["status"], answer["category"], answer["collection"]) == (
            "scored",
            "photographs",
            "photographs~1first",
        )
        for head in ("technical", "aesthetic"):
            assert sum(answer[head]["distribution"]) == pytest.approx(1, abs=1e-3)
    told: dict[str, dict[str, Any]] = {}

    def all_told() -> bool:
        told.update({event["detail"]["key"]: event for event in messages(application, heard)})
        return keys.keys() <= told.keys()

    until(all_told, what="the events of three photographs")
    for key in keys:
        assert told[key]["detail-type"] == "ImageScored"
        assert told[key]["detail"]["composite"]["score"] == scored(application, key)["composite"]["score"]


@pytest.mark.parametrize("key", ["Schuhe & Stiefel/Größe 42/front+side (100%) 鞋.jpg", "a/b/%41 ~&=?#;,'.jpg"])
def test_an_odd_key_keeps_its_name_all_the_way(application: Cloud, key: str) -> None:
    put(application, key, picture(1))

    assert scored(application, key)["image"]["key"] == key


def test_metadata_tells_the_category(application: Cloud) -> None:
    put(application, "x/y/z.jpg", picture(2), Metadata={"category": "hats", "collection": "straw"})

    answer = scored(application, "x/y/z.jpg")
    assert (answer["category"], answer["collection"]) == ("hats", "straw")


def test_an_overwritten_picture_is_scored_again_and_a_deleted_one_is_gone(application: Cloud) -> None:
    key = "shoes/one/front.jpg"
    first = scored(application, key, put(application, key, picture(3))["ETag"].strip('"'))

    second = scored(application, key, put(application, key, picture(4))["ETag"].strip('"'))
    assert second["sequencer"] > first["sequencer"]
    assert second["technical"]["mean"] != first["technical"]["mean"]

    application.client("s3").delete_object(Bucket=application.bucket, Key=key)
    until(lambda: document(application, key) is None, what="the deletion")
    assert json.loads(application.get(f"/images/{quote(key, safe='')}")[1])["error"]["code"] == "not_found"


def test_a_poisoned_picture_is_rejected_once_and_fails_nothing(application: Cloud, heard: str) -> None:
    poison = {
        "poison/a/text.jpg": (b"<html>not a picture</html>", "unsupported_format"),
        "poison/a/torn.png": (encode(scene(640, 480))[:20_000], "undecodable_image"),
        "poison/a/bomb.png": (encode(Image.new("1", (20_000, 20_000))), "too_many_pixels"),
        "poison/a/empty.jpg": (b"", "undecodable_image"),
    }
    for key, (body, _) in poison.items():
        put(application, key, body)

    for key, (_, code) in poison.items():
        answer = scored(application, key)
        assert (answer["status"], answer["error"]["code"]) == ("rejected", code)
    assert failures(application) == []
    until(
        lambda: any(
            event["detail-type"] == "ImageRejected" and event["detail"]["key"] in poison
            for event in messages(application, heard)
        ),
        what="the event of a rejection",
    )


@pytest.fixture(scope="module")
def api(application: Cloud) -> Ask:
    """Asks the REST API, whose table has the picture that the routes are about."""
    put(application, KEY, picture(7))
    scored(application, KEY)
    return application.request


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_every_route_answers(api: Ask, visit: Visit) -> None:
    visit.check(api)


def test_no_operation_was_left_out(api: Ask) -> None:
    assert visited() == described(api)


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_events_outlive_an_outage_by_lambdas_own_retries(application: Cloud, service: str) -> None:
    # Beyond the attempts of one invocation (four for each request), within those of three.
    application.faults.fail(service, times=6)
    key = f"outage/short/{service}.jpg"
    put(application, key, picture(5))
    # Nobody asks meanwhile: the API would meet the outage too, and answer that the service is busy.
    until(lambda: application.faults.refused == 6, 300, "the end of the outage")

    assert scored(application, key)["status"] == "scored"
    assert failures(application) == []


def test_an_event_outlives_a_crash_of_the_function(application: Cloud) -> None:
    application.faults.be_silent(True)
    try:
        put(application, "crash/one/photo.jpg", picture(8))
        until(lambda: application.faults.waiting, what="the function's first request")
        application.functions["ScoreFunction"].kill_function()
    finally:
        application.faults.be_silent(False)

    assert scored(application, "crash/one/photo.jpg")["status"] == "scored"
    assert failures(application) == []


def test_an_event_that_keeps_failing_is_kept_and_can_be_sent_again(application: Cloud) -> None:
    key = "outage/long/photo.jpg"
    application.faults.fail("dynamodb", times=10_000)
    put(application, key, picture(6))
    kept = until(lambda: failures(application), 300, "the failure queue")
    application.faults.fail("dynamodb", times=0)

    (failure,) = kept
    assert failure["requestContext"]["condition"] == "RetriesExhausted"
    assert failure["requestContext"]["approximateInvokeCount"] == 3
    assert failure["requestPayload"]["Records"][0]["s3"]["object"]["key"] == key
    assert document(application, key) is None

    application.client("lambda").invoke(
        FunctionName=failure["requestContext"]["functionArn"],
        InvocationType="Event",
        Payload=json.dumps(failure["requestPayload"]),
    )
    assert scored(application, key)["status"] == "scored"


def test_the_api_refuses_a_caller_without_a_key(application: Cloud) -> None:
    resources = application.client("cloudformation").describe_stack_resources(StackName="nima")["StackResources"]
    (api,) = (r["PhysicalResourceId"] for r in resources if r["ResourceType"] == "AWS::ApiGateway::RestApi")
    gateway = application.client("apigateway")
    methods = [
        (resource["path"], method, gateway.get_method(restApiId=api, resourceId=resource["id"], httpMethod=method))
        for resource in gateway.get_resources(restApiId=api, limit=500)["items"]
        for method in resource.get("resourceMethods", {})
    ]

    assert [path for path, _, _ in methods if path == "/images/{key+}"]
    for path, verb, method in methods:
        assert method["apiKeyRequired"] or verb == "OPTIONS" or path in ("/", "/health", "/page/{file+}"), path


def test_the_alarm_watches_the_queue_that_was_made(application: Cloud) -> None:
    alarms = application.client("cloudwatch").describe_alarms()["MetricAlarms"]
    watched = {dimension["Value"] for alarm in alarms for dimension in alarm["Dimensions"]}

    assert application.outputs["FailureQueueUrl"].rpartition("/")[2] in watched
