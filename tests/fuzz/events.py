"""Event documents and HTTP requests with something wrong in them, against the real functions on an AWS of this machine.

``python -m tests.fuzz.events --share 0.1 --seed 1``: every answer has to be one that the documentation knows, no
failure without a code, no traceback, no 5xx, and none may take five seconds of processor time or 500 MB.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import click

from nima.errors import NimaError
from nima.local.lambda_service import FunctionError
from nima.local.server import listen
from nima.local.stack import LocalStack, local_stack
from nima.local.template import QUEUE, Template
from nima.model.folder import SHIPPED
from tests.fuzz import cost, requests
from tests.fuzz.mutations import mutated

ROOT = Path(__file__).resolve().parents[2]
INPUTS, BATCH = 60_000, 3_000
SCORE, QUERY, EVALUATE = "ScoreFunction", "QueryFunction", "EvaluateFunction"
STATUSES = {"scored", "rejected", "deleted", "unchanged", "stale", "gone", "ignored", "invalid"}
EXAMPLE_BUCKET = "nima-pictures-111122223333-eu-central-1"


def codes(kind: type[NimaError] = NimaError) -> set[str]:
    """The closed set of codes."""
    own = {kind.code} if hasattr(kind, "code") else set()
    return own.union(*(codes(other) for other in kind.__subclasses__()))


@dataclass
class Findings:
    """What the run found, and what it cost."""

    answers: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[int, str, Any]] = field(default_factory=list)
    left: int = 0
    largest: int = 0
    slowest: float = 0.0
    slowest_input: tuple[int, Any] = (0, None)

    def check(self, number: int, event: Any, answer: str, fault: str | None, seconds: float, taken: int) -> None:
        self.answers[answer] += 1
        self.largest = max(self.largest, taken)
        if seconds > self.slowest:
            self.slowest, self.slowest_input = seconds, (number, event)
        if seconds > cost.MOST_SECONDS or taken > cost.MOST_BYTES:
            fault = fault or f"{seconds:.1f} s, {taken / 1e6:.0f} MB"
        if fault:
            self.faults.append((number, fault, event))


def run(findings: Findings, numbers: range, seed: int) -> None:
    """Sends the inputs of these numbers to a stack of their own, as the one before has grown."""
    with a_stack() as stack:
        _send(findings, stack, numbers, seed)
        findings.left += _left(stack)


def _send(findings: Findings, stack: LocalStack, numbers: range, seed: int) -> None:
    documents = [
        json.loads(path.read_text(encoding="utf-8").replace(EXAMPLE_BUCKET, stack.bucket))
        for path in sorted((ROOT / "events").glob("*.json"))
    ]
    template = next(document for document in documents if "httpMethod" in document)
    events = [document for document in documents if "httpMethod" not in document]
    for number in numbers:
        chance = random.Random(f"{seed} {number}")
        if number % 2:
            name, event = SCORE, mutated(chance.choice(events), chance)
        else:
            which = chance.randrange(len(requests.SOUND))
            event = requests.odd(requests.sound(template, which), chance)
            name = EVALUATE if requests.SOUND[which][1].startswith("/evaluate") else QUERY
        cost.forget_peaks()
        began, before = cost.seconds(), cost.held()
        try:
            answer, fault = _looked_at(name, event, stack.functions[name].invoke(event))
        except FunctionError as error:
            answer, fault = _failed(name, error)
        findings.check(number, event, f"{name}: {answer}", fault, cost.seconds() - began, cost.peak() - before)
        if sys.stderr.isatty() and number % 100 == 0:
            print(f"\r{number}", end="", file=sys.stderr)


def _looked_at(name: str, event: Any, answer: Any) -> tuple[str, str | None]:
    """In a word what was answered, and what is wrong with it."""
    try:
        text = json.dumps(answer, ensure_ascii=False).encode().decode()
    except UnicodeEncodeError as error:
        return "unsendable", str(error)
    if "Traceback (most" in text:
        return "traceback", "a traceback"
    return _scored(answer) if name == SCORE else _answered(event, answer)


def _scored(answer: Any) -> tuple[str, str | None]:
    for result in answer["results"]:
        known = result["status"] in STATUSES and (result["code"] is None or isinstance(result["code"], str))
        if not known or (result["status"] in ("rejected", "invalid") and result["code"] not in codes()):
            return "unknown", f"result {result}"
        if result["status"] == "invalid" and not result["message"]:
            return "unknown", f"no message: {result}"
    return ",".join(sorted({result["status"] for result in answer["results"]})) or "nothing", None


def _answered(event: Any, answer: Any) -> tuple[str, str | None]:
    status, body = answer["statusCode"], answer.get("body") or ""
    if status >= 500:
        return str(status), f"status {status}: {body[:300]}"
    asked = event.get("httpMethod") if isinstance(event, dict) else None
    if status < 400 or asked == "HEAD":
        return str(status), None
    try:
        document = json.loads(body)
        code, message = document["error"]["code"], document["error"]["message"]
        request_id = document["request_id"]
    except (ValueError, KeyError, TypeError):
        return str(status), f"no error in the answer: {body[:300]}"
    fault = None if code in codes() and message and isinstance(request_id, str) else f"{document}"
    return f"{status} {code}", fault


def _failed(name: str, error: FunctionError) -> tuple[str, str | None]:
    kind, said = str(error.payload["errorType"]), error.payload["errorMessage"]
    allowed = name == SCORE and kind == "InvalidRequest" and said
    return kind, None if allowed else f"{kind}: {said[:300]} {''.join(error.payload['stackTrace'][-2:])}"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Sends what is printed and logged to nowhere, but fails where it could not be written."""

    def fail(_: logging.Handler, record: logging.LogRecord) -> None:
        raise  # noqa: PLE0704  (called while the error is dealt with)

    with (
        mock.patch.object(logging.Handler, "handleError", fail),
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
    ):
        logging.getLogger("nima.local").setLevel(logging.CRITICAL)
        yield


