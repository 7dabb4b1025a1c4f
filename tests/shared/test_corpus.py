"""Every broken, hostile and odd file ends in a score or a coded refusal, quickly and in little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nima.assess.assessor import Assessor
from nima.local.adopt import adopt

SECONDS = 2.0
BANDS = {"poor", "weak", "fair", "good", "very good", "excellent"}
MEGABYTES = 300

# In a process of its own for each file, so that a crash is seen as one and memory is counted for one file alone.
SCRIPT = """
import json, os, sys
from pathlib import Path
from nima.assess.assessor import Assessor
from nima.errors import NimaError
from nima.model.litert import LazyModel
from tests.fuzz import cost
assessor = Assessor(LazyModel(Path(sys.argv[1])))
for line in sys.stdin:
    pid = os.fork()
    if pid:
        status = os.waitpid(pid, 0)[1]
        if status:
            print(json.dumps({"file": line.strip(), "killed": status}), flush=True)
        continue
    started = cost.seconds()
    try:
        answer = assessor.assess(Path(line.strip()).read_bytes()).composite.band
    except NimaError as error:
        answer = error.code
    print(json.dumps({
        "file": line.strip(),
        "answer": answer,
        "seconds": cost.seconds() - started,
        "megabytes": cost.peak() / 1e6,
    }), flush=True)
    os._exit(0)
"""


@pytest.fixture(scope="module")
def answers(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    model = adopt(shared / "nima-idealo", tmp_path_factory.mktemp("models"))
    files = sorted(str(path) for path in (shared / "corpus").rglob("*") if path.is_file())
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(model)],
        input="\n".join(files) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Traceback" not in done.stderr
    found = {str(answer["file"]): answer for answer in map(json.loads, done.stdout.splitlines())}
    assert sorted(found) == files
    return found


def test_every_file_is_answered(answers: dict[str, dict[str, object]]) -> None:
    assert [answer for answer in answers.values() if "killed" in answer] == []
    assert len(answers) > 250


def test_time_and_memory_stay_small(answers: dict[str, dict[str, object]]) -> None:
    slow = {f: a for f, a in answers.items() if float(str(a["seconds"])) >= SECONDS}
    large = {f: a for f, a in answers.items() if float(str(a["megabytes"])) >= MEGABYTES}
    print(f"slowest {max(float(str(a['seconds'])) for a in answers.values()):.2f} s", end=", ")
    print(f"largest {max(float(str(a['megabytes'])) for a in answers.values()):.0f} MB")
    assert not slow
    assert not large


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("decompression_bomb.gif", "too_many_pixels"),
        ("l2rgb_read.bmp", "too_many_pixels"),
        ("truncated_image.png", "undecodable_image"),
        ("broken.png", "undecodable_image"),
        ("hopper_16bit.pgm", "unsupported_format"),
        ("sgi_crash.bin", "unsupported_format"),
    ],
)
def test_refusals_carry_the_right_code(answers: dict[str, dict[str, object]], name: str, code: str) -> None:
    (answer,) = (a for f, a in answers.items() if Path(f).name == name)
    assert answer["answer"] == code


def test_what_lacks_only_its_end_marker_is_scored(answers: dict[str, dict[str, object]]) -> None:
    for name in ("truncated_jpeg.jpg", "truncated_end_chunk.png"):
        (answer,) = (a for f, a in answers.items() if Path(f).name == name)
        assert str(answer["answer"]) in BANDS


def test_the_same_scene_in_every_orientation_scores_the_same(shared: Path, assessor: Assessor) -> None:
    files = sorted((shared / "corpus/exif-orientation").rglob("Landscape_*.jpg"))
    assert len(files) >= 8
    scores = [assessor.assess(path.read_bytes()) for path in files]
    assert {(score.image.width, score.image.height) for score in scores} == {
        (scores[0].image.width, scores[0].image.height)
    }
    means = [score.aesthetic.distribution.mean for score in scores]
    assert max(means) - min(means) < 0.15
