"""AWS without AWS: in the test's own process, and for processes that a test starts."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import moto


def mocked_aws() -> Any:
    """moto's AWS with nothing in it, for a ``with`` block.

    boto3's session is kept: it reads each service's description once, which takes longer than most of these tests.
    """
    return moto.mock_aws(config={"core": {"reset_boto3_session": False}})


@contextmanager
def served_aws() -> Iterator[dict[str, str]]:
    """moto's AWS behind HTTP; yields the environment by which processes reach it."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        keys = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "testing")
        yield {**keys, "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    finally:
        server.stop()


def served_s3(reached: Mapping[str, str]) -> Any:
    """S3 of an AWS that is served, by its environment."""
    return boto3.client(
        "s3",
        reached["AWS_DEFAULT_REGION"],
        endpoint_url=reached["AWS_ENDPOINT_URL"],
        aws_access_key_id=reached["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=reached["AWS_SECRET_ACCESS_KEY"],
    )
