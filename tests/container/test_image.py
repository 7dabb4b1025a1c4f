"""The score image by itself: what is in it, and that Lambda's memory and file system are enough for it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.container.conftest import SamAws
from tests.container.engine import Engine
from tests.container.lambda_container import LambdaContainer
from tests.pictures import encode, scene

ROOT = Path(__file__).resolve().parents[2]
MAX_ADDED_MEGABYTES = 220
SMALLEST_MEMORY = 512
PIXELS = (8660, 5773)  # 50 million, the limit
BYTES = 25 << 20  # the limit
ARM = ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64")


def test_it_adds_little_to_its_base(engine: Engine, score_image: str, base_image: str) -> None:
    added = (engine.image(score_image)["Size"] - engine.image(base_image)["Size"]) / 1e6

    print(f"added to the base image: {added:.0f} MB")
    assert 0 < added <= MAX_ADDED_MEGABYTES


def test_it_holds_byte_code_and_models_and_nothing_to_build_or_test_with(engine: Engine, score_image: str) -> None:
    listing = engine.shell(score_image, "cd /var/task && find . -mindepth 1 -maxdepth 2").split()

    assert "./handler.py" in listing
    assert "./nima/assess" in listing
    assert [path for path in listing if path.startswith("./models/")]
    for absent in ("pip", "tensorflow", "keras", "h5py", "pytest", "bin", "nima/cli", "nima/local", "nima/training"):
        assert f"./{absent}" not in listing
    sources, compiled = engine.shell(
        score_image,
        "cd /var/task && find . -name '*.py' | wc -l && find . -name '*.cpython-313.pyc' | wc -l",
    ).split()
    assert int(compiled) >= 0.99 * int(sources)  # a few files are templates in another Python


def test_it_is_labelled(engine: Engine, score_image: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    labels = engine.image(score_image)["Config"]["Labels"]

    assert labels["org.opencontainers.image.title"] == "nima-score"
    assert labels["org.opencontainers.image.licenses"] == project["license"]
    assert "nima.model" in labels


def test_an_unknown_model_stops_the_build_and_says_what_to_do(engine: Engine, score_image: str) -> None:
    build = subprocess.run(
        [engine.command, "build", "--file", "functions/score/Dockerfile", "--build-arg", "MODEL=nobody", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert build.returncode != 0
    assert "holds no model nobody: run 'make models' first" in build.stdout + build.stderr


@pytest.mark.parametrize("platform", [("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64"), ARM])
def test_every_locked_package_has_a_wheel_for_both_processors(platform: tuple[str, ...], tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--no-deps", "--only-binary=:all:"),
        *("--require-hashes", "--python-version", "3.13", "--target", str(tmp_path)),
        *(part for tag in platform for part in ("--platform", tag)),
        *("--requirement", str(ROOT / "functions/score/requirements.txt")),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stderr


@pytest.fixture(scope="module")
def smallest(engine: Engine, score_image: str, sam_aws: SamAws) -> Iterator[LambdaContainer]:
    """The function with the least memory that the template allows."""
    with LambdaContainer(engine, score_image, sam_aws.variables, memory=SMALLEST_MEMORY) as container:
        yield container


def png(mode: str) -> bytes:
    """50 million pixels that compress well."""
    band = scene(866, 577, seed=3).convert(mode)
    return encode(band.resize(PIXELS, Image.Resampling.NEAREST))


def sixteen_bits() -> bytes:
    """A PNG of 50 million grey values of 16 bits each."""
    values = np.linspace(0, 65535, PIXELS[0], dtype=np.uint16)
    file = io.BytesIO()
    Image.fromarray(np.broadcast_to(values, PIXELS[::-1]).copy()).save(file, "PNG", compress_level=1)
    return file.getvalue()


def heavy_jpeg() -> bytes:
    """A JPEG of nearly 25 MiB: noise, and zeros after its end as some cameras leave them."""
    noise = np.random.default_rng(0).integers(0, 256, (3000, 4000, 3), dtype=np.uint8)
    jpeg = encode(Image.fromarray(noise), "JPEG", quality=95)
    return jpeg.ljust(BYTES, b"\0")


PICTURES = {
    "50 MP JPEG": lambda: encode(scene(866, 577, seed=4).resize(PIXELS), "JPEG", quality=85),
    "50 MP progressive JPEG": lambda: encode(
        scene(866, 577, seed=4).resize(PIXELS), "JPEG", quality=60, progressive=True
    ),
    "50 MP PNG": lambda: png("RGB"),
    "50 MP PNG with transparency": lambda: png("RGBA"),
    "50 MP PNG of 16 bits": sixteen_bits,
    "25 MiB JPEG": heavy_jpeg,
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_at_the_limits_is_answered_within_the_least_memory(
    smallest: LambdaContainer, sam_aws: SamAws, name: str
) -> None:
    key = f"limits/{name}"
    body = PICTURES[name]()
    sam_aws.aws.s3.put_object(Bucket=sam_aws.bucket, Key=key, Body=body)

    answer = smallest.invoke({"keys": [key]})

    print(f"{name}: {len(body) / 1e6:.1f} MB, {answer.seconds:.2f} s, peak {smallest.peak_megabytes():.0f} MB")
    assert answer.error is None, answer.text + smallest.logs()[-2000:]
    (result,) = answer.document["results"]
    assert (result["status"], result["code"]) == ("scored", None)


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_a_picture_whose_decoder_needs_more_is_refused_and_never_kills(
    smallest: LambdaContainer, sam_aws: SamAws, kind: str
) -> None:
    options = {"method": 0} if kind == "WEBP" else {"speed": 10}
    for share, expected in ((1.0, ("rejected", "too_many_pixels")), (0.6, ("scored", None))):
        key = f"limits/{share}.{kind}"
        size = (round(PIXELS[0] * share), round(PIXELS[1] * share))
        body = encode(scene(866, 577, seed=4).resize(size), kind, quality=50, **options)
        sam_aws.aws.s3.put_object(Bucket=sam_aws.bucket, Key=key, Body=body)

        answer = smallest.invoke({"keys": [key]})

        print(f"{kind} of {size}: {answer.text[:200]}, peak {smallest.peak_megabytes():.0f} MB")
        assert answer.error is None, answer.text
        (result,) = answer.document["results"]
        assert (result["status"], result["code"]) == expected


def test_a_picture_over_a_limit_is_refused_with_its_code(smallest: LambdaContainer, sam_aws: SamAws) -> None:
    refused = {
        "image_too_large": b"\xff\xd8\xff" + bytes(BYTES),
        "too_many_pixels": encode(Image.new("1", (PIXELS[0], PIXELS[1] + 10))),
        "unsupported_format": b"not a picture",
    }
    for code, body in refused.items():
        sam_aws.aws.s3.put_object(Bucket=sam_aws.bucket, Key=f"refused/{code}", Body=body)

        (result,) = smallest.invoke({"keys": [f"refused/{code}"]}).document["results"]

        assert (result["status"], result["code"]) == ("rejected", code)


def test_it_logs_json_and_metrics_and_keeps_no_file(smallest: LambdaContainer, sam_aws: SamAws) -> None:
    sam_aws.aws.s3.put_object(Bucket=sam_aws.bucket, Key="a/b/log.jpg", Body=encode(scene(640, 480), "JPEG"))
    smallest.invoke({"keys": ["a/b/log.jpg"]})

    lines: list[dict[str, Any]] = [json.loads(line) for line in smallest.logs().splitlines() if line.startswith("{")]
    assert any(line.get("message") == "done" and line.get("key") == "a/b/log.jpg" for line in lines)
    assert any("_aws" in line and line.get("Scored") == [1.0] for line in lines)
    files = smallest.engine.call("exec", smallest.name, "find", "/tmp", "-type", "f").split()
    assert files in ([], ["/tmp/.aws-xray/initialized"])  # X-Ray's SDK leaves an empty mark
