"""A function's image as Lambda runs it: its runtime interface, its memory, a file system that cannot be written to."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from tests.container.engine import Engine
from tests.ports import free_port

# The user that Lambda runs functions as; it owns nothing and may write to /tmp only.
USER = "993:990"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "POWERTOOLS_TRACE_DISABLED": "true",  # X-Ray's daemon is not here
}
# What the runtime interface answers between a time-out's answer and the end of the reset that follows it.
RESETTING = "Sandbox.Failure"
# Every process that Python runs: the function, but not the runtime interface beside it.
_KILL = """
for process in /proc/[0-9]*; do
    case $(readlink "$process/exe") in */python*) kill -KILL "${process#/proc/}";; esac
done
"""
# Microseconds, or nanoseconds where control groups are of the first version.
_USAGE = """
if [ -f /sys/fs/cgroup/cpu.stat ]; then
    while read -r name value; do [ "$name" = usage_usec ] && echo "${value}000"; done < /sys/fs/cgroup/cpu.stat
else
    read -r value < /sys/fs/cgroup/cpuacct/cpuacct.usage && echo "$value"
fi
exit 0
"""
_PEAK = "cat /sys/fs/cgroup/memory.peak 2>/dev/null || cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes 2>/dev/null"


@dataclass(frozen=True)
class Answer:
    """What the runtime interface answered, and after how many seconds."""

    status: int
    text: str
    seconds: float

    @property
    def document(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> str | None:
        """The type of the error that the handler raised, or what the runtime said of its end; None on success."""
        try:
            document = self.document
        except ValueError:
            return self.text
        failed = isinstance(document, dict) and "errorType" in document
        return str(document["errorType"]) if failed else None


class LambdaContainer:
    """A container that answers invocations between ``with`` and its end.

    Args:
        engine: Who runs it.
        image: The image.
        variables: The function's environment.
        memory: Megabytes that it may take, swap included; beyond it is killed.
        timeout: Seconds that an invocation may take.
        command: The handler, else the image's own.
        cpus: Processors that it may use.
        mounts: Folders to be seen read-only inside, by their place there.
        port: The port of this machine to answer on; else a free one.
    """

    def __init__(
        self,
        engine: Engine,
        image: str,
        variables: Mapping[str, str],
        memory: int = 1769,
        timeout: int = 60,
        command: Sequence[str] = (),
        cpus: float | None = None,
        mounts: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        self.engine = engine
        self.name = f"nima-{uuid.uuid4().hex[:12]}"
        self.port = port or free_port()
        environment = {
            **CREDENTIALS,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
            **variables,
        }
        self._arguments = [
            *("run", "--detach", "--name", self.name, "--publish", f"127.0.0.1:{self.port}:8080"),
            *("--memory", f"{memory}m", "--memory-swap", f"{memory}m", "--user", USER),
            *("--read-only", "--tmpfs", "/tmp:rw,mode=1777"),
            *(("--cpus", str(cpus)) if cpus else ()),
            *(part for name, value in environment.items() for part in ("--env", f"{name}={value}")),
            *(part for inside, here in (mounts or {}).items() for part in ("--volume", f"{here}:{inside}:ro")),
            image,
            *command,
        ]

    def __enter__(self) -> LambdaContainer:
        self.started = time.perf_counter()
        self.engine.call(*self._arguments)
        try:
            self._wait()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            print(self.logs())
        self._remove()

    def invoke(self, event: Any, timeout: float = 120) -> Answer:
        """One invocation."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/2015-03-31/functions/function/invocations", json.dumps(event).encode()
        )
        before = time.perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                status, body = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        return Answer(status, body.decode(), time.perf_counter() - before)

    def peak_megabytes(self) -> float:
        """The most memory that the container has taken, the file cache included, as the kernel counts it."""
        return int(self.engine.call("exec", self.name, "/bin/sh", "-c", _PEAK)) / 1e6

    def processor_seconds(self) -> float:
        """The processor time that the container has taken since its start, as the kernel counts it."""
        return int(self.engine.call("exec", self.name, "/bin/sh", "-c", _USAGE)) / 1e9

    def kill_function(self) -> None:
        """Ends the function's process as a crash does; the container and its runtime interface stay."""
        self.engine.call("exec", self.name, "/bin/sh", "-c", _KILL)

    def logs(self) -> str:
        return self.engine.call("logs", self.name, check=False)

    def _remove(self) -> None:
        self.engine.call("kill", self.name, check=False)
        self.engine.call("rm", "--force", self.name, check=False)

    def _wait(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                    # A published port may accept before anybody answers behind it; then the connection ends at once.
                    connection.settimeout(0.05)
                    try:
                        if connection.recv(1) == b"":
                            time.sleep(0.01)
                            continue
                    except TimeoutError:
                        return
            except OSError:
                time.sleep(0.01)
        raise AssertionError(f"{self.name} does not answer")
