"""What the report and the table say of models side by side."""

from __future__ import annotations

import io
import json
import re
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.cells import cell_len
from rich.console import Console

from nima.training.evaluate.chosen import ALL, of_file
from nima.training.evaluate.comparison import ALIKE, BETTER, UNDEFINED, WORSE, Comparison, pictures
from nima.training.evaluate.evaluation import compare
from nima.training.evaluate.ladders import Fall
from nima.training.evaluate.misjudged import misjudged
from nima.training.evaluate.report.page import render, write
from nima.training.evaluate.report.plots import MOST_DOTS
from nima.training.evaluate.report.texts import WORDS, Texts
from nima.training.evaluate.table import side_by_side
from nima.training.labels.dataset import Source
from nima.training.labels.findings import WARNING
from nima.training.labels.kept import DATA, recall
from nima.training.labels.labels import Labels
from nima.training.samples.distortions import LADDERS
from nima.words import CHINESE, ENGLISH, LANGUAGES, words
from tests.evaluations import HOSTILE, MADE, SHOP, START, bells, chosen, compared, rated

ROOT = Path(__file__).resolve().parents[2]


NAMES = (
    r"SRCC|PLCC|MAE|EMD|SHA-256|UTC|votes\.csv|nima-lite|\bnima\b|evaluate --json FILE|runs/shop|shop|shoe|"
    r"\b[0-9a-f]{12,}\b|\w*\.jpg"
)
"""What is called so in every language."""


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Labels:
    return rated(tmp_path_factory.mktemp("rated"))


def test_every_model_is_compared_with_what_training_began_with(labels: Labels) -> None:
    found = compared(labels)
    assert found.reference.model == START
    better, none = found.differences
    assert none is None
    assert better is not None
    assert {name: one.verdict for name, one in better.items()} == dict.fromkeys(better, BETTER)
    # Less is better of these: the difference is by how much it is better, its ends in their order.
    assert better["mae"].estimate.value == pytest.approx(found.evaluations[1].mae - found.evaluations[0].mae)
    for figures, differences in zip(found.figures, found.differences, strict=True):
        for estimate in (*figures.values(), *(one.estimate for one in (differences or {}).values())):
            assert estimate.low <= estimate.value <= estimate.high
    worse = Comparison((replace(found.evaluations[1], model="first 1"), found.evaluations[0])).differences[1]
    assert worse is not None
    assert worse["srcc"].verdict == BETTER
    back = Comparison((replace(found.evaluations[0], began=""), found.evaluations[1])).differences[1]
    assert back is not None
    assert {one.verdict for one in back.values()} == {WORSE}


def test_a_difference_is_one_where_the_pictures_can_show_it(labels: Labels) -> None:
    few = labels.subset(range(9))
    alike = compared(few).differences[0]
    assert alike is not None
    assert {one.verdict for one in alike.values()} == {ALIKE}
    one = compared(labels).evaluations[0]
    same = Comparison((one, replace(one, model="again 1"))).differences[1]
    assert same is not None
    assert {difference.verdict for difference in same.values()} == {ALIKE}
    flat = compare("flat 1", "aesthetic", np.full((len(labels), 10), 0.1), labels)
    undefined = Comparison((one, flat)).differences[1]
    assert undefined is not None
    assert undefined["srcc"].verdict == UNDEFINED


def test_the_other_head_is_compared_with_the_start_on_the_same_pictures(labels: Labels) -> None:
    other, none = compared(labels).others
    assert none is None
    assert other is not None
    assert other.srcc == pytest.approx(1)
    assert other.shift == pytest.approx(0.25, abs=0.02)
    assert other.moved == pytest.approx(0.25, abs=0.02)


def test_what_is_misjudged_most_both_ways(labels: Labels) -> None:
    high, low = misjudged(compared(labels).evaluations[0], 3)
    assert high[0].image == HOSTILE
    assert (high[0].predicted, high[0].rated) == pytest.approx((6.0, 3.0), abs=0.1)
    assert [one.image for one in low] == [f"shoe {number}.jpg" for number in (23, 22, 21)]
    assert high[0].thumbnail is not None
    with Image.open(io.BytesIO(high[0].thumbnail)) as image:
        assert image.size == (80, 160)
    perfect = compare("oracle 1", "aesthetic", labels.distributions, labels)
    assert misjudged(perfect) == ((), ())


