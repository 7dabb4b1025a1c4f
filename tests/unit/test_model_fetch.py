"""Getting weights: from a folder, from a mirror over HTTP, and from nowhere."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from nima.cli.commands import commands
from nima.errors import ModelUnavailable
from nima.model.fetch import MAX_BYTES, fetch
from nima.model.published import IDEALO, Weights, blob_id

CONTENT = {"technical": b"the technical weights" * 9999, "aesthetic": b"the aesthetic weights"}
WEIGHTS = [Weights(head, f"{head}.hdf5", blob_id(content)) for head, content in CONTENT.items()]


@dataclass
class Mirror:
    """A web server that answers each path with a list of (status, body), the last one for ever."""

    url: str
    answers: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests.append(self.path)
            answers = state.answers.get(self.path, [(404, b"")])
            status, body = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Mirror(f"http://127.0.0.1:{server.server_port}/mirror/")
    state.answers = {f"/mirror/{head}.hdf5": [(200, content)] for head, content in CONTENT.items()}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_blob_id_is_gits() -> None:
    # printf 'hello\n' | git hash-object --stdin
    assert blob_id(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"


def test_a_mirror_is_asked_once_for_each_file_whatever_was_interrupted(mirror: Mirror, tmp_path: Path) -> None:
    seen: dict[str, tuple[int, int | None]] = {}
    good = mirror.answers["/mirror/aesthetic.hdf5"]
    mirror.answers["/mirror/aesthetic.hdf5"] = [(404, b"")]
    with pytest.raises(ModelUnavailable, match=r"aesthetic\.hdf5 answers 404.*NIMA_MODEL_SOURCE"):
        fetch(mirror.url, tmp_path, WEIGHTS)
    mirror.answers["/mirror/aesthetic.hdf5"] = good
    assert fetch(mirror.url, tmp_path, WEIGHTS, lambda name, done, total: seen.update({name: (done, total)})) == CONTENT
    assert mirror.requests.count("/mirror/technical.hdf5") == 1
    assert seen == {"aesthetic.hdf5": (len(CONTENT["aesthetic"]),) * 2}
    (tmp_path / "technical.hdf5").write_bytes(b"damaged on disk")
    assert fetch(mirror.url, tmp_path, WEIGHTS) == CONTENT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["aesthetic.hdf5", "technical.hdf5"]


def test_a_server_that_stumbles_is_asked_again(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers["/mirror/technical.hdf5"] = [(503, b"busy"), (200, CONTENT["technical"])]
    assert fetch(mirror.url, tmp_path, WEIGHTS) == CONTENT


def test_a_server_that_stays_broken_is_named(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers["/mirror/technical.hdf5"] = [(500, b"broken")]
    with pytest.raises(ModelUnavailable, match=r"technical\.hdf5 answers 500"):
        fetch(mirror.url, tmp_path, WEIGHTS)
    assert len(mirror.requests) == 4


def test_other_bytes_are_refused_and_not_kept(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers["/mirror/technical.hdf5"] = [(200, b"something else")]
    with pytest.raises(ModelUnavailable, match="not the published file"):
        fetch(mirror.url, tmp_path, WEIGHTS)
    assert list(tmp_path.iterdir()) == []


def test_an_endless_file_is_not_read_to_its_end(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers["/mirror/technical.hdf5"] = [(200, bytes(MAX_BYTES + 1))]
    with pytest.raises(ModelUnavailable, match="larger than 64 MiB"):
        fetch(mirror.url, tmp_path, WEIGHTS)


def test_without_a_network_the_message_says_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ModelUnavailable) as failure:
            fetch(url, tmp_path, WEIGHTS)
    assert "cannot be downloaded" in failure.value.message
    assert "Set NIMA_MODEL_SOURCE" in failure.value.message


def test_a_folder_is_read_and_checked(tmp_path: Path) -> None:
    for head, content in CONTENT.items():
        (tmp_path / f"{head}.hdf5").write_bytes(content)
    assert fetch(str(tmp_path), tmp_path / "unused", WEIGHTS) == CONTENT
    (tmp_path / "aesthetic.hdf5").write_bytes(CONTENT["aesthetic"][:-1])
    with pytest.raises(ModelUnavailable, match="not the published file, so it was not opened"):
        fetch(str(tmp_path), tmp_path / "unused", WEIGHTS)
    (tmp_path / "aesthetic.hdf5").unlink()
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        fetch(str(tmp_path), tmp_path / "unused", WEIGHTS)


def test_other_weights_are_refused_before_they_are_opened(tmp_path: Path) -> None:
    for wanted in IDEALO:
        (tmp_path / wanted.file).write_bytes(CONTENT[wanted.head])
    models = tmp_path / "models"
    result = CliRunner().invoke(commands, ["models", "install", "--source", str(tmp_path), "--into", str(models)])
    assert result.exit_code == 1
    assert "is not the published file, so it was not opened" in result.output
    assert not models.exists()
