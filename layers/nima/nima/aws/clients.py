"""boto3 clients, made when first used, with time-outs that fit a function."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nima.aws.process import per_process
from nima.errors import Internal, NimaError, Throttled

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource, Table
    from mypy_boto3_events import EventBridgeClient
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

# What services say in other words, or, where an answer has no body, only by its status.
_PLAIN = {
    "403": "access was denied",
    "404": "it was not found",
    "AccessDenied": "access was denied",
    "AccessDeniedException": "access was denied",
    "NoSuchBucket": "the bucket does not exist",
    "ResourceNotFoundException": "the table or the event bus does not exist",
}


@per_process
def s3() -> S3Client:
    """The S3 client of this process."""
    import boto3

    return boto3.client("s3", config=_config())


@per_process
def s3_signer() -> S3Client:
    """An S3 client for presigned requests: they name the bucket's own host in its region, which never redirects."""
    import boto3
    from botocore.config import Config

    style = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    return boto3.client("s3", config=_config().merge(style))


@per_process
def dynamodb() -> DynamoDBServiceResource:
    """DynamoDB, as all tables of this process use it."""
    import boto3

    return boto3.resource("dynamodb", config=_config())


@per_process
def table(name: str) -> Table:
    """A DynamoDB table of this process."""
    return dynamodb().Table(name)


@per_process
def events() -> EventBridgeClient:
    """The EventBridge client of this process."""
    import boto3

    return boto3.client("events", config=_config())


def is_throttling(code: str) -> bool:
    """Whether an error code of a service says to come back later."""
    return code in _THROTTLED


def error_code(error: ClientError) -> str:
    """The service's error code."""
    return str(error.response.get("Error", {}).get("Code", ""))


def translate(error: ClientError | BotoCoreError) -> NimaError:
    """The retryable error that a failed call of a service means; its detail says in plain words why it failed."""
    from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError

    match error:
        case ClientError():
            code = error_code(error)
            said = error.response.get("Error", {}).get("Message", "")
            detail = f"{error.operation_name}: {': '.join(filter(None, (_PLAIN.get(code), said)))} [{code}]"
            if is_throttling(code):
                return Throttled("The service is busy; try again later.", detail=detail)
        case NoRegionError():
            detail = "no AWS region is set: AWS_REGION or AWS_DEFAULT_REGION names one"
        case NoCredentialsError():
            detail = "there are no AWS credentials"
        case _:
            detail = str(error)
    return Internal("A service could not be reached; try again later.", detail=detail)


@contextmanager
def translated(*, but: Collection[str] = ()) -> Iterator[None]:
    """Lets calls inside fail with the error of ``translate``; but ``ClientError`` stays with some of its codes."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if isinstance(error, ClientError) and error_code(error) in but:
            raise
        raise translate(error) from error


def _config() -> Config:
    from botocore.config import Config

    return Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )
