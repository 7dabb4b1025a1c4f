"""What the documents tell their readers to type."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "events" / "README.md")

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(document: Path, language: str) -> list[str]:
    """The blocks of code in a language."""
    return [text for name, text in _BLOCK.findall(document.read_text(encoding="utf-8")) if name == language]


def typed(document: Path) -> list[str]:
    """The commands of a document's shell blocks, without what follows as a comment."""
    lines = (line.partition("  #")[0].strip() for block in blocks(document, "sh") for line in block.splitlines())
    return [re.sub(r" # .*", "", line) for line in lines if line]


def by_hand(folder: Path, **environment: str) -> dict[str, str]:
    """The environment of who types commands: ``nima`` is this package's, by a program in a folder."""
    folder.mkdir()
    (folder / "nima").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m nima.cli "$@"\n', encoding="utf-8")
    (folder / "nima").chmod(0o755)
    return {**os.environ, **environment, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def commands(program: str, *documents: Path) -> list[str]:
    """A program's commands in some documents, each once; in all of them where none is named."""
    found = [line for document in documents or DOCUMENTS for line in typed(document)]
    return [line for line in dict.fromkeys(found) if line.startswith(f"{program} ")]
