"""A client that openapi-python-client generates from the API's own document: typed, and it reads what it is told."""

from __future__ import annotations

import importlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from nima.local.stack import LocalStack
from tests.api.conftest import KEY
from tests.client import Reply, ask, check
from tests.integration.test_local_stack import picture

PACKAGE = "generated_nima_client"
FRONT, NOTES = "shoes/trail-runner/front.jpg", "shoes/trail-runner/notes.jpg"

Call = Callable[..., Any]
"""Asks an operation by its module's name; what the client made of the answer, with its status and its bytes."""


def _check(response: httpx.Response) -> None:
    path = response.request.url.raw_path.decode()
    check(response.request.method, path, Reply(response.status_code, response.headers, response.read()))


_CHECKED = {"event_hooks": {"response": [_check]}}


@pytest.fixture(scope="module")
def document(stack: LocalStack) -> dict[str, Any]:
    found: dict[str, Any] = ask(stack, "/openapi.json", X_Api_Key=KEY).json
    return found


@pytest.fixture(scope="module")
def generated(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The client's package, to be imported; the generator has nothing to warn of."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "config.json").write_text(json.dumps({"post_hooks": []}))
    command = "from openapi_python_client.cli import app; app()"
    arguments = ("generate", "--path", "openapi.json", "--output-path", PACKAGE, "--meta", "none")
    done = subprocess.run(
        [sys.executable, "-c", command, *arguments, "--config", "config.json", "--fail-on-warning"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield folder / PACKAGE
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def call(generated: Path, stack: LocalStack) -> Iterator[Call]:
    client = importlib.import_module(PACKAGE).AuthenticatedClient(
        base_url=stack.api, token=KEY, prefix="", auth_header_name="x-api-key", timeout=60, httpx_args=_CHECKED
    )

    def call_operation(operation: str, **arguments: Any) -> Any:
        return importlib.import_module(f"{PACKAGE}.api.default.{operation}").sync_detailed(client=client, **arguments)

    with client:
        yield call_operation


def model(name: str) -> Any:
    return getattr(importlib.import_module(f"{PACKAGE}.models"), name)


def told(answer: Any) -> Any:
    """What an answer says, as bytes or as a model, with its times as times."""

    def with_times(members: dict[str, Any]) -> dict[str, Any]:
        return {n: datetime.fromisoformat(v) if n == "scored_at" else v for n, v in members.items()}

    text = answer if isinstance(answer, bytes) else json.dumps(answer.to_dict())
    return json.loads(text, object_hook=with_times)


def sent_bytes() -> Any:
    kind = importlib.import_module(f"{PACKAGE}.types").File
    return kind(io.BytesIO(picture(4)), "photo.jpg", "image/jpeg")


def test_every_operation_and_every_component_is_there(generated: Path, document: dict[str, Any]) -> None:
    operations = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    modules = {path.stem for path in (generated / "api" / "default").glob("*.py")} - {"__init__"}
    assert modules == {re.sub(r"(?=[A-Z])", "_", name).lower() for name in operations}
    for name in document["components"]["schemas"]:
        assert isinstance(model(name), type)


def test_results_are_read_as_typed_models_and_lose_nothing(call: Call) -> None:
    for found in (
        call("get_image", key=FRONT),
        call("get_image", key=NOTES),
        call("evaluate_image", body=sent_bytes(), style=model("EvaluateImageStyle").ECOMMERCE),
        call("evaluate_image", body=model("EvaluateImageFilesBody")(image=sent_bytes())),
    ):
        assert found.status_code == 200, found.content
        assert isinstance(found.parsed, model("Result"))
        assert told(found.parsed) == told(found.content)
    scored = call("get_image", key=FRONT).parsed
    assert isinstance(scored.technical, model("Score"))
    assert sum(scored.technical.distribution) == pytest.approx(1, abs=1e-3)
    assert scored.composite.stars in [half / 2 for half in range(1, 11)]
    assert scored.technical.percentile.catalogue.population == "category shoes"
    rejected = call("get_image", key=NOTES).parsed
    assert rejected.error.code == model("ErrorErrorCode").UNSUPPORTED_FORMAT


def test_rankings_and_searches_are_read_as_typed_models_and_lose_nothing(call: Call) -> None:
    named = model("RankImagesBody")(
        keys=[FRONT, "nobody"], weights=model("RankImagesBodyWeights")(technical=0.3, aesthetic=0.7)
    )
    for found, kind in (
        (call("rank_collection", id="trail-runner"), "Ranking"),
        (call("rank_images", body=named), "Ranking"),
        (call("search_images", category="shoes", limit=2), "Search"),
        (call("get_stats", category="shoes"), "Stats"),
        (call("get_figure", key=FRONT), "Figure"),
        (call("get_health"), "Health"),
    ):
        assert found.status_code == 200, found.content
        assert isinstance(found.parsed, model(kind))
        assert told(found.parsed) == told(found.content)
    ranking = call("rank_collection", id="trail-runner").parsed
    assert all(isinstance(entry, model("Entry")) for entry in ranking.entries)
    assert ranking.recommended.key == ranking.entries[0].key
    assert call("rank_images", body=named).parsed.missing == ["nobody"]
    assert all(isinstance(item, model("Match")) for item in call("search_images", category="shoes").parsed.items)


def test_uploads_thumbnails_and_reports_are_read_too(call: Call) -> None:
    kinds = model("CreateUploadBodyContentType")
    form = call("create_upload", body=model("CreateUploadBody")(key="incoming/a/b/c.jpg", content_type=kinds.IMAGEJPG))
    assert isinstance(form.parsed, model("Upload"))
    assert told(form.parsed) == told(form.content)
    assert form.parsed.content_type == "image/jpeg"
    thumbnail = call("get_thumbnail", key=FRONT)
    assert thumbnail.parsed.payload.read() == thumbnail.content
    assert thumbnail.content.startswith(b"\xff\xd8\xff")
    assert "<html" in call("get_report", key=FRONT).parsed


def test_maps_are_read_as_typed_models(call: Call) -> None:
    made = call("evaluate_image", key=FRONT, maps=True)
    kept = call("get_maps", key=FRONT)
    assert isinstance(kept.parsed.aesthetic, model("PlaceMap"))
    assert told(kept.parsed) == told(kept.content) == told(made.parsed)["maps"]


def test_refusals_are_read_as_errors(call: Call) -> None:
    for found, status in (
        (call("get_image", key="no/such/picture.jpg"), 404),
        (call("search_images", category="shoes", cursor="junk"), 400),
        (call("evaluate_image", body=sent_bytes(), store=True), 400),
    ):
        assert found.status_code == status
        assert isinstance(found.parsed, model("Error"))
        assert told(found.parsed) == told(found.content)
