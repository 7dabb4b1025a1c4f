"""Changing XMP in place: every other byte stays, whoever wrote the packet and in whatever form."""

from __future__ import annotations

import codecs
import os
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nima.desk.xmp.document import MAX_BYTES, Attribute, Document, parse
from nima.desk.xmp.packet import new_packet
from nima.desk.xmp.properties import (
    COLOR_LABEL,
    HIERARCHY,
    LABEL,
    PICK,
    RATING,
    RDF,
    SIMPLE,
    SUBJECT,
    Property,
    record,
)
from nima.desk.xmp.splice import Change, Items, cuts, splice
from nima.errors import UnreadableMetadata

LIGHTROOM = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <rdf:RDF xmlns:rdf="{RDF}">
  <!-- a comment -->
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmp:Rating="2"
   crs:Temperature = '6050'
   crs:Note="a &gt; b &quot;Rating=&quot;5&quot;">
   <dc:subject>
    <rdf:Bag>
     <rdf:li>Reise</rdf:li>
     <rdf:li>Bär &amp; See</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <crs:ToneCurve>
    <rdf:Seq>
     <rdf:li>0, 0</rdf:li>
    </rdf:Seq>
   </crs:ToneCurve>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""

ELEMENTS = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xapmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">
<rdf:Description rdf:about="uuid:1" xmlns:xap="http://ns.adobe.com/xap/1.0/"><xap:Rating>2</xap:Rating
><xap:Label/></rdf:Description>
<rdf:Description rdf:about="uuid:1" xmlns:k="http://purl.org/dc/elements/1.1/"><k:subject><rdf:Bag/></k:subject>
</rdf:Description>
</rdf:RDF></x:xapmeta>
{" " * 200}
<?xpacket end="r"?>"""

BARE = f'<RDF xmlns="{RDF}"/>'
EMPTY = f'<r:RDF xmlns:r="{RDF}"><r:Description about="x"/></r:RDF>'
OTHER_PREFIX = LIGHTROOM.replace("xmp:", "adobe:").replace("xmlns:xmp", "xmlns:adobe")
PACKETS = (LIGHTROOM, LIGHTROOM.replace("\n", "\r\n"), ELEMENTS, BARE, EMPTY, OTHER_PREFIX)
CHANGES: dict[Property, Change] = {
    RATING: "5",
    LABEL: "Green",
    PICK: None,
    SUBJECT: Items(("NIMA", "pick"), ("Reise",)),
    HIERARCHY: Items(("NIMA|pick",)),
    record(RATING): "5",
}


@pytest.mark.parametrize("packet", PACKETS)
@pytest.mark.parametrize("encode", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_what_is_changed_is_read_again_and_everything_else_stays(packet: str, encode: str) -> None:
    data = packet.encode(encode)
    after = splice(parse(data), CHANGES)
    assert after.decode(encode).encode(encode) == after
    assert after.startswith(codecs.BOM_UTF8) == data.startswith(codecs.BOM_UTF8)
    document = parse(after)
    assert (document.value(RATING.key), document.value(LABEL.key)) == ("5", "Green")
    was = parse(data).items(SUBJECT.key)
    assert document.items(SUBJECT.key) == (*(item for item in was if item != "Reise"), "NIMA", "pick")
    assert document.items(HIERARCHY.key) == ("NIMA|pick",)
    assert document.value(record(RATING).key) == "5"


@pytest.mark.parametrize("packet", PACKETS[:3])
def test_lines_that_say_something_else_are_all_there(packet: str) -> None:
    after = splice(parse(packet.encode()), CHANGES).decode()
    said = ("Rating", "Label", "Reise", "subject", "Bag", "RDF xmlns=")
    for line in packet.splitlines(keepends=True):
        if not any(word in line for word in said):
            assert line.rstrip("\r\n") in after
    assert ("\r\n" in packet) == ("\r\n" in after)
    assert "\n" not in after.replace("\r\n", "") if "\r\n" in packet else True


def test_develop_settings_stay_byte_for_byte() -> None:
    after = splice(parse(LIGHTROOM.encode()), CHANGES).decode()
    start, end = LIGHTROOM.index("   crs:Temperature"), LIGHTROOM.index("   <dc:subject>")
    assert LIGHTROOM[start:end] in after
    start = LIGHTROOM.index("   <crs:ToneCurve>")
    assert LIGHTROOM[start : LIGHTROOM.index("  </rdf:Description>")] in after
    assert "     <rdf:li>Bär &amp; See</rdf:li>\n     <rdf:li>NIMA</rdf:li>\n" in after
    assert "Reise" not in after


def test_the_form_of_a_value_stays() -> None:
    after = splice(parse(ELEMENTS.encode()), {RATING: "5", LABEL: "Red"}).decode()
    assert "<xap:Rating>5</xap:Rating\n><xap:Label>Red</xap:Label>" in after
    assert len(after) == len(ELEMENTS) + len("<xap:Label>Red</xap:Label>") - len("<xap:Label/>")


def test_what_is_new_is_of_what_the_packet_is_of() -> None:
    assert 'rdf:about="uuid:1"' in splice(parse(ELEMENTS.encode()), {COLOR_LABEL: "1"}).decode().split("digiKam:")[0]
    assert 'r:about="x"' in splice(parse(EMPTY.encode()), {COLOR_LABEL: "1"}).decode()


def test_a_value_that_is_written_twice_is_one_afterwards() -> None:
    twice = ELEMENTS.replace("xmlns:k=", 'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="3" xmlns:k=')
    after = splice(parse(twice.encode()), {RATING: "5"})
    assert after.count(b"Rating") == 2
    assert parse(after).value(RATING.key) == "5"
    assert b"Rating" not in splice(parse(twice.encode()), {RATING: None})


@pytest.mark.parametrize(
    "subject",
    [
        "<dc:subject>plain</dc:subject>",
        "<dc:subject/>",
        '<dc:subject rdf:parseType="Resource"/>',
        "<dc:subject><rdf:Seq><rdf:li>plain</rdf:li></rdf:Seq></dc:subject>",
        "<dc:subject><rdf:Bag></rdf:Bag></dc:subject>",
        "<dc:subject><rdf:Bag><rdf:li rdf:parseType='Resource'><dc:title>x</dc:title></rdf:li></rdf:Bag></dc:subject>",
    ],
)
def test_lists_in_odd_forms_take_what_is_added(subject: str) -> None:
    begin = f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">'
    packet = f"{begin}{subject}</rdf:Description></rdf:RDF>"
    after = parse(splice(parse(packet.encode()), {SUBJECT: Items(("NIMA",))}))
    assert after.items(SUBJECT.key)[-1] == "NIMA"
    assert ("plain" in subject) == ("plain" in after.items(SUBJECT.key))
    back = parse(splice(after, {SUBJECT: Items((), ("NIMA",))}))
    assert "NIMA" not in back.items(SUBJECT.key)


def test_a_list_whose_items_all_go_goes() -> None:
    packet = splice(parse(new_packet()), {SUBJECT: Items(("a", "b"))})
    assert b"subject" not in splice(parse(packet), {SUBJECT: Items((), ("a", "b"))})


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + LIGHTROOM.replace("Reise", "&b;")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "damaged"),
        (b"not XMP", "damaged"),
        (b"<html/>", "no rdf:RDF"),
        (LIGHTROOM.encode()[:-20], "damaged"),
        (LIGHTROOM.encode().replace(b"Temperature", b"Rating").replace(b"crs:R", b"xmp:R"), "damaged"),
        (LIGHTROOM.encode("latin-1"), "damaged"),
        (LIGHTROOM.replace("xmlns:crs", "xmlns:c").encode(), "damaged"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>' + LIGHTROOM.encode("latin-1"), "damaged|ISO-8859-1"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>' + BARE.encode(), "ISO-8859-1"),
        (BOMB.encode(), "document type"),
        (b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x">' + LIGHTROOM.encode(), "document type"),
        (b"\xff\xfe<\x00\x00\xd8", "damaged"),
        (b" " * (MAX_BYTES + 1), "larger"),
        (f'<rdf:RDF xmlns:rdf="{RDF}">'.encode() + b"<a>" * 5000, "too deeply"),
    ],
)
def test_what_is_no_xmp_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(UnreadableMetadata, match=says):
        parse(data)


def test_zeros_behind_a_packet_are_no_matter() -> None:
    assert splice(parse(LIGHTROOM.encode() + b"\0\0"), {RATING: "5"}).endswith(b"</x:xmpmeta>\n\0\0")


# Packets as programs write them: attributes or elements, in several descriptions, other prefixes, line ends and gaps.
NAMES = st.sampled_from([RATING, LABEL, PICK, COLOR_LABEL, SUBJECT, HIERARCHY])
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
TEXTS = st.text(LETTERS, max_size=12)
GAPS = st.sampled_from([" ", "\n   ", "\r\n\t", "  "])


@st.composite
def packets(draw: st.DrawFn) -> tuple[str, dict[Property, str | tuple[str, ...]]]:
    """A packet, and what it says."""
    said = draw(st.dictionaries(NAMES, TEXTS, max_size=6))
    prefix = draw(st.sampled_from(["rdf", "r", "RDF-1"]))
    values: dict[Property, str | tuple[str, ...]] = {}
    parts = [draw(st.sampled_from(["", "\ufeff", '<!-- Rating="1" -->', '<?xpacket begin="" id="W"?>\n']))]
    parts += [f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{draw(GAPS)}<{prefix}:RDF xmlns:{prefix}="{RDF}">']
    for number, (one, text) in enumerate(said.items()):
        gap, own = draw(GAPS), f"{one.prefix}{number if draw(st.booleans()) else ''}"
        parts.append(f"{gap}<{prefix}:Description{gap}xmlns:{own}={quoteattr(one.key[0])}{gap}{prefix}:about=''")
        noise = f"{gap}<!-- {number} --><z:x xmlns:z='urn:z'>{escape(draw(TEXTS))}</z:x>{gap}"
        if one.kind != SIMPLE:
            items = tuple(draw(st.lists(TEXTS.filter(bool), min_size=1, max_size=3)))
            values[one] = items
            listed = "".join(f"{gap}<{prefix}:li>{escape(item)}</{prefix}:li>" for item in items)
            listed = f"<{prefix}:{one.kind}>{listed}{gap}</{prefix}:{one.kind}>"
            parts.append(f">{noise}<{own}:{one.name}>{listed}</{own}:{one.name}></{prefix}:Description>")
        elif draw(st.booleans()):
            values[one] = text
            end = draw(st.sampled_from(["/>", " />", f">{noise}</{prefix}:Description>"]))
            parts.append(f"{gap}{own}:{one.name}{draw(st.sampled_from(['=', ' = ']))}{quoteattr(text)}{end}")
        else:
            values[one] = text.strip()
            parts.append(f">{noise}<{own}:{one.name}>{escape(text)}</{own}:{one.name}></{prefix}:Description>")
    parts.append(f"{draw(GAPS)}</{prefix}:RDF></x:xmpmeta>{draw(GAPS)}")
    return "".join(parts), values


WANTED = st.dictionaries(NAMES, st.one_of(st.none(), TEXTS), max_size=6)


@settings(max_examples=int(os.environ.get("NIMA_XMP_EXAMPLES", "30")), deadline=None)
@given(packet=packets(), wanted=WANTED, encoding=st.sampled_from(["utf-8", "utf-16"]))
def test_any_packet_says_what_is_wanted_and_is_otherwise_the_same(
    packet: tuple[str, dict[Property, str | tuple[str, ...]]], wanted: dict[Property, str | None], encoding: str
) -> None:
    text, values = packet
    data = text.encode(encoding)
    if text.startswith("\ufeff") and encoding == "utf-16":
        data = text[1:].encode(encoding)
    document = parse(data)
    for one, value in values.items():
        assert (document.items(one.key) if one.kind != SIMPLE else document.value(one.key)) == value
    changes: dict[Property, Change] = {
        one: value if one.kind == SIMPLE else Items((value,) if value else (), tuple(values.get(one, ()))[:1])
        for one, value in wanted.items()
    }
    after = splice(document, changes)
    again = parse(after)
    for one, change in changes.items():
        if isinstance(change, Items):
            kept = tuple(item for item in values.get(one, ()) if item not in change.remove)
            assert again.items(one.key) == (*kept, *change.add)
        else:
            assert again.value(one.key) == (change if change is None or _is_attribute(again, one) else change.strip())
    for one, value in values.items():
        if one not in changes:
            assert (again.items(one.key) if one.kind != SIMPLE else again.value(one.key)) == value
    made = sorted(cuts(document, changes), key=lambda cut: (cut.start, cut.end))
    ends = [0, *(cut.end for cut in made)]
    parts = [document.data[end:start] for end, start in zip(ends, [*(cut.start for cut in made), None], strict=True)]
    at = 0
    for part in parts:
        at = again.data.index(part, at) + len(part)
    assert again.data.startswith(parts[0])
    assert again.data.endswith(parts[-1])
    assert made or after == data


def _is_attribute(document: Document, one: Property) -> bool:
    return isinstance(document.found[one.key][0], Attribute)
