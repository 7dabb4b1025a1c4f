"""The commands behind `make aws`, `make invoke`, `make score` and `make start-api`."""

from __future__ import annotations

import json
import logging
import re
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import click

from nima.errors import InvalidRequest, NimaError, PermanentError
from nima.interrupt import end_in_order, heeded
from nima.local.files import expanded, shown, skipped_lines
from nima.local.project import find_project
from nima.local.sam.build import Build
from nima.local.sam.client import RunningAws
from nima.local.sam.documents import EVALUATE, Chosen, bucket_of, chosen, evaluate_event, function_of, read_document
from nima.local.sam.engine import built_image, reachable
from nima.local.sam.functions import Functions
from nima.local.sam.process import SamFailed, Service, find_sam, invoke_once
from nima.local.sam.response import FunctionFailed, heading, picture_line, read_response, refused_line
from nima.local.template import Template

NOWHERE = "http://127.0.0.1:9"
"""Where no AWS answers."""

_ACCESS = re.compile(r'"[A-Z]+ \S+ HTTP/[\d.]+" (\d{3})')
_COLOURS = re.compile(r"\x1b\[[\d;]*m")

aws_port = click.option("--aws-port", envvar="AWS_PORT", type=click.IntRange(1, 65535), default=4566, show_default=True)
host = click.option("--host", envvar="CONTAINER_HOST", help="An address of this machine that containers reach.")
verbose = click.option("--verbose", envvar="VERBOSE", is_flag=True, help="Show all that SAM and the functions log.")


