"""Docker or Podman, by their common command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from nima.local.sam.engine import engine, host_address

BASE_IMAGE = "public.ecr.aws/lambda/python:3.13"
ENGINES = ("docker", "podman")


class Engine:
    """A container engine by its command."""

    def __init__(self, command: str) -> None:
        self.command = command

    def call(self, *arguments: str, check: bool = True) -> str:
        """Runs a command; its output. A failure shows what the engine said."""
        finished = subprocess.run([self.command, *arguments], capture_output=True, text=True, check=False)
        if check and finished.returncode:
            raise AssertionError(f"{self.command} {' '.join(arguments[:2])} failed: {finished.stderr.strip()[-2000:]}")
        return finished.stdout

    def image(self, name: str) -> dict[str, Any]:
        """What the engine knows of an image."""
        (found,) = json.loads(self.call("image", "inspect", name))
        return dict(found)

    def shell(self, image: str, script: str, *options: str) -> str:
        """What a shell script prints in a fresh container of an image."""
        return self.call("run", "--rm", *options, "--entrypoint", "/bin/sh", image, "-c", script)


def find_engine() -> Engine | None:
    """CONTAINER_ENGINE, else the first of Docker and Podman that answers."""
    wanted: Sequence[str] = (os.environ["CONTAINER_ENGINE"],) if "CONTAINER_ENGINE" in os.environ else ENGINES
    for command in wanted:
        if shutil.which(command):
            answer = subprocess.run([command, "version"], capture_output=True, check=False)
            if answer.returncode == 0:
                return Engine(command)
    return None


def host_of_containers() -> str:
    """The address at which containers reach this machine."""
    with engine() as client:
        return host_address(client, BASE_IMAGE)
