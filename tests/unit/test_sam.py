"""What `make aws`, `make invoke`, `make score` and `make start-api` do without a container: files, events, answers."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from nima.errors import ImageTooLarge, InvalidRequest, UnreadableFile
from nima.local.sam.build import Build
from nima.local.sam.documents import bucket_of, chosen, evaluate_event, function_of, read_document
from nima.local.sam.functions import Functions
from nima.local.sam.relay import relay
from nima.local.sam.response import FunctionFailed, heading, picture_line, read_response
from nima.local.template import Template
from nima.web.evaluation import EVALUATE, MAX_PICTURE_BYTES
from nima.web.forms import read_picture
from nima.web.request import read_request
from tests.pictures import encode, scene
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"


# What SAM CLI 1.170 printed as the answer.
RAISED = (
    '{"errorMessage": "The event is neither one of S3 nor a list of \\"keys\\".", "errorType": "InvalidRequest", '
    '"requestId": "3562a2ee-0eda-4605-8a6a-4ad13a9bf007", "stackTrace": ["  File \\"/var/task/handler.py\\", line 89"]}'
)
TIMED_OUT = (
    "START RequestId: be239246",
    "Function 'ScoreFunction' timed out after 1 seconds",
    "END RequestId: be239246",
)
FAILURES = (
    (RAISED, (), "InvalidRequest: The event is neither"),
    ("", TIMED_OUT, "timed out after 1 seconds"),
    ("", (), "no answer"),
    ("\n", (), "no answer"),
    ("Traceback: no JSON", (), "no JSON"),
    ('{"errorMessage": "2026-11-27 be239246 Task timed out after 3.00 seconds"}', (), "timed out"),
    ('{"statusCode": 502, "body": "{}"}', (), "502"),
    (
        '{"results": [{"key": null, "status": "invalid", "message": "keys[0]: text, not a number."}]}',
        (),
        "keys.0.: text",
    ),
)


@pytest.mark.parametrize(("text", "logged", "reason"), FAILURES)
def test_a_failure_that_sam_takes_for_success_is_one(text: str, logged: tuple[str, ...], reason: str) -> None:
    with pytest.raises(FunctionFailed, match=reason):
        read_response(text, logged)


@pytest.mark.parametrize(
    "answer", [{"results": []}, {"results": [{"status": "rejected"}]}, {"statusCode": 404, "body": "{}"}, None, []]
)
def test_other_answers_are_no_failures(answer: Any) -> None:
    assert read_response(json.dumps(answer) + "\n") == answer


def test_a_line_has_the_scores_or_the_code_of_the_refusal() -> None:
    document = {
        "technical": {"mean": 5.6935},
        "aesthetic": {"mean": 5.2673},
        "composite": {"score": 5.4802, "stars": 3.5, "minds": []},
        "deductions": [{"code": "low_contrast", "sure": False}, {"code": "noise", "sure": False}],
    }
    refusal = {"error": {"code": "undecodable_image", "message": "The picture is damaged."}}

    line, scored = picture_line("a.jpg", {"statusCode": 200, "body": json.dumps(document)}, 8)
    refused, not_scored = picture_line("b\n.jpg", {"statusCode": 422, "body": json.dumps(refusal)}, 8)

    assert (scored, line.split()) == (True, ["a.jpg", "5.69", "5.27", "5.48", "★★★½", "low", "contrast"])
    assert (not_scored, refused) == (False, "b�.jpg    undecodable_image: The picture is damaged.")
    assert line.index("5.69") + 4 == heading(8).index("Technical") + len("Technical")


def test_a_picture_is_sent_as_the_function_reads_it(tmp_path: Path) -> None:
    body = encode(scene(64, 48), "JPEG")
    (tmp_path / "a b.jpg").write_bytes(body)

    event = json.loads(json.dumps(evaluate_event(tmp_path / "a b.jpg")))

    assert read_picture(read_request(event, {}, EVALUATE.body)) == body
    assert function_of(event, Template(ROOT)) == "EvaluateFunction"
    assert event.keys() == read_document(EVENTS / "api-evaluate.json").keys()


def test_a_picture_that_no_request_carries_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    fits, larger = tmp_path / "fits.jpg", tmp_path / "larger.jpg"
    fits.write_bytes(bytes(MAX_PICTURE_BYTES))
    larger.write_bytes(bytes(MAX_PICTURE_BYTES + 1))

    assert len(json.dumps(evaluate_event(fits))) < 6 << 20
    with pytest.raises(ImageTooLarge, match="make invoke IMAGE"):
        evaluate_event(larger)
    with pytest.raises(UnreadableFile):
        evaluate_event(tmp_path / "gone.jpg")


def test_every_document_goes_to_the_function_that_gets_such_events() -> None:
    template = Template(ROOT)
    called = {path.stem: function_of(read_document(path), template) for path in EVENTS.glob("*.json")}

    assert called.pop("api-get-image") == "QueryFunction"
    assert called.pop("api-evaluate") == "EvaluateFunction"
    assert set(called.values()) == {"ScoreFunction"}
    with pytest.raises(InvalidRequest, match="no route DELETE /images"):
        function_of({"httpMethod": "DELETE", "resource": "/images/nowhere"}, template)


def test_the_evaluation_document_is_a_picture_that_is_scored_in_its_own_style() -> None:
    event = read_document(EVENTS / "api-evaluate.json")

    with Image.open(io.BytesIO(read_picture(read_request(event, {}, EVALUATE.body)))) as picture:
        assert (picture.format, picture.size) == ("JPEG", (160, 120))
    assert event["multiValueQueryStringParameters"] == {"style": ["ecommerce"]}


def test_the_bucket_that_an_event_names() -> None:
    assert bucket_of(read_document(EVENTS / "s3-put.json")) == "nima-pictures-111122223333-eu-central-1"
    assert bucket_of(read_document(EVENTS / "eventbridge-created.json")) == "nima-pictures-111122223333-eu-central-1"
    nameless: list[dict[str, Any]] = [{"keys": ["a"]}, {"Records": []}, {"Records": [1]}, {"detail": 1}]
    assert [bucket_of(event) for event in nameless] == [None] * 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"Records": [\n  {,}\n]}', "line 2 column 4"),
        (b"", "line 1 column 1"),
        (b'{"a": "\xff"}', "not UTF-8: byte 7"),
        (b"[1]", "no JSON object"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_broken_document_is_named_with_the_place(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "mine.json").write_bytes(content)

    with pytest.raises(InvalidRequest, match=f"mine.json.*{said}"):
        read_document(tmp_path / "mine.json")


def test_pictures_get_their_paths_in_the_named_folder_as_keys(tmp_path: Path) -> None:
    for path in ("one/front.jpg", "two/front.jpg"):
        (tmp_path / "catalogue" / path).parent.mkdir(parents=True)
        (tmp_path / "catalogue" / path).write_bytes(b"")
    folder = tmp_path / "catalogue"
    assert list(chosen(str(folder)).by_key()) == ["one/front.jpg", "two/front.jpg"]
    assert chosen(str(folder / "one/front.jpg")).by_key() == {"front.jpg": folder / "one/front.jpg"}
    with pytest.raises(InvalidRequest, match=r"both get the key front\.jpg"):
        chosen(shlex.join([f"{folder}/one/front.jpg", f"{folder}/two"])).by_key()


def test_pictures_are_named_by_files_folders_and_patterns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("it's a shoe.jpg", "shoot/a.jpg", "shoot/b.png", "shoot/notes.txt"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()

    assert [str(path) for _, path in chosen("it's a shoe.jpg").pictures] == ["it's a shoe.jpg"]
    assert list(chosen("shoot").by_key()) == ["a.jpg", "b.png"]
    assert [skipped.path.name for skipped in chosen("shoot").skipped] == ["notes.txt"]
    several = chosen('"it\'s a shoe.jpg" shoot/*.png').pictures
    assert several == (
        ("it's a shoe.jpg", Path("it's a shoe.jpg")),
        ("b.png", Path("shoot/b.png")),
    )
    for missing in ("nowhere.jpg", "shoot/*.gif", "", "'"):
        with pytest.raises(InvalidRequest):
            chosen(missing)


def built(project: Path, level: str = "INFO") -> Path:
    """What a build leaves, with another log level in each; it was made a while ago."""
    folder = project / ".aws-sam" / "build"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "QueryFunction").mkdir(parents=True)
    properties = {"CodeUri": "QueryFunction", "Environment": {"Variables": {"LEVEL": level, "TABLE": {"Ref": "Table"}}}}
    document = {
        "Globals": {"Function": {"Architectures": [{"Ref": "Architecture"}]}},
        "Resources": {
            "QueryFunction": {"Type": "AWS::Serverless::Function", "Properties": properties},
            "ScoreFunction": {"Type": "AWS::Serverless::Function", "Properties": {"ImageUri": "score:latest"}},
        },
    }
    path = folder / "template.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    os.utime(path, (time.time() - PATIENCE, time.time() - PATIENCE))
    return path


def test_the_template_for_sam_stands_without_the_folder_of_the_build(tmp_path: Path) -> None:
    path = built(tmp_path)
    before = {file: file.stat().st_mtime_ns for file in path.parent.rglob("*")}

    text = Build(tmp_path).template({"QueryFunction": {"TABLE": "results", "AWS_ENDPOINT_URL": "http://aws"}}, "arm64")

    query, score = (found["Properties"] for found in yaml.safe_load(text)["Resources"].values())
    assert query["CodeUri"] == str(path.parent / "QueryFunction")
    assert query["Environment"]["Variables"] == {"LEVEL": "INFO", "TABLE": "results", "AWS_ENDPOINT_URL": "http://aws"}
    assert (score["ImageUri"], score["Architectures"]) == ("score:latest", ["arm64"])
    assert {file: file.stat().st_mtime_ns for file in path.parent.rglob("*")} == before


def test_what_is_not_built_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="make build"):
        Build(tmp_path).template({})
    assert (Build(tmp_path).stamp(), Build(tmp_path).in_progress) == (None, False)
    with pytest.raises(InvalidRequest, match="make build"):
        Build(tmp_path).wait()


def test_a_build_is_over_when_its_template_has_been_there_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nima.local.sam.build._LAST_SECONDS", PATIENCE / 2)
    path, build = built(tmp_path), Build(tmp_path)
    first = build.stamp()
    path.unlink()
    assert (build.stamp(), build.in_progress) == (None, True)
    path.write_text("{}", encoding="utf-8")
    assert (build.stamp(), build.in_progress) == (None, True)
    os.utime(path, (time.time() - PATIENCE, time.time() - PATIENCE))
    assert build.stamp() not in (None, first)
    build.wait()


def test_who_calls_during_a_build_gets_what_it_makes(project: Path) -> None:
    """A build removes the folder of the one before, also between the look at it and the reading."""
    reads: list[str] = []

    def template(_: ExitStack) -> str:
        if not reads:
            shutil.rmtree(project / ".aws-sam" / "build")
            threading.Timer(0.5, built, (project, "DEBUG")).start()
        reads.append("one")
        return Build(project).template({"QueryFunction": {"TABLE": "results"}})

    with Functions(project, template) as functions:
        assert functions.invoke("QueryFunction", [1])["LEVEL"] == "DEBUG"
    assert len(reads) == 2


# Answers as `sam local start-lambda` does: with what the template that it was started with says.
SAM = """\
import http.server, json, sys
import yaml

