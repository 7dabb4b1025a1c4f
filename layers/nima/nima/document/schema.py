"""JSON schemas of parts, as OpenAPI 3.1 takes them, by the parts' declarations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from nima.document.part import Json, Member, members
from nima.document.read import hints
from nima.document.short import View, some
from nima.document.values import Limits, OneOf

Schema = dict[str, Any]

_SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
}


def nullable(schema: Schema) -> Schema:
    """The same, or null, in the one form that generators of clients understand for every schema."""
    return {"anyOf": [schema, {"type": "null"}]}


def ref(name: str) -> Schema:
    """A schema of the components by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


class Schemas:
    """Schemas that refer to components.

    Args:
        components: The kinds of part and the views that are components, by their names.
    """

    def __init__(self, components: Mapping[str, Any]) -> None:
        self._components = components
        self._names: dict[Any, str] = {kind: name for name, kind in components.items()}

    def all(self) -> dict[str, Schema]:
        """The components' schemas by their names."""
        return {name: self._whole(kind) for name, kind in self._components.items()}

    def of(self, hint: Any) -> Schema:
        """The schema of a type, or of a view."""
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is None and hint in self._names:
            return ref(self._names[hint])
        if origin is Annotated:
            return {**self.of(arguments[0]), **_keywords(arguments[1:])}
        if NoneType in arguments:
            return nullable(self.of(some(hint)))
        if origin is tuple:
            length = {} if arguments[-1] is Ellipsis else dict.fromkeys(("minItems", "maxItems"), len(arguments))
            return {"type": "array", "items": self.of(arguments[0]), **length}
        if origin is Mapping:
            return self._mapping(*arguments)
        return _SCALARS[hint] if hint in _SCALARS else self._whole(hint)

    def _whole(self, kind: Any) -> Schema:
        return self._shown(kind) if isinstance(kind, View) else self._part(kind)

    def _part(self, kind: Any) -> Schema:
        properties: dict[str, Schema] = {}
        required: list[str] = []
        for said in members(kind):
            schema, optional = self._member(said, hints(kind)[said.field])
            if said.alone:
                return schema
            inside = schema if said.flat else _object({said.name: schema}, () if said.blank == "left out" else None)
            for name, content in inside["properties"].items():
                known = properties.get(name, {})
                properties[name] = _joined(known, content, optional=optional) if "properties" in known else content
                if name in inside["required"] and name not in required and not optional:
                    required.append(name)
        return _object(properties, required)

    def _member(self, said: Member, hint: Any) -> tuple[Schema, bool]:
        """A member's schema, and whether the part that it is flat in may be without it."""
        if said.view:
            view = self.of(said.view) if not said.flat else self._whole(said.view)
            return ({"type": "array", "items": view} if get_origin(hint) is tuple else view), False
        optional = said.flat and NoneType in get_args(hint)
        schema = self.of(some(hint) if optional else hint)
        return (nullable(schema) if said.blank == "null" else schema), optional

    def _mapping(self, key: Any, content: Any) -> Schema:
        sets = [note for note in get_args(key)[1:] if isinstance(note, OneOf)]
        if sets:
            return _object({code: self.of(content) for code in sets[0].codes}, sets[0].always)
        return {"type": "object", "additionalProperties": self.of(content)}

    def _shown(self, view: View) -> Schema:
        shown = {name: view.shown(name) for name in view.picks}
        return _object(
            {name: nullable(self.of(hint)) if null else self.of(hint) for name, (hint, null) in shown.items()}
        )


def _object(properties: dict[str, Schema], required: Collection[str] | None = None) -> Schema:
    """An object with these members and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if required is None or name in required],
        "additionalProperties": False,
    }


def _joined(one: Schema, other: Schema, *, optional: bool) -> Schema:
    """The object that two of one name become; what both have is as the first says."""
    return _object(
        {**one["properties"], **other["properties"], **one["properties"]},
        [*one["required"], *(() if optional else other["required"])],
    )


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
