"""What somebody has said of a picture by hand is read from wherever programs keep it."""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import replace
from hashlib import md5
from pathlib import Path

import pytest
from PIL import Image

from nima.desk.companions import by_shot
from nima.desk.hand import hand_of
from nima.desk.journal import Journal
from nima.desk.scan import Row
from nima.desk.tagging import Tagging, tag
from nima.desk.xmp.segments import extension_segments, segments, standard_segment
from nima.shoot.capture import Capture
from nima.shoot.frames import Frame, Hand
from nima.shoot.groups import Rules, group
from nima.shoot.picks import Quota, choose
from nima.shoot.ratings import Rating
from tests.pictures import encode, scene
from tests.shoots import frame, view
from tests.unit.test_catalogue import result
from tests.unit.test_decode import jpeg_header, png_header

PACKET = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:xmpDM="http://ns.adobe.com/xmp/1.0/DynamicMedia/" xmlns:digiKam="http://www.digikam.org/ns/1.0/"
 xmlns:acdsee="http://ns.acdsee.com/iptc/1.0/" xmlns:photomechanic="http://ns.camerabits.com/photomechanic/1.0/"
 xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/" xmlns:Spelt="http://ns.microsoft.com/photo/1.0" {}/>
</rdf:RDF></x:xmpmeta>"""

PERCENTS = {1: 1, 12: 1, 13: 2, 25: 2, 37: 2, 38: 3, 50: 3, 63: 4, 75: 4, 88: 5, 99: 5, 100: 5}
"""Stars by Windows' ranges; it writes 1, 25, 50, 75 and 99."""

SAID = [
    ('xmp:Rating="4"', Hand(stars=4)),
    ('xmp:Rating="0"', Hand()),
    ('xmp:Rating="-1"', Hand(kept=False)),
    ('xmp:Rating="99"', Hand()),
    ('xmp:Rating="many"', Hand()),
    ('xmp:Rating="1e999"', Hand()),
    ('xmp:Rating="4.0"', Hand(stars=4)),
    ('xmp:Rating="-1.0"', Hand(kept=False)),
    ('xmpDM:pick="1"', Hand(kept=True)),
    ('xmpDM:pick="-1"', Hand(kept=False)),
    ('xmpDM:pick="0"', Hand()),
    ('xmpDM:good="True"', Hand(kept=True)),
    ('xmpDM:good="false"', Hand(kept=False)),
    ('digiKam:PickLabel="3"', Hand(kept=True)),
    ('digiKam:PickLabel="1"', Hand(kept=False)),
    ('digiKam:PickLabel="2"', Hand()),
    ('xmp:Rating="2" xmpDM:pick="1"', Hand(stars=2, kept=True)),
    *((f'MicrosoftPhoto:Rating="{percent}"', Hand(stars=stars)) for percent, stars in PERCENTS.items()),
    ('Spelt:Rating="75"', Hand(stars=4)),
    ('MicrosoftPhoto:Rating="0"', Hand()),
    ('MicrosoftPhoto:Rating="101"', Hand()),
    ('MicrosoftPhoto:Rating="nan"', Hand()),
    ('MicrosoftPhoto:Rating="many"', Hand()),
    ('xmp:RatingPercent="99"', Hand(stars=5)),
    ('acdsee:rating="3"', Hand(stars=3)),
    ('acdsee:rating="0"', Hand()),
    ('acdsee:rating="2" MicrosoftPhoto:Rating="99"', Hand(stars=2)),
    ('xmp:Rating="1" acdsee:rating="4" MicrosoftPhoto:Rating="99"', Hand(stars=1)),
    ('xmp:Rating="0" MicrosoftPhoto:Rating="50"', Hand(stars=3)),
    ('xmp:Rating="-1" MicrosoftPhoto:Rating="99"', Hand(kept=False)),
    ('acdsee:tagged="True"', Hand(kept=True)),
    ('acdsee:tagged="False"', Hand()),
    ('photomechanic:Tagged="true"', Hand(kept=True)),
    ('xmpDM:pick="-1" acdsee:tagged="True"', Hand(kept=False)),
]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_1.jpg"
    path.write_bytes(encode(scene(64, 48), "JPEG"))
    return path


def in_jpeg(*packets: str, behind: bytes = b"") -> bytes:
    """A picture with packets, each in a segment of its own."""
    data = encode(scene(64, 48), "JPEG")
    after = segments(data)[0].end
    return data[:after] + b"".join(standard_segment(one.encode()) for one in packets) + behind + data[after:]


def row(path: Path) -> Row:
    return Row(path, path.name, result(path.name, 5, 5), Capture(), by_shot([path])[path])


@pytest.mark.parametrize("name", ["IMG_1.nef", "IMG_1.xmp", "IMG_1.jpg"])
def test_what_is_no_file_is_not_waited_for_and_may_say_anything(photo: Path, name: str) -> None:
    one = row(photo)
    path = photo.with_name(name)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert hand_of(replace(one, companions=(path,))).unreadable
    ratings = [(replace(one, companions=(path,)), Rating(3, 50.0, 0, None, ()))]
    (told,) = tag(ratings, Tagging(embed=True), None)
    assert told.error
    assert "no ordinary file" in told.error.message


@pytest.mark.parametrize(("said", "hand"), SAID)
@pytest.mark.parametrize("name", ["IMG_1.xmp", "IMG_1.jpg.xmp", None], ids=["Adobe's", "darktable's", "embedded"])
def test_stars_and_flags_are_read(photo: Path, name: str | None, said: str, hand: Hand) -> None:
    packet = PACKET.format(said).encode()
    if name:
        photo.with_name(name).write_bytes(packet)
    else:
        photo.write_bytes(encode(scene(64, 48), "JPEG", xmp=packet))
    assert hand_of(row(photo)) == hand


