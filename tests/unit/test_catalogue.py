"""The pure catalogue: histograms and percentiles by hand, CSV, and near-duplicates."""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from nima.assess.phash import perceptual_hash
from nima.catalogue.duplicates import group
from nima.catalogue.ranking import rank
from nima.catalogue.sheet import COLUMNS, ranking_sheet
from nima.catalogue.stats import BINS, CategoryStats, Contribution, Histogram, bin_of, moves, shard_of
from nima.cells import csv_text, text_of
from nima.document.assessment import Assessment, Confidence, Deduction, File, Model, Score, Traits
from nima.document.composite import WEIGHED, compose
from nima.document.distribution import Distribution
from nima.document.policy import MainImage, Verdicts, judge_main_image
from nima.document.read import read
from nima.document.result import ObjectRef, Rejection, Result
from nima.document.rules import TOLERANCES
from nima.document.similarity import NEAR_DUPLICATE_BITS, distance
from nima.training.distill import data_list
from tests.pictures import scene

SCORES = st.integers(10_000, 100_000).map(lambda score: score / 10_000)
GOOD = MainImage(dict.fromkeys(TOLERANCES, 1.0), 0.9, 2000, 0.0)
SMALL = File(1, "JPEG", 1, 1)
BAD = MainImage(dict.fromkeys(TOLERANCES, 0.2), None, 2000, 0.0)
# Hashes that differ in 32 bits from each other.
HASHES = ("00000000ffffffff", "0000ffff0000ffff", "00ff00ff00ff00ff", "0f0f0f0f0f0f0f0f", "3333333333333333")


def around(mean: float, *, wide: bool = False) -> Distribution:
    """A distribution with this mean: narrow, between the two whole scores beside it, or mostly between 1 and 10."""
    low, high = (1, 10) if wide else (min(9, int(mean)), min(9, int(mean)) + 1)
    share = (mean - low) / (high - low)
    probabilities = [0.0] * 10
    probabilities[low - 1], probabilities[high - 1] = 1 - share, share
    return Distribution.of(probabilities)


def result(
    key: str,
    technical: float,
    aesthetic: float,
    *,
    phash: str | None = None,
    wide: bool = False,
    main_image: MainImage = GOOD,
    deductions: tuple[Deduction, ...] = (),
    file: File = SMALL,
    category: str | None = "shoes",
) -> Result:
    opinions = around(aesthetic, wide=wide)
    assessment = Assessment(
        image=file,
        scores={"technical": Score(around(technical)), "aesthetic": Score(opinions)},
        composite=compose(technical, aesthetic, opinions.std, "general"),
        deductions=deductions,
        traits=Traits(1.0, False, "sRGB", None, {}),
        confidence=Confidence("high", ()),
        phash=phash or random.Random(key).randbytes(8).hex(),
        policies=Verdicts(judge_main_image(main_image)),
        model=Model("m", "1"),
        preprocessing="1",
    )
    return Result(
        image=ObjectRef("b", key),
        assessment=assessment,
        category=category,
        collection="c",
        sequencer="1",
        scored_at="2026",
    )


def rejected(key: str) -> Result:
    return Result(
        image=ObjectRef("b", key),
        error=Rejection("undecodable_image", "No."),
        category="shoes",
        collection="c",
        sequencer="1",
        scored_at="2026",
    )


# Histograms


@pytest.mark.parametrize(
    ("score", "place"),
    [(1, 0), (1.0499, 0), (1.05, 1), (5.45, 89), (5.5, 90), (9.9499, 178), (9.95, 179), (10, 179)],
)
def test_a_score_lies_in_the_bin_that_begins_at_or_below_it(score: float, place: int) -> None:
    assert bin_of(score) == place


@pytest.mark.parametrize("score", [0.99, 10.01, -1])
def test_what_is_no_score_has_no_bin(score: float) -> None:
    with pytest.raises(ValueError, match="from 1 to 10"):
        bin_of(score)


def spread(*scores: float) -> Histogram:
    """The histogram of some scores."""
    counts = Counter(map(bin_of, scores))
    return Histogram(tuple(counts[place] for place in range(BINS)))


def test_a_percentile_is_the_share_below_with_half_of_the_own_bin() -> None:
    assert spread().percentile(5) is None
    assert spread().quantile(50) is None
    histogram = spread(3.0, 4.0, 5.0, 5.01)
    assert histogram.percentile(2.0) == 0
    assert histogram.percentile(3.0) == 12.5
    assert histogram.percentile(4.5) == 50
    assert histogram.percentile(5.02) == 75
    assert histogram.percentile(9) == 100
    assert spread(7).percentile(7) == 50, "alone"
    assert histogram.quantile(25) == 3.05
    assert histogram.quantile(100) == 5.05


