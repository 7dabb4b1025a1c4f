"""JSON schemas of records, as OpenAPI 3.1 takes them, by the records' declarations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from nima.document.read import hints
from nima.document.record import Json, members
from nima.document.short import Pick, View
from nima.document.values import Limits, OneOf, ref

_SCALARS: dict[Any, Json] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
}
_NULL = {"type": "null"}


class Schemas:
    """Schemas that refer to components.

    Args:
        components: The kinds of record and the views that are components, by their names.
    """

    def __init__(self, components: Mapping[str, Any]) -> None:
        self._names = {kind: name for name, kind in components.items()}

    def all(self) -> dict[str, Json]:
        """The components' schemas by their names."""
        return {name: self._whole(kind) for kind, name in self._names.items()}

    def of(self, hint: Any) -> Json:
        """The schema of a type, or of a view."""
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is None and hint in self._names:
            return ref(self._names[hint])
        if origin is Annotated:
            return {**self.of(arguments[0]), **_keywords(arguments[1:])}
        if NoneType in arguments:
            return _nullable(self.of(_some(hint)))
        if origin is tuple:
            length = {} if arguments[-1] is Ellipsis else dict.fromkeys(("minItems", "maxItems"), len(arguments))
            return {"type": "array", "items": self.of(arguments[0]), **length}
        if origin is Mapping:
            return self._mapping(*arguments)
        return _SCALARS[hint] if hint in _SCALARS else self._whole(hint)

    def _whole(self, kind: Any, *, whole: bool = False) -> Json:
        """Of a component, or of what lies within one; ``whole`` has no flat record missing."""
        if isinstance(kind, View):
            return _object({name: self._picked(kind, pick) for name, pick in kind.picks.items()})
        found = _object({})
        for spec in members(kind):
            hint = hints(kind)[spec.field]
            apart = spec.flat and NoneType in get_args(hint)
            absent = spec.blank == "left out" and NoneType in get_args(hint)
            shown = spec.view or (_some(hint) if apart or absent else hint)
            schema = self._whole(shown) if spec.view and spec.flat else self.of(shown)
            if spec.alone:
                return schema
            if spec.view and get_origin(hint) is tuple:
                schema = {"type": "array", "items": schema}
            if spec.blank == "null":
                schema = _nullable(schema)
            required = () if spec.blank == "left out" else (spec.name,)
            inside = schema if spec.flat else _object({spec.name: schema}, required)
            found = _joined(found, inside, optional=apart and not whole)
        return found

    def _mapping(self, key: Any, content: Any) -> Json:
        sets = [note for note in get_args(key)[1:] if isinstance(note, OneOf)]
        if sets:
            return _object({code: self.of(content) for code in sets[0].codes}, sets[0].always)
        return {"type": "object", "additionalProperties": self.of(content)}

    def _picked(self, view: View, pick: Pick) -> Json:
        """What is at the pick's path; a name that is not there is a ``KeyError``."""
        schema, missing = self._whole(view.kind, whole=view.whole), False
        kinds = {name: kind for kind, name in self._names.items()}
        for name in pick.path.split("."):
            if "$ref" in schema:
                schema = self._whole(kinds[schema["$ref"].rpartition("/")[2]])
            missing = missing or name not in schema["required"]
            schema = schema["properties"][name]
        optional = missing or (_NULL in schema.get("anyOf", ()) and not pick.sure)
        given = self.of(pick.view) if pick.view else schema.get("anyOf", [schema])[0]
        return _nullable(given) if optional else given


def _some(hint: Any) -> Any:
    """A type without its None."""
    return next(one for one in get_args(hint) if one is not NoneType)


def _nullable(schema: Json) -> Json:
    """The same, or null, in the one form that generators of clients understand for every schema."""
    return {"anyOf": [schema, _NULL]}


def _object(properties: dict[str, Json], required: Collection[str] | None = None) -> Json:
    """An object with these members and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if required is None or name in required],
        "additionalProperties": False,
    }


def _joined(one: Json, other: Json, *, optional: bool) -> Json:
    """One object of two; what both have is joined too, or as the first says."""
    properties = dict(one["properties"])
    for name, schema in other["properties"].items():
        known = properties.setdefault(name, schema)
        if known is not schema and "properties" in known:
            properties[name] = _joined(known, schema, optional=optional)
    return _object(properties, {*one["required"], *(() if optional else other["required"])})


def _keywords(notes: tuple[Any, ...]) -> Json:
    found: Json = {}
    for note in notes:
        if isinstance(note, OneOf):
            found["enum"] = list(note.codes)
        elif isinstance(note, Limits):
            found |= note.keywords
        elif isinstance(note, str):
            found["description"] = note
    return found
