"""Items of the table as releases before this one wrote them, with the numbers of one real picture."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

KEY = "shoes/summer/1.jpg"
SEQUENCER = "0001" + "0" * 60


def d(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


def _head(mean: str, std: str, *distribution: str) -> dict[str, Any]:
    return {
        "mean": Decimal(mean),
        "std": Decimal(std),
        "distribution": d(*distribution),
        "percentile": {"reference": None, "catalogue": None},
    }


def _trait(measure: str, unit: str, *, present: bool = False) -> dict[str, Any]:
    return {"present": present, "measure": Decimal(measure), "unit": unit}


FIRST: dict[str, Any] = {
    "pk": f"image#{KEY}",
    "image": {
        "bucket": "pictures",
        "key": KEY,
        "etag": "e" * 32,
        "version_id": "v1",
        "bytes": 8164,
        "format": "JPEG",
        "width": 240,
        "height": 240,
    },
    "technical": _head(
        "5.5751", "2.5631",
        "0.023023", "0.063655", "0.215385", "0.156487", "0.025302", "0.116426", "0.128771", "0.042938", "0.197457",
        "0.030555",
    ),
    "aesthetic": _head(
        "5.5695", "2.6122",
        "0.070604", "0.093254", "0.077714", "0.105898", "0.133155", "0.172575", "0.051289", "0.117041", "0.125644",
        "0.052826",
    ),
    "composite": {
        "style": "general",
        "weights": {"technical": Decimal("0.5"), "aesthetic": Decimal("0.5")},
        "score": Decimal("5.5723"),
        "stars": Decimal("3.0"),
        "band": "good",
        "note": "divisive",
    },
    "deductions": [
        {
            "code": "low_resolution",
            "severity": Decimal("0.875"),
            "measure": Decimal("240.0"),
            "unit": "px (longer side)",
            "message": "The picture is small: its longer side has 240 px.",
        }
    ],
    "traits": {
        "aspect": Decimal("1.0"),
        "cropped": False,
        "color_space": "sRGB",
        "reframed": None,
        "monochrome": _trait("55.64", "a*b* units"),
        "high_contrast": _trait("0.025", "share of pixels"),
        "minimalist": _trait("0.796", "share of tiles", present=True),
        "abstract": _trait("0.067", "share of pixels"),
    },
    "confidence": {
        "level": "medium",
        "reasons": [
            {"code": "minimalist", "message": "NIMA underrates minimalist pictures with much empty space."}
        ],
    },
    "policies": {},
    "model": {"id": "nima-mobilenet", "version": "1"},
    "preprocessing": "1",
    "timings_ms": {"decode": Decimal("0.6"), "measure": Decimal("41.0"), "total": Decimal("41.8")},
    "status": "scored",
    "error": None,
    "category": "shoes",
    "collection": "summer",
    "sequencer": SEQUENCER,
    "scored_at": "2026-01-02T03:04:05.000+00:00",
}  # fmt: skip
"""By the first release: no perceptual hash, no policy, not counted, not numbered, and not in any index."""

FIRST_REJECTED: dict[str, Any] = {
    "pk": f"image#{KEY}",
    "image": {"bucket": "pictures", "key": KEY, "etag": "e" * 32, "version_id": "v1", "bytes": 8164},
    "status": "rejected",
    "error": {"code": "unsupported_format", "message": "The file is not a picture of a supported format."},
    "category": "shoes",
    "collection": "summer",
    "sequencer": SEQUENCER,
    "scored_at": "2026-01-02T03:04:05.000+00:00",
}

FIRST_DELETED: dict[str, Any] = {
    "pk": f"image#{KEY}",
    "status": "deleted",
    "sequencer": SEQUENCER,
    "expires_at": 4_000_000_000,
}

SECOND: dict[str, Any] = {
    **copy.deepcopy(FIRST),
    "key": KEY,
    "score": Decimal("5.5723"),
    "phash": "ad5272d8182be727",
    "policies": {
        "marketplace_main_image": {
            "pass": False,
            "checks": [],
            "measures": {
                "white": {"0": Decimal("0.0"), "1": Decimal("0.0"), "2": Decimal("0.0"), "5": Decimal("0.0")},
                "fill": None,
                "longest_side": 240,
                "border": Decimal("0.0"),
            },
        }
    },
    "revision": 1,
    "contribution": {
        "category": "shoes",
        "shard": 3,
        "counters": ["scored", "technical:91", "aesthetic:91", "composite:91"],
    },
}
"""By the releases after it, which had all of today's but the document's number."""

WITH_EVERYTHING: dict[str, Any] = {
    **copy.deepcopy(SECOND),
    "document": 3,
    "composite": {
        **copy.deepcopy(SECOND["composite"]),
        "stars": Decimal("5.0"),
        "band": "excellent",
        "scale": "photographs",
    },
    "scale": {
        "population": "photographs",
        "technical": {"mean": Decimal("4.9"), "deviation": Decimal("0.6")},
        "aesthetic": {"mean": Decimal("4.8"), "deviation": Decimal("0.5")},
        "correlation": Decimal("0.1"),
        "steps": d("-5", "-2", "-1.3", "-0.8", "-0.3", "0.3", "0.8", "1.3", "1.7"),
        "divisive_from": Decimal("1.5"),
    },
    "technical": {
        **copy.deepcopy(SECOND["technical"]),
        "percentile": {"reference": {"population": "photographs", "value": Decimal("3.3")}, "catalogue": None},
    },
    "traits": {
        **copy.deepcopy(SECOND["traits"]),
        "reframed": {"fill": Decimal("0.4"), "background": [255, 255, 255]},
    },
    "asked_by": "request",
}
"""As this release writes it, with every member that may be null filled in."""

Path = tuple[str | int, ...]


def paths(value: Any, at: Path = ()) -> list[Path]:
    """The place of every member, however deep."""
    members = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    return [path for name, member in members for path in ((*at, name), *paths(member, (*at, name)))]


def without(item: dict[str, Any], path: Path) -> dict[str, Any]:
    """The item without a member."""
    changed = copy.deepcopy(item)
    _parent(changed, path).pop(path[-1])
    return changed


def with_(item: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """The item with a member of another value."""
    changed = copy.deepcopy(item)
    _parent(changed, path)[path[-1]] = value
    return changed


def _parent(item: Any, path: Path) -> Any:
    for name in path[:-1]:
        item = item[name]
    return item
