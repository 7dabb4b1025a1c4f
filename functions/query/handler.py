"""The handler of the API: everything about scored pictures over HTTPS.

Traced by Lambda itself: importing the X-Ray SDK would take longer than everything else here together. API Gateway
counts and times the requests.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from nima.web.cors import Cors
from nima.web.router import Router

from .routes import ROUTES
from .services import settings

logger = Logger()
router = Router(ROUTES, logger, lambda: Cors(settings().origins))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The response to one request of the API."""
    return router.handle(event, context)
