"""Picture files with something wrong in them: each has to end in a picture or in a refusal with a code.

``python -m tests.fuzz.pictures --share 0.1 --seed 1``: no process may die, no other error come up, and no file take
five seconds of processor time or 500 MB, those of the decoder's process included.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import click

from nima.errors import PermanentError
from nima.image.decode import read_picture
from nima.image.formats import FORMATS
from nima.image.limits import Limits
from nima.image.sniff import sniff
from tests.fuzz import cost
from tests.fuzz.files import spoilt
from tests.fuzz.seeds import seeds

INPUTS = 30_000
# The formats whose decoders are trusted least come most often.
_WEIGHTS = dict.fromkeys(FORMATS, 1) | {"HEIF": 3, "AVIF": 2}


def the_input(number: int, seed: int, files: list[bytes], weights: list[int]) -> bytes:
    """The file of this number: the same in every run."""
    chance = random.Random(f"{seed}/{number}")
    return spoilt(chance.choices(files, weights)[0], files, chance)


def worker(first: int, last: int, seed: int) -> None:
    """Reads the files of these numbers and writes a line of JSON about each."""
    warnings.simplefilter("ignore")
    files = seeds()
    weights = weigh(files)
    for number in range(first, last):
        data = the_input(number, seed, files, weights)
        cost.forget_peaks()
        before = cost.seconds()
        try:
            picture = read_picture(data, Limits())
            answer, fault = f"{picture.format} read", None
        except PermanentError as refusal:
            answer, fault = refusal.code, None
            if "stopped" in refusal.message:
                answer = f"{refusal.code}, decoder stopped: {str(refusal.detail).rsplit(maxsplit=1)[-1]}"
        except BaseException as error:
            answer, fault = "fault", repr(error)[:300]
        costs = {"seconds": cost.seconds() - before, "bytes": cost.peak()}
        print(json.dumps({"number": number, "answer": answer, "fault": fault, **costs}), flush=True)


def weigh(files: list[bytes]) -> list[int]:
    """How often each file comes, so that every format has its share however many files there are of it."""
    kinds = [_kind(file) for file in files]
    counts = Counter(kinds)
    return [1 + 1000 * _WEIGHTS.get(kind, 0) // counts[kind] for kind in kinds]


def _kind(file: bytes) -> str:
    try:
        return sniff(file)
    except PermanentError:
        return ""


def run(count: int, seed: int) -> list[dict[str, object]]:
    """Reads so many files; the numbers of those that ended the process are told by an answer of their own."""
    answers: list[dict[str, object]] = []
    while len(answers) < count:
        command = [sys.executable, "-m", "tests.fuzz.pictures", "--worker", str(len(answers)), str(count), str(seed)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                answers.append(json.loads(line))
                if sys.stderr.isatty() and len(answers) % 100 == 0:
                    print(f"\r{len(answers)}", end="", file=sys.stderr)
        if process.returncode > 0:
            raise RuntimeError("the run itself failed")
        if len(answers) < count:
            fault = f"the process died: {process.returncode}"
            answers.append({"number": len(answers), "answer": "died", "fault": fault, "seconds": 0.0, "bytes": 0})
    return answers


@click.command()
@click.option("--share", type=click.FloatRange(0, 1), default=1.0, show_default=True, help=f"Of {INPUTS:,} inputs.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--save", type=click.Path(path_type=Path), help="A folder for the files that are at fault.")
def main(share: float, seed: int, save: Path | None) -> None:
    """Read mutated pictures."""
    began, count = time.monotonic(), round(INPUTS * share)
    answers = run(count, seed)
    for answer in answers:
        if float(str(answer["seconds"])) > cost.MOST_SECONDS or float(str(answer["bytes"])) > cost.MOST_BYTES:
            answer["fault"] = answer["fault"] or "too much"
    for name, times in sorted(Counter(str(answer["answer"]) for answer in answers).items()):
        click.echo(f"{times:7,}  {name}")
    faults = [answer for answer in answers if answer["fault"]]
    files = seeds() if faults else []
    for answer in faults[:20]:
        click.echo(f"FAULT {answer}")
        if save:
            save.mkdir(exist_ok=True, parents=True)
            number = int(str(answer["number"]))
            (save / str(number)).write_bytes(the_input(number, seed, files, weigh(files)))
    click.echo(
        f"{count:,} pictures in {time.monotonic() - began:.0f} s, seed {seed}: {len(faults)} faults; at most "
        f"{max(float(str(a['seconds'])) for a in answers):.2f} s of processor time and "
        f"{max(float(str(a['bytes'])) for a in answers) / 1e6:.0f} MB"
    )
    if faults:
        sys.exit(1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        worker(*map(int, sys.argv[2:5]))
    else:
        main()
