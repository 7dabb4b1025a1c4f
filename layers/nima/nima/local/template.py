"""template.yaml, read for a laptop: which resources moto has to make, and what the functions are wired to.

Intrinsic functions (``Ref``, ``Fn::Sub``, ...) are not evaluated here. Each one that a function's wiring needs becomes
an output of the derived stack, so that CloudFormation itself resolves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nima.errors import InvalidRequest

try:
    from yaml import CSafeLoader as SafeLoader  # libyaml's, which takes a tenth of the time
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

FILE_NAME = "template.yaml"
BUCKET = "AWS::S3::Bucket"
TABLE = "AWS::DynamoDB::Table"
QUEUE = "AWS::SQS::Queue"
BUS = "AWS::Events::EventBus"
FUNCTION = "AWS::Serverless::Function"
STORES = (BUCKET, TABLE, QUEUE, BUS)


class _Loader(SafeLoader):
    """YAML with CloudFormation's short tags, ``!Ref x`` being ``{"Ref": "x"}``."""


def _short_tag(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        value = node.value.split(".", 1) if name == "GetAtt" else node.value
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _short_tag)


@dataclass(frozen=True)
class _Output:
    """Stands where an intrinsic function stood until the stack's outputs are known."""

    name: str


@dataclass(frozen=True)
class Notification:
    """A bucket's event configuration: event names (``s3:ObjectCreated:*``) and key filters (``{"Name", "Value"}``)."""

    id: str
    bucket: str
    events: tuple[str, ...]
    rules: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Route:
    """A route of the REST API: its method in capitals (or ``ANY``), its path template, the stage it is served in.

    ``needs_key`` tells whether API Gateway asks for an API key.
    """

    method: str
    path: str
    stage: str
    needs_key: bool = False


@dataclass(frozen=True)
class FunctionSpec:
    """A function of the template with everything resolved.

    ``folder`` is what its modules are imported from, ``handler`` names a module there and what to call in it.
    ``timeout`` is in seconds, ``memory`` in MB, ``retries`` is how often an asynchronous event is tried again,
    ``on_failure`` the ARN of the queue that then gets it.
    """

    id: str
    folder: Path
    handler: str
    environment: Mapping[str, str]
    timeout: int
    memory: int
    retries: int
    on_failure: str | None
    notifications: tuple[Notification, ...]
    routes: tuple[Route, ...]


