"""Scores pictures: one invocation for each S3 event, EventBridge event or list of keys."""

from __future__ import annotations

import gc

# Modules are never garbage, yet the collector would look through all of them again and again while they are imported.
gc.disable()

import os
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3  # noqa: F401  (here, as Lambda gives more processor to this than to the first invocation)
from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from nima.assess.assessment import REJECTED
from nima.aws.assessor import open_assessor
from nima.aws.bus import Bus
from nima.aws.events import Change, read_changes
from nima.aws.scoring import Outcome, Scoring
from nima.aws.settings import ScoreSettings
from nima.aws.table import ResultTable
from nima.errors import Internal, NimaError, PermanentError

if TYPE_CHECKING:
    from aws_lambda_powertools import Tracer

gc.freeze()
gc.enable()

logger = Logger()
metrics = Metrics()


@cache
def settings() -> ScoreSettings:
    return ScoreSettings.from_env(os.environ, models=Path(__file__).parent / "models")


@cache
def scoring() -> Scoring:
    chosen = settings()
    assess = chosen.assess
    assessor = open_assessor(assess)
    table = ResultTable(chosen.table, assess.rules)
    return Scoring(assessor, table, chosen.pattern, chosen.tombstone_days, tell=Bus(chosen.bus).tell)


@cache
def tracer() -> Tracer:
    """Takes its time at first use: the X-Ray SDK is a tenth of everything else that is imported here."""
    from aws_lambda_powertools import Tracer

    return Tracer(auto_patch=False)


def is_traced() -> bool:
    """Whether X-Ray has picked this invocation for its sample."""
    return "Sampled=1" in os.environ.get("_X_AMZN_TRACE_ID", "")


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Applies every change of the event; those that succeeded stay done when another one fails.

    Returns:
        ``{"results": [{"key", "status", "code", "milliseconds"}, ...]}`` in the event's order.

    Raises:
        RetryableError: At least one change should be tried again. Trying all of them again is harmless.
        InvalidRequest: The event is not one that this function knows.
    """
    traced = tracer().capture_lambda_handler(apply_changes, capture_response=False) if is_traced() else apply_changes
    results: dict[str, Any] = traced(event, context)
    return results


def apply_changes(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """What ``handler`` does, under the name that its part of a trace has."""
    apply = tracer().capture_method(capture_response=False)(_apply) if is_traced() else _apply
    changes = read_changes(event, settings().bucket)
    results: list[dict[str, Any]] = []
    failures: list[NimaError] = []
    for change in changes:
        try:
            results.append(asdict(apply(change)))
        except PermanentError as error:
            logger.warning("not found", extra={"key": change.image.key, "code": error.code, "detail": error.detail})
            results.append(asdict(Outcome(change.image.key, REJECTED, error.code)))
        except NimaError as error:
            logger.exception("failed", extra={"key": change.image.key, "code": error.code, "detail": error.detail})
            failures.append(error)
    if failures:
        raise Internal(
            f"{len(failures)} of {len(changes)} pictures could not be processed; they will be tried again."
        ) from failures[0]
    return {"results": results}


def _apply(change: Change) -> Outcome:
    outcome = scoring().apply(change)
    logger.info("done", extra=asdict(outcome))
    metrics.add_metric(name=outcome.status.capitalize(), unit=MetricUnit.Count, value=1)
    if outcome.milliseconds is not None:
        metrics.add_metric(name="Duration", unit=MetricUnit.Milliseconds, value=outcome.milliseconds)
    if outcome.status == REJECTED and outcome.code:
        with single_metric(name="RejectedByCode", unit=MetricUnit.Count, value=1) as metric:
            metric.add_dimension(name="code", value=outcome.code)
    return outcome
