"""Stored documents of other releases, brought to the shape of this one before they are read.

A document outlives the release that wrote it, so a table holds several shapes, by their number:

1. Neither ``phash`` nor the measures of ``policies``.
2. Those two, but no number.
3. Has its number, ``document``.

What an older document lacks is filled in here and nowhere else; what a newer one has beyond this release, such as a
deduction with a code that is not known yet, is left out, so that answers keep to the API's schema after a rollback too.
The distributions are what cannot be made up: a scored document without them stays unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from numbers import Number
from typing import Any

from nima.assess.composite import CUSTOM, DEFAULT_STYLE, STYLES, Weights, compose
from nima.assess.defects import DEFECTS
from nima.assess.distribution import Distribution
from nima.assess.kinds import KINDS
from nima.assess.policy import MAIN_IMAGE
from nima.assess.vocabulary import (
    BANDS,
    DELETED,
    HIGH,
    LEVELS,
    LOW,
    MEDIUM,
    NOTES,
    REJECTED,
    SCORED,
    STATUSES,
)
from nima.errors import Internal, error_codes
from nima.heads import REQUIRED
from nima.image.formats import FORMATS

DOCUMENT = 3
"""The number of the shape that this release writes."""

UNKNOWN = "unknown"

_PK = "image#"
_PHASH = re.compile("[0-9a-f]{16}")
_REFUSAL = {"code": Internal.code, "message": "Why the picture was refused is not known; score it again."}


def upgrade(item: Mapping[str, Any]) -> dict[str, Any]:
    """The item of a result with every member that this release reads.

    Args:
        item: As it lies in the table.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: It cannot be read.
    """
    status = status_of(item)
    given = _mapping(item.get("image"))
    image = {
        **_filled(given, {"bucket": ""}),
        "key": key_of(item),
        **_texts(given, "etag", "version_id"),
        "bytes": given["bytes"] if _kind(given.get("bytes")) is Number else None,
    }
    upgraded = {
        "image": image,
        "status": status,
        "error": None if status == SCORED else _error(item.get("error")),
        **_texts(item, "category", "collection", "sequencer", "scored_at"),
    }
    return {**upgraded, **_assessed(item, image)} if status == SCORED else upgraded


def status_of(item: Mapping[str, Any]) -> str:
    """What an item is of: scored, rejected or deleted; where its status says nothing known, its other members do."""
    status = item.get("status")
    if status in STATUSES:
        return str(status)
    return SCORED if REQUIRED[0] in item else DELETED if "expires_at" in item else REJECTED


def key_of(item: Mapping[str, Any]) -> str:
    """The object's key: what the item lies under, or where it comes without that, what its document says."""
    return str(item["pk"]).removeprefix(_PK) if "pk" in item else str(item["image"]["key"])


def _assessed(item: Mapping[str, Any], image: Mapping[str, Any]) -> dict[str, Any]:
    size = _filled(item.get("image"), {"width": 0, "height": 0})
    format = _mapping(item.get("image")).get("format")
    longest = max(int(size["width"]), int(size["height"]))
    policies = _mapping(item.get("policies"))
    measures = _mapping(_mapping(policies.get(MAIN_IMAGE)).get("measures"))
    main_image = {
        "white": {level: share for level, share in _mapping(measures.get("white")).items() if _is_share(level, share)},
        **_filled(measures, {"longest_side": longest}),
        **{name: measures.get(name) for name in ("fill", "border")},
    }
    phash = item.get("phash")
    return {
        "image": {
            **image,
            **size,
            "bytes": image["bytes"] or 0,
            "format": format if format in tuple(FORMATS) else "",
        },
        **{head: _head(item[head]) for head in REQUIRED},
        "composite": _composite(_mapping(item.get("composite")), *(_opinions(item[head]) for head in REQUIRED)),
        "deductions": [*_deductions(item.get("deductions"))],
        "traits": _traits(_mapping(item.get("traits")), size),
        "confidence": _confidence(_mapping(item.get("confidence"))),
        "phash": phash if isinstance(phash, str) and _PHASH.fullmatch(phash) else None,
        "policies": {MAIN_IMAGE: {"measures": main_image}},
        "model": _filled(item.get("model"), {"id": UNKNOWN, "version": UNKNOWN}),
        **_filled(item, {"preprocessing": UNKNOWN}),
        "timings_ms": {name: ms for name, ms in _mapping(item.get("timings_ms")).items() if _kind(ms) is Number},
    }


