"""The page reads documents by their members' names: each that it asks for is there, and is missed where it is not."""

from __future__ import annotations

import copy
import json
import subprocess
from dataclasses import asdict
from typing import Any

import pytest

from nima.catalogue.order import CLEAR, OUTWEIGHED, TIED
from nima.catalogue.ranking import rank
from nima.catalogue.stats import LEAST_COMPARED, CategoryStats
from nima.document.composite import DIVISIVE_FROM, STEPS, STYLES
from nima.document.item import from_item
from nima.document.policy import MAIN_IMAGE
from nima.document.similarity import NEAR_DUPLICATE_BITS
from nima.words import LANGUAGES, words
from tests.older_documents import FIRST_REJECTED, WITH_EVERYTHING
from tests.unit.test_page_words import PAGE, ROOT, node

SCRIPT = ROOT / "tests" / "page_reads.mjs"

# What only the page's own objects have, and what only some of the objects have that one function takes: of verdicts,
# those by the rules of a channel, of deductions those of one style.
NOT_THERE = {
    *("rejected.composite", "rejected.error.again", "result.deductions[].threshold"),
    "result.policies.marketplace_main_image.source",
    *(
        f"{place}.deductions[].style"
        for place in ("result", "listed", "ranking.entries[]", "ranking.entries[].copies[]")
    ),
}
# What the page takes all together: to fill it into a text, or to make a document of a ranking's entry.
TAKEN = {
    *(f"result.image.{name}" for name in ("width", "height", "format")),
    *(f"result.model.{name}" for name in ("id", "version")),
    *(f"result.crops[].box.{name}" for name in ("left", "top", "width", "height")),
    *(f"ranking.entries[].{name}" for name in ("key", "technical", "aesthetic", "deductions", "phash")),
}

# Of a score and of a reason, which is found in one place.
_MAP = {"unit": "", "box": [0, 0, 1, 1], "exact": True, "base": 5.0, "codes": []}
MAPS = {"aesthetic": {**_MAP, "values": [[0.1, -0.2]]}, "soft": {**_MAP, "values": [[0.0, 0.0], [0.0, 0.9]]}}

_GAIN = {"before": 4.0, "after": 5.0}
HELP = {
    "advice": [
        {"code": "underexposure", "change": "exposure", "parameters": {"stops": 1.5}, "composite": _GAIN, "helps": True}
    ],
    "crops": [{"ratio": "1:1", "box": {"left": 1, "top": 2, "width": 3, "height": 3}, "composite": _GAIN}],
}

Case = dict[str, Any]


def documents() -> Case:
    """What the API answers with, with every member that may be null filled in."""
    stats = CategoryStats.of_counters("shoes", [{"scored": 2, "t91": 2, "a91": 2, "c91": 2}])
    scored = stats.place(from_item({**WITH_EVERYTHING, "maps": MAPS, **HELP}))
    rejected = from_item({**FIRST_REJECTED, "pk": "image#shoes/summer/2.jpg"})
    twin = stats.place(from_item({**WITH_EVERYTHING, "pk": "image#shoes/summer/3.jpg"}))
    found = {
        "result": scored.to_json(),
        "rejected": rejected.to_json(),
        "ranking": rank([scored, twin, rejected], "general").to_json(),
        "stats": {**stats.to_json(), "scored": LEAST_COMPARED},
    }
    sent: Case = json.loads(json.dumps(found))
    return sent


def drawn(cases: list[Case]) -> list[dict[str, list[str]]]:
    """What the page's modules read of each case, and what they miss."""
    settings = {
        "styles": {name: asdict(style) for name, style in STYLES.items()},
        "steps": [{"least": least, "stars": stars, "band": band} for least, stars, band in STEPS],
        "divisive_from": DIVISIVE_FROM,
        "near_duplicate_bits": NEAR_DUPLICATE_BITS,
        "margins": {"tied": TIED, "clear": CLEAR, "outweighed": OUTWEIGHED},
        "policy": MAIN_IMAGE,
        "least_compared": LEAST_COMPARED,
    }
    given = {
        "page": PAGE.as_uri(),
        "words": {tag: words(tag) for tag in LANGUAGES},
        "settings": settings,
        "cases": cases,
    }
    done = subprocess.run([node(), str(SCRIPT)], input=json.dumps(given), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, list[str]]] = json.loads(done.stdout)
    return found


def renamed(case: Case, path: str) -> Case:
    """The case with a member under another name, in every entry of the lists that it lies in."""
    changed = copy.deepcopy(case)
    *way, name = path.split(".")
    places: list[Any] = [changed]
    for step in way:
        places = [place[step.removesuffix("[]")] for place in places]
        if step.endswith("[]"):
            places = [entry for place in places for entry in place]
    for place in places:
        if name in place:
            place[f"{name}_of_now"] = place.pop(name)
    return changed


@pytest.fixture(scope="module")
def healthy() -> dict[str, list[str]]:
    (found,) = drawn([documents()])
    return found


def test_what_the_page_reads_is_there(healthy: dict[str, list[str]]) -> None:
    assert set(healthy["problems"]) <= NOT_THERE
    assert {"result.technical.mean", "ranking.entries[].policy.pass", "rejected.error.code"} <= set(healthy["reads"])


def test_a_member_by_another_name_is_missed(healthy: dict[str, list[str]]) -> None:
    paths = sorted({*healthy["reads"], *TAKEN} - {path for path in healthy["reads"] if path.startswith("listed")})
    found = drawn([renamed(documents(), path) for path in paths])
    unnoticed = [path for path, one in zip(paths, found, strict=True) if set(one["problems"]) <= NOT_THERE]
    assert unnoticed == []
