"""Photographers' programs read what `nima tag` writes: exiftool, darktable and digiKam, each where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from nima.cli.tag import command
from nima.desk import runs
from nima.desk.xmp.document import parse
from nima.desk.xmp.jpeg import Jpeg
from nima.desk.xmp.judgement import Said
from nima.desk.xmp.properties import (
    COLOR_LABEL,
    HIERARCHY,
    LABEL,
    PICK,
    PICK_LABEL,
    RATING,
    RIGHTS,
    SUBJECT,
    TITLE,
)
from nima.desk.xmp.splice import Items
from tests.dng import dng
from tests.pictures import encode, scene

PATIENCE = 180
"""Seconds that digiKam may take; on a machine with nothing else to do it takes ten."""

WAYS = ("adobe", "darktable", "embedded")
# darktable's colours by number, and digiKam's labels by name.
DARKTABLE_COLOURS = ("Red", "Yellow", "Green", "Blue", "Purple")
DIGIKAM_COLOURS = {"1": "Red", "3": "Yellow", "4": "Green", "5": "Blue", "6": "Magenta"}
DIGIKAM_FLAGS = {"0": "None", "1": "Rejected", "3": "Accepted"}


def needed(*programs: str) -> None:
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")


@pytest.fixture(scope="module")
def shoot(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Path]:
    """A folder for each way that tags go, with pictures of its own, as digiKam has equal ones share their labels."""
    place = tmp_path_factory.mktemp("shoot")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "default_folder", lambda: place / "runs")
        for seed, way in enumerate(WAYS):
            folder = place / way
            folder.mkdir()
            for number in range(4):
                blurred = scene(320, 240, seed=10 * seed + number).reduce(1 + 2 * number).resize((320, 240))
                (folder / f"{number}.jpg").write_bytes(encode(blurred, "JPEG"))
            bad = Image.new("RGB", (320, 240), "white")
            bad.paste(scene(60, 40, seed=seed), (20, 20))
            (folder / "bad.jpg").write_bytes(encode(bad, "JPEG", quality=3))
            (folder / "raw.dng").write_bytes(dng(scene(320, 240, seed=10 * seed + 9)))
            how = ("--embed", "jpeg", "--sidecar", "darktable") if way == "embedded" else ("--sidecar", way)
            done = CliRunner().invoke(
                command, [str(folder), "--no-cache", "--models", str(model_folder.parent), "--label", "--rejects", *how]
            )
            assert done.exit_code == 0, done.output
            if way == "embedded":
                for path in folder.glob("*.jpg.xmp"):
                    path.unlink()
        yield place


def pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".dng"))


def said(picture: Path) -> Said:
    beside = [picture.with_suffix(".xmp"), picture.with_name(picture.name + ".xmp")]
    found = [path for path in beside if path.exists()]
    return parse(found[0].read_bytes()) if found else Jpeg.of(picture.read_bytes())


def test_the_shoot_has_every_kind_of_rating(shoot: Path) -> None:
    found = [said(picture) for way in WAYS for picture in pictures(shoot / way)]
    assert len({one.value(RATING.key) for one in found}) > 3
    assert {one.value(PICK.key) for one in found} == {"1", "0", "-1"}
    assert {one.value(LABEL.key) for one in found} > {"Red", "Green"}


@pytest.mark.parametrize("way", WAYS)
def test_exiftool_reads_them(shoot: Path, way: str) -> None:
    needed("exiftool")
    for picture in pictures(shoot / way):
        beside = [path for path in (shoot / way).glob("*.xmp") if path.name.startswith(picture.stem)]
        target = beside[0] if beside else picture
        done = subprocess.run(
            ["exiftool", "-j", "-n", "-struct", "-validate", "-warning", "-a", "-G1", "-XMP:all", str(target)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        (found,) = json.loads(done.stdout)
        one = said(picture)
        assert not any("XMP" in str(value) for key, value in found.items() if key.endswith("Warning")), found
        assert str(found["XMP-xmp:Rating"]) == one.value(RATING.key)
        assert found.get("XMP-xmp:Label") == one.value(LABEL.key)
        assert str(found["XMP-xmpDM:Pick"]) == one.value(PICK.key)
        assert str(found["XMP-digiKam:PickLabel"]) == one.value(PICK_LABEL.key)
        for name, prop in (("XMP-dc:Subject", SUBJECT), ("XMP-lr:HierarchicalSubject", HIERARCHY)):
            words = found.get(name, [])
            assert tuple(words if isinstance(words, list) else [words]) == one.items(prop.key)


def test_what_exiftool_wrote_as_windows_and_acdsee_do_stays_and_gives_way_as_a_whole(
    tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed("exiftool")
    monkeypatch.setattr(runs, "default_folder", lambda: tmp_path / "runs")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encode(scene(320, 240), "JPEG"))
    given = ["-XMP-microsoft:RatingPercent=25", "-XMP-acdsee:Rating=2", "-XMP-acdsee:Tagged=True"]
    subprocess.run(["exiftool", "-q", "-overwrite_original", *given, str(photo)], check=True)
    before = photo.read_bytes()
    usual = [str(photo), "--no-cache", "--models", str(model_folder.parent), "--embed", "jpeg", "--stars", "score"]
    assert "1 picture keeps what was set by hand" in CliRunner().invoke(command, usual).output
    assert CliRunner().invoke(command, [*usual, "--overwrite"]).exit_code == 0
    read = ["exiftool", "-j", "-n", "-a", "-G1", "-XMP:all", str(photo)]
    (found,) = json.loads(subprocess.run(read, check=True, capture_output=True, text=True).stdout)
    stars = found["XMP-xmp:Rating"]
    assert found["XMP-acdsee:Rating"] == stars
    assert found["XMP-microsoft:RatingPercent"] == {1: 1, 2: 25, 3: 50, 4: 75, 5: 99}[stars]
    assert (str(found["XMP-acdsee:Tagged"]).lower() == "true") == (found["XMP-xmpDM:Pick"] == 1)
    for _ in range(2):
        CliRunner().invoke(command, ["--undo"])
    assert photo.read_bytes() == before


def test_exiftool_reads_extended_xmp(shoot: Path, tmp_path: Path) -> None:
    needed("exiftool")
    words = Items(tuple(f"keyword {number}" for number in range(9000)))
    copy = tmp_path / "large.jpg"
    copy.write_bytes(Jpeg.of((shoot / "embedded" / "0.jpg").read_bytes()).changed({SUBJECT: words, RATING: "2"}))
    done = subprocess.run(
        ["exiftool", "-m", "-j", "-n", "-XMP:Subject", "-XMP:Rating", "-warning", str(copy)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    (found,) = json.loads(done.stdout)
    assert found["Subject"][-9000:] == list(words.add)
    assert found["Rating"] == 2
    assert "Warning" not in found


@pytest.mark.parametrize("way", WAYS)
def test_darktable_reads_them(shoot: Path, way: str, tmp_path: Path) -> None:
    needed("darktable-cli")
    library = tmp_path / "library.db"
    for number, picture in enumerate(pictures(shoot / way)):
        out = tmp_path / f"{number}.jpg"
        core = ("--configdir", str(tmp_path / "config"), "--library", str(library), "--disable-opencl")
        copied = tmp_path / way
        shutil.copytree(shoot / way, copied, dirs_exist_ok=True)  # as it writes sidecars of its own
        typed = ["darktable-cli", str(copied / picture.name), str(out), "--width", "100", "--core", *core]
        subprocess.run(typed, check=True, capture_output=True, env={**os.environ, "HOME": str(tmp_path)}, timeout=120)
    with closing(sqlite3.connect(library)) as database:
        rows = database.execute("select id, filename, flags & 7, (flags >> 3) & 1 from images").fetchall()
        colours = dict(database.execute("select imgid, color from color_labels").fetchall())
    assert sorted(name for _, name, _, _ in rows) == [picture.name for picture in pictures(shoot / way)]
    for number, name, stars, rejected in rows:
        one = said(shoot / way / name)
        if way == "adobe" and one.value(RATING.key) == "-1":
            continue  # its reader of Lightroom's sidecars knows no rejection, and takes -1 for 2 stars
        assert rejected == (one.value(RATING.key) == "-1")
        assert rejected or str(stars) == one.value(RATING.key)
        label = one.value(LABEL.key)
        assert colours.get(number) == (DARKTABLE_COLOURS.index(label) if label else None)


def test_darktable_still_shows_what_people_said_of_a_picture(tmp_path: Path, model_folder: Path) -> None:
    needed("darktable-cli")
    folder = tmp_path / "shoot"
    folder.mkdir()
    told = {TITLE: Items(("Wannsee",)), RIGHTS: Items(("A. Nobody",)), SUBJECT: Items(("Berlin", "beach"))}
    jpeg = Jpeg.of(encode(scene(320, 240), "JPEG")).changed(told)
    (folder / "0.jpg").write_bytes(jpeg)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "default_folder", lambda: tmp_path / "runs")
        usual = ["--no-cache", "--models", str(model_folder.parent)]
        assert CliRunner().invoke(command, [str(folder), *usual]).exit_code == 0
    config, library = tmp_path / "config", tmp_path / "library.db"
    core = ("--configdir", str(config), "--library", str(library), "--disable-opencl")
    typed = ["darktable-cli", str(folder / "0.jpg"), str(tmp_path / "out.jpg"), "--width", "100", "--core", *core]
    subprocess.run(typed, check=True, capture_output=True, env={**os.environ, "HOME": str(tmp_path)}, timeout=120)
    with closing(sqlite3.connect(library)) as database:
        assert {value for (value,) in database.execute("select value from meta_data")} == {"Wannsee", "A. Nobody"}
        tags = {number for (number,) in database.execute("select tagid from tagged_images")}
    with closing(sqlite3.connect(config / "data.db")) as database:
        named = {name for number, name in database.execute("select id, name from tags") if number in tags}
    assert named >= {"Berlin", "beach"}


CONFIGURATION = """
    [Album Settings]
    Scan At Start=true

    [Database Settings]
    Database Name={home}/db/
    Database Name Face={home}/db/
    Database Name Similarity={home}/db/
    Database Name Thumbnails={home}/db/
    Database Type=QSQLITE
    Internal Database Server=false

    [General Settings]
    First Run=false
    Version=7.9.0

    [Metadata Settings]
    Use Compatible File Name=true
    Use XMP Sidecar For Reading=true
    Use XMP Sidecar For Reading Compatible=true
