"""The application on one machine: real HTTP to S3, DynamoDB, SQS and the API, the functions that Lambda will run."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, unquote_plus
from urllib.request import Request, urlopen

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from nima.cli.local import _log
from nima.local.api import Api
from nima.local.lambda_service import Function
from nima.local.pictures import CONTROL, NOT_UTF8, pictures_of
from nima.local.screen import collect, upload
from nima.local.server import listen, serving
from nima.local.stack import LocalStack, local_stack
from nima.local.template import BUCKET, QUEUE, TABLE, FunctionSpec, Route, Template
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[2]
SCORE = "ScoreFunction"
NIMA = (sys.executable, "-c", "from nima.cli import main; main()", "local")


@pytest.fixture(scope="module")
def template() -> Template:
    return Template(ROOT)


@pytest.fixture(scope="module")
def stack(template: Template, model_folder: Path) -> Iterator[LocalStack]:
    environment, threads = dict(os.environ), set(threading.enumerate())
    variables = {"NIMA_MODELS": str(model_folder.parent), "MODEL": model_folder.name}
    with local_stack(template, listen(0), variables, retry_delay=0.01) as running:
        yield running
    assert dict(os.environ) == environment
    left = [thread.name for thread in set(threading.enumerate()) - threads]
    assert not [name for name in left if name.startswith(("http-", "lambda-"))]


@pytest.fixture
def heard(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The events that the score function gets during a test."""
    events: list[dict[str, Any]] = []
    handler = stack.functions[SCORE].handler

    def listening(event: dict[str, Any], context: object) -> Any:
        events.append(event)
        return handler(event, context)

    monkeypatch.setattr(stack.functions[SCORE], "handler", listening)
    return events


def picture(seed: int, side: int = 320) -> bytes:
    """A JPEG of soft coloured patches, another one for each seed."""
    patches = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(patches).resize((side, side), Image.Resampling.BICUBIC).save(file, "JPEG", quality=92)
    return file.getvalue()


def put(stack: LocalStack, key: str, body: bytes) -> dict[str, Any]:
    """Puts an object and waits until the functions have dealt with it."""
    answer = stack.aws.s3.put_object(Bucket=stack.bucket, Key=key, Body=body)
    settle(stack)
    return dict(answer)


def settle(stack: LocalStack) -> None:
    until(lambda: not stack.busy)


def document(stack: LocalStack, key: str) -> dict[str, Any]:
    found = stack.document(key)
    assert found is not None, f"the API has no document for {key!r}"
    return found


def record(event: dict[str, Any]) -> dict[str, Any]:
    (only,) = event["Records"]
    assert isinstance(only, dict)
    return only


def physical_id(stack: LocalStack, template: Template, kind: str) -> str:
    (logical_id,) = template.ids(kind)
    return stack.aws.physical_id(logical_id)


def test_a_picture_put_into_the_bucket_is_scored_and_the_api_answers_what_the_table_holds(
    stack: LocalStack, template: Template
) -> None:
    for seed in (1, 2, 3):
        put(stack, f"shoes/summer/{seed}.jpg", picture(seed))

    means = set()
    for seed in (1, 2, 3):
        key = f"shoes/summer/{seed}.jpg"
        answered = document(stack, key)
        assert answered["status"] == "scored"
        assert (answered["category"], answered["collection"]) == ("shoes", "shoes~1summer")
        for head in ("technical", "aesthetic"):
            distribution = answered[head]["distribution"]
            assert sum(distribution) == pytest.approx(1, abs=1e-3)
            mean = sum(score * share for score, share in enumerate(distribution, 1))
            assert answered[head]["mean"] == pytest.approx(mean, abs=0.01)
        item = stack.aws.dynamodb.get_item(
            TableName=physical_id(stack, template, TABLE), Key={"pk": {"S": f"image#{key}"}}
        )["Item"]
        stored = item["technical"]["M"]["mean"]["N"]
        assert answered["technical"]["mean"] == pytest.approx(float(stored))
        means.add(answered["technical"]["mean"])
    assert len(means) == 3


