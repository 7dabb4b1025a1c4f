"""A stranger's first minutes: `make run` in a real terminal, and what the documents say to type then."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from nima.local.pictures import PHOTOGRAPHS
from nima.model.folder import SHIPPED
from tests.documents import DOCUMENTS, ROOT, blocks, by_hand, commands
from tests.integration.test_local_stack import picture
from tests.waiting import PATIENCE, until

COLUMNS = 80
CURLS = commands("curl")
JUDGING = [
    line
    for line in commands("nima")
    if line.split()[1] in ("score", "pick", "tag", "rate", "report", "undo") or "models list" in line
]
PYTHON = sorted({block for document in DOCUMENTS for block in blocks(document, "python")})


@dataclass
class Terminal:
    """A program in a terminal of 80 columns, and all that it has shown."""

    process: subprocess.Popen[bytes]
    screen: int
    shown: str = ""
    reader: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.screen, 65536)
            except OSError:  # the other end is closed
                return
            if not data:
                return
            self.shown += data.decode(errors="replace")

    def wait_for(self, text: str, seconds: float = PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.shown:
            assert self.process.poll() is None, self.shown
            assert time.monotonic() < deadline, self.shown
            time.sleep(0.05)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """`nima local` with the default pictures and the model that ships, as `make run` starts it."""
    screen, program = pty.openpty()
    fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    dropped = ("NIMA_", "MODEL", "COLUMNS", "LINES", "NO_COLOR", "CI")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    process = subprocess.Popen(
        [sys.executable, "-c", "from nima.cli import main; main()", "local", "--port", "0"],
        cwd=ROOT,
        env={**kept, "TERM": "xterm-256color", "TMPDIR": str(tmp_path_factory.mktemp("logs"))},
        stdin=program,
        stdout=program,
        stderr=program,
        start_new_session=True,
    )
    os.close(program)
    running = Terminal(process, screen)
    try:
        running.wait_for("Answering until Ctrl-C.")
        yield running
    finally:
        process.kill()
        process.wait()
        os.close(screen)


@pytest.fixture(scope="module")
def port(terminal: Terminal) -> str:
    found = re.search(r"http://localhost:(\d+)/images/<key>", terminal.shown)
    assert found, terminal.shown
    return found[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the commands are typed: with a photograph and folders of one's own."""
    (tmp_path / "photo.jpg").write_bytes(picture(7))
    for place in ("shoot", "catalogue/shoe-1", "catalogue/shoe-2"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "front.jpg").write_bytes(picture(8))
    return tmp_path


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    command = command.replace("curl ", "curl --silent --show-error --fail-with-body ", 1)
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_a_terminal_shows_bars_and_a_table_and_nothing_that_functions_log(terminal: Terminal) -> None:
    assert re.search(r"Scoring.*━.*11/11", terminal.shown)
    for name in PHOTOGRAPHS:
        assert name in terminal.shown
    for logged in ("_aws", "CloudWatch", '{"', "Traceback", "INFO"):
        assert logged not in terminal.shown


def test_the_page_opens_with_what_was_scored(port: str) -> None:
    with urlopen(f"http://localhost:{port}/page/settings.json", timeout=PATIENCE) as answer:
        (collection,) = json.load(answer)["collections"]
    with urlopen(
        f"http://localhost:{port}/collections/{quote(collection, safe='')}/ranking", timeout=PATIENCE
    ) as answer:
        ranking = json.load(answer)
    shown = {Path(key).name for entry in ranking["entries"] for key in (entry["key"], *entry["duplicates"])}
    assert shown == set(PHOTOGRAPHS)


def test_the_documents_have_commands_to_try() -> None:
    assert len(CURLS) >= 7
    assert len(JUDGING) >= 5
    assert PYTHON


@pytest.mark.parametrize("command", JUDGING)
def test_a_command_that_needs_no_server_works(command: str, folder: Path) -> None:
    if " undo" in command or " --undo" in command:
        run = "$(nima undo --list | head -1 | cut -d ' ' -f 1)"
        command = f"nima tag photo.jpg > tagged.txt && {command.split('#', maxsplit=1)[0].replace('RUN', run)}"
    if "models list" in command:
        command = command.replace("list", f"list --into {shlex.quote(str(SHIPPED))}")
    home = by_hand(folder / "bin", NIMA_MODELS=str(SHIPPED), XDG_DATA_HOME=str(folder / "home"))
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=home, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("block", PYTHON)
def test_the_python_of_the_documents_works(block: str, folder: Path) -> None:
    for name in ("front.jpg", "side.jpg"):
        shutil.copy(folder / "photo.jpg", folder / name)
    subprocess.run([sys.executable, "-c", block], cwd=folder, check=True)


@pytest.mark.parametrize("command", CURLS)
def test_a_curl_works_on_the_default_pictures(command: str, port: str, folder: Path) -> None:
    done = run(command.replace("localhost:8000", f"localhost:{port}"), folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.match(r'\{"|filename,', done.stdout)


def test_the_commands_that_the_terminal_names_work_in_their_order(terminal: Terminal, folder: Path) -> None:
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.shown).replace("\r", "")
    commands = re.findall(r"curl [^\n]+", shown)
    assert len(commands) == 4
    for command in commands:
        tries: list[subprocess.CompletedProcess[str]] = []

        def known(command: str = command, tries: list[subprocess.CompletedProcess[str]] = tries) -> bool:
            """Whether the picture is not still being scored."""
            tries.append(run(command, folder))
            return "not_found" not in tries[-1].stdout

        until(known)
        assert tries[-1].returncode == 0, (command, tries[-1])


def test_ctrl_c_ends_it(terminal: Terminal) -> None:
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.process.wait(timeout=PATIENCE) == 130
    terminal.reader.join(timeout=PATIENCE)
    assert terminal.shown.rstrip().endswith("Stopped.")
