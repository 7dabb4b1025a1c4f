"""The page's own ranking against the server's, on documents of every kind."""

from __future__ import annotations

import random
from typing import Any

from playwright.sync_api import Page

from nima.catalogue.ranking import rank
from nima.catalogue.sheet import ranking_sheet
from nima.document.assessment import Assessment, Confidence, Deduction, File, Model, Score, Traits
from nima.document.composite import STYLES, Weights, compose
from nima.document.distribution import Distribution
from nima.document.policy import MainImage, Verdicts, judge_main_image
from nima.document.result import ObjectRef, Result
from nima.document.rules import TOLERANCES

# Beginnings of names that sort oddly, or that spreadsheets and CSV readers take for something else.
NAMES = ["a", "Z", "é", "\uffee", "\U0001f4f7", *"=+-@\t\r\n＝'\",", "'=", "d/-", "-d/b"]

_RANK = """async ([documents, style, strict, refused]) => {
  const at = (name) => import(new URL(`page/${name}.js`, document.baseURI));
  const [{ rank }, { toCsv }, api] = await Promise.all(['ranking', 'csv', 'api'].map(at));
  const settings = await api.settings();
  const chosen = { ...style, ...settings.styles[style.name] };
  const candidates = documents.map((document) => ({ key: document.image.key, name: document.image.key, document }));
  const { entries, recommended, best, bestPassing } = rank(candidates, chosen, settings, strict);
  return {
    entries: entries.map(({ key, composite, duplicates, tier, codes }) =>
      [key, composite, tier, codes, duplicates.map((twin) => twin.key)]),
    recommended: recommended && {
      key: recommended.entry.key,
      runner_up: recommended.runnerUp?.key ?? null,
      lead: recommended.lead,
      preference: recommended.preference,
      tied: recommended.tied.map(({ key }) => key),
    },
    best: best?.key ?? null,
    passing: bestPassing?.key ?? null,
    csv: toCsv(entries, refused, settings.policy),
  };
}"""


def test_the_page_ranks_as_the_server_does(page: Page) -> None:
    chance = random.Random(7)
    styles = [(name, None) for name in STYLES] + [("custom", Weights.of(1, 3)), ("custom", Weights.of(0, 1))]
    for _ in range(60):
        results = [_result(chance, number) for number in range(chance.randint(1, 14))]
        name, weights = chance.choice(styles)
        strict = chance.random() < 0.4
        server = rank(results, name, weights, required=strict)
        style = {"name": server.style, "weights": {n: getattr(server.weights, n) for n in ("technical", "aesthetic")}}
        refused = {
            f"{chance.choice(NAMES)}{number}/x.jpg": "undecodable_image" for number in range(chance.randint(0, 2))
        }
        said = [{"key": key, "error": {"code": code}} for key, code in refused.items()]
        found: dict[str, Any] = page.evaluate(_RANK, [[r.to_json() for r in results], style, strict, said])
        assert found["entries"] == [
            [
                entry.key,
                entry.composite.to_json(),
                entry.tier.number,
                list(entry.tier.codes),
                list(entry.duplicates),
            ]
            for entry in server.entries
        ]
        best = server.recommended and server.recommended.to_json()
        assert found["recommended"] == (best and {name: best[name] for name in best if name != "why"})
        assert (found["best"], found["passing"]) == (server.best, server.best_passing)
        assert found["csv"] == "\ufeff" + ranking_sheet(server.entries, refused)


def _result(chance: random.Random, number: int) -> Result:
    """A result whose scores often tie, whose hash is often near another one's, and whose key sorts oddly."""
    # Means that lie between two decimals, and means that others have too.
    technical, aesthetic = (
        chance.choice([5.0625, 5.0, 5.1, 4.125, 6.375, 7.0, chance.uniform(2, 9)]) for _ in range(2)
    )
    scores = [Score(_around(mean, chance.choice([0.0, 4.0]))) for mean in (technical, aesthetic)]
    base = chance.choice([0, 0xFFFF, 0xFFFFFFFFFFFF])
    phash = f"{base ^ (1 << chance.randrange(64)) ^ (1 << chance.randrange(64)):016x}"
    fit = chance.random() < 0.5
    assessment = Assessment(
        image=File(chance.choice([1, 2]), "JPEG", chance.choice([1000, 2000]), 2000),
        scores={"technical": scores[0], "aesthetic": scores[1]},
        composite=compose(scores[0].mean, scores[1].mean, scores[1].distribution.std, "general"),
        deductions=tuple(
            Deduction(code, 0.5, 1.0, "px", "", chance.random() < 0.3)
            for code in chance.sample(["soft", "noise", "color_cast", "overexposure"], chance.randint(0, 2))
        ),
        traits=Traits(1.0, False, "sRGB", None, {}),
        confidence=Confidence("high", ()),
        phash=phash,
        policies=Verdicts(judge_main_image(MainImage(dict.fromkeys(TOLERANCES, 1.0 if fit else 0.2), 0.9, 2000, 0.0))),
        model=Model("test", "1"),
        preprocessing="1",
    )
    letter = chance.choice(NAMES)
    return Result(image=ObjectRef("b", f"{letter}{number}"), assessment=assessment)


def _around(mean: float, spread: float) -> Distribution:
    """A distribution with a mean, narrow, or with shares at both ends."""
    low = int(mean)
    shares = [0.0] * 10
    shares[low - 1] += 1 - (mean - low)
    shares[min(low, 9)] += mean - low
    if spread:
        shares = [share * 0.2 for share in shares]
        shares[0] += 0.4
        shares[9] += 0.4
    return Distribution.of(shares)