@pytest.mark.parametrize(
    "key",
    [
        "a/b/two words.jpg",
        "a/b/one+two.jpg",
        "a/b/100%.jpg",
        "a/b/%41%2F.jpg",
        "Küche/Sommer/Stühle 椅子 é.jpg",
        "a/b/c/d/e (1) [x] ~&=?#;,'.jpg",
        "a/b//c.jpg",
    ],
)
def test_every_key_works_from_the_upload_to_the_api(stack: LocalStack, heard: list[dict[str, Any]], key: str) -> None:
    put(stack, key, picture(4))

    encoded = record(heard[0])["s3"]["object"]["key"]
    assert re.fullmatch(r"[A-Za-z0-9._~/+%-]+", encoded)
    assert encoded.count("/") == key.count("/")
    assert unquote_plus(encoded) == key
    assert document(stack, key)["image"]["key"] == key


def test_a_record_is_what_s3_sends(stack: LocalStack, heard: list[dict[str, Any]]) -> None:
    body = picture(5)
    first = put(stack, "a/b/one two.jpg", body)
    second = put(stack, "a/b/one two.jpg", body)

    told = record(heard[0])
    assert (told["eventVersion"], told["eventSource"], told["eventName"]) == ("2.1", "aws:s3", "ObjectCreated:Put")
    assert told["s3"]["bucket"]["name"] == stack.bucket
    thing = told["s3"]["object"]
    sequencer = thing.pop("sequencer")
    assert thing == {
        "key": "a/b/one+two.jpg",
        "size": len(body),
        "eTag": first["ETag"].strip('"'),
        "versionId": first["VersionId"],
    }
    later = record(heard[1])["s3"]["object"]
    assert later["versionId"] == second["VersionId"]
    assert re.fullmatch("[0-9A-F]{18}", sequencer)
    assert re.fullmatch("[0-9A-F]{18}", later["sequencer"])
    assert later["sequencer"] > sequencer


def test_copies_and_multipart_uploads_are_told_once_and_by_their_names(
    stack: LocalStack, heard: list[dict[str, Any]]
) -> None:
    put(stack, "a/b/source.jpg", picture(6))
    stack.aws.s3.copy_object(
        Bucket=stack.bucket, Key="a/b/copy.jpg", CopySource={"Bucket": stack.bucket, "Key": "a/b/source.jpg"}
    )
    upload = stack.aws.s3.create_multipart_upload(Bucket=stack.bucket, Key="a/b/parts.jpg")
    which: Any = {"Bucket": stack.bucket, "Key": "a/b/parts.jpg", "UploadId": upload["UploadId"]}
    part = stack.aws.s3.upload_part(**which, PartNumber=1, Body=picture(7))
    stack.aws.s3.complete_multipart_upload(
        **which, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    )
    settle(stack)

    assert [record(event)["eventName"] for event in heard] == [
        "ObjectCreated:Put",
        "ObjectCreated:Copy",
        "ObjectCreated:CompleteMultipartUpload",
    ]
    assert document(stack, "a/b/copy.jpg")["technical"] == document(stack, "a/b/source.jpg")["technical"]
    assert document(stack, "a/b/parts.jpg")["status"] == "scored"


def test_metadata_of_the_upload_names_the_collection(stack: LocalStack) -> None:
    stack.aws.s3.put_object(
        Bucket=stack.bucket, Key="a/b/tagged.jpg", Body=picture(8), Metadata={"collection": "winter"}
    )
    settle(stack)

    assert document(stack, "a/b/tagged.jpg")["collection"] == "winter"


def test_overwriting_a_picture_replaces_its_document(stack: LocalStack) -> None:
    put(stack, "a/b/overwritten.jpg", picture(9))
    before = document(stack, "a/b/overwritten.jpg")
    answer = put(stack, "a/b/overwritten.jpg", picture(10))
    after = document(stack, "a/b/overwritten.jpg")

    assert after["image"]["etag"] == answer["ETag"].strip('"')
    assert after["technical"] != before["technical"]


def test_a_deleted_picture_is_gone_and_late_events_do_not_bring_it_back(
    stack: LocalStack, heard: list[dict[str, Any]]
) -> None:
    put(stack, "a/b/deleted.jpg", picture(11))
    answer = stack.aws.s3.delete_object(Bucket=stack.bucket, Key="a/b/deleted.jpg")
    settle(stack)

    assert stack.document("a/b/deleted.jpg") is None
    told = record(heard[1])
    assert told["eventName"] == "ObjectRemoved:DeleteMarkerCreated"
    assert told["s3"]["object"]["versionId"] == answer["VersionId"]
    assert "size" not in told["s3"]["object"]

    stack.functions[SCORE].invoke_async(heard[0])
    settle(stack)
    assert stack.document("a/b/deleted.jpg") is None


