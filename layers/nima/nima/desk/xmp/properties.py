"""The properties that are read and written: each with its namespace, its name and its kind."""

from __future__ import annotations

from dataclasses import dataclass

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
OWN = "urn:nima-serverless:xmp:1.0/"
NOTE = "http://ns.adobe.com/xmp/note/"

NAMESPACES = {
    "rdf": RDF,
    "x": "adobe:ns:meta/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpDM": "http://ns.adobe.com/xmp/1.0/DynamicMedia/",
    "xmpNote": NOTE,
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "darktable": "http://darktable.sf.net/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
    "acdsee": "http://ns.acdsee.com/iptc/1.0/",
    "photomechanic": "http://ns.camerabits.com/photomechanic/1.0/",
    "nima": OWN,
}
"""Namespaces by the prefixes that they are usually given."""

SPELLINGS = {"http://ns.microsoft.com/photo/1.0": NAMESPACES["MicrosoftPhoto"]}
"""Namespaces as some programs spell them."""

SIMPLE, BAG, SEQ, ALT = "simple", "Bag", "Seq", "Alt"

Key = tuple[str, str]
"""A property's namespace and name, by which it is known in a file whatever prefix stands there."""


@dataclass(frozen=True)
class Property:
    """A property.

    Attributes:
        prefix: The usual prefix of its namespace.
        name: Its name there.
        kind: ``simple``, or the kind of its list.
    """

    prefix: str
    name: str
    kind: str = SIMPLE

    @property
    def key(self) -> Key:
        """What it is known by."""
        return NAMESPACES[self.prefix], self.name

    def __str__(self) -> str:
        return f"{self.prefix}:{self.name}"


RATING = Property("xmp", "Rating")
LABEL = Property("xmp", "Label")
PICK = Property("xmpDM", "pick")
GOOD = Property("xmpDM", "good")
PICK_LABEL = Property("digiKam", "PickLabel")
COLOR_LABEL = Property("digiKam", "ColorLabel")
SUBJECT = Property("dc", "subject", BAG)
HIERARCHY = Property("lr", "hierarchicalSubject", BAG)
TAGS = Property("digiKam", "TagsList", SEQ)
TITLE = Property("dc", "title", ALT)
CAPTION = Property("dc", "description", ALT)
RIGHTS = Property("dc", "rights", ALT)
CREATOR = Property("dc", "creator", SEQ)
PUBLISHER = Property("dc", "publisher", BAG)
DARKTABLE_COLORS = Property("darktable", "colorlabels", SEQ)
ACDSEE_RATING = Property("acdsee", "rating")
WINDOWS_RATING = Property("MicrosoftPhoto", "Rating")
PERCENT = Property("xmp", "RatingPercent")
ACDSEE_TAGGED = Property("acdsee", "tagged")
CAMERABITS_TAGGED = Property("photomechanic", "Tagged")
SIDECAR_FOR = Property("photoshop", "SidecarForExtension")
EXTENDED = Property("xmpNote", "HasExtendedXMP")

JUDGEMENTS = {
    "rating": (RATING,),
    "pick": (PICK, GOOD, PICK_LABEL),
    "label": (LABEL, COLOR_LABEL),
}
"""What a person may have decided, each with the properties that it is written in; the others are ``ECHOES``."""

KEYWORDS = (SUBJECT, HIERARCHY, TAGS)
"""Lists to which own keywords are added; the last where it is there, as digiKam then reads no other."""

DESCRIBED = (TITLE, CAPTION, RIGHTS, CREATOR, PUBLISHER, *KEYWORDS)
"""What people say of a picture beside judging it."""

NUMBERS = {
    name: Property("nima", name)
    for name in (
        "Technical",
        "Aesthetic",
        "Composite",
        "Stars",
        "Percentile",
        "Style",
        "Model",
        "ModelVersion",
        "Date",
    )
}
"""What is told in the own namespace."""


def record(of: Property) -> Property:
    """The own property that says what was written into another one, so that it is known from a person's."""
    return Property("nima", f"Wrote{of.name[0].upper()}{of.name[1:]}", of.kind)


WRITTEN = (*(one for group in JUDGEMENTS.values() for one in group), *KEYWORDS)
"""Properties of others that are written."""

_ECHOED = (ACDSEE_RATING, WINDOWS_RATING, PERCENT, ACDSEE_TAGGED, CAMERABITS_TAGGED)
_READ = (*DESCRIBED, DARKTABLE_COLORS, SIDECAR_FOR, EXTENDED, *_ECHOED)
PROPERTIES = {one.key: one for one in (*WRITTEN, *map(record, WRITTEN), *NUMBERS.values(), *_READ)}
"""All that are read or written, by their keys."""
