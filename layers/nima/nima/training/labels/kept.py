"""The rated pictures of a run: kept in its folder when it begins, and found there again."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from nima import __version__
from nima.errors import InvalidRequest
from nima.model.manifest import SCORES
from nima.model.prepare import PREPROCESSING
from nima.training.labels.dataset import Dataset, Division, Source, sha256
from nima.training.labels.duplicates import have_near_one
from nima.training.labels.earlier import brought_up
from nima.training.labels.files import SIDES
from nima.training.labels.findings import LOST, SHOWN, WARNING, Finding, check, judge_lost
from nima.training.labels.labels import Labels
from nima.whole import whole

DATA = "data.json"
_LIBRARIES = ("numpy", "pillow", "keras", "tensorflow-cpu", "tensorflow", "torch", "jax")


def keep(dataset: Dataset, source: Source, folder: Path) -> None:
    """Writes the data of a run into its folder, or checks that a run goes on with the same.

    Raises:
        InvalidRequest: The pictures or their sides are others than when the run began.
    """
    rows = list(_rows(dataset, source.pictures))
    path = folder / DATA
    if path.exists():
        before = {row["image"]: row for row in _read(folder)["pictures"]}
        now = {row["image"]: row for row in rows}
        other = [image for image in {**before, **now} if before.get(image) != now.get(image)]
        if other:
            shown = ", ".join(other[:SHOWN]) + (f", and {len(other) - SHOWN} more" if len(other) > SHOWN else "")
            raise InvalidRequest(
                f"{len(other)} of {len(before)} pictures are not what they were when the run in {folder} began, nor on "
                f"the side that they were on ({shown}). Choose another folder."
            )
        return
    header = {
        "label_file": {"name": source.ratings.name, "sha256": sha256(source.ratings)},
        "folder": str(source.pictures.resolve()),
        "seed": source.seed,
        "grouping": dataset.labels.grouping,
        "raters": dataset.labels.raters,
        "versions": versions(),
        "findings": [asdict(finding) for finding in dataset.findings],
    }
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    text = json.dumps(header, ensure_ascii=False, indent=2).removesuffix("\n}")
    with whole(path) as part:
        part.write_text(f'{text},\n  "pictures": [\n{lines}\n]}}\n', encoding="utf-8")


def recall(run: Path, side: str | None = None, pictures: Path | None = None) -> tuple[Labels, tuple[Finding, ...], int]:
    """The data of a run, of those pictures that are still there as they were.

    Args:
        run: The run's folder.
        side: Of which side; None for all of them.
        pictures: The folder of the pictures, if it is another by now.

    Returns:
        The labels; what was found wrong with all of the run's when it began, and which pictures of the side are left
        out by now; and how many pictures were rated in all.

    Raises:
        InvalidRequest: The folder does not say what its run was trained on, or the folder of the pictures is gone.
        Refused: Too many pictures are gone.
    """
    document = _read(run)
    folder = pictures or Path(document["folder"])
    if not folder.is_dir():
        raise InvalidRequest(f"{folder}, where the run's pictures were, is not a folder. Say where they are now.")
    rows: list[dict[str, Any]] = []
    lost: dict[str, list[str]] = {"missing_file": [], "changed_file": []}
    wanted = [row for row in document["pictures"] if side in (None, row["side"])]
    for row in wanted:
        file = folder / row["file"]
        if not file.is_file():
            lost["missing_file"].append(row["image"])
        elif sha256(file) != row["sha256"]:
            lost["changed_file"].append(row["image"])
        else:
            rows.append(row)
    now = judge_lost(lost, len(wanted))
    check(now)
    before = tuple(_findings(document))
    labels = Labels(
        images=tuple(row["image"] for row in rows),
        files=tuple(folder / row["file"] for row in rows),
        distributions=np.array([row["distribution"] for row in rows], np.float64).reshape(-1, SCORES),
        votes=np.array([row["votes"] for row in rows], np.int64),
        groups=tuple(row["group"] for row in rows),
        hashes=tuple(row["phash"] for row in rows),
        distortions=tuple(row.get("distortion") for row in rows),
        sides=tuple(row["side"] for row in rows),
        grouping=document["grouping"],
        raters=document["raters"],
    )
    rated = len(document["pictures"]) + sum(len(found.items) for found in before if found.code in LOST)
    return labels, (*before, *now), rated


def seen_in_training(run: Path, labels: Labels) -> Finding | None:
    """Which pictures, or nearly the same ones, a run was trained on or stopped by; None where it was none of them.

    Raises:
        InvalidRequest: The run's folder does not say what it was trained on.
    """
    seen = [row["phash"] for row in _read(run)["pictures"] if row["side"] != "test"]
    images = tuple(labels.images[index] for index in have_near_one(labels.hashes, seen))
    if not images:
        return None
    message = f"{len(images)} of {len(labels)} pictures, or nearly the same ones, were seen in the training of {run}."
    return Finding("seen_in_training", WARNING, message, images)


def summary(run: Path) -> dict[str, Any]:
    """What a model's manifest says of the data of its run; nothing of runs of earlier releases, which keep none."""
    if not (run / DATA).exists():
        return {}
    document = _read(run)
    sides = Counter(row["side"] for row in document["pictures"])
    told = {name: document[name] for name in ("label_file", "raters", "grouping", "seed", "versions")}
    return {**told, "pictures": {side: sides[side] for side in SIDES}, "sha256": sha256(run / DATA)}


def division(run: Path) -> Division:
    """How the pictures of a run were divided when it began; raises as ``recall`` does."""
    document = _read(run)
    rows = document["pictures"]
    count = Counter(row["side"] for row in rows)
    sides = {side: count[side] for side in SIDES}
    return Division(len(rows), document["grouping"], len({row["group"] for row in rows}), sides)


def versions() -> dict[str, str]:
    """The versions of what decides how pictures become numbers, and these a model."""
    found = {"nima": __version__, "preprocessing": PREPROCESSING, "python": platform.python_version()}
    installed = {
        str(part.metadata["Name"]).lower().replace("_", "-"): part.version for part in metadata.distributions()
    }
    return found | {name: installed[name] for name in _LIBRARIES if name in installed}


def _rows(dataset: Dataset, folder: Path) -> Iterator[dict[str, Any]]:
    labels = dataset.labels
    side = {int(index): name for name, indices in dataset.parts.sides() for index in indices}
    for index, image in enumerate(labels.images):
        yield {
            "image": image,
            "file": labels.files[index].relative_to(folder).as_posix(),
            "side": side[index],
            "group": labels.groups[index],
            "votes": int(labels.votes[index]),
            "distribution": labels.distributions[index].tolist(),
            "sha256": dataset.digests[index],
            "phash": labels.hashes[index],
            **({"distortion": labels.distortions[index]} if labels.distortions[index] else {}),
        }


def _findings(document: dict[str, Any]) -> Iterator[Finding]:
    """What was found when the run began."""
    kept = [Finding(**{**found, "items": tuple(found["items"])}) for found in document.get("findings", ())]
    images = {row["image"] for row in document["pictures"]}
    images.update(item for found in kept if found.code in LOST for item in found.items)
    return (brought_up(found, images) for found in kept)


def _read(run: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads((run / DATA).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidRequest(
            f"{run} does not say which pictures its run was trained on, as those of earlier releases do not. "
            "Give the label file and the folder of the pictures in its place."
        ) from error
    except ValueError as error:
        raise InvalidRequest(f"{run / DATA} is damaged: {error}.") from error
    return document