@given(st.lists(SCORES, min_size=1, max_size=40), SCORES, SCORES)
def test_a_higher_score_never_has_a_lower_percentile(scores: list[float], one: float, other: float) -> None:
    histogram = spread(*scores)
    low, high = histogram.percentile(min(one, other)), histogram.percentile(max(one, other))
    assert low is not None
    assert high is not None
    assert 0 <= low <= high <= 100


def test_a_contribution_moves_only_what_differs() -> None:
    before, after = result("a", 5, 6), result("a", 5, 7)
    same = Contribution.of(before)
    assert moves(same, same) == {}
    assert moves(None, None) == {}
    (counters,) = moves(same, Contribution.of(after)).values()
    assert counters == {"a100": -1, "a120": 1, "c90": -1, "c100": 1}
    elsewhere = moves(same, Contribution.of(replace(after, category="bags")))
    assert set(elsewhere) == {("shoes", shard_of("a")), ("bags", shard_of("a"))}
    assert elsewhere["bags", shard_of("a")]["scored"] == 1
    assert Contribution.of(replace(before, category=None)) is None
    refused = Contribution.of(rejected("a"))
    assert refused
    assert refused.counters == ("rejected",)
    assert read(Contribution, refused.to_json(), {}) == refused


def test_what_an_earlier_release_counted_is_added_up_and_taken_back() -> None:
    """It gave each bin's counter a longer name, and remembered that name with the picture."""
    earlier = {"scored": 1, "technical:80": 1, "aesthetic:70": 1, "composite:75": 1}
    document = {"category": "shoes", "shard": shard_of("a"), "counters": list(earlier)}
    now = Contribution.of(result("b", 5.0, 4.5))
    ((_, counters),) = moves(None, now).items()
    stats = CategoryStats.of_counters("shoes", [earlier, counters])
    assert (stats.scored, stats.histograms["technical"].total, stats.histograms["technical"].counts[80]) == (2, 2, 2)
    assert (stats.histograms["aesthetic"].counts[70], stats.histograms["composite"].counts[75]) == (2, 2)

    moved = moves(read(Contribution, document, {}), Contribution.of(result("a", 6.0, 4.5)))
    (changes,) = moved.values()
    left = {name: earlier.get(name, 0) + changes.get(name, 0) for name in {*earlier, *changes}}
    assert all(count >= 0 for count in left.values())
    again = CategoryStats.of_counters("shoes", [left])
    assert (again.scored, again.histograms["technical"].total) == (1, 1)
    assert (
        again.histograms["technical"].counts[80],
        again.histograms["technical"].counts[100],
        again.histograms["aesthetic"].counts[70],
    ) == (0, 1, 1)


def test_a_full_shard_of_counters_stays_small() -> None:
    """Each write of a picture's result is billed by the size of the counters it adds to, in whole kilobytes."""
    results = [result("a", 1 + 9 * step / 400, 1 + 9 * step / 400) for step in range(401)]
    names = {name for r in results for counters in moves(None, Contribution.of(r)).values() for name in counters}
    assert len(names) == 1 + 3 * BINS
    # A number of up to six digits takes four bytes.
    assert sum(len(name) + 4 for name in names) < 4.5 * 1024


def test_stats_place_a_picture_in_its_category() -> None:
    results = [result("a", 5, 6), result("b", 6, 5), rejected("c")]
    shards = [counters for r in results for counters in moves(None, Contribution.of(r)).values()]
    stats = CategoryStats.of_counters("shoes", shards)
    assert (stats.scored, stats.rejected, stats.histograms["technical"].total) == (2, 1, 2)
    document = stats.place(results[0]).to_json()
    assert document["technical"]["percentile"]["catalogue"] == {"population": "category shoes", "value": 25.0}
    assert document["aesthetic"]["percentile"]["catalogue"] == {"population": "category shoes", "value": 75.0}
    assert stats.place(results[2]) is results[2]
    assert CategoryStats.of_counters("bags", []).place(results[0]) == results[0]
    told = stats.to_json()
    assert (told["scored"], sum(told["technical"]["counts"]), len(told["composite"]["counts"])) == (2, 2, BINS)


# CSV


HEADER = "filename,technical,aesthetic,composite,path,rank,group,stars,policy,deductions,error,tier,tier_codes\r\n"


