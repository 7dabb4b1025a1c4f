"""``python -m tests.bench.recipe``: 520 pictures of NIMA_SHARED_DATA, twelve raters, three networks, all by the CLI.

Each is trained, evaluated on pictures that were held out, exported, calibrated and published to an emulated bucket,
from where the code of the functions fetches it and scores; then a second version is, and the first one again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from nima.model.folder import SHIPPED
from nima.model.manifest import Manifest
from tests.bench.recipe.shop import pictures, rate
from tests.mocked import served_aws, served_s3

ROOT = Path(__file__).resolve().parents[3]
BEGIN, END = "<!-- bench-recipe: written by `make bench-recipe` -->", "<!-- /bench-recipe -->"
BUCKET = "my-models"
NETWORKS: Mapping[str, tuple[str, ...]] = {
    "MobileNetV2 .35": (
        *("--backbone", "mobilenet_v2", "--alpha", ".35", "--freeze", "100", "--learning-rate", ".001"),
        *("--weights", "mobilenet_v2_0.35_teachable_machine.h5"),
    ),
    "MobileNetV1 .25": (
        *("--backbone", "mobilenet", "--alpha", ".25", "--learning-rate", ".001"),
        *("--weights", "mobilenet_2_5_224_tf_no_top.h5"),
    ),
    "nima-lite's": (),
}
"""What is typed to train each; weights are files of ``backbones``."""
_LONG, _SHORT = (
    ("--head-epochs", heads, "--epochs", epochs, "--patience", "3") for heads, epochs in (("4", "8"), ("2", "3"))
)
SCHEDULE: Mapping[str, tuple[str, ...]] = {"MobileNetV2 .35": _LONG, "MobileNetV1 .25": _LONG, "nima-lite's": _SHORT}
"""How long each is trained: ``nima-lite`` has ten times the arithmetic, and knows pictures already."""
QUICK = ("--head-epochs", "2", "--epochs", "1")
"""For a look at whether all of it works."""
SEASON = 200
"""Pictures that a model is calibrated with."""
STEPS = ("train", "evaluate", "export", "calibrate", "publish")


class Workshop:
    """A folder with a shop's pictures and models, and a bucket.

    Args:
        folder: Where.
        environment: What the bucket is reached by.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.models = folder / "models"
        (folder / "temporary").mkdir()
        self.environment = {
            **os.environ,
            **environment,
            "NIMA_MODELS": str(self.models),
            "TMPDIR": str(folder / "temporary"),
        }

    def run(self, module: str, *arguments: str | Path, **variables: str) -> str:
        """What a command prints; where it fails it is shown."""
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def publish(self, model: str) -> str:
        return self.run("nima.cli", "models", "publish", f"s3://{BUCKET}/nima", "--model", model).strip()

    def answer(self, uri: str, picture: Path) -> dict[str, Any]:
        """What the functions' code says with the model at a place of the bucket, and how long that takes."""
        found: dict[str, Any] = json.loads(self.run("tests.bench.recipe.answer", picture, MODEL_URI=uri))
        return found


def follow(workshop: Workshop, name: str, typed: tuple[str, ...], backbones: Path) -> dict[str, Any]:
    """The whole way of one network; the figures of it."""
    model = name.lower().replace(" ", "-").replace("'", "").replace(".", "")
    run, seconds = workshop.folder / "runs" / model, {}
    shop, catalogues = workshop.folder / "shop", [workshop.folder / f"catalogue-{part}" for part in (1, 2)]
    typed = tuple(str(backbones / word) if word.endswith(".h5") else word for word in typed)

    def timed(step: str, *arguments: str | Path) -> None:
        began = time.perf_counter()
        workshop.run("nima.cli", *arguments)
        seconds[step] = time.perf_counter() - began

    labels = (shop / "votes.csv", shop / "pictures")
    timed("train", "train", *labels, "--out", run, "--head", "aesthetic", "--shares", ".7", ".1", ".2", *typed)
    evaluated = workshop.folder / f"{model}.json"
    timed("evaluate", "evaluate", run, "--json", evaluated)
    timed("export", "export", run, "--id", model, "--training-data", "520 pictures, 12 simulated raters")
    timed("calibrate", "calibrate", catalogues[0], "--model", model, "--name", "{count} pictures of last season")
    began = time.perf_counter()
    first = workshop.publish(model)
    seconds["publish"] = time.perf_counter() - began
    # The same network beside other pictures is another version, which answers otherwise.
    workshop.run("nima.cli", "calibrate", catalogues[1], "--model", model, "--name", "{count} pictures of this season")
    second = workshop.publish(model)
    picture = min((shop / "pictures").iterdir())
    before, after, back = (workshop.answer(uri, picture) for uri in (first, second, first))
    assert first != second
    assert back["answer"] == before["answer"] != after["answer"]
    assert [uri.rpartition("/")[2] for uri in (first, second)] == [found["version"] for found in (before, after)]
    manifest = Manifest.read(workshop.models / model)
    return {
        "seconds": seconds,
        "evaluation": json.loads(evaluated.read_text(encoding="utf-8"))["models"],
        "stored": manifest.training.get("stored", {}),
        "bytes": sum(size for _, size in manifest.contents.values()),
        "first_ms": before["first_ms"],
        "predict_ms": back["predict_ms"],
        "versions": [first, second],
    }