@contextlib.contextmanager
def a_stack() -> Iterator[LocalStack]:
    """The application with the pictures that the events tell of, all scored."""
    variables = {"NIMA_MODELS": str(SHIPPED), "NIMA_THREADS": "1", "POWERTOOLS_METRICS_DISABLED": "true"}
    with local_stack(Template(ROOT), listen(0), variables, retry_delay=0.01) as stack:
        for name in ("front", "side", "back"):
            stack.aws.s3.put_object(Bucket=stack.bucket, Key=f"shoes/trail-runner/{name}.jpg", Body=requests.PICTURE)
        while stack.busy:
            time.sleep(0.05)
        yield stack


def _left(stack: LocalStack) -> int:
    """Events that could not be dealt with."""
    while stack.busy:
        time.sleep(0.05)
    (logical_id,) = Template(ROOT).ids(QUEUE)
    url = stack.aws.physical_id(logical_id)
    name: Any = "ApproximateNumberOfMessages"
    return int(stack.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])


@click.command()
@click.option("--share", type=click.FloatRange(0, 1), default=1.0, show_default=True, help=f"Of {INPUTS:,} inputs.")
@click.option("--seed", type=int, default=1, show_default=True)
def main(share: float, seed: int) -> None:
    """Send mutated events and requests to the functions."""
    began, count = time.monotonic(), round(INPUTS * share)
    findings = Findings()
    with quiet():
        for first in range(0, count, BATCH):
            run(findings, range(first, min(first + BATCH, count)), seed)
    for answer, times in sorted(findings.answers.items()):
        click.echo(f"{times:7,}  {answer}")
    for number, fault, event in findings.faults[:20]:
        click.echo(f"FAULT {number}: {fault}\n  {ascii(event)[:2000]}")
    click.echo(f"Slowest: {findings.slowest_input[0]}: {ascii(findings.slowest_input[1])[:300]}")
    click.echo(
        f"{count:,} inputs in {time.monotonic() - began:.0f} s, seed {seed}: {len(findings.faults)} faults, "
        f"{findings.left} failed events; one took at most {findings.slowest:.2f} s of processor time, and one "
        f"{findings.largest / 1e6:.0f} MB"
    )
    if findings.faults or findings.left:
        sys.exit(1)


if __name__ == "__main__":
    main()
