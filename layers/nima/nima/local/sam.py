"""An AWS for ``sam local``: the template's stores on this machine, with what the documents of events/ tell of in them.

``python -m nima.local.sam`` serves it until it is interrupted. It leaves two files beside what ``sam build`` made, for
``sam local --template ... --env-vars ...``: the built template with one variable more, ``AWS_ENDPOINT_URL``, as SAM
passes a function only variables that its template declares; and the values of the variables.
"""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import click
import yaml
from moto.s3.models import s3_backends

from nima.assess.assessment import ObjectRef
from nima.aws.events import Created, read_changes
from nima.errors import InvalidRequest, NimaError
from nima.local.aws import ACCOUNT_ID, REGION, Aws, environment, moto_server
from nima.local.notifications import Notifications
from nima.local.pictures import default_pictures
from nima.local.server import HOST, listen, wait_for_signal
from nima.local.template import Template, find_project

ENDPOINT = "AWS_ENDPOINT_URL"
BUILT = Path(".aws-sam", "build")
TEMPLATE, VARIABLES = "local.yaml", "local.json"

_ELSEWHERE = ("198.51.100.1", 9)  # of a network for documentation: nothing is sent to it


@contextmanager
def aws_for_sam(project: Path, port: int, host: str | None = None) -> Iterator[Aws]:
    """Serves AWS to containers while inside.

    Args:
        project: The project; it must have been built by ``sam build``.
        port: The port, on every interface, as containers do not reach the loopback interface.
        host: Where containers reach this machine; None takes the address that it has in its network.

    Raises:
        InvalidRequest: The project was not built.
        OSError: The port is taken.
    """
    built = project / BUILT
    template = Template(project)
    files = {built / TEMPLATE: with_endpoint(built / "template.yaml")}
    with (
        Notifications(lambda _arn, _event: None) as notifications,
        moto_server(notifications, listen(port, "0.0.0.0")) as url,  # noqa: S104  (see above)
        environment(url),
        closing(Aws()) as aws,
    ):
        outputs = aws.deploy(template)
        bucket = put_objects(aws, project / "events")
        values: dict[str, str] = {}
        for spec in template.functions(outputs):
            values |= spec.environment
        values |= {"BUCKET_NAME": bucket, ENDPOINT: url.replace(HOST, host or own_address())}
        files[built / VARIABLES] = json.dumps({"Parameters": values}, indent=2)
        try:
            for path, text in files.items():
                path.write_text(text, encoding="utf-8")
            yield aws
        finally:
            for path in files:
                path.unlink(missing_ok=True)


def with_endpoint(path: Path) -> str:
    """A built template with ``AWS_ENDPOINT_URL`` among the variables of every function.

    Raises:
        InvalidRequest: There is no such file.
    """
    try:
        document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidRequest("The project is not built; run `make build`.") from error
    function = document.setdefault("Globals", {}).setdefault("Function", {})
    function.setdefault("Environment", {}).setdefault("Variables", {})[ENDPOINT] = ""
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def put_objects(aws: Aws, events: Path) -> str:
    """Puts every object of which event documents tell, in the order in which they were written; their bucket."""
    pictures = cycle(default_pictures().files.values())
    written: dict[tuple[str, str], ObjectRef] = {}
    for path in events.glob("*.json"):
        for change in _changes(json.loads(path.read_text(encoding="utf-8"))):
            written[change.sequencer, change.image.key] = change.image
    (bucket,) = {image.bucket for image in written.values()}
    where: Any = {"LocationConstraint": REGION}
    aws.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    aws.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for (_, key), image in sorted(written.items(), key=lambda item: item[0]):
        body = next(pictures).read_bytes() if image.bytes else b""
        aws.s3.put_object(Bucket=bucket, Key=key, Body=body)
        # S3 gives version ids, nobody can ask for one; the functions ask for those that the events name.
        stored: Any = s3_backends[ACCOUNT_ID]["aws"].get_object(bucket, key)
        stored._version_id = image.version_id
    return bucket


def _changes(event: Mapping[str, Any]) -> list[Created]:
    try:
        changes = read_changes(event, bucket="")
    except InvalidRequest:  # a request of the API
        return []
    return [change for change in changes if isinstance(change, Created)]


def own_address() -> str:
    """The address of this machine in its network, at which containers of every engine reach it.

    Raises:
        InvalidRequest: It is in none.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as prober:
        try:
            prober.connect(_ELSEWHERE)
        except OSError as error:
            raise InvalidRequest("This machine is in no network; name its address with --host.") from error
        return str(prober.getsockname()[0])


@click.command()
@click.option("--host", help="The address at which containers reach this machine; else its address in its network.")
@click.option("--port", type=click.IntRange(1, 65535), default=4566, show_default=True, help="The port of the AWS.")
def main(port: int, host: str | None) -> None:
    """Serve an AWS for `sam local` until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with aws_for_sam(find_project(), port, host) as aws:
            buckets = ", ".join(bucket["Name"] for bucket in aws.s3.list_buckets()["Buckets"])
            click.echo(f"S3, DynamoDB, SQS and EventBridge at http://localhost:{port} until Ctrl-C; buckets: {buckets}")
            wait_for_signal()
    except KeyboardInterrupt:
        click.echo("Stopped.")
    except OSError as error:
        raise click.ClickException(
            f"Port {port}: {error.strerror}. Name another one: make aws AWS_PORT=4567."
        ) from error
    except NimaError as error:
        raise click.ClickException(error.message) from error


if __name__ == "__main__":
    main()
