"""Ten label files that people make, each with what it becomes, or with the one message that says what to do."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from nima.errors import InvalidRequest
from nima.training.labels.labels import Labels, read
from nima.training.labels.text import read_text
from tests.training.test_training_labels import codes, photograph

NAMES = ("café 1", "café 2", "商品_1", "商品_2", "shoes/front", "shoes/back")
RATERS = ("Anna", "José", "张伟")
VOTES = [(f"{name}.png", rater, 1 + (index + len(rater)) % 10) for index, name in enumerate(NAMES) for rater in RATERS]
HEADER = ("image", "rater", "score")
Change = Callable[[str], str]


def table(rows: Iterable[Sequence[Any]], header: Sequence[str] = HEADER, separator: str = ",") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows([header, *rows])
    return file.getvalue()


def renamed(change: Change) -> str:
    return table([(change(image), rater, score) for image, rater, score in VOTES])


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pictures; the accent of one is decomposed on the disk, as macOS keeps it, that of the other is not."""
    folder = tmp_path_factory.mktemp("shop") / "pictures"
    for seed, name in enumerate(NAMES):
        form = unicodedata.normalize("NFD" if seed == 0 else "NFC", name)
        photograph(folder / f"{form}.png", seed)
    return folder


@pytest.fixture(scope="module")
def expected(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Labels:
    path = tmp_path_factory.mktemp("plain") / "votes.csv"
    path.write_text(table(VOTES), encoding="utf-8")
    labels, findings = read(path, pictures)
    assert len(labels) == len(NAMES)
    assert set(codes(findings)) == {"few_pictures", "few_raters"}
    return labels


def trained(path: Path, pictures: Path, *options: str | Path) -> str:
    """What ``nima train`` says of a label file that it refuses, after its first warnings; it makes nothing."""
    out = path.parent / "run"
    command = [sys.executable, "-m", "nima.cli", "train", path, pictures, "--out", out, *options]
    done = subprocess.run([*map(str, command)], check=False, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert not (out / "run.json").exists()
    return done.stderr


READ = {
    "semicolons and a mark, from Excel": table(VOTES, separator=";").encode("utf-8-sig"),
    "Excel's line that names the separator": ("sep=;\r\n" + table(VOTES, separator=";")).encode("utf-8-sig"),
    "Unicode Text of Excel: UTF-16 and tabs": table(VOTES, separator="\t").encode("utf-16"),
    "UTF-16 of a Mac": b"\xfe\xff" + table(VOTES).encode("utf-16-be"),
    "paths from here": renamed(lambda image: f"./{image}").encode(),
    "paths from above": renamed(lambda image: f"pictures/{image}").encode(),
    "the backslashes of Windows": renamed(lambda image: ".\\" + image.replace("/", "\\")).encode(),
    "a path of the machine of who rated": renamed(
        lambda image: "C:\\Users\\Anna\\Pictures\\" + image.replace("/", "\\")
    ).encode(),
    "composed accents": unicodedata.normalize("NFC", table(VOTES)).encode(),
    "decomposed accents": unicodedata.normalize("NFD", table(VOTES)).encode(),
    "lines that are empty, as a spreadsheet leaves them": (table(VOTES) + ",,\r\n\r\n,,\r\n").encode(),
}


@pytest.mark.parametrize("name", READ)
def test_what_says_the_same_is_read_as_the_same(name: str, pictures: Path, expected: Labels, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_bytes(READ[name])
    labels, findings = read(path, pictures)
    assert labels.files == expected.files
    assert labels.distributions.tolist() == expected.distributions.tolist()
    assert labels.raters == len(RATERS)
    assert set(codes(findings)) == {"few_pictures", "few_raters"}


def test_shares_with_the_commas_of_a_german_spreadsheet(pictures: Path, tmp_path: Path) -> None:
    rows = [(name, "0,25", "0,125", "0,625", *["0"] * 7) for name in NAMES]
    path = tmp_path / "shares.csv"
    path.write_text(table(rows, ("image", *map(str, range(1, 11))), ";"), encoding="utf-8-sig")
    labels, _ = read(path, pictures)
    assert labels.distributions[0].tolist() == [0.25, 0.125, 0.625, 0, 0, 0, 0, 0, 0, 0]
    path.write_text(table([(NAMES[0], "1,000", *["0"] * 9)], ("image", *map(str, range(1, 11))), ";"), encoding="utf-8")
    assert "score 1 must be a number, not '1,000'" in trained(path, pictures)


def test_gbk_is_not_guessed_and_read_where_it_is_named(pictures: Path, expected: Labels, tmp_path: Path) -> None:
    chinese = [vote for vote in VOTES if vote[0].isascii() or "商" in vote[0]]
    path = tmp_path / "votes.csv"
    path.write_bytes(table(chinese).encode("gb18030"))
    assert trained(path, pictures).strip() == (
        'Error: votes.csv is not UTF-8 text (line 2). Save it as "CSV UTF-8", as Excel calls it, or '
        "name its encoding, such as --encoding gb18030."
    )
    labels, _ = read(path, pictures, encoding="gb18030")
    assert labels.files == expected.files[2:]
    assert "no encoding that Python knows" in subprocess.run(
        [sys.executable, "-m", "nima.cli", "train", path, pictures, "--out", tmp_path / "run", "--encoding", "GKB"],
        check=False,
        capture_output=True,
        text=True,
    ).stderr.replace("\n", " ")


def test_utf_16_without_its_mark_is_told(pictures: Path, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_bytes(table([("shoes/front", "Anna", 5)]).encode("utf-16-le"))
    assert 'bytes of 0, as UTF-16 without its byte order mark does. Save it as "CSV UTF-8"' in trained(path, pictures)


def test_lines_that_are_there_twice_count_once_and_votes_that_differ_are_told(pictures: Path, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(table([*VOTES, VOTES[0], VOTES[1], (VOTES[3][0], VOTES[3][1], 9)]), encoding="utf-8")
    labels, findings = read(path, pictures)
    assert labels.votes.tolist() == [3] * len(NAMES)
    assert codes(findings)["repeated_line"] == ("café 1.png (Anna)", "café 1.png (José)")
    assert codes(findings)["repeated_vote"] == ("café 2.png (Anna)",)
    assert labels.distributions[1][9 - 1] == pytest.approx(1 / 3)


def test_pictures_that_are_not_there_are_named_before_any_is_decoded(pictures: Path, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    gone = [(f"gone {number:02d}.png", "Anna", 5) for number in range(12)]
    path.write_text(table([*VOTES, *gone]), encoding="utf-8")
    names = ", ".join(f"gone {number:02d}.png" for number in range(10))
    said = trained(path, pictures)
    assert said.splitlines()[-2:] == [
        "Error: These labels are refused.",
        f"refusal: missing_file: left out: 12 of 18 labels, without a picture file. ({names}, and 2 more)",
    ]
    assert f"All of them are in {tmp_path / 'run' / 'findings.csv'}." in said
    rows = list(csv.reader(io.StringIO(read_text(tmp_path / "run" / "findings.csv"))))
    assert [row[2] for row in rows if row[0] == "missing_file"] == [image for image, *_ in gone]


def test_every_line_that_is_wrong_is_told_at_once(pictures: Path, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    wrong = [("café 1.png", "a", 87), ("café 1.png", "", 5), ("café 1.png", "b", "good"), ("a,b.png", "c")]
    path.write_text(table([*VOTES, *wrong]) + "café 1.png,d,5,extra\r\n", encoding="utf-8")
    assert trained(path, pictures).strip() == (
        "Error: These labels are refused.\n"
        "refusal: bad_line: 5 of 23 lines of votes.csv cannot be read as ratings:\n"
        "  line 20: a score is a whole number from 1 to 10, not '87'.\n"
        "  line 21: rater is empty.\n"
        "  line 22: a score is a whole number from 1 to 10, not 'good'.\n"
        "  line 23: score is empty.\n"
        "  line 24: it has 1 more than the 3 cells of the first line; is a comma not quoted?"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "picture,rater,score\na.png,x,5\n",
            "votes.csv lacks a column image (or image_id, filename, file, key, id). Ten columns s1 to s10 may take the "
            "place of rater and score. Its first line, read as separated by commas, says: picture, rater, "
            "score.",
        ),
        (
            "image;points\na.png;5\n",
            "votes.csv lacks a column rater (or rater_id, user, user_id, worker); a column score (or rating, vote). "
            "Ten columns s1 to s10 may take the place of rater and score. Its first line, read as separated by "
            "semicolons, says: image, points.",
        ),
        ("image,rater,score,score\n", "votes.csv has more than one column score."),
    ],
)
def test_columns_that_are_missing_are_named_with_what_is_there(
    pictures: Path, tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(content, encoding="utf-8")
    assert trained(path, pictures).strip() == f"Error: {message}"


def test_a_picture_with_two_names_is_refused(pictures: Path, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(table([*VOTES, ("SHOES/FRONT.PNG", "Anna", 5), ("front", "Eva", 5)]), encoding="utf-8")
    assert (
        "refusal: named_twice: labels that name the same picture file in several ways. "
        "(shoes/front.png = SHOES/FRONT.PNG = front)"
    ) in trained(path, pictures)


CSV_VOTES = "image,rater,score\n"
TEN = ",".join(map(str, range(1, 11)))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("l.csv", CSV_VOTES + "a_0,x,5\na_1,x,11\n", "line 3: a score is a whole number from 1 to 10, not '11'"),
        ("l.csv", CSV_VOTES + "a_0,x,0\n", "line 2: a score"),
        ("l.csv", CSV_VOTES + "a_0,x,5.5\n", "line 2: a score"),
        ("l.csv", CSV_VOTES + "a_0,x,good\n", "line 2: a score is a whole number from 1 to 10, not 'good'"),
        ("l.csv", CSV_VOTES + "a_0,x\n", "line 2: score is empty"),
        ("l.csv", CSV_VOTES + ",x,5\n", "line 2: image is empty"),
        ("l.csv", CSV_VOTES + "a_0, ,5\n", "line 2: rater is empty"),
        ("l.csv", "picture,rater,score\n", "l.csv lacks a column image (or image_id,"),
        ("l.csv", "", "says: nothing"),
        ("l.csv", "image,score\na_0,5\n", "lacks a column rater (or rater_id,"),
        ("l.csv", f"image,{TEN}\na_0,{'0,' * 9}0\n", "line 2: the ten numbers must not be negative, and not all 0"),
        ("l.csv", f"image,{TEN}\na_0,{'1,' * 9}-1\n", "must not be negative"),
        ("l.csv", f"image,{TEN}\na_0,{'0.5,' * 9}0.5\n", "ten shares sum to 1; these sum to 5"),
        ("l.csv", f"image,{TEN}\na_0,{'1,' * 9}nan\n", "score 10 must be a number, not 'nan'"),
        ("l.csv", f"image,{TEN}\na_0,{'1,' * 9}1\na_0,{'1,' * 9}2\n", "line 3: a_0 is there twice"),
        ("l.csv", "image,rater,score,split\na_0,x,5,dev\n", "split is one of train, validation, test, not 'dev'"),
        ("l.csv", "image,rater,score,scene\na_0,x,5,s\na_0,y,5,t\n", "line 3: a_0 has another group"),
        ("l.csv", b"\xff\xfe\x00", "not UTF-16 text"),
        ("l.json", "[", "not a JSON file"),
        ("l.json", "[" * 100_000, "not a JSON file"),
        ("l.json", '{"image_id": 1}', "must be a list"),
        ("l.json", '[{"image_id": 1, "label": [1, 2, 3]}]', "entry 1: it needs image_id and label"),
        ("l.json", '[{"label": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}]', "entry 1: it needs image_id"),
        ("l.json", '[{"image_id": null, "label": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}]', "entry 1: image_id is empty"),
        ("l.json", '[{"image_id": 1, "label": [true, 1, 1, 1, 1, 1, 1, 1, 1, 1]}]', "score 1 must be a number"),
        ("l.json", '[{"image_id": 1, "label": [1e999, 1, 1, 1, 1, 1, 1, 1, 1, 1]}]', "score 1 must be a number"),
        ("l.xlsx", "", "a .csv or a .json file"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(
    pictures: Path, tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidRequest) as refused:
        read(path, pictures)
    assert message in refused.value.message
