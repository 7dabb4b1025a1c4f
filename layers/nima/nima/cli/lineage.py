"""What a model's manifest says of where it comes from, as people read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nima.model.manifest import Manifest

NOT_STATED = "not stated"
_DIGITS = 12


def began(manifest: Manifest) -> str:
    """What it was trained from, and what came of it, in a few words."""
    training = manifest.training
    start = training.get("task", {}).get("start", {}).get("model") or training.get("blend", {}).get("model", "")
    unseen = training.get("held_out", {})
    before, after = (_srcc(unseen.get(side)) for side in ("start", "model"))
    srcc = f"SRCC {before} to {after}" if before and after else f"SRCC {after}" if after else ""
    return "; ".join(filter(None, (start and f"began with {start}", srcc)))


def licence(manifest: Manifest) -> str:
    return manifest.licence or NOT_STATED


def facts(folder: Path, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """All that a manifest says, as names and texts."""
    training = manifest.training
    sealed = "a hash of all that its results depend on" if manifest.seal else "as it was given"
    yield "Version", f"{manifest.version}, {sealed}"
    yield "Folder", str(folder)
    yield "Description", manifest.description
    yield "Licence", licence(manifest)
    yield "Source", manifest.source or NOT_STATED
    yield "Trained on", manifest.training_data or NOT_STATED
    yield from _task(training.get("task", {}))
    if not training.get("finished", True):
        yield "Run", "exported before it was over"
    if "blend" in training:
        blend = training["blend"]
        yield "Blended", f"{blend['share']:.0%} of the run, the rest of {blend['model']}"
    yield from _data(training.get("data", {}))
    if "held_out" in training:
        yield "Held out", held_out(manifest)
    spec = manifest.input
    yield (
        "Input",
        f"{spec.width} x {spec.shape[0]}, {spec.kernel}" + (f", {spec.tile} of it detail" if spec.tile else ""),
    )
    for file in manifest.files:
        yield file.path, f"{', '.join(file.heads)}; {file.bytes / 1e6:.1f} MB; SHA-256 {file.sha256[:_DIGITS]}"
    if manifest.reasons:
        yield (
            manifest.reasons.file,
            f"{len(manifest.reasons.thresholds)} defects; SHA-256 {manifest.reasons.sha256[:_DIGITS]}",
        )
    compared = dict.fromkeys(p.name for group in (manifest.population, manifest.products) for p in group.values())
    yield "Percentiles", "; ".join(compared) or "none: `nima calibrate` gives it some"
    yield (
        "Stars",
        "; ".join(dict.fromkeys(c.name for c in manifest.composites.values())) or "on the scale of all models",
    )
    agreement = dict.fromkeys(f"{a.teacher} on {a.pictures}" for a in manifest.agreement.values())
    yield "Confidence", "; ".join(agreement) or "of the picture alone"


def held_out(manifest: Manifest) -> str:
    """How it does on pictures that it has not seen, a line for each model."""
    found = manifest.training.get("held_out", {"missing": NOT_STATED})
    if "missing" in found:
        return f"No figures on unseen pictures: {found['missing']}."
    lines = [f"{found['head']}, on {found['pictures']} {found['side']} pictures:"]
    for side in ("model", "start"):
        figures = found[side]
        name = figures.get("model", manifest.id)
        lines.append(f"{name}: {figures['missing'] if 'missing' in figures else _shown(figures)}")
    return "\n".join(lines)


def licence_note(manifest: Manifest) -> str:
    """Which licence it has, and where that comes from."""
    if not manifest.licence:
        return "Its licence is not stated; --licence says it."
    task = manifest.training.get("task", {})
    told, weights = task.get("start", {}), task.get("weights", "start")
    same = f", as {told['model']} has it" if told and told.get("licence") == manifest.licence else ""
    file = weights.get("file") if isinstance(weights, dict) else weights if weights == "imagenet" else None
    others = f" Nothing is known of the licence of the weights it was trained from, {file}." if file else ""
    return f"Licence: {manifest.licence}{same}.{others}"


def _task(task: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if not task:
        return
    start, weights = task["start"], task.get("weights", "start")
    told = "; ".join(f"{name}: {start.get(name) or NOT_STATED}" for name in ("licence", "source"))
    yield "Began with", f"{start['model']} ({told})"
    if isinstance(weights, dict):
        yield "Weights", f"{weights['file']}, SHA-256 {weights['sha256'][:_DIGITS]}"
    elif weights != "start":
        yield "Weights", weights
    yield "Rated head", task["head"]


def _data(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if not data:
        return
    pictures, file = data["pictures"], data["label_file"]
    yield (
        "Ratings",
        (
            f"{file['name']}, SHA-256 {file['sha256'][:_DIGITS]}: {sum(pictures.values())} pictures, "
            f"{data['raters'] or 'an unknown number of'} raters"
        ),
    )
    sides = ", ".join(f"{count} {side}" for side, count in pictures.items())
    yield "Split", f"{sides}; grouped by {data['grouping']}; seed {data['seed']}"


def _shown(figures: dict[str, Any]) -> str:
    low, high = figures["srcc_interval"]
    between = "" if low is None else f" ({low:.3f} to {high:.3f})"
    return f"SRCC {_srcc(figures)}{between}, EMD {figures['emd']:.3f}"


def _srcc(figures: dict[str, Any] | None) -> str:
    if not figures or "missing" in figures:
        return ""
    return NOT_STATED if figures["srcc"] is None else f"{figures['srcc']:.3f}"
