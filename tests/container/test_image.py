"""The score image by itself: what is in it, and that Lambda's memory and file system are enough for it."""

from __future__ import annotations

import io
import json
import socket
import struct
import subprocess
import sys
import tomllib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from nima.local.sam.build import BUILT
from tests.container.conftest import SamAws
from tests.container.engine import Engine, host_of_containers
from tests.container.lambda_container import CREDENTIALS, USER, LambdaContainer
from tests.pictures import encode, heic, heic_whose_item_type_is_no_text, scene

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

    assert "./score/handler.py" in listing
    assert "./nima/assess" in listing
    assert [path for path in listing if path.startswith("./score/models")]
    for absent in ("pip", "tensorflow", "keras", "h5py", "pytest", "bin", "nima/cli", "nima/local", "nima/training"):
        assert f"./{absent}" not in listing
    sources, compiled = engine.shell(
        score_image,
        "cd /var/task && find . -name '*.py' | wc -l && find . -name '*.cpython-313.pyc' | wc -l",
    ).split()
    assert int(compiled) >= 0.99 * int(sources)  # a few files are templates in another Python


# What a cold start imports; Python says of each module what it was read from.
IMPORTS = "import awslambdaric.bootstrap, score.handler, score.evaluate, boto3, ai_edge_litert.interpreter"


def test_a_cold_start_compiles_nothing(engine: Engine, score_image: str) -> None:
    said = engine.shell(
        score_image,
        f"cd /var/task && PYTHONPATH=/var/task:/var/runtime python -v -c '{IMPORTS}' 2>&1 | grep 'code object from'",
        *("--user", USER, "--read-only"),
    ).splitlines()

    read = [line for line in said if line.endswith(".pyc'")]
    assert any("/json/" in line for line in read)
    assert any("/nima/" in line for line in read)
    assert [line for line in said if line not in read] == []


def test_numpy_starts_no_threads(engine: Engine, score_image: str) -> None:
    count = 'import os, numpy; print(len(os.listdir("/proc/self/task")))'

    assert engine.shell(score_image, f"cd /var/task && python -c '{count}'").strip() == "1"


# Pictures of 200 MB one after the other, and behind each something small that stays; Pillow decodes into such memory.
KEPT = """
from PIL import Image

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

small, before = [], resident()
for _ in range(4):
    picture = Image.new("RGBA", (8660, 5773), 7)
    small.append(bytes(100_000))
    del picture
print(resident() - before)
"""


def test_a_picture_leaves_no_memory_behind(engine: Engine, score_image: str) -> None:
    kept = int(engine.shell(score_image, f"cd /var/task && python -c '{KEPT}'"))

    assert 0 <= kept < 40e6


def test_botocore_knows_what_is_called_and_no_more(engine: Engine, score_image: str) -> None:
    listing = engine.shell(score_image, "cd /var/task/botocore/data && find . -type f").split()

    assert {Path(path).parts[0] for path in listing if len(Path(path).parts) > 1} == {"dynamodb", "events", "s3", "sts"}
    size = int(engine.shell(score_image, "du -sk /var/task/botocore/data").split()[0])
    assert size < 1000


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
    template = yaml.safe_load((ROOT / BUILT / "template.yaml").read_text(encoding="utf-8"))
    assert template["Parameters"]["ScoreMemory"]["MinValue"] == SMALLEST_MEMORY
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


def jpeg(mode: str, **options: Any) -> bytes:
    """A JPEG of 50 million pixels."""
    return encode(scene(866, 577, seed=4).convert(mode).resize(PIXELS), "JPEG", **options)


def tiff(size: tuple[int, int], tile: int | None = None, bits: int = 8, orientation: int = 1) -> bytes:
    """A black TIFF of three channels, packed, in one strip, or in one square tile that may be larger than itself."""
    width, height = size
    rows, row_bytes = (tile, tile * 3 * bits // 8) if tile else (height, width * 3 * bits // 8)
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(row_bytes)) for _ in range(rows)) + packer.flush()
    place = {322: tile, 323: tile, 324: 8, 325: len(packed)} if tile else {273: 8, 278: height, 279: len(packed)}
    tags = {256: width, 257: height, 258: bits, 259: 8, 262: 2, 274: orientation, 277: 3, **place}
    after = 8 + len(packed) + len(packed) % 2
    depths = after + 2 + 12 * len(tags) + 4
    directory = b"".join(
        struct.pack("<HHII", tag, 3, 3, depths) if tag == 258 else struct.pack("<HHII", tag, 4, 1, value)
        for tag, value in sorted(tags.items())
    )
    return b"".join(
        (
            struct.pack("<2sHI", b"II", 42, after),
            packed.ljust(after - 8, b"\0"),
            struct.pack("<H", len(tags)),
            directory,
            struct.pack("<I3H", 0, bits, bits, bits),
        )
    )


