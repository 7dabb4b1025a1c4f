"""What the tests share: the engine, an AWS for single containers, and the whole application on LocalStack."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from nima.local.aws import Aws
from nima.local.sam.aws import aws_for_sam
from nima.local.sam.build import BUILT
from nima.local.sam.client import RunningAws
from nima.local.sam.engine import reachable
from tests.container.cloud import Cloud, cloud
from tests.container.engine import BASE_IMAGE, Engine, find_engine, host_of_containers
from tests.container.faulty import FaultyAws
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SCORE_IMAGE = "scorefunction:latest"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "container: needs Docker or Podman, and what `make build` makes")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.container)


@dataclass(frozen=True)
class SamAws:
    """The AWS of `make aws`, and what a function has to be told to use it."""

    aws: Aws
    variables: Mapping[str, str]
    port: int

    @property
    def bucket(self) -> str:
        return self.variables["BUCKET_NAME"]

    @property
    def table(self) -> str:
        return self.variables["TABLE_NAME"]


@pytest.fixture(scope="session")
def engine() -> Engine:
    found = find_engine()
    if found is None:
        pytest.skip("neither Docker nor Podman answers: nothing of the containers was tested")
    return found


@pytest.fixture(scope="session")
def score_image(engine: Engine) -> str:
    """The image that `sam build` made."""
    if not (ROOT / BUILT / "template.yaml").is_file():
        pytest.skip("the project is not built (make build): nothing of the containers was tested")
    engine.image(SCORE_IMAGE)
    return SCORE_IMAGE


@pytest.fixture(scope="module")
def sam_aws(score_image: str) -> Iterator[SamAws]:
    port = free_port()
    with aws_for_sam(ROOT, port) as served, reachable(port, score_image) as seen_as:
        variables = RunningAws(port).variables(ROOT, served.bucket, seen_as)
        yield SamAws(served.aws, {**variables["EvaluateFunction"], **variables["ScoreFunction"]}, port)


@pytest.fixture
def faulty(sam_aws: SamAws) -> Iterator[FaultyAws]:
    with FaultyAws(f"http://127.0.0.1:{sam_aws.port}", host_of_containers()) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def base_image(engine: Engine) -> str:
    return BASE_IMAGE


@pytest.fixture(scope="module")
def application(engine: Engine, score_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The real template on LocalStack."""
    python = Path(os.environ.get("LOCALSTACK_PYTHON", ROOT / ".venv-localstack" / "bin" / "python"))
    if not python.exists() or subprocess.run([python, "-c", "import localstack.runtime"], check=False).returncode:
        pytest.skip(f"{python.name} of LOCALSTACK_PYTHON has no LocalStack: the template was not deployed anywhere")
    folder = tmp_path_factory.mktemp("localstack")
    try:
        with cloud(engine, python, folder) as running:
            yield running
    finally:
        kept = ROOT / "build" / "localstack.log"
        kept.parent.mkdir(exist_ok=True)
        shutil.copyfile(folder / "localstack.log", kept)
