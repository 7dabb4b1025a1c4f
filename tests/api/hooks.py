"""What schemathesis has to be told, as no schema can say it."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import strategies as st

from nima.web.evaluation import EVALUATE, FIELD, FORM_TYPE
from tests.pictures import encode, scene

_PICTURE = encode(scene(64, 48), "JPEG")
_PICTURES = st.sampled_from([_PICTURE, encode(scene(40, 40)), encode(scene(64, 48), "WEBP")])

for kind in set(EVALUATE.body.content if EVALUATE.body else ()) - {FORM_TYPE}:
    schemathesis.openapi.media_type(kind, _PICTURES)


@schemathesis.hook
def map_body(_: Any, body: Any) -> Any:
    """A form's field is a picture; weights are not both 0, which generators of clients could not read in a schema."""
    if isinstance(body, dict) and FIELD in body:
        body[FIELD] = _PICTURE
    if isinstance(body, dict) and isinstance(weights := body.get("weights"), dict) and not any(weights.values()):
        weights["technical"] = 1
    return body


@schemathesis.hook
def map_query(_: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Only an answer's cursor is a valid one, and a key goes with ``store=true`` only; both have their own tests."""
    if isinstance(query, dict):
        query.pop("cursor", None)
        if query.get("store") == "true":
            query.setdefault("key", "incoming/shoes/trail-runner/new.jpg")
        else:
            query.pop("key", None)
    return query
