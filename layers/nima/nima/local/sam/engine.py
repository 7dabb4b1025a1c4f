"""The container engine: what its images are for, and how its containers reach a port of this machine.

Nothing here listens for other machines. Docker and Podman on Linux have a bridge, whose address belongs to this machine
and is seen by containers alone: a relay listens there. Docker Desktop and Podman's machine run containers in a virtual
machine, from which ``host.docker.internal`` leads to the loopback interface.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker
from docker.errors import DockerException

from nima.errors import InvalidRequest
from nima.local.sam.build import Build
from nima.local.sam.relay import relay

GATEWAY_NAME = "host.docker.internal"
ARCHITECTURES = {"amd64": "x86_64", "arm64": "arm64"}

_LOOK_UP = f"import socket; print(socket.gethostbyname('{GATEWAY_NAME}'))"


@contextmanager
def engine() -> Iterator[Any]:
    """A client of the engine that DOCKER_HOST names, else of Docker.

    Raises:
        InvalidRequest: It does not answer.
    """
    try:
        client = docker.from_env()
        client.ping()
    except DockerException as error:
        raise InvalidRequest(
            "No container engine answers. Start Docker, or Podman's socket and let DOCKER_HOST name it.",
            detail=str(error),
        ) from error
    try:
        yield client
    finally:
        client.close()


def built_image(build: Build) -> tuple[str, str]:
    """The name of an image of the build, and what processors it is for, as Lambda calls them.

    Raises:
        InvalidRequest: The project is not built, no engine answers, or it has no such image.
    """
    image = build.image()
    with engine() as client:
        try:
            found: str = client.images.get(image).attrs["Architecture"]
        except DockerException as error:
            raise InvalidRequest(f"The engine has no image {image}; run `make build`.", detail=str(error)) from error
    return image, ARCHITECTURES.get(found, found)


def host_address(client: Any, image: str) -> str:
    """The address at which containers reach this machine.

    Args:
        client: The engine.
        image: An image with Python in it, for an engine in a virtual machine: only its containers know.

    Raises:
        InvalidRequest: The engine's containers do not reach it.
    """
    if in_virtual_machine(client):
        hosts = {GATEWAY_NAME: "host-gateway"}
        try:
            said: bytes = client.containers.run(
                image, ["-c", _LOOK_UP], entrypoint=["python"], extra_hosts=hosts, remove=True
            )
        except DockerException as error:
            raise InvalidRequest(f"Containers do not know {GATEWAY_NAME}.", detail=str(error)) from error
        return said.decode().strip()
    return bridge_address(client)


def in_virtual_machine(client: Any) -> bool:
    """Whether containers run in a virtual machine of this machine."""
    return sys.platform != "linux" or "Docker Desktop" in client.info()["OperatingSystem"]


def bridge_address(client: Any) -> str:
    """The address of this machine on the engine's bridge.

    Raises:
        InvalidRequest: The engine is rootless: its bridge is in a network of its own.
    """
    if any("rootless" in option for option in client.info().get("SecurityOptions") or ()):
        raise InvalidRequest(
            "The container engine is rootless, so its containers do not reach this machine by a bridge. "
            "Let CONTAINER_HOST name an address of this machine; who reaches that address reaches the AWS too."
        )
    configuration: dict[str, str] = client.networks.get("bridge").attrs["IPAM"]["Config"][0]
    network = ipaddress.ip_network(configuration["Subnet"])
    return configuration.get("Gateway") or str(next(network.hosts()))


@contextmanager
def reachable(port: int, image: str, host: str | None = None) -> Iterator[str]:
    """The URL at which containers reach a loopback port while inside.

    Args:
        port: The port.
        image: As in ``host_address``.
        host: An address of this machine to listen on instead.

    Raises:
        InvalidRequest: Containers do not reach this machine.
    """
    with engine() as client:
        address = host or host_address(client, image)
        direct = not host and in_virtual_machine(client)
    if direct:
        yield f"http://{address}:{port}"
        return
    with relay(address, port) as listening:
        yield f"http://{address}:{listening}"
