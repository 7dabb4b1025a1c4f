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
    held_out = training.get("held_out", {})
    figures = [_srcc(held_out.get(side)) for side in ("start", "model")]
    return "\n".join(part for part in (start, f"SRCC {figures[0]} -> {figures[1]}" if figures[1] else "") if part)


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
    if "blend" in training:
        blend = training["blend"]
        yield "Blended", f"{blend['share']:.0%} of the run, the rest of {blend['model']}"
    yield from _data(training.get("data", {}))
    if "held_out" in training:
        yield "Held out", _held_out(training["held_out"])
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


def _task(task: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if not task:
        return
    start, weights = task["start"], task["weights"]
    told = "; ".join(f"{name}: {start.get(name) or NOT_STATED}" for name in ("licence", "source"))
    yield "Began with", f"{start['model']} ({told})"
    if weights != "start":
        yield (
            "Weights",
            f"{weights['file']}, SHA-256 {weights['sha256'][:_DIGITS]}" if isinstance(weights, dict) else weights,
        )
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


def _held_out(found: dict[str, Any]) -> str:
    if "missing" in found:
        return f"no figures: {found['missing']}"
    lines = [f"{found['pictures']} {found['side']} pictures, {found['head']}"]
    for side, name in (("model", "this model"), ("start", "")):
        figures = found[side]
        if "missing" in figures:
            lines.append(f"no figures of {figures['model']}: {figures['missing']}")
            continue
        lines.append(
            f"{name or figures['model']}: SRCC {_srcc(figures)}{_interval(figures)}, EMD {figures['emd2']:.4f}"
        )
    return "\n".join(lines)


def _srcc(figures: dict[str, Any] | None) -> str:
    if not figures or "missing" in figures:
        return ""
    return NOT_STATED if figures["srcc"] is None else f"{figures['srcc']:.3f}"


def _interval(figures: dict[str, Any]) -> str:
    low, high = figures["srcc_interval"]
    return "" if low is None else f" ({low:.3f} to {high:.3f})"
