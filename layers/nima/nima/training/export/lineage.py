"""Where an exported model comes from: its run, the model that this began with, and how it does on unseen pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from nima.errors import InvalidRequest, ModelUnavailable
from nima.model.folder import Places, installed
from nima.model.litert import Model
from nima.model.manifest import HEADS, Manifest
from nima.native import without_info
from nima.training import metrics
from nima.training.evaluate.evaluation import Answering, predict
from nima.training.labels.kept import recall
from nima.training.labels.labels import Labels
from nima.training.progress import StepTick, Tick
from nima.training.trainer.folder import described

SIDE = "test"
_RUN = ("architecture", "plan", "task", "data")
_DIGITS = 4


def same_run(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two manifests' ``training`` are of one run: the same network, task and schedule on the same pictures."""
    return bool(one.get("data")) and all(one.get(name) == other.get(name) for name in _RUN)


def start_of(run: Mapping[str, Any], places: Places) -> Path | None:
    """The folder of the model that a run began with, by its files; None where it is not installed any more.

    Args:
        run: What its ``run.json`` says.
        places: Where models are looked for.
    """
    files = run.get("task", {}).get("start", {}).get("files")
    for folder in installed(places).values() if files else ():
        try:
            found = Manifest.read(folder)
        except ModelUnavailable:
            continue
        if [file.sha256 for file in found.files] == files:
            return folder
    return None


def licence_of(run: Mapping[str, Any], start: Path | None) -> str:
    """The licence of what a run began with, as it said then, else as it says now; empty where neither does."""
    told: str = run.get("task", {}).get("start", {}).get("licence", "")
    return told or (Manifest.read(start).licence if start else "")


def ratings_of(data: Mapping[str, Any]) -> str:
    """A run's ratings in a few words; empty where they are not known."""
    if not data:
        return ""
    raters = f" of {data['raters']} raters" if data["raters"] else ""
    return f"{sum(data['pictures'].values())} pictures with the ratings{raters} in {data['label_file']['name']}"


def held_out(
    run: Path, served: Model, start: Path | None, tick: StepTick, *, pictures: Path | None = None
) -> dict[str, Any]:
    """How well a model, and the one that it began with, do on the test pictures of its run, as a manifest says it.

    Args:
        run: The run's folder.
        served: The model, as it is served.
        start: The folder of the model that the run began with.
        tick: Called with how far each step is.
        pictures: The folder of the pictures, if it is another by now.

    Returns:
        Spearman's correlation of the means with its 95 % interval, and the earth mover's distance, of both; or why
        there are none.
    """
    task = described(run).get("task")
    if not task:
        return {"missing": "the run does not say which head was rated"}
    try:
        labels, _, _ = recall(run, SIDE, pictures)
    except InvalidRequest as error:
        return {"missing": " ".join(error.message.split())}
    if not len(labels):
        return {"missing": "the run has no test pictures"}
    told = partial(_figures, labels=labels, head=task["head"])
    began: dict[str, Any] = {"model": task["start"]["model"]}
    if start:
        with without_info():
            model = Model(start)
        began |= told(model, tick=partial(tick, f"test pictures, {model.manifest.id}"))
    else:
        began |= {"missing": "it is not installed any more"}
    return {
        "head": task["head"],
        "side": SIDE,
        "pictures": len(labels),
        "model": told(served, tick=partial(tick, "test pictures")),
        "start": began,
    }


def _figures(model: Answering, *, labels: Labels, head: str, tick: Tick) -> dict[str, Any]:
    answers = predict(model, labels.files, tick)[1][:, HEADS.index(head)]
    predicted = metrics.means(answers)
    low, high = metrics.interval(metrics.srcc, predicted, labels.means)
    return {
        "srcc": _shown(metrics.srcc(predicted, labels.means)),
        "srcc_interval": [_shown(low), _shown(high)],
        "emd": _shown(metrics.mean_emd(answers, labels.distributions)),
    }


def _shown(figure: float) -> float | None:
    """JSON has no NaN."""
    return None if math.isnan(figure) else round(figure, _DIGITS)