"""


def digikam(home: Path, done: Callable[[], bool]) -> None:
    """Runs it without a screen until something is so, as it does not end by itself."""
    runtime = home / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    own = {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "QT_QPA_PLATFORM": "xcb"}
    own |= {"XDG_CONFIG_HOME": str(home / ".config"), "XDG_CACHE_HOME": str(home / ".cache")}
    web = {"QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox", "QTWEBENGINE_DISABLE_SANDBOX": "1"}
    typed = ["xvfb-run", "-a", "digikam", "--database-directory", str(home / "db")]
    silence = subprocess.DEVNULL
    running = subprocess.Popen(
        typed, env={**os.environ, **own, **web}, start_new_session=True, stdout=silence, stderr=silence
    )
    try:
        until = time.monotonic() + PATIENCE
        while running.poll() is None and time.monotonic() < until and not done():
            time.sleep(0.5)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGTERM)
        running.wait()
    assert done(), f"digiKam ended with {running.returncode}, or has not done it after {PATIENCE} s"


def asked(database: Path, question: str) -> list[tuple[Any, ...]]:
    """What digiKam's tables answer; nothing as long as it makes them or writes into them."""
    if not database.exists():
        return []
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as tables:
            return tables.execute(question).fetchall()
    except sqlite3.OperationalError:
        return []


