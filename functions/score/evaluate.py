"""The handler of POST /evaluate: scores the picture of a request or one in the bucket, and answers with its result."""

from __future__ import annotations

import gc

gc.disable()  # as in handler.py

import os
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from nima.aws.assessor import open_assessor
from nima.aws.evaluating import Evaluating
from nima.aws.process import per_process
from nima.aws.settings import EvaluateSettings
from nima.aws.table import ResultTable
from nima.aws.thumbnails import Thumbnails
from nima.document.assessment import ON_REQUEST
from nima.errors import InvalidRequest
from nima.web.cors import Cors
from nima.web.evaluation import EVALUATE
from nima.web.forms import read_picture
from nima.web.request import Request, check_key
from nima.web.response import Response, json_response
from nima.web.router import Router

gc.freeze()
gc.enable()

logger = Logger()


@per_process
def settings() -> EvaluateSettings:
    return EvaluateSettings.from_env(os.environ, models=Path(__file__).parent / "models")


@per_process
def evaluating() -> Evaluating:
    chosen = settings()
    assess = chosen.assess
    assessor = open_assessor(assess)
    table = ResultTable(chosen.table, chosen.pattern, Thumbnails(chosen.thumbnails))
    return Evaluating(assessor, table, chosen.bucket, chosen.pattern)


def evaluate(request: Request) -> Response:
    """``POST /evaluate``"""
    query = request.values
    key, store = query["key"], query["store"]
    chosen = (query["style"], query["weights"])
    wanted = {name: query[name] for name in ON_REQUEST}
    if key is not None and not store and not request.body:
        return json_response(evaluating().again(key, *chosen, query["policy"], wanted=wanted))
    if store != (key is not None):
        raise InvalidRequest("key: it goes with store=true, or without a picture; store=true goes with a key.")
    if key is not None:
        check_key(key, settings().upload_prefix)
    picture = read_picture(request)
    return json_response(evaluating().evaluate(picture, *chosen, key, query["policy"], wanted=wanted))


router = Router([(EVALUATE, evaluate)], logger, lambda: Cors(settings().origins))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The response to one request of the API."""
    return router.handle(event, context)
