"""A shoot's page, made of some pictures by the command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from nima.model.folder import SHIPPED
from tests.integration.test_local_stack import picture

HOSTILE = "<img src=x onerror=alert(1)><!-- </script>.jpg".replace("/", "\N{FRACTION SLASH}")


def shoot_page(folder: Path, *options: str) -> Path:
    """The page of three pictures, one of a hostile name, and a text that is called a picture."""
    shoot = folder / "shoot"
    shoot.mkdir()
    for number, name in enumerate(("a.jpg", "b.jpg", HOSTILE)):
        (shoot / name).write_bytes(picture(number))
    (shoot / "text.jpg").write_text("no picture")
    page = folder / "shoot.html"
    command = [sys.executable, "-m", "nima.cli", "report", str(shoot), "--models", str(SHIPPED), "--html", str(page)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "text.jpg: unsupported_format: " in done.stderr
    return page


def data_of(page: Path) -> dict[str, Any]:
    """What the page shows."""
    text = page.read_text(encoding="utf-8")
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    found: dict[str, Any] = json.loads(data)
    return found