def test_deleting_an_old_version_is_told_with_its_version_and_leaves_the_newer_result(
    stack: LocalStack, heard: list[dict[str, Any]]
) -> None:
    old = put(stack, "a/b/versions.jpg", picture(12))
    put(stack, "a/b/versions.jpg", picture(13))
    newer = document(stack, "a/b/versions.jpg")
    stack.aws.s3.delete_object(Bucket=stack.bucket, Key="a/b/versions.jpg", VersionId=old["VersionId"])
    settle(stack)

    told = record(heard[2])
    assert told["eventName"] == "ObjectRemoved:Delete"
    assert told["s3"]["object"]["versionId"] == old["VersionId"]
    later = document(stack, "a/b/versions.jpg")
    assert later["sequencer"] > newer["sequencer"]
    assert {**later, "sequencer": newer["sequencer"]} == newer


def test_what_was_behind_a_deleted_version_or_marker_shows_again(
    stack: LocalStack, heard: list[dict[str, Any]]
) -> None:
    key = "a/b/again.jpg"
    old, new = put(stack, key, picture(12)), put(stack, key, picture(13))

    def shown_after_deletion(version_id: str | None = None) -> Any:
        if version_id:
            stack.aws.s3.delete_object(Bucket=stack.bucket, Key=key, VersionId=version_id)
        else:
            stack.aws.s3.delete_object(Bucket=stack.bucket, Key=key)
        settle(stack)
        found = stack.document(key)
        return found and found["image"]["version_id"]

    assert shown_after_deletion(new["VersionId"]) == old["VersionId"]
    assert shown_after_deletion() is None
    marker = record(heard[-1])["s3"]["object"]["versionId"]
    assert shown_after_deletion(marker) == old["VersionId"]
    names = [record(event)["eventName"] for event in heard[2:]]
    assert names == ["ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated", "ObjectRemoved:Delete"]


def test_repeated_and_late_events_change_nothing(stack: LocalStack, heard: list[dict[str, Any]]) -> None:
    put(stack, "a/b/repeated.jpg", picture(14))
    put(stack, "a/b/repeated.jpg", picture(15))
    newest = document(stack, "a/b/repeated.jpg")

    for event in (heard[1], heard[0]):
        stack.functions[SCORE].invoke_async(event)
    settle(stack)
    assert document(stack, "a/b/repeated.jpg") == newest


def test_a_text_file_called_jpg_is_rejected_with_its_code(stack: LocalStack) -> None:
    put(stack, "a/b/text.jpg", b"This is no picture.")

    rejected = document(stack, "a/b/text.jpg")
    assert rejected["status"] == "rejected"
    assert rejected["error"]["code"] == "unsupported_format"
    assert rejected["error"]["message"]


