"""A worker that a file of one name ends, as a decoder's fault would."""

import os
import signal
from pathlib import Path

from nima.desk import worker
from nima.desk.cache import Seen


class Crashing(worker.Worker):
    """Ends at ``crash.jpg``."""

    def answer(self, path: Path, seen: Seen | None = None) -> bytes:
        """As a worker does."""
        if path.name == "crash.jpg":
            os.kill(os.getpid(), signal.SIGSEGV)
        return super().answer(path, seen)


def main() -> None:
    """As a worker's."""
    worker.Worker = Crashing  # type: ignore[misc]
    worker.main()