def test_a_picture_that_is_gone_by_now_is_said_to_be(labels: Labels) -> None:
    gone = replace(labels, files=tuple(file.with_suffix(".gone") for file in labels.files))
    assert Texts()("gone") in render(compared(gone), chosen(gone), MADE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_is_one_file_that_says_it_all(labels: Labels, language: str) -> None:
    say, found = Texts(language), compared(labels)
    page = render(found, chosen(labels), MADE, language)
    assert f'<html lang="{language}">' in page
    # Nothing is loaded from elsewhere, and no name is markup.
    assert not re.findall(r'(?:src|href)="(?!#|data:)[^"]*"|url\(|<script', page)
    assert "&lt;script&gt;" in page
    text = re.sub(r"<[^>]+>", "|", page)
    for shown in (SHOP, START, "votes.csv", "ab" * 32, "2026-03-01 12:30 UTC", "runs/shop", "7", "a.jpg", "b.jpg"):
        assert shown in text, shown
    assert say("unseen", run="shop") in text
    assert say("picturesOf", count=24, rated=100) in text
    for code, count in {"train": 64, "validation": 10, "missing_file": 2}.items():
        assert say("left_out", code, count=count) in text
    assert say("groupings", "folder") in text
    srcc = found.figures[0]["srcc"]
    interval = say("interval", low=f"{srcc.low:.2f}", high=f"{srcc.high:.2f}")
    assert f"|{srcc.value:.3f}|{interval}|" in text.replace("||", "|")
    # What a reader asks comes first.
    better = say("against", model="shop", reference="nima-lite")
    places = [text.index(f"|{shown}|") for shown in (say("sideBySide"), say("model"), better, say("data"))]
    assert places == sorted(places)
    assert say("other", head=say("heads", "technical")) in text
    assert "|+0.25|" in text.replace("||", "|")


def test_all_plots_have_one_scale_and_say_what_they_show(labels: Labels) -> None:
    page = render(compared(labels), chosen(labels), MADE)
    plots = [ET.fromstring(plot) for plot in re.findall(r'<svg[^>]*class="plot".*?</svg>', page, re.DOTALL)]
    assert len(plots) == 6
    assert all(plot.get("aria-label") and plot.get("role") == "img" for plot in plots)
    for one, other in zip(plots[::2], plots[1::2], strict=True):
        assert [text.text for text in one.iter("text")] == [text.text for text in other.iter("text")]
    # Each picture is a dot at its place: that of the model's first, misjudged picture lies far above the diagonal.
    dots = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in plots[0].iter("circle")]
    assert len(dots) == len(labels)
    assert dots[0][0] == min(x for x, _ in dots)
    assert dots[0][1] < dots[8][1]


def test_the_report_of_many_pictures_is_not_large(labels: Labels) -> None:
    half, many = (labels.subset(np.resize(np.arange(len(labels)), count)) for count in (500, MOST_DOTS + 1))
    assert len(render(compared(half), chosen(half), MADE)) < 1 << 20
    page = render(compared(many), chosen(many), MADE)
    assert len(page) < 1 << 20
    assert Texts()("tooMany", count=MOST_DOTS + 1) in page


def test_the_same_evaluation_gives_the_same_report(labels: Labels, tmp_path: Path) -> None:
    for name in ("one.html", "other.html"):
        write(tmp_path / name, compared(labels), chosen(labels), MADE)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "other.html").read_bytes()
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["one.html", "other.html"]


def test_one_model_alone_and_one_of_which_the_start_is_not_there(labels: Labels) -> None:
    alone = Comparison(compared(labels).evaluations[:1])
    page = render(alone, replace(chosen(labels), seen=None, run=None, findings=()), MADE)
    assert Texts()("titleOne") in page
    assert Texts()("notAsked") in page
    assert Texts()("otherAlone", began=START) in page
    assert Texts()("againstNote") not in page


def test_the_table_of_the_terminal(labels: Labels) -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    for part in side_by_side(compared(labels)):
        console.print(part)
    lines = console.export_text().splitlines()
    assert lines[0].split() == ["aesthetic,", "95", "%", "SRCC", "PLCC", "MAE", "EMD", "Accuracy"]
    assert (lines[1].split()[0], lines[3].split()[0]) == ("shop", "nima-lite")
    assert max(map(len, lines[:5])) <= 80
    assert re.fullmatch(rf"{SHOP} compared with {START}:", lines[5].strip())
    assert re.fullmatch(r"  SRCC +better by \d\.\d\d \(95 %: \d\.\d\d to \d\.\d\d\)", lines[6].rstrip())


@pytest.mark.parametrize("width", [40, 60])
def test_no_number_is_cut_in_a_narrow_terminal(labels: Labels, width: int) -> None:
    found = compared(labels)
    console = Console(width=width, record=True, file=io.StringIO())
    for part in side_by_side(replace(found, falls=(dict.fromkeys(LADDERS, Fall(0.52, 0.31)),) * 2)):
        console.print(part)
    told = console.export_text()
    lines = told.splitlines()
    assert max(map(cell_len, lines)) <= width
    assert lines.count(SHOP) == lines.count(START) == 1
    for name in ("SRCC", "PLCC", "MAE", "EMD", "Accuracy"):
        assert len(re.findall(rf"^  {name} +[\d.]+  [−\d.]+…[\d.]+$", told, re.MULTILINE)) == 2
    assert told.count("52%") == 2 * len(LADDERS)