def _is_share(level: str, share: Any) -> bool:
    return level.isdecimal() and _kind(share) is Number


def _head(given: Mapping[str, Any]) -> dict[str, Any]:
    reference = _mapping(_mapping(given.get("percentile")).get("reference"))
    whole = _filled(reference, {"population": "", "value": -1}) == reference
    return {"distribution": given["distribution"], "percentile": {"reference": reference if whole else None}}


def _opinions(head: Mapping[str, Any]) -> Distribution:
    return Distribution.read(head["distribution"])


def _composite(given: Mapping[str, Any], technical: Distribution, aesthetic: Distribution) -> dict[str, Any]:
    """As it was stored, or where that is not whole or not known, made again of the same style or weights."""
    shares = _filled(given.get("weights"), {"technical": -1, "aesthetic": -1})
    weights = None if -1 in shares.values() else Weights.of(*(float(share) for share in shares.values()))
    style = given.get("style")
    anew = compose(
        technical.mean,
        aesthetic.mean,
        aesthetic.std,
        style if style in STYLES else DEFAULT_STYLE,
        None if style in STYLES else weights,
    )
    known = (
        weights is not None
        and (style in STYLES or style == CUSTOM)
        and given.get("band") in BANDS
        and given.get("note") in (None, *NOTES)
        and None not in (given.get("score"), given.get("stars"))
    )
    return {**given, "note": given.get("note"), "weights": shares} if known else asdict(anew)


def _deductions(given: Any) -> Iterator[dict[str, Any]]:
    for found in _list(given):
        if _mapping(found).get("code") in tuple(DEFECTS):
            yield _filled(found, {"code": "", "severity": 0, "measure": 0, "unit": "", "message": ""})


def _traits(given: Mapping[str, Any], size: Mapping[str, Any]) -> dict[str, Any]:
    reframed = _mapping(given.get("reframed"))
    background = [level for level in _list(reframed.get("background")) if _kind(level) is Number]
    aspect = size["width"] / size["height"] if size["height"] else 0
    return {
        **_filled(given, {"aspect": aspect, "cropped": False, "color_space": UNKNOWN}),
        "reframed": reframed if len(background) == 3 and _kind(reframed.get("fill")) is Number else None,
        **{kind: _filled(given.get(kind), {"present": False, "measure": 0, "unit": ""}) for kind in KINDS},
    }


def _confidence(given: Mapping[str, Any]) -> dict[str, Any]:
    reasons = [_filled(reason, {"code": UNKNOWN, "message": ""}) for reason in _list(given.get("reasons"))]
    level = given.get("level")
    return {
        "level": level if level in LEVELS else (HIGH, MEDIUM, LOW)[min(len(reasons), 2)],
        "reasons": reasons,
    }


def _error(given: Any) -> dict[str, Any]:
    error = _filled(given, _REFUSAL)
    return error if error["code"] in error_codes() else {**error, "code": Internal.code}


def _filled(given: Any, today: Mapping[str, Any]) -> dict[str, Any]:
    """The members of today, each as it is given; where it is missing or of another kind, as it is to be then."""
    known = _mapping(given)
    return {name: known[name] if _kind(known.get(name)) is _kind(to) else to for name, to in today.items()}


def _kind(value: Any) -> type:
    return bool if isinstance(value, bool) else Number if isinstance(value, Number) else type(value)


def _texts(given: Any, *names: str) -> dict[str, str | None]:
    """Members that are a text or null."""
    known = _mapping(given)
    return {name: known[name] if isinstance(known.get(name), str) else None for name in names}


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}