PICTURES: dict[str, Callable[[], bytes]] = {
    "50 MP JPEG": lambda: jpeg("RGB", quality=85),
    "50 MP progressive JPEG": lambda: jpeg("RGB", quality=60, progressive=True, subsampling=0),
    "50 MP JPEG in CMYK": lambda: jpeg("CMYK", quality=60),
    "50 MP PNG": lambda: png("RGB"),
    "50 MP PNG with transparency": lambda: png("RGBA"),
    "50 MP PNG of 16 bits": sixteen_bits,
    "25 MiB JPEG": heavy_jpeg,
    "34 MP TIFF in one strip": lambda: tiff((8660, 3950)),
    "22 MP TIFF on its side": lambda: tiff((8660, 2600), orientation=6),
}
# Each of these would need more than the least memory, in a way that only its header tells.
HUNGRY = {
    "50 MP progressive JPEG in CMYK": lambda: jpeg("CMYK", quality=60, progressive=True).ljust(BYTES, b"\0"),
    "50 MP TIFF on its side": lambda: tiff(PIXELS, orientation=6).ljust(BYTES, b"\0"),
    "50 MP TIFF of 16 bits in one strip": lambda: tiff(PIXELS, bits=16),
    "1 MP TIFF in a tile of 150 MP": lambda: tiff((1000, 1000), tile=12_288),
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


@pytest.mark.parametrize("name", HUNGRY)
def test_a_file_whose_header_asks_for_more_memory_is_refused(
    smallest: LambdaContainer, sam_aws: SamAws, name: str
) -> None:
    sam_aws.aws.s3.put_object(Bucket=sam_aws.bucket, Key=f"hungry/{name}", Body=HUNGRY[name]())

    for _ in range(2):  # what the first one leaves behind counts too
        answer = smallest.invoke({"keys": [f"hungry/{name}"]})

        print(f"{name}: {answer.text[:200]}, peak {smallest.peak_megabytes():.0f} MB")
        assert answer.error is None, answer.text
        (result,) = answer.document["results"]
        assert (result["status"], result["code"]) == ("rejected", "too_many_pixels")


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_a_picture_whose_decoder_needs_more_is_refused_and_never_kills(
    smallest: LambdaContainer, sam_aws: SamAws, kind: str
) -> None:
    options = {"method": 0} if kind == "WEBP" else {"speed": 10}
    for share, expected in ((1.0, ("rejected", "too_many_pixels")), (0.55, ("scored", None))):
        key = f"limits/{share}.{kind}"
        size = (round(PIXELS[0] * share), round(PIXELS[1] * share))
        body = encode(scene(866, 577, seed=4).resize(size), kind, quality=50, **options)
        sam_aws.aws.s3.put_object(Bucket=sam_aws.bucket, Key=key, Body=body)

        answer = smallest.invoke({"keys": [key]})

        print(f"{kind} of {size}: {answer.text[:200]}, peak {smallest.peak_megabytes():.0f} MB")
        assert answer.error is None, answer.text
        (result,) = answer.document["results"]
        assert (result["status"], result["code"]) == expected


def test_a_picture_that_kills_its_decoder_is_rejected_and_the_next_one_is_scored(
    smallest: LambdaContainer, sam_aws: SamAws
) -> None:
    for name, body, expected in (
        ("hostile.heic", heic_whose_item_type_is_no_text(), ("rejected", "undecodable_image")),
        ("next.heic", bytes(heic()), ("scored", None)),
    ):
        sam_aws.aws.s3.put_object(Bucket=sam_aws.bucket, Key=f"decoder/{name}", Body=body)

        answer = smallest.invoke({"keys": [f"decoder/{name}"]})

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


# The runtime interface emulator passes no trace id on, so the handler is called without it.
CALL = """
import json, types
from score.handler import handler
context = types.SimpleNamespace(
    function_name="score", memory_limit_in_mb=1769, invoked_function_arn="arn", aws_request_id="1"
)
print(json.dumps(handler({"keys": ["a/b/traced.jpg"]}, context)))
"""


def test_a_sampled_invocation_tells_xray_of_its_parts(engine: Engine, score_image: str, sam_aws: SamAws) -> None:
    root, parent = "1-6924f6e0-0123456789abcdef01234567", "0123456789abcdef"
    sam_aws.aws.s3.put_object(Bucket=sam_aws.bucket, Key="a/b/traced.jpg", Body=encode(scene(640, 480), "JPEG"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("0.0.0.0", 0))
        daemon.settimeout(60)
        variables = {
            **sam_aws.variables,
            **CREDENTIALS,
            "AWS_XRAY_DAEMON_ADDRESS": f"{host_of_containers()}:{daemon.getsockname()[1]}",
            "POWERTOOLS_TRACE_DISABLED": "false",
            "_X_AMZN_TRACE_ID": f"Root={root};Parent={parent};Sampled=1",
        }
        options = [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
        said = engine.shell(score_image, f"cd /var/task && python -c '{CALL}'", *options)

        assert json.loads(said.splitlines()[-1])["results"][0]["status"] == "scored"
        told = [json.loads(daemon.recv(1 << 16).partition(b"\n")[2]) for _ in range(2)]
    names = {segment["name"]: segment for segment in told}
    assert {segment["trace_id"] for segment in told} == {root}
    assert names.keys() == {"## apply_changes", "## score.handler._apply"}
    assert names["## apply_changes"]["parent_id"] == parent
