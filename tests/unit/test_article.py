"""Mistakes that NIMA evaluators are often built with, each shown not to be made here."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageDraw

from nima.assess.assessor import Assessor
from nima.aws import clients, process
from nima.document.assessment import Assessment
from nima.document.item import from_item
from nima.model.litert import LazyModel, Model
from nima.model.manifest import HEADS
from tests.mocked import mocked_aws
from tests.pictures import encode, product, scene

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def assessor(model_folder: Path) -> Assessor:
    return Assessor(LazyModel(model_folder))


def distributions(assessment: Assessment) -> NDArray[np.float64]:
    return np.array([getattr(assessment, head).distribution.probabilities for head in HEADS])


def test_the_model_is_fed_minus_one_to_one_not_zero_to_one(model_folder: Path) -> None:
    pixels = np.asarray(scene(224, 224))
    model = Model(model_folder)
    answered = model.predict(pixels)
    for file in model.manifest.files:
        interpreter = Interpreter(model_path=str(model_folder / file.path))
        interpreter.allocate_tensors()

        def ask(values: NDArray[np.float64], interpreter: Interpreter = interpreter) -> NDArray[np.float32]:
            interpreter.set_tensor(interpreter.get_input_details()[0]["index"], values[None].astype(np.float32))
            interpreter.invoke()
            answer: NDArray[np.float32] = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]
            return answer

        (head,) = file.heads
        np.testing.assert_allclose(answered[head], ask(pixels / 127.5 - 1), atol=1e-5)
        scores = np.arange(1, 11)
        assert abs(answered[head] @ scores - ask(pixels / 255) @ scores) > 0.1


def test_the_turn_of_a_phone_picture_is_obeyed(assessor: Assessor) -> None:
    upright = scene(480, 640)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    turned = assessor.assess(encode(upright.transpose(Image.Transpose.ROTATE_90), exif=exif))
    ignored = assessor.assess(encode(upright.transpose(Image.Transpose.ROTATE_90)))
    expected = assessor.assess(encode(upright))
    assert (turned.image.width, turned.image.height) == (480, 640)
    assert np.array_equal(distributions(turned), distributions(expected))
    assert np.abs(distributions(ignored) - distributions(expected)).max() > 0.01


def test_a_cut_out_is_scored_on_white_not_on_black(assessor: Assessor) -> None:
    cut_out = product(0.6, 600).convert("RGBA")
    mask = Image.new("L", cut_out.size)
    ImageDraw.Draw(mask).ellipse((120, 210, 479, 389), fill=255)

    def over(colour: tuple[int, int, int]) -> Image.Image:
        return Image.composite(cut_out.convert("RGB"), Image.new("RGB", cut_out.size, colour), mask)

    hidden_black = over((0, 0, 0)).convert("RGBA")
    hidden_black.putalpha(mask)
    scored = assessor.assess(encode(hidden_black))
    assert scored.traits.reframed is not None
    assert np.array_equal(distributions(scored), distributions(assessor.assess(encode(over((255, 255, 255))))))
    black = assessor.assess(encode(over((0, 0, 0))))
    assert np.abs(distributions(scored) - distributions(black)).max() > 0.01


@pytest.mark.parametrize(
    ("width", "height", "box"), [(300, 1500, (0, 450, 300, 1050)), (1500, 300, (450, 0, 1050, 300))]
)
def test_tall_panoramas_are_cropped_like_wide_ones(
    assessor: Assessor, width: int, height: int, box: tuple[int, int, int, int]
) -> None:
    panorama = scene(width, height)
    scored = assessor.assess(encode(panorama))
    assert (scored.traits.cropped, scored.image.width, scored.image.height) == (True, width, height)
    centre = assessor.assess(encode(panorama.crop(box)))
    assert np.array_equal(distributions(scored), distributions(centre))


def test_an_assessment_is_json_although_the_model_answers_in_numpy(assessor: Assessor) -> None:
    for data in (encode(scene(320, 240)), encode(product(0.5, 400), "JPEG")):
        document = json.loads(json.dumps(assessor.assess(data).to_json(), allow_nan=False))
        assert all(type(p) is float for p in document["technical"]["distribution"])
        assert len(document["aesthetic"]["distribution"]) == 10


def test_an_unreadable_picture_gets_no_score(handler: Callable[[dict[str, Any], Any], Any]) -> None:
    put("a/b/broken.jpg", encode(scene(320, 240), "JPEG")[:3000])
    assert invoke(handler, "a/b/broken.jpg")["status"] == "rejected"
    item = stored("a/b/broken.jpg")
    assert item["error"]["code"] == "undecodable_image"
    assert "technical" not in item


def test_pictures_of_one_name_in_two_folders_are_two(handler: Callable[[dict[str, Any], Any], Any]) -> None:
    put("shoes/a/1.jpg", encode(scene(320, 240)))
    put("shoes/b/1.png", encode(scene(320, 240, seed=1)))
    for key in ("shoes/a/1.jpg", "shoes/b/1.png"):
        assert invoke(handler, key)["status"] == "scored"
    assert stored("shoes/a/1.jpg")["technical"] != stored("shoes/b/1.png")["technical"]


@pytest.mark.parametrize(
    "key",
    [
        "../../etc/passwd.jpg",
        "/etc/passwd.jpg",
        "a/b/..\\..\\x.jpg",
        "a/b/$(touch x).jpg",
        "a/b/%2e%2e%2fx.jpg",
        "~/.x",
    ],
)
def test_a_key_is_never_a_path(
    handler: Callable[[dict[str, Any], Any], Any],
    key: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    disk: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    put(key, encode(scene(320, 240)))
    disk.clear()
    assert invoke(handler, key)["status"] == "scored"
    assert [access for access in disk if access.startswith("changed") or access.endswith(key[-5:])] == []
    assert list(tmp_path.iterdir()) == []
    assert from_item(stored(key)).image.key == key


@pytest.fixture(scope="module")
def audited() -> list[list[str]]:
    """Who listens to what this process does to the disk: Python never forgets an audit hook, so there is one."""
    listeners: list[list[str]] = []
    changing = {"os.mkdir", "os.remove", "os.rename", "os.symlink", "os.system", "subprocess.Popen"}

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        for heard in listeners:
            if event == "open":
                path, _, flags = arguments
                writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
                heard.append(f"{'changed' if writes else 'read'} {path}")
            elif event in changing:
                heard.append(f"changed {arguments[0]}")

    sys.addaudithook(hear)
    return listeners


@pytest.fixture
def disk(audited: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Grows with every file that is opened, and with everything that changes the disk or starts a process."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    heard: list[str] = []
    audited.append(heard)
    yield heard
    audited.clear()


BUCKET, THUMBNAILS, TABLE_NAME = "pictures", "thumbnails", "results"


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch, model_folder: Path) -> Iterator[Callable[[dict[str, Any], Any], Any]]:
    """The score function beside a bucket and a table."""
    variables = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "TABLE_NAME": TABLE_NAME,
        "BUCKET_NAME": BUCKET,
        "THUMBNAIL_BUCKET_NAME": THUMBNAILS,
        "EVENT_BUS_NAME": "default",
        "NIMA_MODELS": str(model_folder.parent),
        "MODEL": model_folder.name,
        "POWERTOOLS_SERVICE_NAME": "nima",
        "POWERTOOLS_METRICS_NAMESPACE": "Nima",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    process.reset()
    with mocked_aws():
        for bucket in (BUCKET, THUMBNAILS):
            clients.s3().create_bucket(Bucket=bucket)
        clients.dynamodb().meta.client.create_table(
            TableName=TABLE_NAME,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        from score.handler import handler  # which reads the environment when it is imported

        yield handler
    process.reset()


def put(key: str, body: bytes) -> None:
    clients.s3().put_object(Bucket=BUCKET, Key=key, Body=body)


def invoke(handler: Callable[[dict[str, Any], Any], Any], key: str) -> dict[str, Any]:
    context = SimpleNamespace(
        function_name="score", memory_limit_in_mb=1769, invoked_function_arn="arn", aws_request_id="1"
    )
    (result,) = handler({"keys": [key]}, context)["results"]
    assert isinstance(result, dict)
    return result


def stored(key: str) -> dict[str, Any]:
    found = clients.table(TABLE_NAME).get_item(Key={"pk": f"image#{key}"})["Item"]
    return dict(found)