arguments = dict(zip(sys.argv[1:], sys.argv[2:]))
template = yaml.safe_load(open(arguments["--template"], encoding="utf-8"))
variables = template["Resources"]["QueryFunction"]["Properties"]["Environment"]["Variables"]

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        print("function", self.path.split("/")[-2], flush=True)
        answer = {"errorType": "Oops", "errorMessage": "no"} if event == "fail" else {**variables, "event": event}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

http.server.HTTPServer((arguments["--host"], int(arguments["--port"])), Handler).serve_forever()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a command line that stands for SAM's."""
    command = tmp_path / ".venv-sam" / "bin" / "sam"
    command.parent.mkdir(parents=True)
    (tmp_path / "sam.py").write_text(SAM, encoding="utf-8")
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tmp_path}/sam.py" "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    built(tmp_path)
    return tmp_path


def test_functions_run_what_was_built_last(project: Path) -> None:
    logged: list[str] = []
    ended: list[str] = []

    def template(entered: ExitStack) -> str:
        entered.callback(ended.append, "needed no more")
        return Build(project).template({"QueryFunction": {"TABLE": "results"}})

    with Functions(project, template, logged.append) as functions:
        assert functions.invoke("QueryFunction", [1]) == {"LEVEL": "INFO", "TABLE": "results", "event": [1]}
        assert functions.invoke("QueryFunction", [2])["event"] == [2]
        assert ended == []
        built(project, "DEBUG")
        assert functions.invoke("QueryFunction", [3])["LEVEL"] == "DEBUG"
        assert ended == ["needed no more"]
        (project / ".aws-sam" / "build" / "template.yaml").unlink()  # as during the next build
        assert functions.invoke("QueryFunction", [4])["LEVEL"] == "DEBUG"
        with pytest.raises(FunctionFailed, match="Oops: no"):
            functions.invoke("QueryFunction", "fail")
    assert "function QueryFunction" in logged
    assert ended == ["needed no more"] * 2


