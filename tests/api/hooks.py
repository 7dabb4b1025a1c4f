"""What schemathesis has to be told, as no schema can say it."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import strategies as st

from nima.web.evaluation import EVALUATE, FORM_TYPE
from tests.pictures import encode, scene

_PICTURES = st.sampled_from([encode(scene(64, 48), "JPEG"), encode(scene(40, 40)), encode(scene(64, 48), "WEBP")])

for kind in set(EVALUATE.body.content if EVALUATE.body else ()) - {FORM_TYPE}:
    schemathesis.openapi.media_type(kind, _PICTURES)


@schemathesis.hook
def map_query(_: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Only an answer's cursor is a valid one, and a key goes with ``store=true`` only; both have their own tests."""
    if isinstance(query, dict):
        query.pop("cursor", None)
        if query.get("store") == "true":
            query.setdefault("key", "shoes/trail-runner/new.jpg")
        else:
            query.pop("key", None)
    return query
