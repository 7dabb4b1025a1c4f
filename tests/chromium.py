"""Chromium: ``NIMA_CHROMIUM``, else the machine's own, else the one that Playwright installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

_INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing of the browser's own shall go out to the network, nor its sandbox refuse to run as root in a container.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launched(playwright: Any) -> Any:
    """The browser; None where there is no Chromium."""
    own = playwright.chromium.executable_path
    found = os.environ.get("NIMA_CHROMIUM") or next(filter(None, map(shutil.which, _INSTALLED)), None) or own
    if not Path(found).is_file():
        return None
    return playwright.chromium.launch(executable_path=found, args=list(_FLAGS))
