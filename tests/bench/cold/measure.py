"""One container measured: from its start through its first picture to many, at a share of the processor."""

from __future__ import annotations

import base64
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tests.container.engine import Engine
from tests.container.lambda_container import LambdaContainer

# Lambda gives one processor for each 1769 MB.
MEGABYTES_PER_PROCESSOR = 1769
# USD, x86_64, us-east-1, https://aws.amazon.com/lambda/pricing/ as of November 2026.
PER_GIGABYTE_SECOND = 0.0000166667
PER_REQUEST = 0.20 / 1e6


@dataclass(frozen=True)
class Subject:
    """What is measured: an image, its name in the tables, its environment, the folders it sees, what it is asked.

    Attributes:
        command: The handler, else the image's own.
    """

    name: str
    image: str
    variables: Mapping[str, str]
    mounts: Mapping[str, str]
    event: Mapping[str, Any]
    command: Sequence[str] = ()


def from_bucket(key: str) -> dict[str, Any]:
    """The event that asks for a picture in the bucket: it is fetched, scored, and its result stored and told."""
    return {"keys": [key]}


def in_request(jpeg: bytes) -> dict[str, Any]:
    """The event that brings a picture along, as API Gateway passes POST /evaluate on: no other service is asked."""
    return {
        "resource": "/evaluate",
        "path": "/evaluate",
        "httpMethod": "POST",
        "headers": {"Content-Type": "image/jpeg"},
        "multiValueHeaders": {"Content-Type": ["image/jpeg"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "requestContext": {"httpMethod": "POST", "path": "/evaluate", "resourcePath": "/evaluate", "requestId": "1"},
        "body": base64.b64encode(jpeg).decode(),
        "isBase64Encoded": True,
    }


@dataclass(frozen=True)
class Figures:
    """Seconds, megabytes and US dollars of one subject at one size.

    Attributes:
        start: From the order to run the container until its first score.
        first: From the first request until its answer: initialisation and the first score.
        first_processor: Processor time of the container until then, its own start included.
        first_beside: Processor time of this process during ``first``: of the AWS that it serves.
        p50, p95, p99: Whole warm invocations, as the event asks for them.
        document: Median from the picture's bytes to its document, as the function itself reports it.
        peak: The most memory that the container took.
        dollars: For a million warm pictures.
    """

    subject: str
    memory: int
    processors: float
    start: float
    first: float
    first_processor: float
    first_beside: float
    p50: float
    p95: float
    p99: float
    document: float
    peak: float
    dollars: float


@dataclass
class Series:
    """What is seen of one subject at one size, over several containers."""

    subject: Subject
    memory: int
    started: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    documents: list[float] = field(default_factory=list)
    peak: float = 0.0

    @property
    def processors(self) -> float:
        return self.memory / MEGABYTES_PER_PROCESSOR

    def start(self, engine: Engine, repeats: int) -> None:
        """Starts one more container, and asks it ``repeats`` times more after its first answer."""
        subject = self.subject
        event = dict(subject.event)
        container = LambdaContainer(
            engine,
            subject.image,
            subject.variables,
            memory=self.memory,
            cpus=round(self.processors, 3),
            mounts=subject.mounts,
            command=subject.command,
        )
        with container:
            before = time.process_time()
            answer = container.invoke(event)
            self.started.append(time.perf_counter() - container.started)
            self.beside.append(time.process_time() - before)
            self.processor.append(container.processor_seconds())
            _milliseconds(answer.document)
            self.first.append(answer.seconds)
            for _ in range(repeats):
                answer = container.invoke(event)
                self.warm.append(answer.seconds)
                self.documents.append(_milliseconds(answer.document) / 1000)
            self.peak = max(self.peak, container.peak_megabytes())

    def figures(self) -> Figures:
        """What is told of it."""
        return Figures(
            subject=self.subject.name,
            memory=self.memory,
            processors=round(self.processors, 2),
            start=median(self.started),
            first=median(self.first),
            first_processor=median(self.processor),
            first_beside=median(self.beside),
            p50=percentile(self.warm, 50),
            p95=percentile(self.warm, 95),
            p99=percentile(self.warm, 99),
            document=median(self.documents),
            peak=self.peak,
            dollars=million(self.memory, percentile(self.warm, 50)),
        )


def percentile(values: list[float], share: float) -> float:
    """The least value that ``share`` percent of the values do not exceed."""
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


def million(memory: int, seconds: float) -> float:
    """What a million invocations cost in US dollars; Lambda bills whole milliseconds."""
    billed = math.ceil(seconds * 1000) / 1000
    return 1e6 * (memory / 1024 * billed * PER_GIGABYTE_SECOND + PER_REQUEST)


def _milliseconds(document: Any) -> float:
    if "body" in document:
        if document["statusCode"] != 200:
            raise RuntimeError(f"not scored: {document}")
        return float(json.loads(document["body"])["timings_ms"]["total"])
    (result,) = document["results"]
    if result["status"] != "scored":
        raise RuntimeError(f"not scored: {document}")
    return float(result["milliseconds"])