class _Group(click.Group):
    """Commands whose expected failures are one line, and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        # Where a terminal is closed, containers end too.
        end_in_order(*([signal.SIGINT] if heeded() else []), signal.SIGTERM, signal.SIGHUP)
        try:
            return super().invoke(ctx)
        except NimaError as error:
            raise click.ClickException(error.message) from error
        except SamFailed as error:
            raise click.ClickException(f"SAM failed:\n{error}") from error


@click.group(cls=_Group)
def main() -> None:
    """The functions in their containers, by `sam local`."""


@main.command()
@aws_port
@host
@verbose
def aws(aws_port: int, host: str | None, verbose: bool) -> None:
    """Serve S3, DynamoDB, SQS and EventBridge until Ctrl-C, and score what is uploaded."""
    # moto takes a second to import, which the other commands need not wait for.
    from nima.local.sam.aws import aws_for_sam
    from nima.local.sam.uploads import Uploads
    from nima.local.server import wait_for_signal

    logging.getLogger("nima").setLevel(logging.CRITICAL)  # the line about a failed picture says it all
    project = find_project()
    uploads = Uploads(project, aws_port, host, click.echo, _to_stderr if verbose else None)
    try:
        with aws_for_sam(project, aws_port, uploads.deliver) as running, closing(uploads):
            uploads.start(running)
            for problem in running.problems:
                click.echo(f"{problem} Left out.", err=True)
            click.echo(_directions(running.url, running.bucket))
            wait_for_signal()
    except OSError as error:
        message = f"Port {aws_port}: {error.strerror}. Name another one: make aws AWS_PORT=4567."
        raise click.ClickException(message) from error


@main.command()
@click.option("--event", envvar="EVENT", type=click.Path(path_type=Path), default=Path("events", "s3-put.json"))
@click.option("--image", envvar="IMAGE", help="Pictures to put into the bucket first.")
@click.option("--key", envvar="KEY", help="An object to be scored again; with --image, the key that it gets.")
@click.option("--bucket", envvar="BUCKET", help="The bucket of both; else the one that `make aws` names.")
@click.option("--function", envvar="FUNCTION", help="A function's logical id; else the one that gets such events.")
@aws_port
@host
@verbose
def invoke(
    *,
    event: Path,
    image: str | None,
    key: str | None,
    bucket: str | None,
    function: str | None,
    aws_port: int,
    host: str | None,
    verbose: bool,
) -> None:
    """Invoke a function in its container with an event, with the event of a new picture, or with a key."""
    project = find_project()
    build = _built(project)
    sam, (built, architecture) = find_sam(project), built_image(build)
    running = RunningAws(aws_port)
    bucket = bucket or running.bucket
    if image:
        document = _put(running, bucket, _chosen(image).by_key(), key)
    elif key:
        running.check(bucket, key)
        document = {"keys": [key]}
    else:
        document = read_document(expanded(event))
        running.send(document)
        bucket = bucket_of(document) or bucket
    called = function or function_of(document, Template(project))
    logged: list[str] = []

    def log(line: str) -> None:
        logged.append(line)
        if verbose:
            _to_stderr(line)

    with reachable(aws_port, built, host) as seen_as:
        template = build.template(running.variables(project, bucket, seen_as), architecture)
        answer = invoke_once(sam, template, called, json.dumps(document), log)
    click.echo(answer.rstrip("\n"))
    try:
        read_response(answer, logged)
    except FunctionFailed as error:
        raise click.ClickException("\n".join((f"{called} failed: {error}", *([] if verbose else logged)))) from error


@main.command()
@click.option("--image", envvar="IMAGE", required=True, help="Pictures, folders and patterns.")
@verbose
def score(image: str, verbose: bool) -> None:
    """Score pictures with the evaluate function in its container; nothing else has to run."""
    project = find_project()
    build = _built(project)
    found = {shown(path): path for _, path in _chosen(image).pictures}
    _, architecture = built_image(build)
    evaluate = Template(project).behind(EVALUATE.method, EVALUATE.path)

    def template(_: ExitStack) -> str:
        return build.template({evaluate: {"AWS_ENDPOINT_URL": NOWHERE}}, architecture)

    width = max(len(name) for name in (*found, "File"))
    failed = refused = 0
    with Functions(project, template, _to_stderr if verbose else None) as functions:
        click.echo(heading(width))
        for name, path in found.items():
            try:
                event = evaluate_event(path)
            except PermanentError as error:
                click.echo(refused_line(name, error.to_json(), width))
                refused += 1
                continue
            try:
                line, scored = picture_line(name, functions.invoke(evaluate, event), width)
                refused += not scored
            except FunctionFailed as error:
                line, failed = refused_line(name, {"code": "failed", "message": str(error)}, width), failed + 1
            click.echo(line)
    sys.exit(1 if failed else 3 if refused else 0)


@main.command("start-api")
@click.option("--port", envvar="PORT", type=click.IntRange(1, 65535), default=8000, show_default=True)
@aws_port
@host
@verbose
def start_api(port: int, aws_port: int, host: str | None, verbose: bool) -> None:
    """Answer the REST API from containers until Ctrl-C, always with what was built last."""
    project = find_project()
    build = Build(project)
    running = RunningAws(aws_port)

    def template(entered: ExitStack) -> str:
        image, architecture = built_image(build)
        seen_as = entered.enter_context(reachable(aws_port, image, host))
        return build.template(running.variables(project, running.bucket, seen_as), architecture)

    command = [find_sam(project), "local", "start-api", "--warm-containers", "LAZY", "--no-watch"]
    service = Service(command, build, template, port, _to_stderr if verbose else _failures_only(_to_stderr))
    with closing(service):
        while True:
            if service.ensure():
                click.echo(f"The API of the latest build answers at http://localhost:{port} until Ctrl-C.")
            time.sleep(0.5)


def _built(project: Path) -> Build:
    """The latest build, once it is over."""
    build = Build(project)
    if build.in_progress:
        click.echo("Waiting for the build ...", err=True)
    build.wait()
    return build


def _chosen(image: str) -> Chosen:
    found = chosen(image)
    for line in skipped_lines(found.skipped):
        click.echo(line, err=True)
    return found


def _put(running: RunningAws, bucket: str, found: dict[str, Path], key: str | None) -> dict[str, Any]:
    if key and len(found) > 1:
        raise InvalidRequest("KEY goes with one picture.")
    events = [running.put(bucket, key or own_key, path) for own_key, path in found.items()]
    return {"Records": [record for event in events for record in event["Records"]]}


def _directions(url: str, bucket: str) -> str:
    return "\n".join(
        (
            f"S3, DynamoDB, SQS and EventBridge at {url} until Ctrl-C.",
            f"What is uploaded to the bucket {bucket} is scored in the container of the latest build:",
            f"  curl -T photo.jpg {url}/{bucket}/shoes/my-shoe/photo.jpg",
            f"  aws s3 cp photo.jpg s3://{bucket}/shoes/my-shoe/photo.jpg --endpoint-url {url}",
        )
    )


def _to_stderr(line: str) -> None:
    click.echo(line, err=True)


def _failures_only(write: Callable[[str], None]) -> Callable[[str], None]:
    """Writes the line of each request, and what was logged before it where it failed."""
    before: list[str] = []

    def show(line: str) -> None:
        before.append(_COLOURS.sub("", line))
        found = _ACCESS.search(before[-1])
        if found:
            for kept in before if found[1] >= "500" else before[-1:]:
                write(kept)
            before.clear()
        del before[:-200]

    return show