def test_digikam_reads_them(shoot: Path, tmp_path: Path) -> None:
    needed("digikam", "xvfb-run")
    (tmp_path / ".config").mkdir()
    (tmp_path / "db").mkdir()
    (tmp_path / ".config" / "digikamrc").write_text(dedent(CONFIGURATION.format(home=tmp_path)))
    database = tmp_path / "db" / "digikam4.db"
    digikam(tmp_path, lambda: bool(asked(database, "select value from Settings where keyword = 'DBVersion'")))
    with closing(sqlite3.connect(database)) as tables, tables:
        for way in WAYS:
            place = (way, f"volumeid:?path={shoot / way}")
            tables.execute(
                "insert into AlbumRoots (label, status, type, identifier, specificPath) values (?, 0, 1, ?, '/')", place
            )

    def wrong() -> list[tuple[Any, ...]]:
        return [row for row in asked(database, _SHOWN) if not is_as_said(shoot, *row)]

    digikam(tmp_path, lambda: len(asked(database, _SHOWN)) == 3 * 6 and not wrong())
    assert wrong() == []


_SHOWN = """
    select r.label, i.name, ii.rating, (
        select group_concat(t.name) from ImageTags it join Tags t on t.id = it.tagid where it.imageid = i.id
    )
    from Images i join Albums a on a.id = i.album join AlbumRoots r on r.id = a.albumRoot
    join ImageInformation ii on ii.imageid = i.id
"""


def is_as_said(shoot: Path, way: str, name: str, stars: int | None, tags: str | None) -> bool:
    """Whether digiKam shows of a picture what was written of it."""
    one, found = said(shoot / way / name), set((tags or "").split(","))
    rating, color = one.value(RATING.key), one.value(COLOR_LABEL.key)
    return (
        (stars == int(rating or 0) or (rating == "-1" and stars in (-1, 0)))
        and f"Pick Label {DIGIKAM_FLAGS[one.value(PICK_LABEL.key) or '0']}" in found
        and (not color or f"Color Label {DIGIKAM_COLOURS[color]}" in found)
        and found >= {path.rpartition("|")[2] for path in one.items(HIERARCHY.key)}
    )
