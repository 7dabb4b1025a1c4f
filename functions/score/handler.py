"""The handler that scores pictures: one invocation for each S3 event, EventBridge event or list of keys."""

from __future__ import annotations

import gc

# Modules are never garbage, yet the collector would look through all of them again and again while they are imported.
gc.disable()

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3  # noqa: F401  (here, as Lambda gives more processor to this than to the first invocation)
from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from nima.aws.assessor import open_assessor
from nima.aws.bus import Bus
from nima.aws.events import Change, Malformed, read_changes
from nima.aws.failures import Failure, expected, summary
from nima.aws.process import per_process
from nima.aws.scoring import INVALID, Outcome, Scoring
from nima.aws.settings import ScoreSettings
from nima.aws.table import ResultTable
from nima.aws.thumbnails import Thumbnails
from nima.document.vocabulary import REJECTED
from nima.errors import Internal, InvalidRequest, NimaError, PermanentError

if TYPE_CHECKING:
    from aws_lambda_powertools import Tracer

gc.freeze()
gc.enable()

SLOWEST_PICTURE_MS = 10_000
"""With less time left no further picture is begun: twice what the slowest one may take to decode and score."""

OUT_OF_TIME = Internal("There was no time left to begin it.")

logger = Logger()
metrics = Metrics()


@per_process
def settings() -> ScoreSettings:
    return ScoreSettings.from_env(os.environ, models=Path(__file__).parent / "models")


@per_process
def scoring() -> Scoring:
    chosen = settings()
    assess = chosen.assess
    assessor = open_assessor(assess)
    table = ResultTable(chosen.table, chosen.pattern, Thumbnails(chosen.thumbnails))
    return Scoring(assessor, table, chosen.pattern, chosen.tombstone_days, publish=Bus(chosen.bus).publish)


@per_process
def tracer() -> Tracer:
    """Takes its time at first use: the X-Ray SDK is a tenth of everything else that is imported here."""
    from aws_lambda_powertools import Tracer

    return Tracer(auto_patch=False)


def is_traced() -> bool:
    """Whether X-Ray has picked this invocation for its sample."""
    return "Sampled=1" in os.environ.get("_X_AMZN_TRACE_ID", "")


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """Applies every change of the event; those that succeeded stay done when another one fails.

    What cannot be read of the event is named in the results and not tried again, as it would fail again.

    Returns:
        ``{"results": [...]}``: an ``Outcome`` for each change, in the event's order.

    Raises:
        RetryableError: At least one change should be tried again; the message names it, and says why. The next attempt
            passes over what is done.
        InvalidRequest: The event is not one that this function knows.
    """
    traced = tracer().capture_lambda_handler(apply_changes, capture_response=False) if is_traced() else apply_changes
    results: dict[str, Any] = traced(event, context)
    return results


def apply_changes(event: Any, context: LambdaContext) -> dict[str, Any]:
    """What ``handler`` does, under the name that its part of a trace has."""
    apply = tracer().capture_method(capture_response=False)(_apply) if is_traced() else _apply
    changes = read_changes(event, settings().bucket)
    outcomes: list[Outcome] = []
    failures: list[Failure] = []
    for change in changes:
        if isinstance(change, Malformed):
            outcomes.append(_recorded(Outcome(None, INVALID, change.error.code, message=change.error.message)))
        # Whatever the time-out is, an attempt begins one picture: else none would ever be done.
        elif (outcomes or failures) and context.get_remaining_time_in_millis() < SLOWEST_PICTURE_MS:
            failures.append(Failure(change.image, OUT_OF_TIME))
        else:
            try:
                outcomes.append(_recorded(apply(change, context.aws_request_id)))
            except Exception as error:  # one picture takes no other with it, whatever happens
                failures.append(_failed(change, expected(error)))
    if failures:
        raise summary(failures, len(changes)) from failures[0].error
    return {"results": [asdict(outcome) for outcome in outcomes]}


def _apply(change: Change, request: str) -> Outcome:
    try:
        return scoring().apply(change, request)
    except PermanentError as error:
        status = INVALID if isinstance(error, InvalidRequest) else REJECTED
        return Outcome(change.image.key, status, error.code, message=error.message)


def _recorded(outcome: Outcome) -> Outcome:
    fields = asdict(outcome)
    log = logger.error if outcome.status == INVALID else logger.info
    log(fields.pop("message") or "done", extra=fields)
    metrics.add_metric(name=outcome.status.capitalize(), unit=MetricUnit.Count, value=1)
    if outcome.milliseconds is not None:
        metrics.add_metric(name="Duration", unit=MetricUnit.Milliseconds, value=outcome.milliseconds)
    if outcome.status == REJECTED and outcome.code:
        with single_metric(name="RejectedByCode", unit=MetricUnit.Count, value=1) as metric:
            metric.add_dimension(name="code", value=outcome.code)
    return outcome


def _failed(change: Change, error: NimaError) -> Failure:
    extra = {"key": change.image.key, "bucket": change.image.bucket, "code": error.code, "detail": error.detail}
    logger.error("failed", exc_info=error, extra=extra)
    metrics.add_metric(name="Failed", unit=MetricUnit.Count, value=1)
    return Failure(change.image, error)
