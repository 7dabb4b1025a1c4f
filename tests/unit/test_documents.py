"""The documents: links lead somewhere, every command is one that a test runs, and every setting is one there is."""

from __future__ import annotations

import os
import re
import subprocess
from importlib import import_module
from pathlib import Path

import click
import pytest

from nima.document.rules import VARIABLES
from nima.model.folder import SHIPPED
from tests.documents import DOCUMENTS, ROOT, blocks, commands, typed

# Programs whose commands tests run, each with the files of these tests; the last ones need an account or an engine.
RUN_BY = {
    r"curl .*localhost:8000": "tests/integration/test_documented_commands.py",
    r"nima (score|pick|tag|rate|report|undo|models list)": "tests/integration/test_documented_commands.py",
    r"nima (train|export|calibrate|evaluate|models (?!list))": "tests/training/test_documented_commands.py",
    r"nima (tag|undo)": "tests/unit/test_tag.py",
    r"nima watch": "tests/integration/test_watch.py",
    r"nima (plugin|photoshop)": "tests/integration/test_hosts.py",
    r"make ": "tests/unit/test_documents.py",
    r"docker build": "tests/container/test_image.py",
    r"python3.13 -m venv|\.venv-localstack/bin/pip": "tests/container/localstack_host.py",
    r"\.venv-sam/bin/sam deploy": "tests/container/test_end_to_end.py",
}
PACKAGE = ROOT / "layers" / "nima" / "nima"
MODEL_CARD = SHIPPED / "nima-lite" / "README.md"
MADE_BY = ROOT / "docs" / "nima-lite" / "README.md"
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def test_the_readme_is_read_to_its_end() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 160


@pytest.mark.parametrize(
    "document",
    [*DOCUMENTS, ROOT / "CHANGELOG.md", MODEL_CARD, MADE_BY],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in _LINK.findall(document.read_text(encoding="utf-8")):
        place, _, anchor = link.partition("#")
        if place.startswith("http"):
            continue
        target = (document.parent / place).resolve() if place else document
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(_anchor, headings), link


def test_every_document_is_reached_from_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for document in (ROOT / "docs").glob("*.md"):
        assert f"docs/{document.name}" in text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_is_of_a_kind_that_a_test_runs(document: Path) -> None:
    for line in typed(document):
        kinds = [where for pattern, where in RUN_BY.items() if re.match(pattern, line)]
        assert kinds, line
        assert (ROOT / kinds[0]).exists()


@pytest.mark.parametrize("command", commands("make"))
def test_make_knows_what_it_is_told(command: str, tmp_path: Path) -> None:
    """As a dry run, with what would be installed first taken for installed."""
    made = " ".join(f"--old-file={name}" for name in (".venv/.run", ".venv/.dev", ".venv-sam/.sam"))
    line = command.replace("make ", f"make --dry-run --silent {made} ")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "NIMA_"))}
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=ROOT,
        env={**environment, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_what_made_nima_lite_is_still_a_command() -> None:
    """It took days, on photographs that are not here: its commands and their options are there."""
    (block,) = blocks(MADE_BY, "sh")
    lines = [line.split("#")[0].split() for line in block.replace("\\\n", " ").splitlines()]
    made = [line[line.index("nima") :] for line in lines if "nima" in line]
    assert {tuple(line[1:3]) for line in made} >= {("distill", "list"), ("distill", "run"), ("models", "adopt")}
    for _, *line in made:
        command: click.Command = import_module(f"nima.cli.{line.pop(0)}").command
        while isinstance(command, click.Group):
            command = command.commands[line.pop(0)]
        known = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in line if word.startswith("--")} <= known, command.name


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for document in DOCUMENTS:
        for named in re.findall(r"`make ([a-z][a-z-]*)", document.read_text(encoding="utf-8")):
            assert named in targets, (document.name, named)


def test_the_parameters_and_outputs_that_operations_name_are_the_templates() -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    known = set(re.findall(r"^  (\w+):$", template, re.MULTILINE))
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for named in re.findall(r"^- `(\w+)[`=]", text, re.MULTILINE):
        assert named in known, named


def test_the_settings_of_the_documents_are_those_that_are_read() -> None:
    sources = (PACKAGE / "aws" / "settings.py", PACKAGE / "image" / "limits.py")
    read = {name for source in sources for name in re.findall(r'"((?:NIMA_|MODEL)[A-Z_]*)"', source.read_text())}
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    _, _, section = text.partition("\n## Settings\n")
    named = set(re.findall(r"`((?:NIMA_|MODEL)[A-Z_]*)`", section.partition("\n## ")[0]))
    assert named == read - {"NIMA_MODELS"}  # which the handlers set themselves
    policy = (ROOT / "docs" / "judgement.md").read_text(encoding="utf-8")
    for variable in VARIABLES:
        assert re.search(rf"`(NIMA_MAIN_IMAGE|\.\.\.){variable.removeprefix('NIMA_MAIN_IMAGE')}`", policy), variable