def test_what_keeps_failing_ends_in_the_failure_queue_and_holds_up_nothing_else(
    stack: LocalStack, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = stack.functions[SCORE]
    handler = function.handler
    attempts = []

    def failing(event: dict[str, Any], context: Any) -> Any:
        if "broken" in record(event)["s3"]["object"]["key"]:
            attempts.append(context.aws_request_id)
            raise RuntimeError("broken on purpose")
        return handler(event, context)

    monkeypatch.setattr(function, "handler", failing)
    stack.aws.s3.put_object(Bucket=stack.bucket, Key="a/b/broken.jpg", Body=picture(16))
    put(stack, "a/b/after.jpg", picture(17))

    assert document(stack, "a/b/after.jpg")["status"] == "scored"
    assert stack.document("a/b/broken.jpg") is None
    messages = stack.aws.sqs.receive_message(QueueUrl=physical_id(stack, template, QUEUE), MaxNumberOfMessages=10).get(
        "Messages", []
    )
    (failure,) = [json.loads(message["Body"]) for message in messages]
    assert attempts == [failure["requestContext"]["requestId"]] * 3
    assert failure["requestContext"]["condition"] == "RetriesExhausted"
    assert failure["requestContext"]["approximateInvokeCount"] == 3
    assert failure["requestContext"]["functionArn"] == f"{function.arn}:$LATEST"
    assert record(failure["requestPayload"])["s3"]["object"]["key"] == "a/b/broken.jpg"
    assert failure["responsePayload"]["errorType"] == "RuntimeError"
    assert failure["responsePayload"]["errorMessage"] == "broken on purpose"


def test_the_stores_are_those_of_the_template(stack: LocalStack, template: Template) -> None:
    bucket, thumbnails = (stack.aws.physical_id(id) for id in ("Bucket", "ThumbnailBucket"))
    table = physical_id(stack, template, TABLE)

    assert bucket == stack.bucket
    assert template.ids(BUCKET) == ["Bucket", "ThumbnailBucket"]
    assert stack.aws.s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    for name in (bucket, thumbnails):
        assert all(stack.aws.s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values())
    silent = stack.aws.s3.get_bucket_notification_configuration(Bucket=thumbnails)
    assert "LambdaFunctionConfigurations" not in silent
    (told,) = stack.aws.s3.get_bucket_notification_configuration(Bucket=bucket)["LambdaFunctionConfigurations"]
    assert told["LambdaFunctionArn"] == stack.functions[SCORE].arn
    assert sorted(told["Events"]) == ["s3:LifecycleExpiration:*", "s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    schema = stack.aws.dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
    assert schema == [{"AttributeName": "pk", "KeyType": "HASH"}]
    expiry = stack.aws.dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


def test_unknown_routes_answer_as_the_template_words_it(stack: LocalStack) -> None:
    for method, path in (("GET", "/nothing/here"), ("GET", "/collections"), ("POST", "/stats")):
        with pytest.raises(HTTPError) as refused:
            urlopen(Request(f"{stack.api}{path}", method=method), timeout=PATIENCE)
        assert refused.value.code == 404
        assert json.load(refused.value)["error"] == {"code": "not_found", "message": "There is no such route."}


def test_a_request_becomes_the_event_of_a_rest_api() -> None:
    """As API Gateway's REST APIs were recorded: the path and its parameters stay encoded, query strings do not."""

    def echo(event: dict[str, Any], _: object) -> dict[str, Any]:
        return {"statusCode": 200, "multiValueHeaders": {"X-Two": ["1", "2"]}, "body": json.dumps(event)}

    spec = FunctionSpec("Echo", Path(), "echo", {}, 3, 128, 0, None, (), (Route("ANY", "/images/{key+}", "v1"),))
    function = Function(spec, "arn:aws:lambda:eu-central-1:123456789012:function:echo", echo, None, 0)
    path = "/images/user/test%2Balias@x/one%20two+three%2F4"
    with serving(Api([(spec.routes[0], function)], "123456789012"), listen(0)) as port:
        url = f"http://localhost:{port}{path}?a=1&a=two%20words&b=x+y"
        with urlopen(
            Request(url, data=b"\xff\xd8\xff", headers={"X-Odd": "é"}, method="POST"), timeout=PATIENCE
        ) as response:
            assert response.headers.get_all("X-Two") == ["1", "2"]
            event = json.load(response)
    function.stop()

    assert event["resource"] == event["requestContext"]["resourcePath"] == "/images/{key+}"
    assert event["path"] == path
    assert event["requestContext"]["path"] == f"/v1{path}"
    assert event["pathParameters"] == {"key": path.removeprefix("/images/")}
    assert event["queryStringParameters"] == {"a": "two words", "b": "x y"}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "two words"], "b": ["x y"]}
    assert (event["body"], event["isBase64Encoded"]) == ("/9j/", True)
    assert event["multiValueHeaders"]["Host"] == [f"localhost:{port}"]
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"


