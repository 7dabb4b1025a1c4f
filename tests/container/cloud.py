"""The real template, built by `sam build`, deployed to a LocalStack whose functions are the real containers."""

from __future__ import annotations

import io
import json
import os
import subprocess
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import boto3
import yaml
from botocore.config import Config

from nima.local.aws import moto_server
from nima.local.notifications import Notifications
from nima.local.sam.build import BUILT
from tests.container.engine import BASE_IMAGE, Engine, host_of_containers
from tests.container.faulty import FaultyAws
from tests.container.lambda_container import LambdaContainer
from tests.container.routes import Reply, ask
from tests.ports import free_port
from tests.waiting import until

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"
STACK = "nima"
PACKAGES = "packages"
FUNCTION = "AWS::Serverless::Function"
# Lambda waits one and two minutes; here the retries come after one and two seconds.
_RETRY_SECONDS = 1


@dataclass(frozen=True)
class Cloud:
    """The running application.

    Attributes:
        outputs: The outputs of the stack.
        faults: Between the functions and AWS.
        functions: The containers by the function's logical id.
        api_key: The value of the key that the stack made.
    """

    endpoint: str
    outputs: dict[str, str]
    faults: FaultyAws
    functions: dict[str, LambdaContainer]
    api_key: str

    def client(self, service: str) -> Any:
        return _client(self.endpoint, service)

    @property
    def bucket(self) -> str:
        return self.outputs["BucketName"]

    def get(self, path: str) -> Reply:
        """An answer of the REST API: its status and its body."""
        return self.request("GET", path)

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = MappingProxyType({})
    ) -> Reply:
        """As ``get``, with any method."""
        api = self.outputs["ApiUrl"].split("//")[1].split(".")[0]
        url = f"{self.endpoint}/_aws/execute-api/{api}/v1"
        return ask(url, method, path, body, {"x-api-key": self.api_key, **headers})


@contextmanager
def cloud(engine: Engine, python: Path, folder: Path) -> Iterator[Cloud]:
    """Runs it all.

    Args:
        engine: Runs the functions.
        python: A Python that has LocalStack.
        folder: Where LocalStack keeps its files and its log.
    """
    template = yaml.safe_load((ROOT / BUILT / "template.yaml").read_text(encoding="utf-8"))
    ids = [id for id, resource in template["Resources"].items() if resource["Type"] == FUNCTION]
    ports = {id: free_port() for id in ids}
    gateway = free_port()
    endpoint = f"http://127.0.0.1:{gateway}"
    with ExitStack() as running:
        notifications = running.enter_context(Notifications(lambda _arn, _event: None))
        dynamodb = running.enter_context(moto_server(notifications))
        running.enter_context(_localstack(python, folder, gateway, dynamodb, ports))
        outputs = _deploy(endpoint, template)
        faults = running.enter_context(FaultyAws(endpoint, host_of_containers()))
        functions = {
            id: running.enter_context(_function(engine, template, id, endpoint, faults.url, ports[id])) for id in ids
        }
        key = _client(endpoint, "apigateway").get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)["value"]
        yield Cloud(endpoint, outputs, faults, functions, key)


@contextmanager
def _localstack(
    python: Path, folder: Path, gateway: int, dynamodb: str, ports: dict[str, int]
) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))},
        "FUNCTIONS": json.dumps({id: f"http://127.0.0.1:{port}" for id, port in ports.items()}),
        "DYNAMODB_URL": dynamodb,
        "GATEWAY_LISTEN": f"127.0.0.1:{gateway}",
        "FILESYSTEM_ROOT": str(folder / "files"),
        "LAMBDA_RETRY_BASE_DELAY": str(_RETRY_SECONDS),
        # No files from the network, no reports to anybody, no name server.
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "DNS_ADDRESS": "0",
    }
    (folder / "files").mkdir()
    with (folder / "localstack.log").open("wb") as log:
        process = subprocess.Popen(
            [python, Path(__file__).with_name("localstack_host.py")], env=environment, stdout=log, stderr=log
        )
        try:
            until(lambda: process.poll() is not None or _healthy(gateway), 300, "LocalStack's start")
            assert process.poll() is None, (folder / "localstack.log").read_text(encoding="utf-8")[-3000:]
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_localstack/health", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _client(endpoint: str, service: str) -> Any:
    # The stubs have a client of each literal name only.
    session: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    addressing: Any = {"addressing_style": "path"}
    return session.client(service, endpoint_url=endpoint, config=Config(s3=addressing, retries={"max_attempts": 1}))