def test_what_programs_get_is_json_and_whole(labels: Labels) -> None:
    flat = compare("flat 1", "aesthetic", np.full((len(labels), 10), 0.1), labels)
    found = json.loads(json.dumps(Comparison((*compared(labels).evaluations, flat)).to_json(), allow_nan=False))
    assert found["reference"] == START
    assert found["models"][2]["srcc"] is None
    assert found["models"][2]["intervals"]["srcc"] == [None, None]
    assert found["models"][0]["better_than_reference"]["srcc"]["verdict"] == BETTER
    rows = pictures(compared(labels).evaluations)
    assert len(rows) == len(labels)
    assert rows[3]["rated"] == bells(np.linspace(3, 8, 24))[3].tolist()
    assert set(rows[3]["predicted"]) == {SHOP, START}


def test_every_finding_has_words() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "layers" / "nima" / "nima" / "training").rglob("*.py"))
    lost = {"missing_file", "ambiguous_file", "unreadable_file", "changed_file"}
    codes = {*re.findall(r'Finding\(\s*"(\w+)"', sources), *re.findall(r'\("(\w+_rater)", \w+, f?"', sources), *lost}
    assert {"constant_rater", "contrary_rater", "half_scale"} <= codes
    assert set(words(ENGLISH, WORDS)["findings"]) == codes
    assert set(words(ENGLISH, WORDS)["left_out"]) == {"train", "validation", "test", *lost}


def test_in_chinese_nothing_is_left_in_english(labels: Labels) -> None:
    page = render(compared(labels), chosen(labels), MADE, CHINESE).replace(escape(HOSTILE), "")
    assert english(page) == []


def test_in_chinese_no_finding_is_left_in_english(labels: Labels, tmp_path: Path) -> None:
    """Of ratings with all that is only warned of; pictures and raters are numbers, so every word is the report's."""
    for file in labels.files:
        shutil.copy(file, tmp_path)
    shutil.copy(labels.files[1], tmp_path / "copy.jpg")
    names = [file.name for file in labels.files]
    votes = [(name, rater, 1 + (number + rater) % 4) for rater in range(3) for number, name in enumerate(names)]
    votes += [(name, 90, 5) for name in names]
    votes += [(name, 91, 5 - score) for name, _, score in votes[: len(names)]]
    votes += [votes[0], (*votes[1][:2], 5), ("copy.jpg", 0, 3), ("99.jpg", 0, 3)]
    ratings = tmp_path / "votes.csv"
    ratings.write_text("image,rater,score\n" + "".join(f"{image},{who},{score}\n" for image, who, score in votes))
    told = of_file(Source(ratings, tmp_path, grouping="picture"), ALL)
    assert {found.code for found in told.findings} >= {
        *("repeated_line", "repeated_vote", "constant_rater", "contrary_rater", "missing_file", "few_pictures"),
        *("few_raters", "half_scale", "near_duplicates"),
    }
    assert english(render(compared(told.labels), told, MADE, CHINESE)) == []


def test_nor_one_of_a_run_that_an_earlier_release_began(tmp_path: Path) -> None:
    """Which kept pairs and votes with English words between names; a name may have those words too."""
    rows = [{"image": name, "side": "training"} for name in ("1.jpg", "2.jpg", "3 and 4.jpg", "5 by 6.jpg")]
    kept = {
        "near_duplicates": ["1.jpg and 2.jpg", "3 and 4.jpg and 5 by 6.jpg", "1.jpg ~ 3 and 4.jpg", "7.jpg and 8.jpg"],
        "repeated_vote": ["1.jpg by 9", "5 by 6.jpg by 9", "99.jpg by 9", "2.jpg (9)"],
        "missing_file": ["99.jpg"],
    }
    found = [{"code": code, "severity": WARNING, "message": "", "items": items} for code, items in kept.items()]
    document = {"folder": str(tmp_path), "grouping": "picture", "raters": 3, "pictures": rows, "findings": found}
    (tmp_path / DATA).write_text(json.dumps(document), encoding="utf-8")
    told = {one.code: one.items for one in recall(tmp_path, "test")[1]}
    assert told == {
        "near_duplicates": ("1.jpg ~ 2.jpg", "3 and 4.jpg ~ 5 by 6.jpg", "1.jpg ~ 3 and 4.jpg", "7.jpg and 8.jpg"),
        "repeated_vote": ("1.jpg (9)", "5 by 6.jpg (9)", "99.jpg (9)", "2.jpg (9)"),
        "missing_file": ("99.jpg",),
    }


def english(page: str) -> list[str]:
    """Words of a page that are no names."""
    text = re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", " ", page, flags=re.DOTALL))
    return re.findall(r"[A-Za-z]{2,}", re.sub(NAMES, " ", text))
