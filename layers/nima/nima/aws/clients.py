"""boto3 clients, made when first used, with time-outs that fit a function."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from nima.errors import Internal, NimaError, Throttled

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_s3 import S3Client

_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 2, 10, 4
_THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "SlowDown",
    "ThrottlingException",
    "TransactionInProgressException",
}


@cache
def s3() -> S3Client:
    """The S3 client of this process."""
    import boto3

    return boto3.client("s3", config=_config())


@cache
def table(name: str) -> Table:
    """A DynamoDB table of this process."""
    import boto3

    return boto3.resource("dynamodb", config=_config()).Table(name)


def error_code(error: ClientError) -> str:
    """The service's error code."""
    return str(error.response.get("Error", {}).get("Code", ""))


def translate(error: ClientError | BotoCoreError) -> NimaError:
    """The retryable error that a failed call of a service means."""
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError) and error_code(error) in _THROTTLED:
        return Throttled("The service is busy; try again later.", detail=str(error))
    return Internal("A service could not be reached; try again later.", detail=str(error))


def _config() -> Config:
    from botocore.config import Config

    return Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )
