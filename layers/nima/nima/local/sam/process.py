"""``sam local`` as a child process: once for an invocation, or as a service that each build starts anew."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from nima.errors import InvalidRequest
from nima.local.aws import isolated
from nima.local.sam.build import Build
from nima.local.sam.response import FunctionFailed
from nima.local.server import HOST, listen

Write = Callable[[str], None]
_START_SECONDS = 120
_STOP_SECONDS = 30
_LAST_WORDS_SECONDS = 5


class SamFailed(FunctionFailed):
    """SAM itself could not do it; the message is what it said."""


def find_sam(project: Path) -> str:
    """SAM's command line: the one that `make build` installs, else the machine's.

    Raises:
        InvalidRequest: There is none.
    """
    own = project / ".venv-sam" / "bin" / "sam"
    found = str(own) if own.is_file() else shutil.which("sam")
    if not found:
        raise InvalidRequest("SAM is not installed; run `make build`.")
    return found


def environment() -> dict[str, str]:
    """The environment for SAM: nothing of the real AWS is in reach of it or of the functions."""
    # It asks AWS who the caller is, and would ask for six seconds.
    return {**isolated(), "AWS_MAX_ATTEMPTS": "1", "SAM_CLI_TELEMETRY": "0"}


@contextmanager
def template_file(text: str) -> Iterator[Path]:
    """A file with a template while inside, where no build removes it."""
    with tempfile.TemporaryDirectory(prefix="nima-sam-") as folder:
        path = Path(folder, "template.yaml")
        path.write_text(text, encoding="utf-8")
        yield path


def invoke_once(sam: str, template: str, function: str, event: str, log: Write) -> str:
    """What `sam local invoke` prints as a function's answer.

    Args:
        sam: SAM's command.
        template: A template of ``Build.template``.
        function: The function's logical id.
        event: The event, JSON.
        log: Takes each line that SAM and the function log.

    Raises:
        SamFailed: SAM failed; what a function failed with is its answer.
    """
    logged: list[str] = []

    def keep(line: str) -> None:
        logged.append(line)
        log(line)

    with template_file(template) as path:
        command = [sam, "local", "invoke", function, "--event", "-", "--template", str(path)]
        with _child(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            reader = threading.Thread(target=_read, args=(process.stderr, keep), daemon=True)
            reader.start()
            process.stdin.write(event)
            process.stdin.close()
            answer: str = process.stdout.read()
            reader.join()
            code = process.wait()
    if code:
        raise SamFailed("\n".join(logged) or f"sam ended with {code}")
    return answer


class Service:
    """``sam local start-api`` or ``start-lambda`` with what was built last.

    Args:
        command: The command with its options but for template, address and port.
        build: The build.
        template: Enters what the service needs and gives its template; called at each start.
        port: The loopback port that it answers on.
        show: Takes each line that SAM and the functions log.
    """

    def __init__(
        self, command: Sequence[str], build: Build, template: Callable[[ExitStack], str], port: int, show: Write
    ) -> None:
        self.port = port
        self._command = command
        self._build = build
        self._template = template
        self._show = show
        self._running = ExitStack()
        self._process: subprocess.Popen[str] | None = None
        self._stamp: tuple[int, int] | None = None
        self._tail: deque[str] = deque(maxlen=200)
        self._reader: threading.Thread | None = None

    def ensure(self) -> bool:
        """Starts it, or starts it anew where the project was built since; whether it did.

        Raises:
            InvalidRequest: The project is not built, or the port is taken.
            SamFailed: It does not start, or has ended by itself.
        """
        if self._process and self._process.poll() is not None:
            said = self._last_words()
            self.close()
            raise SamFailed(said)
        stamp = self._build.stamp()
        if self._process and stamp in (None, self._stamp):
            return False
        self.close()
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return True

    def close(self) -> None:
        """Ends it and its containers."""
        self._running.close()
        self._process = None

    def _start(self) -> None:
        try:
            listen(self.port).close()
        except OSError as error:
            raise InvalidRequest(f"Port {self.port}: {error.strerror}. Name another one with PORT.") from error
        path = self._running.enter_context(template_file(self._latest()))
        command = [*self._command, "--template", str(path), "--host", HOST, "--port", str(self.port)]
        self._tail.clear()
        self._process = self._running.enter_context(
            _child(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        )
        self._reader = threading.Thread(target=_read, args=(self._process.stdout, self._log), daemon=True)
        self._reader.start()
        self._wait(self._process)

    def _latest(self) -> str:
        """The template of the build that was made last."""
        while True:
            self._build.wait()
            self._stamp = self._build.stamp()
            try:
                return self._template(self._running)
            except InvalidRequest:
                if self._stamp == self._build.stamp():
                    raise
                self._running.close()  # a build began meanwhile, and has taken away what was to be read

    def _wait(self, process: subprocess.Popen[str]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                socket.create_connection((HOST, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise SamFailed(self._last_words())

    def _last_words(self) -> str:
        """What it has said; of one that has ended also what was still to be read."""
        if self._reader and self._process and self._process.poll() is not None:
            self._reader.join(_LAST_WORDS_SECONDS)
        return "\n".join(self._tail) or "sam does not answer"

    def _log(self, line: str) -> None:
        self._tail.append(line)
        self._show(line)


@contextmanager
def _child(command: Sequence[str], **streams: Any) -> Iterator[Any]:
    """A process in a session of its own: Ctrl-C does not reach it, as SAM removes its containers at SIGTERM only."""
    process = subprocess.Popen(  # noqa: S603  (SAM)
        command, env=environment(), text=True, encoding="utf-8", errors="replace", start_new_session=True, **streams
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _read(stream: Any, log: Write) -> None:
    for line in stream:
        log(line.rstrip("\n"))