def test_what_this_program_wrote_is_not_said_by_hand(photo: Path) -> None:
    rating = Rating(5, 99.0, 1, "Green", ("pick",))
    with Journal("tag", photo.parent / "runs") as journal:
        assert not [one.error for one in tag([(row(photo), rating)], Tagging(label=True), journal) if one.error]
    sidecar = photo.with_suffix(".xmp")
    assert b"Rating" in sidecar.read_bytes()
    assert hand_of(row(photo)) == Hand()
    sidecar.write_bytes(sidecar.read_bytes().replace(b'xmp:Rating="5"', b'xmp:Rating="1"'))
    assert hand_of(row(photo)) == Hand(stars=1), "it was changed by hand since"


@pytest.mark.parametrize(
    ("tags", "stars"),
    [
        ({0x4746: 3}, 3),
        ({0x4749: 75}, 4),
        ({0x4746: 0, 0x4749: 99}, 5),
        ({0x4746: 2, 0x4749: 99}, 2),
        ({0x4746: 9, 0x4749: 1}, 1),
        ({0x4746: 0, 0x4749: 0}, None),
        ({0x4749: 1000}, None),
    ],
)
@pytest.mark.parametrize("format", ["JPEG", "TIFF", "PNG", "WEBP"])
def test_stars_by_exif_are_read(tmp_path: Path, tags: dict[int, int], stars: int | None, format: str) -> None:
    exif = Image.Exif()
    exif.update(tags)
    path = tmp_path / f"a.{format.lower()}"
    path.write_bytes(encode(scene(64, 48), format, exif=exif))
    assert hand_of(row(path)) == Hand(stars=stars)


@pytest.mark.parametrize(("first", "second", "hand"), [("", 5, Hand(stars=5)), ('xmp:Rating="2"', 5, Hand(stars=2))])
def test_a_second_packet_of_a_jpeg_is_read_after_the_first(photo: Path, first: str, second: int, hand: Hand) -> None:
    photo.write_bytes(in_jpeg(PACKET.format(first), "no XMP", PACKET.format(f'xmp:Rating="{second}"')))
    assert hand_of(row(photo)) == hand


def test_stars_in_the_extension_of_a_packet_are_read(photo: Path) -> None:
    extended = PACKET.format('MicrosoftPhoto:Rating="75"').encode()
    guid = md5(extended).hexdigest().upper()
    named = PACKET.format(f'xmlns:note="http://ns.adobe.com/xmp/note/" note:HasExtendedXMP="{guid}"')
    photo.write_bytes(in_jpeg(named, behind=extension_segments(extended)))
    assert hand_of(row(photo)) == Hand(stars=4)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_packet_behind_the_pixels_of_a_png_is_read(tmp_path: Path, compressed: bool) -> None:
    packet = PACKET.format('xmp:Rating="4"').encode()
    text = b"XML:com.adobe.xmp\0" + bytes((compressed, 0)) + b"\0\0" + (zlib.compress(packet) if compressed else packet)
    chunk = b"iTXt" + text
    data, end = encode(scene(64, 48)), 12
    damaged = struct.pack(">I", 22) + b"iTXtXML:com.adobe.xmp\0\1\0\0\0" + bytes(4)
    chunks = damaged + struct.pack(">I", len(text)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    (tmp_path / "a.png").write_bytes(data[:-end] + chunks + data[-end:])
    assert hand_of(row(tmp_path / "a.png")) == Hand(stars=4)


def test_a_sidecar_that_cannot_be_read_may_have_said_anything(photo: Path) -> None:
    photo.with_suffix(".xmp").write_text("<x:xmpmeta")
    assert hand_of(row(photo)) == Hand(unreadable=True)
    frames: list[Frame] = [frame("good", view(), 0, score=7), frame("weak", view(), 0.3, score=3)]
    frames[1] = replace(frames[1], hand=hand_of(row(photo)))
    weak = choose(group(frames, Rules()), Quota())[1]
    assert (weak.verdict, weak.reasons[0].code) == ("alternate", "hand_unreadable")


def test_what_is_said_in_a_gif_and_in_the_jpeg_of_a_fujifilm_is_read(tmp_path: Path) -> None:
    packet = PACKET.format('xmp:Rating="4" xmpDM:pick="1"').encode()
    gif = encode(scene(64, 48), "GIF")
    extension = b"\x21\xff\x0bXMP DataXMP" + packet + b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
    jpeg = encode(scene(64, 48), "JPEG", xmp=packet)
    raf = (b"FUJIFILMCCD-RAW 0201FF159502X-T3".ljust(84, b"\0") + struct.pack(">II", 160, len(jpeg))).ljust(
        160, b"\0"
    ) + jpeg
    for name, data in (("a.gif", gif[:-1] + extension + b";"), ("b.RAF", raf)):
        (tmp_path / name).write_bytes(data)
        assert hand_of(row(tmp_path / name)) == Hand(stars=4, kept=True)
    (tmp_path / "c.raf").write_bytes(raf[:87])
    assert hand_of(row(tmp_path / "c.raf")) == Hand()


def test_a_file_beside_a_picture_that_would_be_a_vast_one_says_nothing(photo: Path) -> None:
    photo.with_suffix(".nef").write_bytes(jpeg_header(60_000, 60_000))
    photo.with_suffix(".dng").write_bytes(png_header(60_000, 60_000))
    for name in ("IMG_1.nef", "IMG_1.dng"):
        one = replace(row(photo), companions=(photo.with_name(name),))
        assert hand_of(one) == Hand()
        (told,) = tag([(one, Rating(3, 50.0, 0, None, ()))], Tagging(), None)
        assert told.error is None
