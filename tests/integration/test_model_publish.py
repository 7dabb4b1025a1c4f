"""A model's way to the functions by S3: published whole and once, fetched at first use, refused where it changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from nima.assess.assessor import Assessor
from nima.aws import models, process
from nima.aws.assessor import open_model
from nima.aws.models import fetch, publish
from nima.aws.settings import AssessSettings
from nima.aws.uri import S3Uri
from nima.cli.commands import commands
from nima.errors import InvalidRequest, ModelUnavailable, NotFound
from nima.model.litert import LazyModel, Model
from nima.model.manifest import Manifest
from tests.manifests import edit, remake, sealed
from tests.mocked import mocked_aws
from tests.pictures import encode, scene

BASE = S3Uri("models", "team/nima")
FILES = {"technical.tflite", "aesthetic.tflite"}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """S3 with the bucket ``models``."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    process.reset()
    with mocked_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="models")
        yield client
    process.reset()


@pytest.fixture
def folder(model_folder: Path, tmp_path: Path) -> Path:
    """A copy of the model that a test may change."""
    return Path(shutil.copytree(model_folder, tmp_path / "own" / model_folder.name))


def stored(s3: Any) -> list[str]:
    """The keys in the bucket, in the order in which they were written."""
    found = s3.list_objects_v2(Bucket="models").get("Contents", [])
    return [entry["Key"] for entry in sorted(found, key=lambda entry: entry["LastModified"])]


REASONS = "reasons.npz"


def version(folder: Path) -> str:
    return Manifest.read(folder).version


def test_a_published_model_is_fetched_and_answers_the_same(s3: Any, model_folder: Path, tmp_path: Path) -> None:
    done: dict[str, list[tuple[int, int]]] = {}
    place = publish(model_folder, BASE, lambda name, sent, size: done.setdefault(name, []).append((sent, size)))
    assert str(place) == f"s3://models/team/nima/nima-test/{version(model_folder)}"
    assert {Path(key).name for key in stored(s3)} == {*FILES, REASONS, "manifest.json"}
    assert {name: steps[-1] for name, steps in done.items()} == {
        name: ((model_folder / name).stat().st_size,) * 2 for name in (*FILES, REASONS)
    }
    fetched = fetch(place, tmp_path / "fetched")
    picture = encode(scene(320, 240))
    answers = [Assessor(LazyModel(folder)).assess(picture).technical for folder in (model_folder, fetched)]
    assert Manifest.read(fetched) == Manifest.read(model_folder)
    assert answers[0] == answers[1]