def test_files_that_cannot_be_keys_are_named_and_hold_up_no_other(stack: LocalStack, tmp_path: Path) -> None:
    deep = Path(*["d" * 205] * 5)
    for path in ("plain.jpg", "new\nline.jpg", "tab\tin/it.jpg", deep / "front.jpg", os.fsdecode(b"caf\xe9.jpg")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(picture(30))
    found = pictures_of(tmp_path)
    told = io.StringIO()
    console = Console(file=told, width=2000)
    documents = collect(console, stack, upload(console, stack, found.files))
    assert {path: document and document["status"] for path, document in documents.items()} == {"plain.jpg": "scored"}
    assert re.search(r"front.jpg is skipped: its key would be longer than 1024 bytes", told.getvalue())
    assert {(one.path.name, one.reason) for one in found.skipped} == {
        ("new\nline.jpg", CONTROL),
        ("it.jpg", CONTROL),
        (os.fsdecode(b"caf\xe9.jpg"), NOT_UTF8),
    }


def test_what_the_bucket_refuses_is_named_and_holds_up_no_other(stack: LocalStack, tmp_path: Path) -> None:
    (tmp_path / "plain.jpg").write_bytes(picture(31))
    told = io.StringIO()
    elsewhere = replace(stack, bucket="nowhere")
    assert upload(Console(file=told, width=2000), elsewhere, {"plain.jpg": tmp_path / "plain.jpg"}) == []
    assert "plain.jpg is skipped: " in told.getvalue()


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    (folder / "sub folder").mkdir(parents=True)
    (folder / "good.jpg").write_bytes(picture(20))
    (folder / "sub folder" / "ümlaut.jpg").write_bytes(picture(21))
    (folder / "broken.png").write_bytes(b"not a picture")
    (folder / "notes.txt").write_bytes(b"not for upload")
    return folder


def environment(model_folder: Path, temporary: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NIMA_", "MODEL"))}
    ours = {"NIMA_MODELS": str(model_folder.parent), "TMPDIR": str(temporary), "COLUMNS": "120"}
    return {**kept, **ours, "PYTHONFAULTHANDLER": "1"}


def exit_code(running: subprocess.Popen[str], temporary: Path) -> int:
    """Waits for the end of the command; where that does not come, fails with what its threads are doing."""
    try:
        return running.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGABRT)
        running.wait()
        pytest.fail("\n".join(log.read_text() for log in temporary.glob("nima-local-*.log")))


def test_the_command_scores_a_folder_answers_and_ends_cleanly_on_ctrl_c(
    photographs: Path, model_folder: Path, tmp_path: Path
) -> None:
    command = (*NIMA, "--images", str(photographs), "--port", "0")
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(model_folder, tmp_path),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert running.stdout is not None
        shown = ""
        for line in running.stdout:
            shown += line
            if line.startswith("Answering"):
                break
        assert "good.jpg" in shown
        assert "rejected: unsupported_format" in shown
        assert "1 skipped, no pictures by their names: " in shown
        assert "notes.txt" in shown
        port = re.search(r"API +http://localhost:(\d+)/images/<key>", shown)
        assert port, shown
        key = "incoming/sub folder/ümlaut.jpg"
        with urlopen(f"http://localhost:{port[1]}/images/{quote(key)}", timeout=PATIENCE) as response:
            assert json.load(response)["image"]["key"] == key
        for collection, keys in (("sub%20folder", {key}), ("~", {"incoming/good.jpg"})):
            with urlopen(f"http://localhost:{port[1]}/collections/{collection}/ranking", timeout=PATIENCE) as response:
                ranking = json.load(response)
            assert {entry["key"] for entry in ranking["entries"]} == keys
            assert ranking["recommended"]["key"] in keys
        bucket = re.search(r"curl -T photo.jpg (\S+)", shown)
        assert bucket, shown
        upload = Request(bucket[1], data=picture(22), headers={"Content-Type": "image/jpeg"}, method="PUT")
        with urlopen(upload, timeout=PATIENCE) as response:
            assert response.status == 200

        running.send_signal(signal.SIGINT)
        assert exit_code(running, tmp_path) == 130
        assert not list(tmp_path.glob("nima-local-*.log"))
        assert "Traceback" not in running.stdout.read()
    finally:
        running.kill()
        running.wait()
        if running.stdout:
            running.stdout.close()
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)


def test_the_log_stays_where_something_failed() -> None:
    with _log(verbose=False) as log:
        os.write(2, b"nothing of note\n")
    assert not Path(log.place).exists()
    with _log(verbose=False) as log:
        os.write(2, b"gave up\n")
        log.kept = True
    failed = Path(log.place)
    assert failed.read_text() == "gave up\n"
    failed.unlink()
    places = []

    def failing() -> None:
        with _log(verbose=False) as log:
            places.append(Path(log.place))
            os.write(2, b"before the end\n")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert places[0].read_text() == "before the end\n"
    places[0].unlink()


def test_the_command_says_in_one_line_what_is_wrong(photographs: Path, model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with listen(0) as taken:
        port = taken.getsockname()[1]
        for arguments, models, said in (
            (["--images", str(tmp_path / "nowhere")], model_folder.parent, "is not a folder."),
            (["--images", str(tmp_path / "empty")], model_folder.parent, "There are no pictures in"),
            (["--images", str(photographs), "--port", str(port)], model_folder.parent, f"or make run PORT={port + 1}."),
            (
                ["--images", str(photographs), "--port", "0"],
                tmp_path / "empty",
                "`nima models install` (`make models`)",
            ),
        ):
            env = {**environment(model_folder, tmp_path), "NIMA_MODELS": str(models)}
            done = subprocess.run(
                [*NIMA, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
            assert done.returncode == 1
            assert said in done.stderr
            assert len(done.stderr.splitlines()) == 1
