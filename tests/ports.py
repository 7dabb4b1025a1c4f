"""Ports for what is to be told beforehand where it answers."""

from __future__ import annotations

import random
from contextlib import suppress

from nima.local.server import listen


def free_port() -> int:
    """A port that nothing else gets meanwhile, as systems give those over 32767 to who asks for any."""
    while True:
        port = random.randrange(10_000, 30_000)
        with suppress(OSError), listen(port):
            return port
