"""What stars are by: the article's table, or a model's own population, wherever and whenever a result is read."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nima.assess.assessor import Assessor
from nima.assess.scale import scale_of
from nima.catalogue.ranking import rank
from nima.document.composite import DIVISIVE_FROM, STEPS, STYLES, Weights, compose
from nima.document.earlier import EARLIER
from nima.document.item import from_item, to_item
from nima.document.result import ObjectRef, Result
from nima.document.scale import Scale, Spread
from nima.errors import InvalidRequest
from nima.model.composites import Composites
from nima.model.folder import SHIPPED
from nima.model.litert import LazyModel, Model
from nima.model.manifest import HEADS, PHOTOGRAPHS, PRODUCTS, Manifest, Population
from nima.training.export.calibrate import LEAST_PICTURES, calibrate, composites
from tests.older_documents import SECOND
from tests.pictures import encode, product, scene
from tests.unit.test_page_words import PAGE, node

LITE = SHIPPED / "nima-lite"
WEIGHTS = [None, Weights.of(1, 0), Weights.of(0, 1), Weights.of(0.85, 0.15)]

# The table of the article's scale: the least composite, its stars and its band.
ARTICLE = [
    (7.7, 5.0, "excellent"),
    (7.35, 4.5, "excellent"),
    (7.0, 4.0, "very good"),
    (6.0, 3.5, "good"),
    (5.3, 3.0, "good"),
    (4.8, 2.5, "fair"),
    (4.3, 2.0, "fair"),
    (3.8, 1.5, "weak"),
    (3.0, 1.0, "weak"),
    (1.0, 0.5, "poor"),
]


def population(count: int = 1000, seed: int = 3) -> tuple[np.ndarray[Any, Any], Composites]:
    """Means of a made population, correlated and skewed as a model's are, and what is kept of them."""
    rng = np.random.default_rng(seed)
    technical = 8.9 - rng.gamma(40, 0.1, count)
    aesthetic = 0.7 + 0.2 * technical + rng.gamma(40, 0.075, count)
    means = np.stack([technical, aesthetic], axis=1).clip(1, 10)
    return means, composites(f"{count} photographs", means, rng.uniform(1.2, 1.6, count))


def scale(found: Composites) -> Scale:
    made = scale_of(replace(Manifest.read(LITE), composites={PHOTOGRAPHS: found}), False)
    assert made
    return made


@pytest.mark.parametrize(("least", "stars", "band"), ARTICLE)
def test_without_a_population_the_articles_table_stands(least: float, stars: float, band: str) -> None:
    found = compose(least, least, DIVISIVE_FROM - 0.01, "general")
    assert (found.stars, found.band, found.note, found.scale) == (stars, band, None, None)
    assert compose(least, least, DIVISIVE_FROM, "general").note == "divisive"
    if least > 1:
        assert compose(least - 1e-4, least - 1e-4, 1, "general").stars == stars - 0.5


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("weights", WEIGHTS, ids=str)
def test_stars_are_spread_as_promised_whatever_the_weights(style: str, weights: Weights | None) -> None:
    means, found = population()
    made = scale(found)
    judged = [compose(t, a, 1.0, style, weights, scale=made) for t, a in means.tolist()]
    stars = [composite.stars for composite in judged]
    assert set(stars) >= {half / 2 for half in range(2, 11)}
    assert median(stars) == 3
    assert 0.02 <= sum(star == 5 for star in stars) / len(stars) <= 0.04
    assert 0.17 <= sum(star >= 4 for star in stars) / len(stars) <= 0.23
    assert {composite.scale for composite in judged} == {"1000 photographs"}


def test_opinions_split_on_the_twentieth_that_they_split_on_most() -> None:
    stds = np.linspace(1, 2, 1000)
    found = scale(composites("some", population()[0], stds))
    notes = [compose(5, 5, std, "general", scale=found).note for std in stds.tolist()]
    assert notes.count("divisive") == pytest.approx(50, abs=1)
    assert compose(5, 5, 2.0, "creative", scale=found).note == "possible_artistic_value"


