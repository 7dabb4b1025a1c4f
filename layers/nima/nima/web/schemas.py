"""JSON schemas of what the API gives, as OpenAPI 3.1 takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nima.assess.composite import CUSTOM, STYLES, WEIGHED
from nima.assess.defects import DEFECTS
from nima.assess.kinds import KINDS
from nima.assess.policy import CHECKS, MAIN_IMAGE, RECOMMENDED, REQUIRED
from nima.assess.vocabulary import BANDS, LEVELS, NOTES
from nima.catalogue.stats import BINS, QUANTILES
from nima.errors import error_codes
from nima.image.formats import FORMATS

Schema = dict[str, Any]


def obj(properties: dict[str, Schema], optional: Sequence[str] = (), description: str | None = None) -> Schema:
    """An object with these members and no others."""
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
    return {**schema, "description": description} if description else schema


def array(items: Schema, least: int | None = None, most: int | None = None) -> Schema:
    """A list."""
    return {
        "type": "array",
        "items": items,
        **({"minItems": least} if least is not None else {}),
        **({"maxItems": most} if most is not None else {}),
    }


def nullable(schema: Schema) -> Schema:
    """The same, or null, in the one form that generators of clients understand for every schema."""
    return {"anyOf": [schema, {"type": "null"}]}


def ref(name: str) -> Schema:
    """A schema of ``COMPONENTS`` by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def words(*allowed: str) -> Schema:
    """One of some words."""
    return {"type": "string", "enum": list(allowed)}


def number(low: float | None = None, high: float | None = None, description: str | None = None) -> Schema:
    """A number in ``low..high``."""
    return {
        "type": "number",
        **({"minimum": low} if low is not None else {}),
        **({"maximum": high} if high is not None else {}),
        **({"description": description} if description else {}),
    }


