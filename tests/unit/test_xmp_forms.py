"""XMP in the odder forms that RDF has for one and the same: a person's values are seen, and what is written is XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from nima.desk.xmp.document import parse
from nima.desk.xmp.judgement import decided
from nima.desk.xmp.properties import DARKTABLE_COLORS, HIERARCHY, LABEL, NAMESPACES, RATING, RDF, SUBJECT
from nima.desk.xmp.splice import Changes, Items, splice
from nima.errors import UnreadableMetadata

NAMES = " ".join(f'xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in ("xmp", "dc", "darktable"))
CHANGES: Changes = {RATING: "5", LABEL: "Green", SUBJECT: Items(("NIMA",)), HIERARCHY: Items(("NIMA|pick",))}


def packet(inside: str, rdf: str = "rdf") -> bytes:
    return f'<{rdf}:RDF xmlns:{rdf}="{RDF}">{inside}</{rdf}:RDF>'.encode()


def described(inside: str, attributes: str = "") -> bytes:
    return packet(f'<rdf:Description rdf:about="" {NAMES} {attributes}>{inside}</rdf:Description>')


@pytest.mark.parametrize(
    "rating",
    [
        '<xmp:Rating rdf:parseType="Resource"><rdf:value>3</rdf:value><xmp:By>me</xmp:By></xmp:Rating>',
        '<xmp:Rating><rdf:Description xmp:By="me"><rdf:value>3</rdf:value></rdf:Description></xmp:Rating>',
        '<xmp:Rating><rdf:Description xmp:By="me" rdf:value="3"/></xmp:Rating>',
        '<xmp:Rating rdf:value="3" xmp:By="me"/>',
        "<xmp:Rating>\n <rdf:Alt>\n  <rdf:li>3</rdf:li>\n </rdf:Alt>\n</xmp:Rating>",
        "<xmp:Rating><![CDATA[3]]></xmp:Rating>",
        "<xmp:Rating><!-- by me -->&#x33;</xmp:Rating>",
    ],
)
def test_a_rating_is_a_person_s_in_whatever_form_it_stands(rating: str) -> None:
    document = parse(described(rating))
    assert decided(document, "rating") == {RATING: "3"}
    changed = splice(document, CHANGES)
    assert changed.count(b"Rating") <= 2
    assert parse(changed).value(RATING.key) == "5"


def test_a_rating_of_a_description_that_is_called_by_what_it_describes_is_seen() -> None:
    data = packet(f'<q:Photograph xmlns:q="urn:q" {NAMES} rdf:about="" xmp:Rating="3"/>')
    assert decided(parse(data), "rating") == {RATING: "3"}
    assert splice(parse(data), CHANGES).count(b"Rating=") == 1


@pytest.mark.parametrize(
    ("rating", "somebody_s"),
    [("0.0", False), ("-0", False), (" 0 ", False), ("4.0", True), ("-1.0", True), ("inf", True)],
)
def test_nought_is_no_rating_however_it_is_written(rating: str, somebody_s: bool) -> None:
    assert (decided(parse(described("", f'xmp:Rating="{rating}"')), "rating") is not None) == somebody_s


@pytest.mark.parametrize("number", ["9" * 5000, "²", "-1", "5", "1.0"])
def test_numbers_that_are_no_label_of_darktable_s_are_none(number: str) -> None:
    held = f"<darktable:colorlabels><rdf:Seq><rdf:li>{number}</rdf:li></rdf:Seq></darktable:colorlabels>"
    document = parse(described(held))
    assert document.items(DARKTABLE_COLORS.key) == (number,)
    assert decided(document, "label") is None


@pytest.mark.parametrize(
    "data",
    [
        packet(f'<rdf:Description><q:Label xmlns:q="{NAMESPACES["xmp"]}"/></rdf:Description>'),
        packet(
            f'<rdf:Description><q:Rating xmlns:q="{NAMESPACES["xmp"]}" xml:lang="en">0</q:Rating></rdf:Description>'
        ),
        packet(f'<rdf:Description><Rating xmlns="{NAMESPACES["xmp"]}"/></rdf:Description>'),
        described(f'<dc:subject><rdf:Bag><r:li xmlns:r="{RDF}">one</r:li></rdf:Bag></dc:subject>'),
        described(f'<dc:subject><Bag xmlns="{RDF}"><li>one</li></Bag></dc:subject>'),
        described("<dc:subject><rdf:Bag><rdf:_1>one</rdf:_1></rdf:Bag></dc:subject>"),
        *(packet(f'<{rdf}:Description {rdf}:about=""/>', rdf) for rdf in ("xmp", "lr", "dc", "nima")),
    ],
)
def test_names_that_are_declared_where_they_are_used_stay_declared(data: bytes) -> None:
    changed = splice(parse(data), CHANGES)
    ET.fromstring(changed)  # raises where a prefix is of nothing
    document = parse(changed)
    assert document.value(RATING.key) == "5"
    assert document.items(SUBJECT.key) == (*(("one",) if b"one" in data else ()), "NIMA")
    assert splice(document, {RATING: "5"}) == changed


def test_utf_16_may_be_declared_by_its_order() -> None:
    for order in ("le", "be"):
        data = f'<?xml version="1.0" encoding="UTF-16{order.upper()}"?>{described("").decode()}'.encode(
            f"utf-16-{order}"
        )
        assert parse(splice(parse(data), CHANGES)).value(RATING.key) == "5"


def test_two_packets_in_one_are_refused() -> None:
    both = f"<x>{packet('').decode()}{described('<xmp:Rating>4</xmp:Rating>').decode()}</x>"
    with pytest.raises(UnreadableMetadata, match="more than one rdf:RDF"):
        parse(both.encode())


@pytest.mark.parametrize(
    "inside", ["<xmp:C/>" * 101_000, f"<dc:subject><rdf:Bag>{'<rdf:li/>' * 101_000}</rdf:Bag></dc:subject>"]
)
def test_more_than_anybody_says_is_refused_before_it_takes_the_memory(inside: str) -> None:
    with pytest.raises(UnreadableMetadata, match="too much"):
        parse(described(inside))