@given(
    st.floats(-1, 1),
    st.floats(0, 2),
    st.floats(0, 2),
    st.lists(st.floats(-6, 6), min_size=9, max_size=9),
    st.floats(0, 1),
)
def test_stars_never_fall_as_the_composite_rises(
    correlation: float, one: float, other: float, steps: list[float], share: float
) -> None:
    made = Scale("any", Spread(5, one), Spread(4.5, other), correlation, tuple(sorted(steps)), 1.5)
    rising = [compose(s, s, 1, "", Weights.of(share, 1 - share), scale=made) for s in np.linspace(1, 10, 91).tolist()]
    bands = [band for _, _, band in reversed(STEPS)]
    assert [c.stars for c in rising] == sorted(c.stars for c in rising)
    assert [bands.index(c.band) for c in rising] == sorted(bands.index(c.band) for c in rising)


@pytest.mark.parametrize(
    "wrong", [{"steps": (0.0,) * 8}, {"steps": (1.0, *(0.0,) * 8)}, {"correlation": 1.2}, {"technical": Spread(5, -1)}]
)
def test_what_is_no_scale_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"scale|correlation"):
        replace(EARLIER["nima-lite", "3a69b7ba75f1"][0], **wrong)


# Stored results


def item(model: tuple[str, str], *, product: bool = False) -> dict[str, Any]:
    reframed = {"fill": Decimal("0.4"), "background": [255, 255, 255]} if product else None
    found = {**SECOND, "model": dict(zip(("id", "version"), model, strict=True))}
    return {**found, "traits": {**SECOND["traits"], "reframed": reframed}}


@pytest.mark.parametrize(("product", "stars"), [(False, 4.5), (True, 5.0)])
def test_an_older_result_of_a_shipped_model_gets_the_stars_that_a_new_one_would(product: bool, stars: float) -> None:
    ((model, scales),) = EARLIER.items()
    assessment = from_item(item(model, product=product)).assessment
    assert assessment
    assert assessment.scale == scales[product]
    expected = compose(5.5751, 5.5695, 2.6122, "general", scale=scales[product])
    assert assessment.composite == expected
    assert (expected.stars, expected.scale) == (stars, scales[product].population)
    ranked = rank([Result(image=ObjectRef(key="a"), assessment=assessment)], "portrait").entries[0].composite
    assert ranked == compose(5.5751, 5.5695, 2.6122, "portrait", scale=scales[product])


def test_an_older_result_of_any_other_model_keeps_its_stars() -> None:
    assessment = from_item(item(("shop", "1"))).assessment
    assert assessment
    assert (assessment.composite.stars, assessment.composite.band, assessment.scale) == (3.0, "good", None)
    assert assessment.weighed("portrait").composite.scale is None


def test_a_result_carries_what_its_stars_are_by(model_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(model_folder, tmp_path / "model"))
    _, photographs = population()
    goods = replace(photographs, name="900 products", means=(2.0, 2.0), divisive_from=0.1)
    manifest = Manifest.read(folder)
    replace(
        manifest,
        composites={PHOTOGRAPHS: photographs, PRODUCTS: goods},
        population={head: Population.of("1000 photographs", [3, 8]) for head in HEADS},
        products={"technical": Population.of("900 products", [2, 9])},
    ).renewed().write(folder)
    assessor = Assessor(LazyModel(folder))
    photograph, packshot = (assessor.assess(encode(picture)) for picture in (scene(320, 240), product()))
    assert photograph.composite.scale == "1000 photographs"
    assert (packshot.composite.scale, packshot.composite.stars, packshot.composite.note) == (
        "900 products",
        5,
        "divisive",
    )
    stored = from_item({**to_item(Result(image=ObjectRef(key="a"), assessment=packshot)), "pk": "image#a"}).assessment
    assert stored
    assert (stored.composite, stored.scale) == (packshot.composite, packshot.scale)
    assert stored.weighed("landscape").composite == packshot.weighed("landscape").composite
    assert Assessor(LazyModel(folder), reframe=False).assess(encode(product())).composite.scale == "1000 photographs"


