"""The events that functions are invoked with here: read from a file, or made for a picture."""

from __future__ import annotations

import base64
import json
import mimetypes
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from nima.errors import ImageTooLarge, InvalidRequest
from nima.image.limits import Limits
from nima.local.api import proxy_event
from nima.local.aws import ACCOUNT_ID
from nima.local.files import Skipped, expanded, read_file, shown
from nima.local.pictures import Pictures, pictures_of
from nima.local.template import Route, Template
from nima.web.evaluation import MAX_PICTURE_BYTES

EVALUATE = Route("POST", "/evaluate", "v1")


def read_document(path: Path) -> dict[str, Any]:
    """The event in a file.

    Raises:
        InvalidRequest: It cannot be read, or is no JSON object; the message names the file and the place in it.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} is not UTF-8: byte {error.start}.") from error
    except (json.JSONDecodeError, RecursionError) as error:
        where = f", line {error.lineno} column {error.colno}: {error.msg}" if isinstance(error, ValueError) else ""
        raise InvalidRequest(f"{path} is not JSON{where}.") from error
    if not isinstance(document, dict):
        raise InvalidRequest(f"{path} is not an event: it holds no JSON object.")
    return document


def is_request(event: Mapping[str, Any]) -> bool:
    """Whether an event is a request of the REST API."""
    return "httpMethod" in event


def function_of(event: Mapping[str, Any], template: Template) -> str:
    """The function that gets such an event on AWS: the one behind its route, else the one that a bucket tells.

    Raises:
        InvalidRequest: The template has no such route.
    """
    if is_request(event):
        return template.behind(str(event["httpMethod"]), str(event.get("resource")))
    return template.told_of_objects()


def bucket_of(event: Mapping[str, Any]) -> str | None:
    """The bucket that an event names, if it does."""
    try:
        place = event["Records"][0]["s3"] if "Records" in event else event["detail"]
        name = place["bucket"]["name"]
    except (KeyError, IndexError, TypeError):
        return None
    return name if isinstance(name, str) else None


def evaluate_event(path: Path) -> dict[str, Any]:
    """A `POST /evaluate` with a file as its body.

    Raises:
        ImageTooLarge: A request cannot carry it.
        UnreadableFile: It cannot be read.
    """
    data = read_file(path, Limits())
    if len(data) > MAX_PICTURE_BYTES:
        raise ImageTooLarge(
            f"{len(data) / 1e6:.1f} MB do not fit into a request, which carries {MAX_PICTURE_BYTES / 1e6:g} MB; "
            "`make invoke IMAGE=...` sends it through the bucket"
        )
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    request = Request(EnvironBuilder(EVALUATE.path, method="POST", data=data, content_type=content_type).get_environ())
    event = proxy_event(request, EVALUATE.path, EVALUATE, {}, ACCOUNT_ID)
    return {**event, "body": base64.b64encode(data).decode(), "isBase64Encoded": True}


@dataclass(frozen=True)
class Chosen:
    """Files with their paths in the folder that was named, else their own names; and what folders hold beside them."""

    pictures: tuple[tuple[str, Path], ...]
    skipped: tuple[Skipped, ...]

    def by_key(self) -> dict[str, Path]:
        """The files by the keys that they get in a bucket: those paths.

        Raises:
            InvalidRequest: Two of them would get one key.
        """
        found: dict[str, Path] = {}
        for key, file in self.pictures:
            if found.setdefault(key, file) != file:
                raise InvalidRequest(f"{found[key]} and {file} would both get the key {key}; name the folder of both.")
        return found


def chosen(words: str) -> Chosen:
    """What a text names: files, folders and patterns, quoted as in a shell where they have to be.

    Raises:
        InvalidRequest: It names nothing, or something that is not there.
    """
    whole = expanded(Path(words))
    try:
        parts = [words] if words and whole.exists() else shlex.split(words)
    except ValueError as error:
        raise InvalidRequest(f"{words}: {error}.") from error
    if not parts:
        raise InvalidRequest("IMAGE names no picture.")
    places = [place for part in parts for place in _matches(expanded(Path(part)))]
    folders = [pictures_of(place) if place.is_dir() else _alone(place) for place in places]
    return Chosen(
        tuple(named for folder in folders for named in folder.files.items()),
        tuple(skipped for folder in folders for skipped in folder.skipped),
    )


def _matches(path: Path) -> list[Path]:
    found = [path] if path.exists() else sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    if not found:
        raise InvalidRequest(f"There is no {shown(path)}.")
    return found


def _alone(path: Path) -> Pictures:
    return Pictures({path.name: path}, ())