class Template:
    """The template of a project.

    Raises:
        FileNotFoundError: There is no template in the folder.
    """

    def __init__(self, project: Path) -> None:
        self.project = project
        text = (project / FILE_NAME).read_text(encoding="utf-8")
        self._document: dict[str, Any] = yaml.load(text, Loader=_Loader)  # noqa: S506  (it is a safe one)
        self._outputs: dict[str, Any] = {}
        self._properties = {
            id: self._lift(resource.get("Properties", {}))
            for id, resource in self._document["Resources"].items()
            if resource["Type"] in STORES
        }
        self._functions = {id: self._wiring(id) for id in self.ids(FUNCTION)}

    def ids(self, *types: str) -> list[str]:
        """The logical ids of the resources of some types."""
        return [id for id, resource in self._document["Resources"].items() if resource["Type"] in types]

    def stores(self) -> dict[str, Any]:
        """A plain CloudFormation template of the buckets, tables, queues and event buses alone, and of the outputs."""
        kept = self.ids(*STORES)
        resources: dict[str, Any] = {}
        for id in kept:
            resource = dict(self._document["Resources"][id])
            waits = resource.pop("DependsOn", [])
            waits = [other for other in ([waits] if isinstance(waits, str) else waits) if other in kept]
            resources[id] = {**resource, **({"DependsOn": waits} if waits else {})}
        plain: dict[str, Any] = {"Resources": resources, "Outputs": self._outputs}
        for section in ("Parameters", "Mappings", "Conditions"):
            if section in self._document:
                plain[section] = self._document[section]
        return plain

    def properties(self, id: str, outputs: Mapping[str, str]) -> dict[str, Any]:
        """The properties of a store, resolved."""
        properties: dict[str, Any] = _fill(self._properties[id], outputs)
        return properties

    def behind(self, method: str, path: str) -> str:
        """The id of the function behind a route of the REST API.

        Raises:
            InvalidRequest: There is no such route.
        """
        for id, wiring in self._functions.items():
            for route in wiring["routes"]:
                if route["path"] == path and route["method"] in ("ANY", method):
                    return id
        raise InvalidRequest(f"The template has no route {method} {path}.")

    def told_of_objects(self) -> str:
        """The id of the function that a bucket tells of its objects."""
        return next(id for id, wiring in self._functions.items() if wiring["s3"])

    def functions(self, outputs: Mapping[str, str]) -> list[FunctionSpec]:
        """The functions, resolved with the outputs of the stack that ``stores`` made."""
        return [self._function(id, _fill(wiring, outputs)) for id, wiring in self._functions.items()]

    def _wiring(self, id: str) -> dict[str, Any]:
        """What of a function concerns this machine, Globals merged in, intrinsic functions lifted into outputs."""
        common = self._document.get("Globals", {}).get("Function", {})
        own = self._document["Resources"][id]["Properties"]
        merged = {**common, **own}
        environment = {
            **common.get("Environment", {}).get("Variables", {}),
            **own.get("Environment", {}).get("Variables", {}),
        }
        events = own.get("Events", {})
        return {
            "environment": self._lift(environment),
            "timeout": self._lift(merged.get("Timeout", 3)),
            "memory": self._lift(merged.get("MemorySize", 128)),
            "invoke": self._lift(merged.get("EventInvokeConfig", {})),
            "s3": {name: self._lift(event["Properties"]) for name, event in events.items() if event["Type"] == "S3"},
            "routes": [self._route(event["Properties"]) for event in events.values() if event["Type"] == "Api"],
        }

    def _route(self, properties: dict[str, Any]) -> dict[str, Any]:
        id = properties.get("RestApiId", {}).get("Ref")
        api: dict[str, Any] = self._document["Resources"][id]["Properties"] if id else {"StageName": "Prod"}
        access = {**api.get("Auth", {}), **properties.get("Auth", {})}
        return {
            "method": properties["Method"].upper(),
            "path": properties["Path"],
            "stage": self._lift(api["StageName"]),
            "needs_key": access.get("ApiKeyRequired", False) is not False,
        }

    def _function(self, id: str, wiring: dict[str, Any]) -> FunctionSpec:
        destination = wiring["invoke"].get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        return FunctionSpec(
            id=id,
            folder=self._package(id).parent,
            handler=self._handler(id),
            environment={name: str(value) for name, value in wiring["environment"].items()},
            timeout=int(wiring["timeout"]),
            memory=int(wiring["memory"]),
            retries=int(wiring["invoke"].get("MaximumRetryAttempts", 2)),
            on_failure=destination,
            notifications=tuple(
                Notification(
                    id=name,
                    bucket=event["Bucket"],
                    events=(event["Events"],) if isinstance(event["Events"], str) else tuple(event["Events"]),
                    rules=tuple(event.get("Filter", {}).get("S3Key", {}).get("Rules", [])),
                )
                for name, event in wiring["s3"].items()
            ),
            routes=tuple(Route(**route) for route in wiring["routes"]),
        )

    def _handler(self, id: str) -> str:
        properties = self._document["Resources"][id]["Properties"]
        handler: str = properties["Handler"] if "Handler" in properties else properties["ImageConfig"]["Command"][0]
        return handler

    def _package(self, id: str) -> Path:
        """The folder of a function's package: of an image, the folder its Dockerfile lies in."""
        resource = self._document["Resources"][id]
        if "CodeUri" in resource["Properties"]:
            return self.project / str(resource["Properties"]["CodeUri"])
        metadata: dict[str, str] = resource["Metadata"]
        return (self.project / metadata["DockerContext"] / metadata["Dockerfile"]).parent

    def _lift(self, value: Any) -> Any:
        """A copy of a value with each intrinsic function moved into an output of its own."""
        if isinstance(value, list):
            return [self._lift(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::")):
            output = _Output(f"Value{len(self._outputs)}")
            self._outputs[output.name] = {"Value": value}
            return output
        return {name: self._lift(item) for name, item in value.items()}


def _fill(value: Any, outputs: Mapping[str, str]) -> Any:
    """Puts the outputs in; what came out as ``AWS::NoValue`` has no output and is left out, as CloudFormation does."""
    if isinstance(value, _Output):
        return outputs.get(value.name)
    if isinstance(value, dict):
        filled = {name: _fill(item, outputs) for name, item in value.items()}
        return {name: item for name, item in filled.items() if item is not None}
    if isinstance(value, list):
        return [item for item in (_fill(item, outputs) for item in value) if item is not None]
    return value
