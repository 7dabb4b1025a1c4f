"""How surely a model is right: fitted to its agreement with a teacher, told by the level and its reasons."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nima.assess.assessor import Assessor
from nima.assess.confidence import judge_confidence
from nima.document.assessment import Traits
from nima.document.doubts import UNCERTAIN
from nima.errors import InvalidRequest, ModelUnavailable
from nima.model.agreement import SIGNALS, Agreement, Curve
from nima.model.folder import SHIPPED
from nima.model.litert import LazyModel, Model
from nima.model.manifest import PHOTOGRAPHS, PRODUCTS, Manifest
from nima.training.export.agreement import LEAST_PICTURES, LIMITS, agree, fit
from tests.pictures import encode, product, scene

PLAIN = Traits(1.5, False, "sRGB", None, {})
USUAL = dict.fromkeys(SIGNALS, 0.0)
CURVES = {
    "dark": Curve((0.0, 1.0), (0.0, 2.0)),
    "gap": Curve((-1.0, 0.0, 1.0), (0.6, 0.0, 0.6)),
    "light": Curve((0.0, 1.0), (0.0, -2.0)),
}
AGREEMENT = Agreement("teacher 1", "100 photographs", CURVES, medium_from=0.5, low_from=1.5)


def grey(seed: int) -> bytes:
    return encode(scene(320, 240, seed).convert("L"))


@pytest.mark.parametrize(("value", "adds"), [(-3, 0.6), (-1, 0.6), (-0.5, 0.3), (0, 0), (0.25, 0.15), (9, 0.6)])
def test_a_curve_is_straight_between_its_places_and_level_beyond_them(value: float, adds: float) -> None:
    assert CURVES["gap"].of(value) == pytest.approx(adds)


@pytest.mark.parametrize(
    ("signals", "level", "reasons"),
    [
        ({}, "high", []),
        ({"dark": 0.2}, "high", []),
        ({"dark": 0.3}, "medium", ["uncertain_light"]),
        ({"dark": 0.3, "gap": 1.0}, "medium", ["uncertain_scores", "uncertain_light"]),
        ({"dark": 1.0, "gap": -0.1}, "low", ["uncertain_light"]),
        ({"gap": 1.0}, "medium", ["uncertain_scores"]),
        ({"gap": 1.0, "light": 0.5}, "high", []),
    ],
)
def test_the_level_follows_the_sum_and_its_reasons_are_what_adds_most(
    signals: dict[str, float], level: str, reasons: Sequence[str]
) -> None:
    confidence = judge_confidence(PLAIN, 900, 600, AGREEMENT, {**USUAL, **signals})
    assert confidence.level == level
    assert [reason.code for reason in confidence.reasons] == reasons


def test_a_known_doubt_is_named_first_and_counts_as_before() -> None:
    cropped = replace(PLAIN, cropped=True)
    assert judge_confidence(cropped, 900, 200, AGREEMENT, USUAL) == judge_confidence(cropped, 900, 200)
    both = judge_confidence(cropped, 900, 300, AGREEMENT, {**USUAL, "dark": 0.3})
    assert (both.level, [reason.code for reason in both.reasons]) == ("medium", ["extreme_aspect", "uncertain_light"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"curves": {"moon": {"at": [1.0], "adds": [0.0]}}},
        {"curves": {"dark": {"at": [1.0, 1.0], "adds": [0.0, 0.0]}}},
        {"curves": {"dark": {"at": [], "adds": []}}},
        {"low_from": 0.1},
    ],
)
def test_a_manifest_with_what_is_no_agreement_is_refused(
    model_folder: Path, tmp_path: Path, wrong: dict[str, object]
) -> None:
    stored = json.loads((model_folder / "manifest.json").read_text())
    agreement = {
        **json.loads(json.dumps(replace(Manifest.read(model_folder), agreement={PHOTOGRAPHS: AGREEMENT}).to_json()))
    }
    document = {**stored, "agreement": {PHOTOGRAPHS: {**agreement["agreement"][PHOTOGRAPHS], **wrong}}}
    (tmp_path / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(ModelUnavailable, match="manifest is invalid"):
        Manifest.read(tmp_path)


def test_pictures_like_those_that_were_misjudged_are_trusted_less() -> None:
    rng = np.random.default_rng(5)
    measured = rng.normal(size=(1200, len(SIGNALS)))
    usual = 0.1 * np.exp(np.abs(measured[:, 0]) - 0.5 * measured[:, 4])
    distances = np.abs(rng.normal(0, usual))
    curves, sums = fit(distances[:600], measured[:600])
    agreement = Agreement("teacher", "made", curves, *np.quantile(sums, LIMITS[PHOTOGRAPHS]).tolist())
    levels: dict[str, list[float]] = {"high": [], "medium": [], "low": []}
    for distance, row in zip(distances[600:].tolist(), measured[600:].tolist(), strict=True):
        signals = dict(zip(SIGNALS, row, strict=True))
        levels[judge_confidence(PLAIN, 900, 600, agreement, signals).level].append(distance)
    assert min(map(len, levels.values())) >= 0.1 * 600
    assert np.mean(levels["high"]) <= 0.5 * np.mean(levels["low"])
    assert np.ptp(curves["aspect"].adds) < 0.3 * np.ptp(curves["gap"].adds)


def test_what_is_fitted_is_what_pictures_are_judged_by(model_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(model_folder, tmp_path / "model"))
    files = []
    for seed in range(LEAST_PICTURES // 2):
        picture = scene(96, 72, seed % 10)
        for name, content in (("a", picture), ("b", picture.point(lambda v: v // 4))):
            files.append(tmp_path / f"{name}{seed}.png")
            files[-1].write_bytes(encode(content))
    before = Manifest.read(folder)
    after = agree(folder, "{count} of ours", files, Model(SHIPPED / "nima-lite"))
    assert after == Manifest.read(folder)
    assert after.version != before.version
    found = after.agreement[PHOTOGRAPHS]
    assert (found.pictures, found.teacher.split()[0]) == ("100 of ours", "nima-lite")
    assert PRODUCTS not in after.agreement
    assessor = Assessor(LazyModel(folder))
    said = [assessor.assess(file.read_bytes()).confidence for file in files[:20]]
    doubted = [confidence for confidence in said if {reason.code for reason in confidence.reasons} & set(UNCERTAIN)]
    assert 0 < len(doubted) < len(said)
    with pytest.raises(InvalidRequest, match=f"at least {LEAST_PICTURES}"):
        agree(folder, "too few", files[:50], Model(SHIPPED / "nima-lite"))


@pytest.mark.parametrize("picture", [product(0.5), product(0.3).convert("L").convert("RGB")], ids=["product", "grey"])
def test_products_on_a_plain_ground_are_no_minimalist_or_abstract_photographs(
    model_folder: Path, picture: object
) -> None:
    assessment = Assessor(LazyModel(model_folder)).assess(encode(picture))  # type: ignore[arg-type]
    assert assessment.traits.kinds["minimalist"].measure > 0.3
    assert (assessment.confidence.level, assessment.confidence.reasons) == ("high", ())
