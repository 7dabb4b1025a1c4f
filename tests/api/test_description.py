"""The API against its own OpenAPI document: schemathesis, all of its checks, the local stack behind an API key."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from nima.local.stack import LocalStack
from tests.api.conftest import KEY
from tests.client import ask
from tests.fixtures_model import ROOT

EXAMPLES = "8"


def test_only_the_page_and_health_answer_without_the_key(stack: LocalStack) -> None:
    for path in ("/", "/page/app.js", "/health"):
        assert ask(stack, path).status == 200
    for path in ("/images/a", "/images?category=a", "/stats/a", "/collections/a/ranking", "/openapi.json"):
        for headers in ({}, {"x-api-key": "another"}):
            refused = ask(stack, path, **headers)
            assert (refused.status, refused.code) == (403, "unauthorized")


def test_every_operation_keeps_what_the_document_says(stack: LocalStack, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "--config-file",
            str(Path(__file__).with_name("schemathesis.toml")),
            "run",
            f"{stack.api}/openapi.json",
            "--url",
            stack.api,
            "--header",
            f"x-api-key: {KEY}",
            "--checks",
            "all",
            "--max-examples",
            EXAMPLES,
            "--seed",
            "1",
            "--continue-on-failure",
            "--no-shrink",
            "--request-timeout",
            "60",
        ],
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.api.hooks", "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    # All but the document's own route.
    assert "12 selected / 12 total" in done.stdout
