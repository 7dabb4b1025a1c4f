"""What happens to pictures that are uploaded to the AWS for ``sam local``: the score function's container gets them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from nima.document.composite import WEIGHED
from nima.errors import NimaError
from nima.local.lambda_service import Function
from nima.local.sam.aws import SamAws
from nima.local.sam.build import Build
from nima.local.sam.client import RunningAws
from nima.local.sam.documents import bucket_of
from nima.local.sam.engine import built_image, reachable
from nima.local.sam.functions import Functions
from nima.local.sam.process import Write
from nima.local.sam.response import FunctionFailed
from nima.local.stack import deployed
from nima.report.table import printable


class Uploads:
    """Invokes the score function for each change of an object, one after the other, as S3 and Lambda do.

    A container is started with the first event of a bucket and anew after each build, so that it runs what was built
    last. Events that fail are tried again and then kept in the failure queue.

    Args:
        project: The project.
        port: The port of the AWS.
        host: As for ``reachable``.
        say: Takes a line about each picture.
        show: Takes what SAM and the functions log; None for nobody.
    """

    def __init__(self, project: Path, port: int, host: str | None, say: Write, show: Write | None) -> None:
        self._project = project
        self._port = port
        self._host = host
        self._say = say
        self._show = show
        self._functions: dict[str, Functions] = {}
        self._queue: Function | None = None

    def start(self, aws: SamAws) -> None:
        """Begins to work, for an AWS."""
        spec = aws.score
        self._queue = deployed(replace(spec, environment={}), aws.aws, lambda event, _: self._score(spec.id, event))

    def deliver(self, event: dict[str, Any]) -> None:
        """Takes an event; returns at once."""
        if self._queue:
            self._queue.invoke_async(event)

    def close(self) -> None:
        """Forgets what waits, and ends the containers."""
        for functions in self._functions.values():
            functions.close()
        if self._queue:
            self._queue.stop()

    def _score(self, function: str, event: Mapping[str, Any]) -> Any:
        bucket = bucket_of(event) or ""
        try:
            if bucket not in self._functions:
                self._functions[bucket] = Functions(self._project, partial(self._template, bucket), self._show)
            answer = self._functions[bucket].invoke(function, event)
        except (FunctionFailed, NimaError) as error:
            self._say(f"{_keys(event)}: failed: {error}")
            raise
        for result in answer["results"]:
            self._say(result_line(result))
        return answer

    def _template(self, bucket: str, running: ExitStack) -> str:
        build = Build(self._project)
        image, architecture = built_image(build)
        seen_as = running.enter_context(reachable(self._port, image, self._host))
        return build.template(RunningAws(self._port).variables(self._project, bucket, seen_as), architecture)


def result_line(result: Mapping[str, Any]) -> str:
    """One line about one result of the score function."""
    # What is scored may have a code too, of what is different from the event.
    parts = [str(result["status"] if result.get("composite") else result["code"] or result["status"])]
    parts += [f"{name} {result[name]:.2f}" for name in (*WEIGHED, "composite") if result.get(name)]
    return printable(f"{result['key']}: {', '.join(parts)}")


def _keys(event: Mapping[str, Any]) -> str:
    return printable(", ".join(record["s3"]["object"]["key"] for record in event["Records"]))
