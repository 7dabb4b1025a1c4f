"""What the local application shows: two progress bars, and how to go on."""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boto3.exceptions import S3UploadFailedError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from nima.catalogue.folders import MAX_KEY_BYTES, Folder
from nima.local.stack import LocalStack
from nima.report.table import printable

POLL_SECONDS = 0.1


def upload(console: Console, stack: LocalStack, files: Mapping[str, Path]) -> list[str]:
    """Puts pictures into the bucket, as `aws s3 sync` would put their folder; the paths of those that it has."""
    uploaded = []
    with _progress(console) as progress:
        for path, file in progress.track(files.items(), description="Uploading"):
            key = stack.key(path)
            if len(key.encode()) > MAX_KEY_BYTES:
                _warn(console, f"{file} is skipped: its key would be longer than {MAX_KEY_BYTES} bytes")
                continue
            content_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            try:
                stack.aws.s3.upload_file(str(file), stack.bucket, key, ExtraArgs={"ContentType": content_type})
            except OSError as error:
                _warn(console, f"{file} cannot be read: {error.strerror}")
            except S3UploadFailedError as error:
                _warn(console, f"{file} is skipped: {error}")
            else:
                uploaded.append(path)
    return uploaded


def collect(console: Console, stack: LocalStack, paths: list[str]) -> dict[str, dict[str, Any] | None]:
    """Asks the API for each picture until it has it; None for one that the functions gave up on."""
    documents: dict[str, dict[str, Any] | None] = {}
    with _progress(console) as progress:
        for path in progress.track(paths, description="Scoring  "):
            while True:
                more_may_come = stack.busy
                documents[path] = stack.document(stack.key(path))
                if documents[path] is not None or not more_may_come:
                    break
                time.sleep(POLL_SECONDS)
    return documents


def directions(stack: LocalStack, path: str) -> str:
    """Where everything is, and commands to try; the path is that of a picture."""
    mine = stack.key("mine/photo.jpg")
    return "\n".join(
        (
            f"Page    {stack.api}/",
            f"API     {stack.api}/images/<key>",
            f"S3      {stack.endpoint}, bucket {stack.bucket}",
            "",
            f"One result:          curl {stack.image_url(stack.key(path))}",
            f"Its folder's:        curl {stack.ranking_url(Folder.of(path))}",
            f"One more picture:    curl -T photo.jpg {stack.endpoint}/{stack.bucket}/{mine}",
            f"Its result:          curl {stack.image_url(mine)}",
        )
    )


def _warn(console: Console, line: str) -> None:
    console.print(Text(printable(line), style="yellow"))


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # In a terminal, rich would take over the whole process's standard output, and show what the functions write there.
    return Progress(*columns, console=console, redirect_stdout=False, redirect_stderr=False)
