"""What goes wrong around the score function: services that are busy or silent, too little memory, a bad setting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.container.conftest import SamAws
from tests.container.engine import Engine
from tests.container.faulty import FaultyAws
from tests.container.lambda_container import RESETTING, LambdaContainer
from tests.pictures import encode, scene
from tests.waiting import until

KEY = "faults/one/photo.jpg"
EVENT = {"keys": [KEY]}


@pytest.fixture(autouse=True)
def photograph(sam_aws: SamAws) -> None:
    sam_aws.aws.s3.put_object(Bucket=sam_aws.bucket, Key=KEY, Body=encode(scene(640, 480), "JPEG"))


def stored_revision(sam_aws: SamAws) -> int:
    """How often the picture's result was written."""
    item = sam_aws.aws.dynamodb.get_item(TableName=sam_aws.table, Key={"pk": {"S": f"image#{KEY}"}}).get("Item")
    return int(item["revision"]["N"]) if item else 0


def status(container: LambdaContainer) -> str:
    answer = container.invoke(EVENT)
    assert answer.error is None, answer.text
    (result,) = answer.document["results"]
    return str(result["status"])


@pytest.mark.parametrize("service", ["s3", "dynamodb", "events"])
def test_a_short_outage_is_bridged_within_the_invocation(
    engine: Engine, score_image: str, sam_aws: SamAws, faulty: FaultyAws, service: str
) -> None:
    with LambdaContainer(engine, score_image, {**sam_aws.variables, "AWS_ENDPOINT_URL": faulty.url}) as container:
        faulty.fail(service, times=2)

        assert status(container) == "scored"
        assert faulty.refused == 2


@pytest.mark.parametrize("service", ["s3", "dynamodb", "events"])
def test_a_long_outage_fails_the_invocation_so_that_lambda_tries_again(
    engine: Engine, score_image: str, sam_aws: SamAws, faulty: FaultyAws, service: str
) -> None:
    with LambdaContainer(engine, score_image, {**sam_aws.variables, "AWS_ENDPOINT_URL": faulty.url}) as container:
        faulty.fail(service, times=1000)
        assert container.invoke(EVENT).error == "Internal"

        faulty.fail(service, times=0)
        assert status(container) == "scored"
        assert stored_revision(sam_aws) >= 1


def test_a_silent_service_ends_in_a_time_out_and_the_next_event_is_dealt_with(
    engine: Engine, score_image: str, sam_aws: SamAws, faulty: FaultyAws
) -> None:
    variables = {**sam_aws.variables, "AWS_ENDPOINT_URL": faulty.url}
    # Long enough for a start on a busy machine: the time-out counts that too.
    with LambdaContainer(engine, score_image, variables, timeout=20) as container:
        faulty.be_silent(True)
        answer = container.invoke(EVENT)
        assert "Task timed out after 20.00 seconds" in answer.text
        assert answer.seconds < 60

        faulty.be_silent(False)
        until(lambda: container.invoke(EVENT).error != RESETTING, what="the runtime interface's reset")
        assert status(container) == "scored"


def test_a_crash_fails_the_event_and_the_next_one_gets_a_new_process(
    engine: Engine, score_image: str, sam_aws: SamAws, faulty: FaultyAws
) -> None:
    variables = {**sam_aws.variables, "AWS_ENDPOINT_URL": faulty.url}
    with LambdaContainer(engine, score_image, variables) as container, ThreadPoolExecutor() as aside:
        faulty.be_silent(True)
        asked = aside.submit(container.invoke, EVENT)
        until(lambda: faulty.waiting, what="the function's first request")
        container.kill_function()
        answer = asked.result()
        assert (answer.status, answer.error) == (502, "Runtime.ExitError"), answer.text

        faulty.be_silent(False)
        assert status(container) == "scored"


def test_too_little_memory_kills_the_runtime_and_the_next_event_gets_a_new_one(
    engine: Engine, score_image: str, sam_aws: SamAws
) -> None:
    before = stored_revision(sam_aws)
    # It believes that there is more, else it refuses what does not fit.
    variables = {**sam_aws.variables, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"}
    with LambdaContainer(engine, score_image, variables, memory=64) as container:
        for _ in range(2):
            answer = container.invoke(EVENT)
            assert (answer.status, answer.error) == (502, "Runtime.ExitError"), answer.text
    assert stored_revision(sam_aws) == before


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("NIMA_MAX_PIXELS", "many", "BadSetting"),
        ("MODEL", "nobody", "ModelUnavailable"),
        ("TABLE_NAME", "", "BadSetting"),
    ],
)
def test_a_bad_setting_fails_every_event_and_is_named_in_the_log(
    engine: Engine, score_image: str, sam_aws: SamAws, name: str, value: str, error: str
) -> None:
    with LambdaContainer(engine, score_image, {**sam_aws.variables, name: value}) as container:
        answer = container.invoke(EVENT)

        assert answer.error in (error, "Internal")
        assert error in container.logs()
        assert value in container.logs() or name in container.logs()


def test_an_event_of_another_service_is_refused(engine: Engine, score_image: str, sam_aws: SamAws) -> None:
    with LambdaContainer(engine, score_image, sam_aws.variables) as container:
        assert container.invoke({"source": "aws.ec2"}).error == "InvalidRequest"
        assert status(container) == "scored"
