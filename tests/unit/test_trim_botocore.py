"""The score image's botocore: it knows what the functions call, and finds the same end points as a whole one."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore
import botocore.session
import pytest
from botocore import xform_name
from botocore.loaders import Loader

from score.packaging.trim_botocore import OPERATIONS, only, trim

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(botocore.__file__).parent / "data"
REGIONS = ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1")


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("botocore") / "data"
    data.mkdir()
    for path in DATA.iterdir():
        if path.name in (*OPERATIONS, "sqs"):
            shutil.copytree(path, data / path.name)
        elif path.is_file():
            shutil.copyfile(path, data / path.name)
    trim(data)
    return data


def session(data: Path) -> boto3.Session:
    """A session that reads one folder of descriptions and no other."""
    core = botocore.session.Session()
    core.register_component("data_loader", Loader(extra_search_paths=[str(data)], include_default_search_paths=False))
    return boto3.Session("local", "local", botocore_session=core)


def operations(data: Path, service: str) -> set[str]:
    return {xform_name(name) for name in _model(data, service)["operations"]}


def _model(data: Path, service: str) -> dict[str, Any]:
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    return dict(loader.load_service_model(service, "service-2"))


def _called() -> Iterator[str]:
    """The name of every method that a module of the image calls."""
    for folder in ("layers/nima/nima/aws", "functions/score"):
        for path in (ROOT / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    yield node.func.attr


def test_every_operation_that_the_image_calls_is_left(trimmed: Path) -> None:
    called = set(_called())
    assert {"get_object", "put_object", "get_item", "transact_write_items", "put_events"} <= called
    for service in ("dynamodb", "events", "s3"):
        assert called & operations(DATA, service) <= operations(trimmed, service)


def test_other_services_and_operations_are_gone(trimmed: Path) -> None:
    assert {path.name for path in trimmed.iterdir() if path.is_dir()} == OPERATIONS.keys()
    for service, names in OPERATIONS.items():
        assert operations(trimmed, service) == {xform_name(name) for name in names}
        assert len(_model(trimmed, service)["shapes"]) < len(_model(DATA, service)["shapes"])


@pytest.mark.parametrize("region", REGIONS)
def test_clients_find_the_end_points_of_a_whole_botocore(trimmed: Path, region: str) -> None:
    for service in OPERATIONS:
        # The stubs have a client of each literal name only.
        sessions: tuple[Any, ...] = (session(trimmed), session(DATA))
        ours, theirs = (one.client(service, region) for one in sessions)
        assert ours.meta.endpoint_url == theirs.meta.endpoint_url
        assert ours.meta.region_name == theirs.meta.region_name
        assert ours.meta.service_model.signature_version == theirs.meta.service_model.signature_version


def test_a_table_still_takes_python_values(trimmed: Path) -> None:
    table = session(trimmed).resource("dynamodb", "eu-central-1", endpoint_url="http://localhost:1").Table("results")
    sent: list[bytes] = []

    class Sent(Exception):
        pass

    def refuse(request: Any, **_: Any) -> None:
        sent.append(request.body)
        raise Sent

    table.meta.client.meta.events.register("before-send", refuse)
    with pytest.raises(Sent):
        table.get_item(Key={"pk": "image#a"}, ConsistentRead=True)

    assert sent == [b'{"TableName": "results", "Key": {"pk": {"S": "image#a"}}, "ConsistentRead": true}']


def test_shapes_are_followed_however_deep_and_round_in_circles() -> None:
    shapes = {
        "Ask": {"type": "structure", "members": {"shape": {"shape": "Tree"}, "more": {"shape": "Names"}}},
        "Tree": {"type": "structure", "members": {"child": {"shape": "Tree"}}},
        "Names": {"type": "list", "member": {"shape": "Name"}},
        "Name": {"type": "string"},
        "Gone": {"type": "structure", "members": {}},
        "Other": {"type": "string"},
    }
    description = {
        "metadata": {"apiVersion": "1"},
        "operations": {
            "Get": {"input": {"shape": "Ask"}, "errors": [{"shape": "Gone"}]},
            "Put": {"input": {"shape": "Other"}},
        },
        "shapes": shapes,
    }

    left = only(description, ["Get"])

    assert left["operations"].keys() == {"Get"}
    assert left["shapes"].keys() == shapes.keys() - {"Other"}
    assert left["metadata"] == description["metadata"]


def test_an_operation_that_botocore_does_not_know_stops_the_build() -> None:
    with pytest.raises(LookupError):
        only({"operations": {}, "shapes": {}}, ["Get"])
