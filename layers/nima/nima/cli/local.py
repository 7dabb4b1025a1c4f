"""``nima local``: the whole application on this machine."""

from __future__ import annotations

import errno
import json
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

import click
from rich.console import Console

from nima.catalogue.folders import Folder
from nima.cli.outcome import by_folder
from nima.cli.places import model_option, models_option, served
from nima.document.item import from_item
from nima.interrupt import end_in_order
from nima.local.files import expanded, skipped_lines
from nima.local.pictures import Pictures, default_pictures, pictures_of
from nima.local.project import find_project
from nima.model.folder import Places
from nima.native import stderr_into
from nima.report.table import Documents, fitted, printable, results

_SOURCE = "Folder with technical.tflite and aesthetic.tflite, for a model that is missing; NIMA_MODEL_SOURCE."
_MOST_COLLECTIONS = 300
"""That the page opens with: it shows no more pictures, and a variable has to fit into a process's environment."""


@click.command()
@click.option(
    "--images", type=click.Path(path_type=Path), help="A folder of pictures; else photographs of scikit-image."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port of the API.")
@model_option()
@models_option("--models")
@click.option("--source", envvar="NIMA_MODEL_SOURCE", help=_SOURCE)
@click.option("--once", is_flag=True, help="End after the table instead of answering until interrupted.")
@click.option("--verbose", is_flag=True, help="Show what the functions log, instead of writing it to a file.")
def command(
    *, images: Path | None, port: int, model: str | None, models: Places, source: str | None, once: bool, verbose: bool
) -> None:
    """Run the whole application on this machine, without an AWS account.

    Makes the bucket, the table and the queue of template.yaml in a local stand-in for AWS, puts pictures into the
    bucket, shows their scores, and leaves the API answering until Ctrl-C.
    """
    end_in_order(signal.SIGINT, signal.SIGTERM)
    project = find_project()
    from nima.local import screen
    from nima.local.server import wait_for_signal
    from nima.local.stack import local_stack
    from nima.local.template import Template

    console = Console(file=sys.stdout)
    try:
        pictures = pictures_of(expanded(images)) if images else default_pictures()
        with _log(verbose) as log, _listener(port) as listener:
            chosen = served(models, model, source).resolve()
            collections = sorted({Folder.of(path).id for path in pictures.files})[:_MOST_COLLECTIONS]
            variables = {
                "NIMA_MODELS": str(chosen.parent),
                "MODEL": chosen.name,
                "NIMA_PAGE_COLLECTIONS": json.dumps(collections, ensure_ascii=False),
            }
            console.print(f"Starting; the functions log to {log.place}", highlight=False, soft_wrap=True)
            with local_stack(Template(project), listener, variables) as stack:
                documents = screen.collect(console, stack, screen.upload(console, stack, pictures.files))
                log.kept = None in documents.values()
                _report(console, pictures, documents)
                if not once:
                    console.print(
                        screen.directions(stack, next(iter(documents), "mine/photo.jpg")),
                        highlight=False,
                        soft_wrap=True,
                        markup=False,
                    )
                    console.print("\nAnswering until Ctrl-C.")
                    wait_for_signal()
    except HTTPError as error:
        raise click.ClickException(f"The API answered {error.code}; the log says why.") from error


def _report(console: Console, pictures: Pictures, documents: Documents) -> None:
    console.print()
    known = {path: from_item(document) for path, document in documents.items() if document}
    table = results({path: documents[path] for path in dict.fromkeys([*by_folder(known), *documents])})
    fitted(console, table).print(table)
    console.print()
    for line in skipped_lines(pictures.skipped):
        console.print(printable(line), highlight=False, soft_wrap=True, markup=False)
    if pictures.skipped:
        console.print()


def _listener(port: int) -> socket.socket:
    from nima.local.server import listen

    try:
        return listen(port)
    except OSError as error:
        reason = (
            "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        )
        raise click.ClickException(
            f"Port {port} {reason}. Choose another one: --port {port + 1}, or make run PORT={port + 1}."
        ) from error


@dataclass
class _Log:
    """Where the functions' log is, and whether it is kept when the application has ended."""

    place: str
    kept: bool = False


@contextmanager
def _log(verbose: bool) -> Iterator[_Log]:
    """Keeps what the functions write away from the table; its file stays only where something failed.

    It is both Python's standard output and the process's standard error, which LiteRT's native code writes to.
    """
    if verbose:
        with redirect_stdout(sys.stderr):
            yield _Log("standard error")
        return
    prefix = "nima-local-"
    with tempfile.NamedTemporaryFile("w", prefix=prefix, suffix=".log", delete=False, encoding="utf-8") as file:
        log = _Log(file.name)
        try:
            with stderr_into(file.fileno()), redirect_stdout(sys.stderr):
                yield log
        except Exception:
            log.kept = True
            raise
        finally:
            if not log.kept or Path(file.name).stat().st_size == 0:
                Path(file.name).unlink(missing_ok=True)
