"""Builds what is compared, measures it at several sizes in turns, and writes JSON and the table of docs/numbers.md."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from nima.local.sam.aws import aws_for_sam
from nima.local.sam.client import RunningAws
from nima.local.sam.engine import reachable
from tests.bench.cold.measure import Figures, Series, Subject, from_bucket, in_request
from tests.bench.workshop import Workshop
from tests.container.engine import Engine, find_engine
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
BASE_IMAGE = "public.ecr.aws/lambda/python:3.13"
SCORE_IMAGE = "scorefunction:latest"
TENSORFLOW_IMAGE = "nima-bench-tensorflow:latest"
SIZES = (512, 884, 1769, 3538)
# TensorFlow and two models do not fit into 512 MB.
TENSORFLOW_SIZES = SIZES[1:]
PROCESSOR = 1769
OURS, EMBEDDED, TENSORFLOW = "LiteRT", "nima-lite", "TensorFlow"
OURS_ASKED, TENSORFLOW_ASKED = "LiteRT, POST /evaluate", "TensorFlow, picture in the request"
KEY = "bench/cold/ordinary.jpg"
BEGIN, END = "<!-- bench-cold: written by `make bench-cold` -->", "<!-- /bench-cold -->"


def build_tensorflow(engine: Engine, workshop: Workshop, folder: Path) -> None:
    """Builds the image that the score image is compared with."""
    here = Path(__file__).parent
    context = folder / "tensorflow"
    context.mkdir()
    for source, name in (
        (here / "Dockerfile", "Dockerfile"),
        (here / "tensorflow_handler.py", "handler.py"),
        (ROOT / "constraints.txt", "constraints.txt"),
        (workshop.keras("technical"), "technical.h5"),
        (workshop.keras("aesthetic"), "aesthetic.h5"),
    ):
        shutil.copyfile(source, context / name)
    engine.call("build", "--tag", TENSORFLOW_IMAGE, str(context))


def table(figures: Sequence[Figures], sizes: dict[str, float]) -> str:
    """The figures in Markdown."""
    rows = [
        "| | memory | vCPU | container to first score | first request | processor time until then "
        "| warm p50 | p95 | p99 | bytes to document | peak memory | Lambda, a million pictures |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for f in figures:
        times = " | ".join(f"{seconds * 1e3:.0f} ms" for seconds in (f.p50, f.p95, f.p99, f.document))
        rows.append(
            f"| {f.subject} | {f.memory} MB | {f.processors} | {f.start:.2f} s | {f.first:.2f} s "
            f"| {f.first_processor:.2f} s | {times} "
            f"| {f.peak:.0f} MB | ${f.dollars:.2f} |"
        )
    at_one = {f.subject: f for f in figures if f.memory == PROCESSOR}
    ours, theirs = at_one[OURS], at_one[TENSORFLOW]
    ours_asked, theirs_asked = at_one[OURS_ASKED], at_one[TENSORFLOW_ASKED]
    cheapest = min((f for f in figures if f.subject == OURS), key=lambda f: f.dollars)
    fastest = min((f for f in figures if f.subject == OURS), key=lambda f: f.p50)
    rows += [
        "",
        f"At one vCPU the first request is answered {theirs.first / ours.first:.1f}x and a warm picture "
        f"{theirs.document / ours.document:.1f}x faster than with TensorFlow; with the picture in the request, where "
        f"no other service is asked, the first one {theirs_asked.first / ours_asked.first:.1f}x. Of a first request's "
        f"{ours.first * 1e3:.0f} ms, S3, DynamoDB and EventBridge, which are emulated here, took "
        f"{ours.first_beside * 1e3:.0f} ms of processor time. The image adds {sizes['score']:.0f} MB "
        f"to its base, TensorFlow's {sizes['tensorflow']:.0f} MB. Cheapest for a picture: {cheapest.memory} MB; "
        f"fastest: {fastest.memory} MB.",
    ]
    return "\n".join(rows)


def write_into(document: Path, text: str) -> bool:
    """Puts the table between its marks; False where a file has none."""
    written = document.read_text(encoding="utf-8")
    if BEGIN not in written or END not in written:
        return False
    before, _, rest = written.partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
    return True


@click.command()
@click.option("--json", "target", default=ROOT / "docs/bench-cold.json", type=click.Path(path_type=Path))
@click.option("--into", "document", default=ROOT / "docs" / "numbers.md", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--starts", type=click.IntRange(1), default=5, show_default=True, help="Containers of each kind and size."
)
@click.option(
    "--repeats",
    type=click.IntRange(2),
    default=40,
    show_default=True,
    help="Warm pictures of each, over all of its containers.",
)
def main(target: Path, document: Path, starts: int, repeats: int) -> None:
    """Measure the score image beside TensorFlow's (about ten minutes). Needs `make build`."""
    engine = find_engine()
    if engine is None:
        raise click.ClickException("Neither Docker nor Podman answers.")
    with tempfile.TemporaryDirectory(prefix="nima-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        workshop = Workshop(folder)
        click.echo("Making two models and a picture of 12 megapixels ...", err=True)
        subprocess.run([sys.executable, "-m", "tests.bench.workshop", name], cwd=ROOT, check=True, capture_output=True)
        click.echo("Building the container with TensorFlow ...", err=True)
        build_tensorflow(engine, workshop, folder)
        port = free_port()
        with aws_for_sam(ROOT, port) as served, reachable(port, SCORE_IMAGE) as seen_as:
            told = RunningAws(port).variables(ROOT, served.bucket, seen_as)
            variables = {**told["EvaluateFunction"], **told["ScoreFunction"]}
            served.aws.s3.put_object(Bucket=served.bucket, Key=KEY, Body=workshop.ordinary.read_bytes())
            mounted = {**variables, "NIMA_MODELS": "/opt/models", "MODEL": workshop.model.name}
            models = {f"/opt/models/{workshop.model.name}": str(workshop.model)}
            stored, sent = from_bucket(KEY), in_request(workshop.ordinary.read_bytes())
            subjects = (
                (Subject(OURS, SCORE_IMAGE, mounted, models, stored), SIZES),
                (Subject(OURS_ASKED, SCORE_IMAGE, mounted, models, sent, ("score.evaluate.handler",)), (PROCESSOR,)),
                (Subject(EMBEDDED, SCORE_IMAGE, {**variables, "MODEL": EMBEDDED}, {}, stored), (PROCESSOR,)),
                (Subject(TENSORFLOW, TENSORFLOW_IMAGE, variables, {}, stored), TENSORFLOW_SIZES),
                (
                    Subject(TENSORFLOW_ASKED, TENSORFLOW_IMAGE, variables, {}, sent, ("handler.answer",)),
                    (PROCESSOR,),
                ),
            )
            series = [Series(subject, memory) for subject, memories in subjects for memory in memories]
            # In turns, so that whatever else the machine does slows all of them.
            for turn in range(starts):
                click.echo(f"Containers {turn + 1} of {starts} ...", err=True)
                for one in series:
                    one.start(engine, -(-repeats // starts))
    figures = [one.figures() for one in series]
    base = engine.image(BASE_IMAGE)["Size"]
    sizes = {
        "score": (engine.image(SCORE_IMAGE)["Size"] - base) / 1e6,
        "tensorflow": (engine.image(TENSORFLOW_IMAGE)["Size"] - base) / 1e6,
    }
    found = {
        "machine": f"{platform.machine()}, {engine.command}",
        "picture": "JPEG, 4000 x 3000",
        "starts": starts,
        "repeats": repeats,
        "added_to_base_megabytes": sizes,
        "figures": [asdict(f) for f in figures],
    }
    target.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    text = table(figures, sizes)
    click.echo(text)
    if not write_into(document, text):
        click.echo(f"{document.name} has no place for the table ({BEGIN} ... {END}).", err=True)


if __name__ == "__main__":
    main()
