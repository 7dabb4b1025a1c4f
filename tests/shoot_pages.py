"""A shoot's page, made of some pictures by the command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nima.model.folder import SHIPPED
from tests.integration.test_local_stack import picture

_BEGIN, _END = '<script type="application/json" id="data">', "</script>"
HOSTILE = "<img src=x onerror=alert(1)><!-- </script>.jpg".replace("/", "\N{FRACTION SLASH}")


def shoot_page(folder: Path, *options: str, names: Sequence[str] = ("a.jpg", "b.jpg", HOSTILE)) -> Path:
    """The page of some pictures, one of a hostile name, and a text that is called a picture."""
    shoot = folder / "shoot"
    shoot.mkdir()
    for number, name in enumerate(names):
        (shoot / name).write_bytes(picture(number))
    (shoot / "text.jpg").write_text("no picture")
    page = folder / "shoot.html"
    command = [sys.executable, "-m", "nima.cli", "report", str(shoot), "--models", str(SHIPPED), "--html", str(page)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "text.jpg: unsupported_format: " in done.stderr
    return page


def made_of(page: Path, count: int, target: Path, **said: Any) -> Path:
    """A page of so many pictures, those of another one over and over; each is a picture of its own to the browser.

    What is ``said`` is said of all.
    """
    data = data_of(page)
    known = data["pictures"]
    data["pictures"] = [
        {
            **known[number % len(known)],
            "name": f"{number * 7919 % count:05}.jpg",
            "group": number // 3,
            "rank": number % 3 + 1,
            # Bytes after the JPEG's end.
            "image": known[number % len(known)]["image"].rstrip("=") + f"AAAA{number:08}",
            **said,
        }
        for number in range(count)
    ]
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    target.write_text(before + _BEGIN + text + _END + rest.partition(_END)[2], encoding="utf-8")
    return target


def data_of(page: Path) -> dict[str, Any]:
    """What the page shows."""
    text = page.read_text(encoding="utf-8")
    (data,) = re.findall(f"{re.escape(_BEGIN)}(.*?){_END}", text, re.DOTALL)
    found: dict[str, Any] = json.loads(data)
    return found