_COMPOSE = """
import { compose } from '%s/ranking.js';
const [documents, styles, settings] = JSON.parse(await new Promise((take) => {
  let text = '';
  process.stdin.on('data', (part) => (text += part)).on('end', () => take(text));
}));
console.log(JSON.stringify(styles.map((style) => documents.map((document) => compose(document, style, settings)))));
"""


def test_the_page_gives_the_same_stars() -> None:
    means, found = population(300)
    made = scale(found)
    rng = np.random.default_rng(4)
    stds = rng.uniform(1.2, 1.7, len(means))
    scales = [made if place % 3 else None for place in range(len(means))]
    documents: list[dict[str, Any]] = [
        {"technical": {"mean": t}, "aesthetic": {"mean": a, "std": std}, "scale": s and s.to_json()}
        for (t, a), std, s in zip(means.round(4).tolist(), stds.tolist(), scales, strict=True)
    ]
    styles: list[dict[str, Any]] = [{"name": name, **asdict(style)} for name, style in STYLES.items()]
    styles.append({"name": "custom", "weights": Weights.of(0.37, 0.63).to_json(), "split": "divisive"})
    settings = {
        "steps": [{"least": least, "stars": stars, "band": band} for least, stars, band in STEPS],
        "divisive_from": DIVISIVE_FROM,
    }
    command = [node(), "--input-type=module", "-e", _COMPOSE % PAGE.as_uri()]
    given_ = json.dumps([documents, styles, settings])
    done = subprocess.run(command, input=given_, capture_output=True, text=True, check=True)
    expected = [
        [
            compose(
                d["technical"]["mean"],
                d["aesthetic"]["mean"],
                d["aesthetic"]["std"],
                style["name"],
                Weights(**style["weights"]) if style["name"] == "custom" else None,
                scale=s,
            ).to_json()
            for d, s in zip(documents, scales, strict=True)
        ]
        for style in styles
    ]
    assert json.loads(done.stdout) == expected


# Calibrating


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    made = []
    for seed in range(LEAST_PICTURES):
        for name, picture in (("scene", scene(96, 72, seed % 10)), ("product", product(0.7, 240))):
            path = folder / f"{name}-{seed}.png"
            path.write_bytes(encode(picture))
            made.append(path)
    return made


def test_calibrating_measures_products_apart_and_makes_another_version(
    model_folder: Path, tmp_path: Path, pictures: Sequence[Path]
) -> None:
    folder = Path(shutil.copytree(model_folder, tmp_path / "model"))
    before = Manifest.read(folder)
    after = calibrate(folder, "{count} of ours", pictures, one_peak=("technical",))
    assert after == Manifest.read(folder)
    groups = (after.population, after.products, after.composites)
    assert [sorted(group) for group in groups] == [sorted(HEADS), sorted(HEADS), [PHOTOGRAPHS, PRODUCTS]]
    assert {population.name for population in (*after.population.values(), *after.products.values())} == {"100 of ours"}
    assert {found.name for found in after.composites.values()} == {"100 of ours"}
    assert after.composites[PRODUCTS].deviations == pytest.approx((0, 0), abs=1e-3)
    assert after.version not in (before.version, replace(after, population={}).renewed().version)
    assert after.version == replace(after, description="other words", version="1-0").renewed().version
    answer = Model(folder).predict(np.zeros(after.input.shape, np.uint8))["technical"]
    assert (np.diff(np.sign(np.diff(answer))) > 0).sum() == 0
    with pytest.raises(InvalidRequest, match=f"at least {LEAST_PICTURES} .* 50 photographs and 50 products"):
        calibrate(folder, "too few", pictures[:100])
    assert Manifest.read(folder) == after


def test_the_shipped_model_is_called_what_it_is() -> None:
    manifest = Manifest.read(LITE)
    assert manifest.version == manifest.renewed().version
    assert set(manifest.composites) == {PHOTOGRAPHS, PRODUCTS}
    assert set(manifest.population) == set(manifest.products) == set(HEADS)
