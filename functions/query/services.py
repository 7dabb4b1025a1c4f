"""What the routes work with, made when first needed and kept for the life of the process."""

from __future__ import annotations

import os

from nima.aws.process import per_process
from nima.aws.settings import QuerySettings
from nima.aws.table import ResultTable
from nima.aws.thumbnails import Thumbnails
from nima.document.policy import Policy, policies


@per_process
def settings() -> QuerySettings:
    """The settings of this process's environment."""
    return QuerySettings.from_env(os.environ)


@per_process
def table() -> ResultTable:
    """The table of this process's settings."""
    chosen = settings()
    return ResultTable(chosen.table, chosen.pattern, Thumbnails(chosen.thumbnails))


def policy(name: str) -> Policy:
    """A policy by its name, with the rules of this deployment."""
    return policies(settings().rules)[name]