def test_a_sheet_has_the_articles_columns_and_every_picture_of_a_ranking() -> None:
    blurred = (Deduction("soft", 0.9, 1.0, "px", "", sure=True), Deduction("noise", 0.2, 1.0, "levels", ""))
    pictures = [
        result('shoes/a/B, "best".jpg', 6.5, 7.9, phash=HASHES[0]),
        result("shoes/a/copy.jpg", 6.4, 7.8, phash=HASHES[0], main_image=BAD),
        result("shoes/a/A.jpg", 7.2, 6.8, phash=HASHES[1], deductions=blurred),
    ]
    broken = {"shoes/a/broken.jpg": "undecodable_image"}
    assert ranking_sheet(rank(pictures, "ecommerce").entries, broken) == (
        HEADER
        + '"B, ""best"".jpg",6.50,7.90,7.34,"shoes/a/B, ""best"".jpg",1,"shoes/a/B, ""best"".jpg",4,pass,,,1,\r\n'
        'copy.jpg,6.40,7.80,7.24,shoes/a/copy.jpg,1,"shoes/a/B, ""best"".jpg",4,fail,,,1,\r\n'
        "A.jpg,7.20,6.80,6.96,shoes/a/A.jpg,2,,3.5,pass,soft noise,,2,soft\r\n"
        "broken.jpg,,,,shoes/a/broken.jpg,,,,,,undecodable_image,,\r\n"
    )
    assert ranking_sheet([]) == HEADER


def test_the_page_writes_the_same_columns() -> None:
    script = Path(__file__).resolve().parents[2] / "functions" / "query" / "page" / "csv.js"
    text = script.read_text().replace("...WEIGHED", str(WEIGHED))
    (listed,) = re.findall(r"const COLUMNS = \[(.*?)\];", text, re.DOTALL)
    assert tuple(re.findall(r"'(\w+)'", listed)) == COLUMNS[: COLUMNS.index("tier_codes") + 1]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'=", "''-"])
def test_no_spreadsheet_calculates_with_a_name(sign: str) -> None:
    key = f"{sign}shop/{sign}1+1.jpg"
    (row,) = csv.DictReader(io.StringIO(ranking_sheet(rank([result(key, 6, 7)], "general").entries), newline=""))
    assert (row["filename"], row["path"]) == (f"'{sign}1+1.jpg", f"'{key}")
    assert (text_of(row["filename"]), text_of(row["path"])) == (f"{sign}1+1.jpg", key)


def test_a_data_list_is_read_as_it_was_written(tmp_path: Path) -> None:
    entries = [data_list.Entry("-old", "=1.jpg", data_list.TRAIN, 0.5), data_list.Entry("a", "b/'c.jpg", "held out", 1)]
    data_list.write(tmp_path / "list.csv", entries)
    assert ",'=1.jpg,train,0.5" in (tmp_path / "list.csv").read_text()
    assert data_list.read(tmp_path / "list.csv") == entries


@given(st.text(st.sampled_from("'=+-@\t\r\n＝a1,\" ")))
def test_a_text_comes_back_out_of_its_cell(text: str) -> None:
    ((cell, number),) = csv.reader(io.StringIO(csv_text([(text, -1.5)]), newline=""))
    assert (text_of(cell), number) == (text, "-1.5")
    assert not cell.startswith(tuple("=+-@\t\r\n＝"))


# Near-duplicates


def test_copies_of_a_picture_have_near_hashes_and_others_have_not() -> None:
    picture = scene(640, 480)
    hashed = perceptual_hash(picture)
    assert len(hashed) == 16
    for copy in (
        picture.resize((320, 240)),
        picture.resize((1280, 960)),
        picture.crop((6, 5, 634, 476)),
        ImageEnhance.Brightness(picture).enhance(1.15),
    ):
        assert distance(hashed, perceptual_hash(copy)) <= NEAR_DUPLICATE_BITS
    others = [perceptual_hash(scene(640, 480, seed=seed)) for seed in range(1, 8)]
    others.append(perceptual_hash(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))
    assert min(distance(hashed, other) for other in others) > NEAR_DUPLICATE_BITS


def test_distance_counts_bits_and_groups_do_not_drift() -> None:
    assert distance("0000000000000000", "000000000000000f") == 4
    assert distance("ffffffffffffffff", "0000000000000000") == 64
    chain = [("a", "0000000000000000"), ("b", "000000000000003f"), ("c", "0000000000000fff")]
    assert group(chain) == {"a": ("b",), "c": ()}