def _deploy(endpoint: str, template: dict[str, Any]) -> dict[str, str]:
    """Packages the template as `sam package` does, creates the stack through a change set; its outputs."""
    s3 = _client(endpoint, "s3")
    s3.create_bucket(Bucket=PACKAGES, CreateBucketConfiguration={"LocationConstraint": REGION})
    for id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        for name in ("CodeUri", "ContentUri", "ImageUri", "TemplateURL"):
            if name not in properties:
                continue
            source = ROOT / BUILT / properties[name]
            if name == "ImageUri":
                properties[name] = f"111122223333.dkr.ecr.{REGION}.amazonaws.com/{properties[name]}"
            elif name == "TemplateURL":
                s3.put_object(Bucket=PACKAGES, Key=f"{id}.yaml", Body=source.read_bytes())
                properties[name] = f"{endpoint}/{PACKAGES}/{id}.yaml"
            else:
                s3.put_object(Bucket=PACKAGES, Key=f"{id}.zip", Body=_zip(source))
                properties[name] = f"s3://{PACKAGES}/{id}.zip"
    cloudformation = _client(endpoint, "cloudformation")
    body = yaml.safe_dump(template, sort_keys=False, allow_unicode=True)
    s3.put_object(Bucket=PACKAGES, Key="template.yaml", Body=body.encode())
    cloudformation.create_change_set(
        StackName=STACK,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateURL=f"{endpoint}/{PACKAGES}/template.yaml",
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    change_set = until(
        lambda: _ended(cloudformation.describe_change_set(StackName=STACK, ChangeSetName="first"), "Status")
    )
    assert change_set["Status"] == "CREATE_COMPLETE", change_set.get("StatusReason")
    cloudformation.execute_change_set(StackName=STACK, ChangeSetName="first")
    stack = until(lambda: _ended(cloudformation.describe_stacks(StackName=STACK)["Stacks"][0], "StackStatus"), 600)
    failed = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
        for event in cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        if event["ResourceStatus"].endswith("FAILED")
    ]
    assert stack["StackStatus"] == "CREATE_COMPLETE", failed
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def _ended(answer: dict[str, Any], field: str) -> dict[str, Any] | None:
    return None if answer[field].endswith(("PENDING", "IN_PROGRESS")) else answer


def _zip(folder: Path) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return file.getvalue()


def _function(engine: Engine, template: dict[str, Any], id: str, endpoint: str, aws: str, port: int) -> LambdaContainer:
    """The container of a function, with the settings that the deployed function has."""
    resources = _client(endpoint, "cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=id)
    name = resources["StackResourceDetail"]["PhysicalResourceId"]
    deployed = _client(endpoint, "lambda").get_function(FunctionName=name)["Configuration"]
    properties = template["Resources"][id]["Properties"]
    if deployed["PackageType"] == "Image":
        image = properties["ImageUri"].rpartition("/")[2]  # functions of the same image share one
        command = deployed.get("ImageConfigResponse", {}).get("ImageConfig", {}).get("Command", [])
        mounts = {}
    else:
        (layer,) = (reference["Ref"] for reference in properties["Layers"])
        image, command = BASE_IMAGE, [deployed["Handler"]]
        mounts = {"/var/task": str(ROOT / BUILT / id), "/opt": str(ROOT / BUILT / layer)}
    return LambdaContainer(
        engine,
        image,
        {**deployed["Environment"]["Variables"], "AWS_ENDPOINT_URL": aws},
        memory=deployed["MemorySize"],
        timeout=deployed["Timeout"],
        command=command,
        mounts=mounts,
        port=port,
    )
