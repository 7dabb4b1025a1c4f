"""An AWS for ``sam local``: the template's stores on this machine, with what event documents tell of in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nima.local.aws import ACCOUNT_ID, REGION, STACK, Aws, environment, moto_server
from nima.local.notifications import Notifications
from nima.local.pictures import default_pictures
from nima.local.sam.documents import bucket_of
from nima.local.sam.shelf import Shelf, read_documents
from nima.local.server import listen
from nima.local.template import FunctionSpec, Template

_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{STACK}-score"

Deliver = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class SamAws:
    """The AWS while it runs.

    Attributes:
        url: Where it is on this machine.
        aws: Its clients and its stack.
        shelf: Its objects.
        score: The function that pictures are told to.
        problems: What was wrong with which event document.
    """

    url: str
    aws: Aws
    shelf: Shelf
    score: FunctionSpec
    problems: list[str]

    @property
    def bucket(self) -> str:
        """The bucket to upload to: of the stack, with the name that most events give it."""
        return self.shelf.bucket


@contextmanager
def aws_for_sam(project: Path, port: int, deliver: Deliver | None = None) -> Iterator[SamAws]:
    """Serves AWS on a loopback port while inside.

    Args:
        project: The project.
        port: The port.
        deliver: Called with the event of each change of an object; must not wait. None has nobody told.

    Raises:
        OSError: The port is taken.
    """
    template = Template(project)
    documents, problems = read_documents(project / "events")
    named = Counter(bucket for document in documents.values() if (bucket := bucket_of(document)))
    shelf = Shelf(named.most_common(1)[0][0] if named else "nima-pictures", default_pictures().files.values())
    with (
        Notifications(lambda _, event: deliver(event) if deliver else None) as notifications,
        moto_server(notifications, listen(port), shelf.beside) as url,
        environment(url),
        closing(Aws()) as aws,
    ):
        functions = template.functions(aws.deploy(template, {"BucketName": shelf.bucket}))
        score = next(function for function in functions if function.notifications)
        made = [shelf.bucket]
        shelf.made = made.append
        problems += shelf.put_told(documents)
        if deliver:
            # Only from now on: what is there already waits for the events that tell of it.
            shelf.made = lambda bucket: aws.notify(_ARN, _told_of(score, bucket))
            for bucket in made:
                shelf.made(bucket)
        yield SamAws(url, aws, shelf, score, problems)


def _told_of(function: FunctionSpec, bucket: str) -> FunctionSpec:
    return replace(function, notifications=tuple(replace(n, bucket=bucket) for n in function.notifications))
