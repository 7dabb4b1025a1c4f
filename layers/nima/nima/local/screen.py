"""What the local application shows: two progress bars, the table of results, and how to go on."""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Mapping
from pathlib import Path
from posixpath import commonpath, dirname
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from nima.local.stack import LocalStack

Documents = Mapping[str, dict[str, Any] | None]

POLL_SECONDS = 0.1


def upload(console: Console, stack: LocalStack, files: Mapping[str, Path]) -> list[str]:
    """Puts pictures into the bucket; the keys of those that could be read."""
    uploaded = []
    with _progress(console) as progress:
        for key, path in progress.track(files.items(), description="Uploading"):
            content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            try:
                stack.aws.s3.upload_file(str(path), stack.bucket, key, ExtraArgs={"ContentType": content_type})
            except OSError as error:
                console.print(Text(_printable(f"{path} cannot be read: {error.strerror}"), style="yellow"))
            else:
                uploaded.append(key)
    return uploaded


def collect(console: Console, stack: LocalStack, keys: list[str]) -> dict[str, dict[str, Any] | None]:
    """Asks the API for each picture until it has it; None for one that the functions gave up on."""
    documents: dict[str, dict[str, Any] | None] = {}
    with _progress(console) as progress:
        for key in progress.track(keys, description="Scoring  "):
            while True:
                more_may_come = stack.busy
                documents[key] = stack.document(key)
                if documents[key] is not None or not more_may_come:
                    break
                time.sleep(POLL_SECONDS)
    return documents


def results(documents: Documents) -> Table:
    """The results, the best composite first; below them what was rejected, and what failed.

    The part of the keys that all have in common stands in the title, so that the table fits a narrow terminal.
    """
    folder = commonpath([dirname(key) for key in documents]) + "/" if documents else ""
    table = Table(title=Text(_printable(folder)), title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column("File", overflow="fold")
    for heading in ("Technical", "Aesthetic", "Composite"):
        table.add_column(heading, justify="right")
    table.add_column("Stars")
    table.add_column("Main deduction", overflow="fold")
    for key, document in sorted(documents.items(), key=_rank):
        name = Text(_printable(key.removeprefix(folder)))
        if document is None:
            table.add_row(name, "", "", "", "", Text("no result; see the log", style="red"))
        elif document["status"] == "rejected":
            error = document["error"]
            table.add_row(name, "", "", "", "", Text(f"rejected: {error['code']}", style="yellow"))
        else:
            means = [f"{document[head]['mean']:.2f}" for head in ("technical", "aesthetic")]
            composite, deductions = document["composite"], document["deductions"]
            main = deductions[0]["code"].replace("_", " ") if deductions else "none"
            table.add_row(name, *means, f"{composite['score']:.2f}", stars(composite["stars"]), main)
    return table


def directions(stack: LocalStack, key: str) -> str:
    """Where everything is, and commands to try."""
    return "\n".join(
        (
            f"API     {stack.api}/images/<key>",
            f"S3      {stack.endpoint}, bucket {stack.bucket}",
            "",
            f"One result:          curl {stack.image_url(key)}",
            f"One more picture:    curl -T photo.jpg {stack.endpoint}/{stack.bucket}/local/mine/photo.jpg",
            f"Its result:          curl {stack.image_url('local/mine/photo.jpg')}",
        )
    )


def stars(count: float) -> str:
    """Stars in halves, ``3.5`` as ``★★★½``."""
    return "★" * int(count) + "½" * (count % 1 >= 0.5)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def _rank(result: tuple[str, dict[str, Any] | None]) -> tuple[int, float, str]:
    key, document = result
    if document is None:
        return 2, 0.0, key
    if document["status"] == "rejected":
        return 1, 0.0, key
    return 0, -float(document["composite"]["score"]), key


def _printable(text: str) -> str:
    """A file name without what would steer the terminal or cannot be written."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
