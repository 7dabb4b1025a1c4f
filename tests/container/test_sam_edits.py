"""An edit, `make build`, and what runs already goes on with it: no object is lost, nothing has to be started again."""

from __future__ import annotations

import json
import shutil
import urllib.request
from functools import partial
from pathlib import Path

import pytest

import nima
from nima.model.folder import SHIPPED
from tests.container.engine import Engine
from tests.container.make import ROOT, make, running
from tests.container.routes import ask
from tests.pictures import encode, scene
from tests.ports import free_port

# What is edited: the query function's zip, and the score function's image.
HEALTH = Path("functions/query/routes/health.py"), "Health(nima.__version__)", 'Health("edited")'
MARKER = Path("layers/nima/nima/aws/scoring.py"), '"ignored"', '"edited"'
BUCKET = "my-shop"
EVENT = {
    "Records": [
        {
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": BUCKET}, "object": {"key": "shoes/mine/told.jpg", "size": 9, "sequencer": "00"}},
        }
    ]
}


@pytest.fixture
def project(score_image: str, tmp_path: Path) -> Path:
    """A copy of the project with an event, a bucket and a second model of its own."""
    copied = ("Makefile", "template.yaml", "samconfig.toml", "pyproject.toml", "constraints.txt", "LICENSE", "NOTICE")
    for name in (*copied, ".dockerignore"):
        shutil.copy2(ROOT / name, tmp_path / name)
    for name in ("functions", "layers", "infra", "events"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (".venv", ".venv-sam"):
        (tmp_path / name).symlink_to(ROOT / name)
    for path in (tmp_path / "events").glob("*.json"):
        path.unlink()
    (tmp_path / "events" / "mine.json").write_text(json.dumps(EVENT), encoding="utf-8")
    shutil.copytree(SHIPPED / "nima-lite", tmp_path / "functions" / "score" / "models" / "another")
    return tmp_path


def edit(project: Path, what: tuple[Path, str, str], *, undo: bool = False) -> None:
    path, before, after = what
    text = (project / path).read_text(encoding="utf-8")
    changed = text.replace(after, before) if undo else text.replace(before, after)
    assert changed != text
    (project / path).write_text(changed, encoding="utf-8")


def test_two_builds_lose_nothing_and_reach_what_runs(project: Path, engine: Engine) -> None:
    aws_port, api_port = free_port(), free_port()
    api = partial(ask, f"http://127.0.0.1:{api_port}")
    here = partial(make, project=project)

    def put(key: str, body: bytes) -> None:
        url = f"http://127.0.0.1:{aws_port}/{BUCKET}/{key}"
        request = urllib.request.Request(url, body, {"Content-Type": "image/jpeg"}, method="PUT")
        urllib.request.urlopen(request, timeout=60).close()

    def health() -> str:
        return str(json.loads(api("GET", "/health", None, {})[1])["version"])

    edit(project, HEALTH)
    edit(project, MARKER)
    built = here("build", "MODEL=nima-lite")
    assert built.returncode == 0, built.stderr[-3000:]
    assert engine.shell("scorefunction:latest", "ls /var/task/score/models").split() == ["nima-lite"]

    with running("aws", f"AWS_PORT={aws_port}", project=project) as aws:
        aws.wait_for("is scored in the container")
        assert any(BUCKET in line for line in aws.lines)
        with running("start-api", f"PORT={api_port}", f"AWS_PORT={aws_port}", project=project) as started:
            started.wait_for("answers at")
            put("shoes/mine/front.jpg", encode(scene(640, 480), "JPEG"))
            put("shoes/", b"")
            aws.wait_for("shoes/mine/front.jpg: scored")
            aws.wait_for("shoes/: edited")
            assert health() == "edited"
            before = api("GET", "/images/shoes%2Fmine%2Ffront.jpg", None, {})

            edit(project, HEALTH, undo=True)
            edit(project, MARKER, undo=True)
            assert here("build", "MODEL=nima-lite").returncode == 0

            started.wait_for("answers at", times=2)
            assert health() == nima.__version__
            assert api("GET", "/images/shoes%2Fmine%2Ffront.jpg", None, {}) == before
            put("shoes/", b"")
            aws.wait_for("shoes/: ignored")
            for arguments in (("KEY=shoes/mine/front.jpg",), ("EVENT=events/mine.json",)):
                invoked = here("invoke", *arguments, f"AWS_PORT={aws_port}")
                assert [result["status"] for result in json.loads(invoked.stdout)["results"]] == ["scored"], invoked
            assert before[0] == 200
