"""One measurement in a process of its own: ``python -m tests.bench.probes NAME FOLDER`` prints seconds and MB as JSON.

Every import that a probe pays for stands inside it.
"""

from __future__ import annotations

import time

STARTED = time.perf_counter()

import json  # noqa: E402
import math  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from importlib import import_module  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402
from typing import Any  # noqa: E402

from tests.bench.workshop import Workshop  # noqa: E402

REPEATS = 15
HEAVY = ("numpy", "PIL", "ai_edge_litert", "tensorflow")
REQUESTS, CALLERS = 300, 8
ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ROOT / "functions"


def cold(workshop: Workshop) -> dict[str, Any]:
    """Import, model load and the first document of a 12 MP JPEG."""
    _assess(workshop)(workshop.ordinary)
    return {"seconds": time.perf_counter() - STARTED}


def cold_tensorflow(workshop: Workshop) -> dict[str, Any]:
    """Import, model load and the first two means of a 12 MP JPEG."""
    _evaluate(workshop)(workshop.ordinary)
    return {"seconds": time.perf_counter() - STARTED}


def warm(workshop: Workshop) -> dict[str, Any]:
    """From a 12 MP JPEG to its document; and its decoding, as small as may be assessed, and both inferences alone."""
    import io

    import numpy as np
    from PIL import Image

    from nima.image.decode import FRAME_SIDE
    from nima.model.litert import Model

    assess, model = _assess(workshop), Model(workshop.model)
    data = workshop.ordinary.read_bytes()

    def bare(_: Path) -> None:
        image = Image.open(io.BytesIO(data))
        image.draft("RGB", (FRAME_SIDE, FRAME_SIDE * image.height // image.width))
        image.load()
        model.predict(np.asarray(image.resize((224, 224), Image.Resampling.NEAREST)))

    documents, least = _alternately(assess, bare, workshop.ordinary)
    return {"seconds": documents, "bare_seconds": least}


def warm_tensorflow(workshop: Workshop) -> dict[str, Any]:
    """From a 12 MP JPEG to two means."""
    evaluate = _evaluate(workshop)
    seconds, _ = _alternately(evaluate, evaluate, workshop.ordinary)
    return {"seconds": seconds}


def memory(workshop: Workshop) -> dict[str, Any]:
    """Peak of a process that scores one 50 MP JPEG."""
    _assess(workshop)(workshop.large)
    return {"megabytes": _peak()}


def memory_tensorflow(workshop: Workshop) -> dict[str, Any]:
    """Peak of a process that evaluates one 50 MP JPEG."""
    _evaluate(workshop)(workshop.large)
    return {"megabytes": _peak()}


def query_import(_: Workshop) -> dict[str, Any]:
    """Import of the query function's handler, as Lambda does it."""
    sys.path.insert(0, str(FUNCTIONS))
    before = time.perf_counter()
    import_module("query.handler")
    seconds = time.perf_counter() - before
    return {"seconds": seconds, "heavy": [name for name in HEAVY if name in sys.modules]}


def api(workshop: Workshop) -> dict[str, Any]:
    """``GET /images/{key}`` on the local stack: one caller's latencies, and what several callers get through."""
    from concurrent.futures import ThreadPoolExecutor
    from urllib.request import urlopen

    from nima.local.server import listen
    from nima.local.stack import local_stack
    from nima.local.template import Template

    variables = {
        "NIMA_MODELS": str(workshop.model.parent),
        "MODEL": workshop.model.name,
        "POWERTOOLS_LOG_LEVEL": "ERROR",
    }
    with local_stack(Template(ROOT), listen(0), variables) as stack:
        stack.aws.s3.upload_file(str(workshop.ordinary), stack.bucket, "shoes/bench/1.jpg")
        while stack.busy:
            time.sleep(0.05)
        url = stack.image_url("shoes/bench/1.jpg")

        def ask(_: int) -> float:
            before = time.perf_counter()
            with urlopen(url) as answer:
                answer.read()
            return time.perf_counter() - before

        ask(0)
        latencies = sorted(ask(turn) for turn in range(REQUESTS))
        started = time.perf_counter()
        with ThreadPoolExecutor(CALLERS) as callers:
            list(callers.map(ask, range(REQUESTS)))
        through = REQUESTS / (time.perf_counter() - started)
    return {"p50": _share(latencies, 0.5), "p99": _share(latencies, 0.99), "per_second": through}


def _share(ordered: list[float], share: float) -> float:
    """The value that ``share`` of the ordered ones do not exceed."""
    return ordered[math.ceil(share * len(ordered)) - 1]


def _assess(workshop: Workshop) -> Callable[[Path], object]:
    from nima.assess.assessor import Assessor
    from nima.model.litert import LazyModel

    assessor = Assessor(model=LazyModel(workshop.model))
    return lambda path: json.dumps(assessor.assess(path.read_bytes()).to_json())


def _evaluate(workshop: Workshop) -> Callable[[Path], object]:
    from tests.bench.evaluator import Evaluator

    return Evaluator(workshop.keras("technical"), workshop.keras("aesthetic")).evaluate


def _alternately(first: Callable[[Path], object], second: Callable[[Path], object], path: Path) -> tuple[float, float]:
    """The medians of both, taken in turns so that a busy moment hits both; the first turn only warms up."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS + 1):
        for function, seconds in zip((first, second), times, strict=True):
            before = time.perf_counter()
            function(path)
            seconds.append(time.perf_counter() - before)
    return median(times[0][1:]), median(times[1][1:])


def _peak() -> float:
    """Peak resident memory of this process in MB; Linux counts in KiB, macOS in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


PROBES = {
    probe.__name__: probe
    for probe in (cold, cold_tensorflow, warm, warm_tensorflow, memory, memory_tensorflow, api, query_import)
}

if __name__ == "__main__":
    print(json.dumps(PROBES[sys.argv[1]](Workshop(Path(sys.argv[2])))))
