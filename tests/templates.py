"""template.yaml as the tests read it: as written, and after SAM's own transformation, whose import takes a second."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
STAND_INS = {
    "CodeUri": "s3://packages/code.zip",
    "ContentUri": "s3://packages/layer.zip",
    "ImageUri": "111122223333.dkr.ecr.eu-central-1.amazonaws.com/score:latest",
}


def read(path: str) -> dict[str, Any]:
    """A template of the project as written."""
    from samtranslator.yaml_helper import yaml_parse

    document: dict[str, Any] = yaml_parse((ROOT / path).read_text(encoding="utf-8"))  # type: ignore[no-untyped-call]
    return document


def transformed(document: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The resources after the transformation, built code replaced by where packaging would put it."""
    from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
    from samtranslator.translator.transform import transform

    class NoManagedPolicies(ManagedPolicyLoader):
        """SAM asks IAM for the ARNs of managed policies; the template has none."""

        def __init__(self) -> None:
            super().__init__(iam_client=None)  # type: ignore[arg-type]

        def load(self) -> dict[str, str]:
            return {}

    document = deepcopy(document)
    for resource in document["Resources"].values():
        properties = resource.get("Properties", {})
        names = (
            ["ImageUri"] if properties.get("PackageType") == "Image" else {"CodeUri", "ContentUri"} & set(properties)
        )
        properties.update({name: STAND_INS[name] for name in names})
    values = {name: parameter["Default"] for name, parameter in document["Parameters"].items()} | values
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        result: dict[str, Any] = transform(document, values, NoManagedPolicies())["Resources"]
    return result


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    """The properties of the resources of a type, by logical id; there has to be one."""
    found = {id: resource["Properties"] for id, resource in resources.items() if resource["Type"] == kind}
    assert found, f"no {kind}"
    return found


def only(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    """The properties of the one resource of a type."""
    (properties,) = of_type(resources, kind).values()
    result: dict[str, Any] = properties
    return result


def as_list(value: Any) -> list[Any]:
    """A value of which templates write one without a list."""
    return value if isinstance(value, list) else [value]


def statements(role: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a role allows by its own policies."""
    for policy in role["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def denies_without_tls(policy: dict[str, Any]) -> bool:
    """Whether a resource's policy refuses everybody who comes without TLS."""
    return any(
        statement["Effect"] == "Deny"
        and statement["Principal"] == "*"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in policy["PolicyDocument"]["Statement"]
    )
