"""Scores the picture of a request and answers at once: POST /evaluate."""

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
from nima.errors import InvalidRequest
from nima.web.answers import Answer, as_json
from nima.web.cors import Cors
from nima.web.evaluation import EVALUATE
from nima.web.forms import read_picture
from nima.web.requests import Request, check_key
from nima.web.resolver import Resolver

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
    table = ResultTable(chosen.table, assess.rules, chosen.pattern, Thumbnails(chosen.thumbnails))
    return Evaluating(assessor, table, chosen.bucket, chosen.pattern)


def evaluate(request: Request) -> Answer:
    """``POST /evaluate``"""
    asked = request.values
    key = asked["key"]
    if asked["store"] != (key is not None):
        raise InvalidRequest("key: it goes with store=true, and store=true with a key.")
    if key is not None:
        check_key(key)
        if not key.startswith(settings().upload_prefix):
            raise InvalidRequest(f"key: it has to begin with {settings().upload_prefix}")
    picture = read_picture(request)
    return as_json(evaluating().evaluate(picture, asked["style"], asked["weights"], key))


resolver = Resolver([(EVALUATE, evaluate)], logger, lambda: Cors(settings().origins))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The response to one request of the API."""
    return resolver.resolve(event, context)