TEXT: Schema = {"type": "string"}
BYTES: Schema = {"type": "string", "format": "binary"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SWITCH: Schema = {"type": "boolean"}
SCORE = number(1, 10)
SHARE = number(0, 1)
STARS: Schema = {"type": "number", "minimum": 0.5, "maximum": 5, "multipleOf": 0.5}
BAND = words(*BANDS)
NOTE = nullable(words(*NOTES))
CONFIDENCE = words(*LEVELS)
TIME: Schema = {"type": "string", "format": "date-time"}
KEY: Schema = {"type": "string", "minLength": 1, "description": "An object key."}
COLLECTION: Schema = {"type": "string", "description": "The id of a collection."}


_WEIGHTS = obj(dict.fromkeys(WEIGHED, SHARE))
_STYLE = words(*STYLES, CUSTOM)
_PERCENTILE = obj({"population": TEXT, "value": number(0, 100, "Share, in percent, of the population that is below.")})
_PERCENTILES = obj(dict.fromkeys(("reference", "catalogue"), nullable(ref("Percentile"))))
_HEAD = {"mean": SCORE, "std": number(0, 4.5), "percentile": ref("Percentiles")}
_TRAIT = obj({"present": SWITCH, "measure": number(), "unit": TEXT})
_REJECTION = obj({"code": words(*sorted({*error_codes(), "unauthorized"})), "message": TEXT})
_DEDUCTION = obj(
    {
        "code": words(*DEFECTS),
        "severity": SHARE,
        "measure": number(),
        "unit": TEXT,
        "message": TEXT,
    }
)
_CHECK = obj(
    {
        "code": words(*CHECKS),
        "level": words(REQUIRED, RECOMMENDED),
        "measure": nullable(number()),
        "unit": TEXT,
        "threshold": number(),
        "pass": SWITCH,
        "message": TEXT,
    }
)
_PHASH = nullable({"type": "string", "pattern": "^[0-9a-f]{16}$"})
_VERDICT = {"pass": SWITCH, "checks": array(ref("Check"))}
_MEASURES = obj(
    {
        "white": {"type": "object", "additionalProperties": SHARE},
        "fill": nullable(SHARE),
        "longest_side": COUNT,
        "border": nullable(SHARE),
    }
)
_IMAGE = {
    "bucket": nullable(TEXT),
    "key": nullable(TEXT),
    "etag": nullable(TEXT),
    "version_id": nullable(TEXT),
    "bytes": nullable(COUNT),
    "format": words(*FORMATS),
    "width": COUNT,
    "height": COUNT,
}
_ASSESSED: dict[str, Schema] = {
    "technical": ref("Score"),
    "aesthetic": ref("Score"),
    "composite": obj(
        {"style": _STYLE, "weights": ref("Weights"), "score": SCORE, "stars": STARS, "band": BAND, "note": NOTE}
    ),
    "deductions": array(ref("Deduction")),
    "traits": obj(
        {
            "aspect": number(0),
            "cropped": SWITCH,
            "color_space": TEXT,
            "reframed": nullable(obj({"fill": SHARE, "background": array({"type": "integer"}, 3, 3)})),
            **dict.fromkeys(KINDS, ref("Trait")),
        }
    ),
    "confidence": obj({"level": CONFIDENCE, "reasons": array(obj({"code": TEXT, "message": TEXT}))}),
    "phash": _PHASH,
    "policies": obj({MAIN_IMAGE: obj({**_VERDICT, "measures": _MEASURES})}),
    "model": obj({"id": TEXT, "version": TEXT}),
    "preprocessing": TEXT,
    "timings_ms": {"type": "object", "additionalProperties": number(0)},
}
_LISTED: dict[str, Schema] = {
    "score": SCORE,
    "stars": STARS,
    "band": BAND,
    "note": NOTE,
    "technical": ref("Mean"),
    "aesthetic": ref("Mean"),
    "deductions": array(ref("Deduction")),
    "confidence": CONFIDENCE,
}
_CANDIDATE = {"key": KEY, **_LISTED, "phash": _PHASH, "policy": obj(_VERDICT)}
_ENTRY = obj(
    {
        "rank": {"type": "integer", "minimum": 1},
        **_CANDIDATE,
        "duplicates": array(KEY),
        "copies": array(ref("Candidate")),
    }
)
_MATCH = obj(
    {
        "key": KEY,
        "category": TEXT,
        "collection": nullable(COLLECTION),
        **_LISTED,
        "scored_at": nullable(TIME),
    }
)
_HISTOGRAM = obj(
    {
        "from": number(),
        "to": number(),
        "bin_width": number(),
        "counts": array(COUNT, BINS, BINS),
        "quantiles": obj({str(percent): nullable(SCORE) for percent in QUANTILES}),
    }
)

COMPONENTS: dict[str, Schema] = {
    "Error": obj({"error": _REJECTION, "request_id": TEXT}),
    "Score": obj({**_HEAD, "distribution": array(SHARE, 10, 10)}),
    "Mean": obj(_HEAD),
    "Percentiles": _PERCENTILES,
    "Percentile": _PERCENTILE,
    "Weights": _WEIGHTS,
    "Deduction": _DEDUCTION,
    "Check": _CHECK,
    "Trait": _TRAIT,
    "Result": obj(
        {
            "document": {
                "type": "integer",
                "minimum": 1,
                "description": "The version of this document's shape, to which older ones are brought.",
            },
            "image": obj(_IMAGE, optional=("format", "width", "height")),
            "status": words("scored", "rejected"),
            "error": nullable(_REJECTION),
            "category": nullable(TEXT),
            "collection": nullable(COLLECTION),
            "sequencer": nullable(TEXT),
            "scored_at": nullable(TIME),
            **_ASSESSED,
        },
        optional=tuple(_ASSESSED),
        description="What is known of one picture. A rejected one has an error and no scores.",
    ),
    "Ranking": obj(
        {
            "style": _STYLE,
            "weights": ref("Weights"),
            "recommended": nullable(
                obj({"key": KEY, "why": TEXT, "runner_up": nullable(KEY), "lead": nullable(number(0))})
            ),
            "note": nullable(TEXT),
            "entries": array(ref("Entry")),
            "rejected": array(obj({"key": KEY, "error": _REJECTION})),
            "missing": array(KEY),
            "complete": SWITCH,
            "cursor": nullable(TEXT),
        },
        description="Candidates in order, near-duplicates in one entry.",
    ),
    "Entry": _ENTRY,
    "Candidate": obj(_CANDIDATE),
    "Search": obj({"items": array(ref("Match")), "cursor": nullable(TEXT)}),
    "Match": _MATCH,
    "Stats": obj(
        {
            "category": TEXT,
            "scored": COUNT,
            "rejected": COUNT,
            "technical": ref("Histogram"),
            "aesthetic": ref("Histogram"),
            "composite": ref("Histogram"),
        }
    ),
    "Histogram": _HISTOGRAM,
    "Upload": obj(
        {
            "key": KEY,
            "content_type": TEXT,
            "url": {"type": "string", "format": "uri"},
            "fields": {"type": "object", "additionalProperties": TEXT},
            "expires_in": {"type": "integer", "description": "Seconds from now."},
            "max_bytes": COUNT,
        },
        description="A form to post to the bucket: every field as it is, then the picture as the field `file`.",
    ),
    "Figure": {
        "type": "object",
        "description": "A Plotly figure: `Plotly.newPlot(element, figure.data, figure.layout)`.",
        "properties": {"data": array({"type": "object"}), "layout": {"type": "object"}},
        "required": ["data", "layout"],
        "additionalProperties": False,
    },
    "Health": obj({"status": words("ok"), "version": TEXT}),
}