def rows(found: Mapping[str, Mapping[str, Any]], lite: Mapping[str, Any]) -> list[list[str]]:
    """The table: a head, and a row for each figure."""
    own = [next(one for one in each["evaluation"] if one["better_than_reference"]) for each in found.values()]
    began = next(one for each in found.values() for one in each["evaluation"] if not one["better_than_reference"])
    networks = list(found.values())
    return [
        ["", *found, "nima-lite"],
        [f"SRCC on {began['pictures']} held-out pictures (95 %)", *map(_srcc, own), _srcc(began)],
        ["the other head: SRCC with nima-lite's", *(f"{one['other_head']['srcc']:.3f}" for one in own), ""],
        ["weights", *(each["stored"]["weights"] for each in networks), "float16"],
        ["a mean moved by rounding, at most", *(f"{each['stored']['rounding']:.4f}" for each in networks), ""],
        ["MB", *(f"{each['bytes'] / 1e6:.2f}" for each in (*networks, lite))],
        ["ms for both heads, at best", *(f"{each['predict_ms']:.1f}" for each in (*networks, lite))],
        *([f"s to {step}", *(f"{each['seconds'][step]:.0f}" for each in networks), ""] for step in STEPS),
        ["s to the first answer from the bucket", *(f"{each['first_ms'] / 1000:.1f}" for each in (*networks, lite))],
    ]


def markdown(table: list[list[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in table]
    return "\n".join((lines[0], "|---" * len(table[0]) + "|", *lines[1:]))


def _srcc(model: Mapping[str, Any]) -> str:
    low, high = model["intervals"]["srcc"]
    return f"{model['srcc']:.2f} ({low:.2f} to {high:.2f})"


@click.command()
@click.option("--data", envvar="NIMA_SHARED_DATA", default=ROOT.parent / "shared/data", type=click.Path(path_type=Path))
@click.option("--pictures", "count", default=520, show_default=True)
@click.option("--network", "names", type=click.Choice(list(NETWORKS)), multiple=True, help="Only these.")
@click.option("--quick", is_flag=True, help="Three epochs.")
@click.option("--json", "target", type=click.Path(path_type=Path), help="Keep figures here; what has some is left out.")
@click.option("--page", type=click.Path(path_type=Path), help="Write the table into this page, between its markers.")
def main(data: Path, count: int, names: tuple[str, ...], quick: bool, target: Path | None, page: Path | None) -> None:
    """Go the whole way of a model of one's own with three networks."""
    shared = (ROOT / data).resolve()
    if not shared.is_dir():
        click.echo(f"Skipped: NIMA_SHARED_DATA: {shared} is not there.")
        return
    kept = json.loads(target.read_text(encoding="utf-8")) if target and target.exists() else {}
    found: dict[str, Any] = kept.get("networks", {})
    with tempfile.TemporaryDirectory() as folder, served_aws() as environment:
        served_s3(environment).create_bucket(Bucket=BUCKET)
        workshop = Workshop(Path(folder), environment)
        workshop.models.mkdir()
        (workshop.models / "nima-lite").symlink_to(SHIPPED / "nima-lite")
        rated, others = pictures(shared / "photos", count)
        rate(rated, workshop.folder / "shop")
        for part in (1, 2):
            catalogue = workshop.folder / f"catalogue-{part}"
            catalogue.mkdir()
            for file in others[part::2][:SEASON]:
                (catalogue / file.name).symlink_to(file)
        lite = workshop.answer(workshop.publish("nima-lite"), min((workshop.folder / "shop" / "pictures").iterdir()))
        lite["bytes"] = sum(size for _, size in Manifest.read(SHIPPED / "nima-lite").contents.values())
        for name in names or NETWORKS:
            if name not in found:
                typed = (*NETWORKS[name], *(QUICK if quick else SCHEDULE[name]))
                found[name] = follow(workshop, name, typed, shared / "backbones")
            if target:
                figures = {"networks": found, "nima-lite": lite}
                target.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    table = rows(found, lite)
    shown = Table(*table[0])
    for cells in table[1:]:
        shown.add_row(*cells)
    Console(width=140).print(shown)
    if page:
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        page.write_text(f"{before}{BEGIN}\n{markdown(table)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
