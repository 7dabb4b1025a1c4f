"""Stored documents of other releases, as far as the types' defaults do not say how to read them.

A document outlives the release that wrote it, so a table holds several shapes, by their number:

1. Neither ``phash`` nor the measures of ``policies``.
2. Those two, but no number.
3. Has its number, ``document``; what the first releases with it wrote does not say which deductions are ``sure``.

Stars are by the scale that a document has; those of models that shipped before there were scales are by ``EARLIER``.

What an older document lacks is its member's default, or made here of others; what a newer one has beyond this release,
such as a deduction with a code that is not known yet, is left out, so that answers keep to the API's schema after a
rollback too. The distributions are what cannot be made up: a scored document without them stays unreadable.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from nima.document.assessment import Assessment, Confidence, Deduction, Model, Reason, Score
from nima.document.composite import DEFAULT_STYLE, STYLES, WEIGHED, Composite, Weights, compose
from nima.document.defects import DEFECTS, RENAMED
from nima.document.doubts import DOUBTS
from nima.document.earlier import EARLIER
from nima.document.policy import Verdict, Verdicts
from nima.document.read import FAILURES, Completions, read
from nima.document.record import Json
from nima.document.scale import Scale
from nima.document.vocabulary import DELETED, HIGH, LOW, MEDIUM, REJECTED, SCORED, STATUSES
from nima.heads import REQUIRED
from nima.words import say

_PK = "image#"


def status_of(item: Mapping[str, Any]) -> str:
    """What an item is of: scored, rejected or deleted; where its status says nothing known, its other members do."""
    status = item.get("status")
    if status in STATUSES:
        return str(status)
    return SCORED if REQUIRED[0] in item else DELETED if "expires_at" in item else REJECTED


def key_of(item: Mapping[str, Any]) -> str:
    """The object's key: what the item lies under, or where it comes without that, what its document says."""
    return str(item["pk"]).removeprefix(_PK) if "pk" in item else str(item["image"]["key"])


def _assessment(known: Json, given: Mapping[str, Any]) -> Assessment:
    """With a composite of both scores, and of the picture's size its shape and its longer side."""
    image, traits, measures = known["image"], known["traits"], known["policies"].marketplace_main_image.measures
    anew: Json = {"phash": None, "deductions": (), **known}
    stated = known.get("scale")
    scale = stated or _earlier_scale(known.get("model", Model()), product=traits.reframed is not None)
    if "composite" not in known or scale is not stated:
        anew |= {"scale": scale, "composite": _composite(given.get("composite"), known["scores"], scale)}
    if not traits.aspect and image.height:
        anew["traits"] = replace(traits, aspect=image.width / image.height)
    if not measures.longest_side:
        measures = replace(measures, longest_side=max(image.width, image.height))
        anew["policies"] = Verdicts(Verdict(measures=measures))
    return Assessment(**anew)


def _earlier_scale(model: Model, *, product: bool) -> Scale | None:
    photographs, products = EARLIER.get((model.id, model.version), (None, None))
    return products if product else photographs


def _composite(given: Any, scores: Mapping[str, Score], scale: Scale | None) -> Composite:
    """Made again of the same style or weights, as far as they are known."""
    known = given if isinstance(given, Mapping) else {}
    style, weights = known.get("style"), None
    if style not in STYLES:
        style = DEFAULT_STYLE
        with suppress(*FAILURES):
            stored = read(Weights, known.get("weights"), {})
            weights = Weights.of(stored.technical, stored.aesthetic)
    technical, aesthetic = (scores[head] for head in WEIGHED)
    return compose(technical.mean, aesthetic.mean, aesthetic.std, style, weights, scale=scale)


def _confidence(known: Json, _: Mapping[str, Any]) -> Confidence:
    reasons = known.get("reasons", ())
    return Confidence(known.get("level", (HIGH, MEDIUM, LOW)[min(len(reasons), 2)]), reasons)


def _reason(known: Json, _: Mapping[str, Any]) -> Reason:
    """With the sentence of this release, which the table does not keep; of a code that it lacks as it is stored."""
    code = str(known.get("code", ""))
    return Reason(code, say("reasons", code)) if code in DOUBTS else Reason(**known)


def _deduction(known: Json, given: Mapping[str, Any]) -> Deduction:
    """By the code that it has now; sure or not by its severity, where the document does not say."""
    renamed = RENAMED.get(str(given.get("code"))) if isinstance(given, Mapping) else None
    found = Deduction(**{**known, **({"code": renamed} if renamed else {})})
    return found if "sure" in known else replace(found, sure=DEFECTS[found.code].is_sure(found.severity))


COMPLETIONS: Completions = {
    Assessment: _assessment,
    Confidence: _confidence,
    Deduction: _deduction,
    Reason: _reason,
    # Whatever verdict a release stored was one of its own day.
    Verdict: lambda known, _: Verdict(measures=known["measures"]),
}
"""How records are made of what could be read of them."""
