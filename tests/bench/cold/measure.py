"""One container measured: from its start through its first picture to many, at a share of the processor."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
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
    """What is measured: an image, its name in the tables, its environment and the folders it sees."""

    name: str
    image: str
    variables: Mapping[str, str]
    mounts: Mapping[str, str]


@dataclass(frozen=True)
class Figures:
    """Seconds, megabytes and US dollars of one subject at one size.

    Attributes:
        start: From the order to run the container until its first score.
        first: From the first request until its answer: initialisation and the first score.
        p50, p95, p99: Whole warm invocations, from the bucket into the table.
        document: Median from the picture's bytes to its document, as the function itself reports it.
        peak: The most memory that the container took.
        dollars: For a million warm pictures.
    """

    subject: str
    memory: int
    processors: float
    start: float
    first: float
    p50: float
    p95: float
    p99: float
    document: float
    peak: float
    dollars: float


def measure(engine: Engine, subject: Subject, key: str, memory: int, starts: int, repeats: int) -> Figures:
    """Starts ``starts`` containers, and asks the last one ``repeats`` times more."""
    processors = memory / MEGABYTES_PER_PROCESSOR
    event = {"keys": [key]}
    started, first, warm, documents, peak = [], [], [], [], 0.0
    for turn in range(starts):
        container = LambdaContainer(
            engine, subject.image, subject.variables, memory=memory, cpus=round(processors, 3), mounts=subject.mounts
        )
        with container:
            answer = container.invoke(event)
            started.append(time.perf_counter() - container.started)
            _milliseconds(answer.document)
            first.append(answer.seconds)
            if turn == starts - 1:
                for _ in range(repeats):
                    answer = container.invoke(event)
                    warm.append(answer.seconds)
                    documents.append(_milliseconds(answer.document) / 1000)
                peak = container.peak_megabytes()
    return Figures(
        subject=subject.name,
        memory=memory,
        processors=round(processors, 2),
        start=median(started),
        first=median(first),
        p50=percentile(warm, 50),
        p95=percentile(warm, 95),
        p99=percentile(warm, 99),
        document=median(documents),
        peak=peak,
        dollars=million(memory, percentile(warm, 50)),
    )


def percentile(values: list[float], share: float) -> float:
    """The least value that ``share`` percent of the values do not exceed."""
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


def million(memory: int, seconds: float) -> float:
    """What a million invocations cost in US dollars; Lambda bills whole milliseconds."""
    billed = math.ceil(seconds * 1000) / 1000
    return 1e6 * (memory / 1024 * billed * PER_GIGABYTE_SECOND + PER_REQUEST)


def _milliseconds(document: Any) -> float:
    (result,) = document["results"]
    if result["status"] != "scored":
        raise RuntimeError(f"not scored: {document}")
    return float(result["milliseconds"])