def test_the_manifest_comes_last(s3: Any, model_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def cut_off(name: str, sent: int, size: int) -> None:
        if name == "aesthetic.tflite":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(model_folder, BASE, cut_off)
    place = BASE.under("nima-test", version(model_folder))
    assert place.key("manifest.json") not in stored(s3)
    with pytest.raises(ModelUnavailable, match="could not be fetched"):
        fetch(place, tmp_path / "fetched")
    assert publish(model_folder, BASE) == place
    assert Model(fetch(place, tmp_path / "fetched")).manifest.id == "nima-test"


def test_a_version_is_never_overwritten(s3: Any, folder: Path) -> None:
    place = publish(folder, BASE)
    before = {key: s3.head_object(Bucket="models", Key=key)["LastModified"] for key in stored(s3)}
    assert publish(folder, BASE) == place
    replace(Manifest.read(folder), description="another").write(folder)
    with pytest.raises(InvalidRequest, match="holds another model already"):
        publish(folder, BASE)
    assert {key: s3.head_object(Bucket="models", Key=key)["LastModified"] for key in stored(s3)} == before
    replace(Manifest.read(folder), version="2-").renewed().write(folder)
    assert str(publish(folder, BASE)).endswith(f"/nima-test/{version(folder)}")


def test_a_model_that_is_not_as_it_was_made_is_not_published(s3: Any, folder: Path) -> None:
    content = bytearray((folder / "technical.tflite").read_bytes())
    content[-1] ^= 1
    (folder / "technical.tflite").write_bytes(content)
    with pytest.raises(ModelUnavailable, match="damaged"):
        publish(folder, BASE)
    assert stored(s3) == []


def test_a_model_that_verify_refuses_is_not_published(s3: Any, folder: Path, model_folder: Path) -> None:
    edit(folder, version="1-000000000000")
    with pytest.raises(ModelUnavailable, match="changed after it was made"):
        publish(folder, BASE)
    files = Manifest.read(model_folder).to_json()["files"]
    files[0]["heads"], files[1]["heads"] = files[1]["heads"], files[0]["heads"]
    remake(folder, files=files)
    with pytest.raises(ModelUnavailable, match="golden scores"):
        publish(folder, BASE)
    assert stored(s3) == []


def test_what_was_changed_with_its_version_is_refused_where_it_is_fetched(
    s3: Any, model_folder: Path, tmp_path: Path
) -> None:
    place, into = publish(model_folder, BASE), tmp_path / "fetched"
    manifest = Manifest.read(model_folder).to_json()
    manifest["input"]["kernel"] = "lanczos"
    s3.put_object(Bucket="models", Key=place.key("manifest.json"), Body=json.dumps(manifest).encode())
    with pytest.raises(ModelUnavailable, match="changed after it was made"):
        fetch(place, into)
    assert list(into.iterdir()) == []


def test_names_that_could_lead_elsewhere_are_not_published(s3: Any, folder: Path) -> None:
    replace(Manifest.read(folder), id="nima *").write(folder)
    with pytest.raises(InvalidRequest, match="is not s3://"):
        publish(folder, BASE)
    assert stored(s3) == []


def test_there_must_be_a_bucket(s3: Any, model_folder: Path) -> None:
    with pytest.raises(NotFound, match="no bucket nowhere"):
        publish(model_folder, S3Uri("nowhere", "models"))


def test_what_was_changed_in_the_bucket_is_refused_and_leaves_nothing(
    s3: Any, model_folder: Path, tmp_path: Path
) -> None:
    place, into = publish(model_folder, BASE), tmp_path / "fetched"
    original = (model_folder / "technical.tflite").read_bytes()

    def put(name: str, content: bytes) -> None:
        s3.put_object(Bucket="models", Key=place.key(name), Body=content)

    put("technical.tflite", original[:-1] + bytes([original[-1] ^ 1]))
    with pytest.raises(ModelUnavailable, match="damaged"):
        fetch(place, into)
    put("technical.tflite", original + b"more")
    with pytest.raises(ModelUnavailable, match="too large"):
        fetch(place, into)
    put("technical.tflite", original)
    manifest = Manifest.read(model_folder).to_json()
    put("manifest.json", b"{}")
    with pytest.raises(ModelUnavailable, match="manifest is invalid"):
        fetch(place, into)
    manifest["files"][0]["path"] = "../technical.tflite"
    put("manifest.json", json.dumps(manifest).encode())
    with pytest.raises(ModelUnavailable, match="manifest is invalid"):
        fetch(place, into)
    manifest["files"][0].update(path="technical.tflite", bytes=models.MAX_MODEL_BYTES)
    put("manifest.json", json.dumps(sealed(manifest)).encode())
    with pytest.raises(ModelUnavailable, match="The model is too large"):
        fetch(place, into)
    put("manifest.json", b" " * (models.MAX_MANIFEST_BYTES + 1))
    with pytest.raises(ModelUnavailable, match="too large"):
        fetch(place, into)
    assert list(into.iterdir()) == []
    put("manifest.json", (model_folder / "manifest.json").read_bytes())
    assert Model(fetch(place, into)).manifest.version == version(model_folder)


def test_the_function_fetches_at_first_use_and_once(
    s3: Any, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "FETCHED", tmp_path / "fetched")
    place = publish(model_folder, BASE)
    settings = AssessSettings.from_env({"MODEL_URI": str(place)}, tmp_path / "no models are embedded")
    lazy = open_model(settings)
    assert not (tmp_path / "fetched").exists()
    assert lazy.get().manifest.id == "nima-test"
    for key in stored(s3):
        s3.delete_object(Bucket="models", Key=key)
    assert open_model(settings).get().manifest.id == "nima-test", "another process of the same sandbox"
    embedded = AssessSettings.from_env({"MODEL_URI": ""}, model_folder.parent)
    assert open_model(embedded).get().manifest.id == "nima-test"


def test_publishing_as_somebody_types_it(s3: Any, model_folder: Path) -> None:
    arguments = ["models", "publish", "s3://models/shop/", "--model", "nima-test", "--models", str(model_folder.parent)]
    done = CliRunner().invoke(commands, arguments)
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == f"s3://models/shop/nima-test/{version(model_folder)}"
    assert "100%" in done.stderr
    assert len(stored(s3)) == 4
    for uri, message in (
        ("s3://nowhere/x", "no bucket"),
        ("models/x", "is not s3://"),
        ("s3://models", "is not s3://"),
    ):
        failed = CliRunner().invoke(commands, ["models", "publish", uri, *arguments[3:]])
        assert (failed.exit_code, message in failed.output) == (1, True)
    unknown = CliRunner().invoke(
        commands, ["models", "publish", "s3://models/x", "--models", str(model_folder.parent), "--model", "x"]
    )
    assert (unknown.exit_code, "'x' is not installed" in unknown.output) == (1, True)


@pytest.mark.parametrize(
    "text",
    [
        "s3://b/x",
        "s3://bucket",
        "s3://bucket/",
        "s3://Bucket/x",
        "s3://bucket/a//b",
        "s3://bucket/${x}",
        "s3://bucket/x?",
    ],
)
def test_other_uris_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="is not s3://"):
        S3Uri.of(text)
