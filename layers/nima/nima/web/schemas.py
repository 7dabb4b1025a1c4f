"""JSON schemas of what the API gives, as OpenAPI 3.1 takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nima.assess.composite import CUSTOM, STYLES
from nima.assess.policy import MAIN_IMAGE, RECOMMENDED, REQUIRED
from nima.catalogue.stats import BINS, QUANTILES
from nima.errors import NimaError
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
    """The same, or null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    kind = schema["type"]
    changed: Schema = {**schema, "type": [*(kind if isinstance(kind, list) else [kind]), "null"]}
    if "enum" in schema:
        changed["enum"] = [*schema["enum"], None]
    return changed


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
COUNT: Schema = {"type": "integer", "minimum": 0}
SWITCH: Schema = {"type": "boolean"}
SCORE = number(1, 10)
SHARE = number(0, 1)
STARS: Schema = {"type": "number", "enum": [half / 2 for half in range(1, 11)]}
BAND = words("poor", "weak", "fair", "good", "very good", "excellent")
NOTE = nullable(words("divisive", "possible_artistic_value"))
TIME: Schema = {"type": "string", "format": "date-time"}
KEY: Schema = {"type": "string", "minLength": 1, "description": "An object key."}


def error_codes() -> list[str]:
    """Every code that an error may have."""
    found, left = set(), [NimaError]
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        if hasattr(kind, "code"):
            found.add(kind.code)
    return sorted({*found, "unauthorized"})


_WEIGHTS = obj({"technical": SHARE, "aesthetic": SHARE})
_STYLE = words(*STYLES, CUSTOM)
_PERCENTILE = nullable(
    obj({"population": TEXT, "value": number(0, 100, "Share of the population, in percent, that scores below.")})
)
_PERCENTILES = obj({"reference": _PERCENTILE, "catalogue": _PERCENTILE})
_HEAD = {"mean": SCORE, "std": number(0, 4.5), "percentile": _PERCENTILES}
_TRAIT = obj({"present": SWITCH, "measure": number(), "unit": TEXT})
_REJECTION = obj({"code": words(*error_codes()), "message": TEXT})
_DEDUCTION = obj(
    {
        "code": words(
            "blur",
            "overexposure",
            "underexposure",
            "noise",
            "low_contrast",
            "compression",
            "low_resolution",
            "color_cast",
        ),
        "severity": SHARE,
        "measure": number(),
        "unit": TEXT,
        "message": TEXT,
    }
)
_CHECK = obj(
    {
        "code": words("white_background", "product_fill", "minimum_size", "zoom_size", "recommended_size", "no_border"),
        "level": words(REQUIRED, RECOMMENDED),
        "measure": nullable(number()),
        "unit": TEXT,
        "threshold": number(),
        "pass": SWITCH,
        "message": TEXT,
    }
)
_VERDICT = {"pass": SWITCH, "checks": array(_CHECK)}
_MEASURES = obj(
    {
        "white": {"type": "object", "additionalProperties": SHARE},
        "fill": nullable(SHARE),
        "longest_side": COUNT,
        "border": SHARE,
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
        {"style": _STYLE, "weights": _WEIGHTS, "score": SCORE, "stars": STARS, "band": BAND, "note": NOTE}
    ),
    "deductions": array(ref("Deduction")),
    "traits": obj(
        {
            "aspect": number(0),
            "cropped": SWITCH,
            "color_space": TEXT,
            "reframed": nullable(obj({"fill": SHARE, "background": array({"type": "integer"}, 3, 3)})),
            "monochrome": _TRAIT,
            "high_contrast": _TRAIT,
            "minimalist": _TRAIT,
            "abstract": _TRAIT,
        }
    ),
    "confidence": obj(
        {"level": words("high", "medium", "low"), "reasons": array(obj({"code": TEXT, "message": TEXT}))}
    ),
    "phash": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    "policies": obj({MAIN_IMAGE: obj({**_VERDICT, "measures": _MEASURES})}),
    "model": obj({"id": TEXT, "version": TEXT}),
    "preprocessing": TEXT,
    "timings_ms": {"type": "object", "additionalProperties": number(0)},
}
_ENTRY = obj(
    {
        "rank": {"type": "integer", "minimum": 1},
        "key": KEY,
        "score": SCORE,
        "stars": STARS,
        "band": BAND,
        "note": NOTE,
        "technical": obj(_HEAD),
        "aesthetic": obj(_HEAD),
        "deductions": array(ref("Deduction")),
        "confidence": words("high", "medium", "low"),
        "duplicates": array(KEY),
        "policy": obj(_VERDICT),
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
    "Deduction": _DEDUCTION,
    "Result": obj(
        {
            "image": obj(_IMAGE, optional=("format", "width", "height")),
            "status": words("scored", "rejected"),
            "error": nullable(_REJECTION),
            "category": nullable(TEXT),
            "collection": nullable(TEXT),
            "sequencer": nullable(TEXT),
            "scored_at": TIME,
            **_ASSESSED,
        },
        optional=tuple(_ASSESSED),
        description="What is known of one picture. A rejected one has an error and no scores.",
    ),
    "Ranking": obj(
        {
            "style": _STYLE,
            "weights": _WEIGHTS,
            "recommended": nullable(
                obj({"key": KEY, "why": TEXT, "runner_up": nullable(KEY), "lead": nullable(number(0))})
            ),
            "note": nullable(TEXT),
            "entries": array(_ENTRY),
            "rejected": array(obj({"key": KEY, "error": _REJECTION})),
            "missing": array(KEY),
            "complete": SWITCH,
            "cursor": nullable(TEXT),
        },
        description="Candidates in order, near-duplicates in one entry.",
    ),
    "Search": obj(
        {
            "items": array(
                obj(
                    {
                        "key": KEY,
                        "category": TEXT,
                        "collection": nullable(TEXT),
                        "score": SCORE,
                        "stars": STARS,
                        "band": BAND,
                        "note": NOTE,
                        "technical": obj(_HEAD),
                        "aesthetic": obj(_HEAD),
                        "deductions": array(ref("Deduction")),
                        "confidence": words("high", "medium", "low"),
                        "scored_at": TIME,
                    }
                )
            ),
            "cursor": nullable(TEXT),
        }
    ),
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