def test_a_sam_that_ends_is_an_error_that_says_what_it_said(project: Path) -> None:
    late = "import os, time\nif os.fork() == 0:\n    time.sleep(0.3)\n    print('no template for you')"
    (project / "sam.py").write_text(late, encoding="utf-8")

    with (
        Functions(project, lambda _: Build(project).template({})) as functions,
        pytest.raises(FunctionFailed, match="no template for you"),
    ):
        functions.invoke("QueryFunction", {})


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has more than one loopback address")
def test_a_relay_leads_to_a_loopback_port_from_one_address_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def echo() -> None:
            connection, _ = server.accept()
            with connection:
                while data := connection.recv(1 << 16):
                    connection.sendall(data.upper())

        answering = threading.Thread(target=echo)
        answering.start()
        with relay("127.0.0.2", server.getsockname()[1]) as port:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            with socket.create_connection(("127.0.0.2", port), timeout=PATIENCE) as client:
                client.sendall(b"a" * 1_000_000)
                client.shutdown(socket.SHUT_WR)
                answer = b"".join(iter(lambda: client.recv(1 << 16), b""))
        answering.join(PATIENCE)
    assert answer == b"A" * 1_000_000


@pytest.mark.parametrize(
    ("asked", "overrides"),
    [
        ((), ""),
        (("MODEL=nima-lite",), " --parameter-overrides Model=nima-lite"),
        (("MODEL=$(shell echo made);echo shell",), " --parameter-overrides Model=$(shell echo made);echo shell"),
        (("ARCH=arm64",), " --parameter-overrides Architecture=arm64"),
        (("MODEL=a", "ARCH=arm64"), " --parameter-overrides Model=a Architecture=arm64"),
    ],
)
def test_a_build_is_of_one_model_and_for_one_kind_of_processors(asked: tuple[str, ...], overrides: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("MODEL", "ARCH", "MAKEFLAGS")}
    command = ("make", "--silent", "--old-file=.venv-sam/.sam", "build", "SAM=echo", *asked)
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    assert said == f"build{overrides}\n"
