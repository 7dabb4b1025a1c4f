"""AWS in the test's own process."""

from __future__ import annotations

from typing import Any

import moto


def mocked_aws() -> Any:
    """moto's AWS with nothing in it, for a ``with`` block.

    boto3's session is kept: it reads each service's description once, which takes longer than most of these tests.
    """
    return moto.mock_aws(config={"core": {"reset_boto3_session": False}})
