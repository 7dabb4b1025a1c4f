"""XMP inside JPEG files: pixels, other segments and what lies behind them stay as they are."""

from __future__ import annotations

import io
import struct
from hashlib import md5

import pytest
from PIL import Image

from nima.desk.xmp import segments
from nima.desk.xmp.jpeg import Jpeg
from nima.desk.xmp.properties import EXTENDED, RATING, RDF, SUBJECT
from nima.desk.xmp.segments import EXTENSION, MAX_PACKET, STANDARD, Segment
from nima.desk.xmp.splice import Changes, Items
from nima.errors import UnreadableMetadata
from tests.pictures import encode, scene

CHANGES: Changes = {RATING: "4", SUBJECT: Items(("NIMA", "pick"))}


def segment(code: int, data: bytes) -> bytes:
    return b"\xff" + bytes([code]) + (len(data) + 2).to_bytes(2, "big") + data


def mpf(offset: int, order: str = "<") -> bytes:
    """A list of two pictures, as cameras write it: the second one lies at this offset from the list's own header."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(f"{order}IIIHH", 0x20030000, 900, 0, 0, 0) + struct.pack(f"{order}IIIHH", 0, 9, offset, 0, 0)
    ifd = struct.pack(f"{order}H", 1) + struct.pack(f"{order}HHII", 0xB002, 7, len(entries), 26) + bytes(4)
    return b"MPF\0" + mark + struct.pack(f"{order}I", 8) + ifd + entries


def packet(body: str = "", padding: int = 0) -> bytes:
    head = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="" '
    head += 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
    end = "</rdf:Description></rdf:RDF></x:xmpmeta>"
    return f'<?xpacket begin="" id="W"?>{head}{body}{end}{" " * padding}<?xpacket end="w"?>'.encode()


def jpeg(*parts: bytes, tail: bytes = b"") -> bytes:
    """A picture with EXIF and other segments, these before the tables, and more behind its end."""
    exif = Image.Exif()
    exif[0x010E] = "a description"
    data = encode(scene(64, 48), "JPEG", exif=exif, comment=b"a comment", icc_profile=b"a profile")
    after = next(one.end for one in segments.segments(data) if one.holds(0xE1, b"Exif"))
    return data[:after] + b"".join(parts) + data[after:] + tail


def others(data: bytes) -> list[bytes]:
    """Every segment but those of XMP, and what follows them."""
    found = segments.segments(data)
    kept = [one for one in found if not (one.holds(0xE1, STANDARD) or one.holds(0xE1, EXTENSION))]
    return [*(data[one.start : one.end] for one in kept), data[found[-1].end :]]


def said(data: bytes) -> tuple[str | None, tuple[str, ...]]:
    one = Jpeg.of(data)
    return one.value(RATING.key), one.items(SUBJECT.key)


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return image.tobytes()


@pytest.mark.parametrize(
    "data",
    [
        jpeg(),
        jpeg(tail=b"a movie behind the picture"),
        jpeg(segment(0xE1, STANDARD + packet())),
        jpeg(segment(0xED, b"Photoshop 3.0\0"), segment(0xE1, STANDARD + packet("<dc:subject/>", 3000))),
        encode(scene(64, 48), "JPEG"),
        jpeg(segment(0xE1, STANDARD + packet(padding=99)), segment(0xE2, mpf(1234))),
        jpeg(b"\xff\xff" + segment(0xE1, STANDARD + packet("<xmp:Rating>1</xmp:Rating>") + b"\0")),
    ],
)
def test_only_the_xmp_segment_changes(data: bytes) -> None:
    after = Jpeg.of(data).changed(CHANGES)
    assert said(after) == ("4", ("NIMA", "pick"))
    assert others(after) == others(data)
    assert pixels(after) == pixels(data)
    with Image.open(io.BytesIO(after)) as image:
        assert b"NIMA" in image.info["xmp"]
    assert len([one for one in segments.segments(after) if one.holds(0xE1, STANDARD)]) == 1


def test_a_new_segment_stands_behind_jfif_and_exif_and_before_a_list_of_pictures() -> None:
    kinds = [bytes(one.data[:4]) for one in segments.segments(Jpeg.of(jpeg()).changed(CHANGES))]
    assert kinds[:3] == [b"JFIF", b"Exif", b"http"]
    data = encode(scene(64, 48), "JPEG")
    listed = data[:2] + segment(0xE2, mpf(1234)) + data[2:]
    assert Jpeg.of(listed).changed(CHANGES)[6:10] == b"http"


@pytest.mark.parametrize("order", ["<", ">"])
def test_pictures_behind_the_first_are_found_where_a_packet_behind_their_list_grows(order: str) -> None:
    second = encode(scene(16, 16), "JPEG")
    for _ in range(2):  # the list first, to know how long all of it is
        data = jpeg(segment(0xE2, mpf(0, order)), segment(0xE1, STANDARD + packet()))
        (listed,) = (one for one in segments.segments(data) if one.holds(0xE2, b"MPF"))
        offset = len(data) - (listed.start + 8)
        data = jpeg(segment(0xE2, mpf(offset, order)), segment(0xE1, STANDARD + packet()), tail=second)
    after = Jpeg.of(data).changed(CHANGES)
    (listed,) = (one for one in segments.segments(after) if one.holds(0xE2, b"MPF"))
    (offset,) = struct.unpack_from(f"{order}I", listed.data, 4 + 26 + 16 + 8)
    assert after[listed.start + 8 + offset :] == second
    assert after.endswith(second)


def test_what_stands_between_segments_stays_there() -> None:
    exif, junk = segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"), bytes(4)
    data = jpeg(junk, segment(0xE1, STANDARD + packet()), b"\xff\x00 \xff\xff", exif, bytes(2))
    after = Jpeg.of(data).changed(CHANGES)
    assert said(after) == ("4", ("NIMA", "pick"))
    start = data.index(STANDARD) - 4
    end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
    assert (after[:start], after[len(after) - len(data) + end :]) == (data[:start], data[end:])
    assert pixels(after) == pixels(data)


def extended(data: bytes) -> bytes:
    """What all segments of the extension hold, checked as the standard wants them."""
    whole, name = b"", Jpeg.of(data).value(EXTENDED.key)
    for one in segments.segments(data):
        if one.holds(0xE1, EXTENSION):
            guid, length, offset = struct.unpack_from(">32sII", one.data, len(EXTENSION))
            assert (guid.decode(), offset) == (name, len(whole))
            whole += one.data[len(EXTENSION) + 40 :]
            assert len(one.data) <= 65533
    assert len(whole) == length
    assert md5(whole).hexdigest().upper() == name
    return whole


def test_padding_gives_way_before_anything_else() -> None:
    base = packet(padding=0)
    data = jpeg(segment(0xE1, STANDARD + packet(padding=MAX_PACKET - len(base))))
    after = Jpeg.of(data).changed(CHANGES)
    assert said(after) == ("4", ("NIMA", "pick"))
    assert not Jpeg.of(after).chunks


def test_a_packet_that_outgrows_its_segment_goes_on_in_an_extension() -> None:
    room = MAX_PACKET - len(packet("<xmp:Label></xmp:Label>"))
    data = jpeg(segment(0xE1, STANDARD + packet(f"<xmp:Label>{'x' * room}</xmp:Label>")))
    after = Jpeg.of(data).changed(CHANGES)
    assert said(after) == ("4", ("NIMA", "pick"))
    assert b"x" * room in extended(after)
    assert others(after) == others(data)


def test_an_extension_is_read_and_stays_where_nothing_in_it_changes() -> None:
    many = Items(tuple(f"keyword {number}" for number in range(5000)))
    data = Jpeg.of(jpeg()).changed({**CHANGES, SUBJECT: many})
    whole = extended(data)
    assert said(data) == ("4", many.add)
    rated = Jpeg.of(data).changed({RATING: "2"})
    assert said(rated) == ("2", many.add)
    assert extended(rated) == whole
    more = Jpeg.of(rated).changed({SUBJECT: Items(("NIMA",), ("keyword 5",))})
    assert said(more)[1] == tuple(word for word in (*many.add, "NIMA") if word != "keyword 5")
    assert extended(more) != whole
    assert others(more) == others(jpeg())
    assert pixels(more) == pixels(jpeg())


def test_more_than_fits_goes_into_the_extension_that_there_is() -> None:
    first = Jpeg.of(jpeg()).changed({SUBJECT: Items(tuple(f"keyword {number}" for number in range(5000)))})
    (standard,) = (one for one in segments.segments(first) if one.holds(0xE1, STANDARD))
    begin = '<rdf:Description rdf:about="" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"><photoshop:Headline>'
    end = "</photoshop:Headline></rdf:Description></rdf:RDF>"
    room = MAX_PACKET - (len(standard.data) - len(STANDARD)) - len(begin) - len(end) + len("</rdf:RDF>")
    grown = standard.data.replace(b"</rdf:RDF>", f"{begin}{'x' * room}{end}".encode())
    data = first[: standard.start] + segment(0xE1, grown) + first[standard.end :]
    filled = Jpeg.of(data).changed({RATING: "1"})
    assert said(filled) == ("1", said(first)[1])
    assert extended(filled) != extended(first)
    assert b"<photoshop:Headline>" + b"x" * room in extended(filled)
    assert others(filled) == others(first)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no JPEG"),
        (encode(scene(32, 32), "PNG"), "no JPEG"),
        (jpeg()[:40], "damaged before its pixels"),
        (jpeg(segment(0xE1, STANDARD + b"no XMP")), "damaged"),
        (jpeg(segment(0xE1, STANDARD + b"<!DOCTYPE x>" + packet()[27:])), "document type"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(UnreadableMetadata, match=says):
        Jpeg.of(data).changed(CHANGES)


def test_a_packet_that_fills_its_segment_with_what_cannot_move_is_refused() -> None:
    full = packet("<!--" + "x" * (MAX_PACKET - len(packet()) - 7) + "-->")
    with pytest.raises(UnreadableMetadata, match="no room"):
        Jpeg.of(jpeg(segment(0xE1, STANDARD + full))).changed(CHANGES)


def test_segments_are_told_by_code_and_mark() -> None:
    assert Segment(0xE1, 0, 9, EXTENSION).holds(0xE1, EXTENSION)
    assert not Segment(0xE2, 0, 9, EXTENSION).holds(0xE1, EXTENSION)
