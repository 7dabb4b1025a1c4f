"""The settings of the functions, read once from the environment and checked."""

# Annotations are not postponed here: they hold what reads the settings.
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self, get_type_hints

from nima import env
from nima.aws.uri import ALLOWED, S3Uri
from nima.catalogue.keys import DEFAULT_PATTERN, KeyPattern
from nima.document.composite import DEFAULT_STYLE, STYLES
from nima.document.rules import MainImageRules
from nima.errors import InvalidRequest
from nima.image.limits import Limits

_MAX_THREADS = 64
_MAX_TOMBSTONE_DAYS = 3650
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")

Variables = Mapping[str, str]
Read = Callable[[Variables], Any]


def _text(name: str) -> Read:
    return lambda given: env.text(given, name)


def _origins(variables: Variables) -> tuple[str, ...]:
    raw = variables.get("NIMA_CORS_ORIGINS", "")
    origins = tuple(origin.strip() for origin in raw.split(",") if origin.strip())
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise env.BadSetting(
                "NIMA_CORS_ORIGINS", raw, "origins such as https://cms.example.com, with commas between"
            )
    return origins


def _collections(variables: Variables) -> tuple[str, ...]:
    raw = variables.get("NIMA_PAGE_COLLECTIONS", "[]")
    try:
        found = json.loads(raw)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(id, str) and id for id in found):
        raise env.BadSetting("NIMA_PAGE_COLLECTIONS", raw, 'a JSON list of ids, such as ["shoes~1trail-runner"]')
    return tuple(found)


def _key_pattern(variables: Variables) -> KeyPattern:
    raw = env.text(variables, "NIMA_KEY_PATTERN", DEFAULT_PATTERN)
    try:
        return KeyPattern(raw, _upload_prefix(variables))
    except ValueError as error:
        raise env.BadSetting("NIMA_KEY_PATTERN", raw, str(error)) from error


def _model_uri(variables: Variables) -> S3Uri | None:
    raw = variables.get("MODEL_URI", "")
    try:
        return S3Uri.of(raw) if raw else None
    except InvalidRequest as error:
        raise env.BadSetting("MODEL_URI", raw, ALLOWED) from error


def _style(variables: Variables) -> str:
    return env.choice(variables, "NIMA_STYLE", DEFAULT_STYLE, tuple(STYLES))


def _upload_prefix(variables: Variables) -> str:
    return variables.get("NIMA_UPLOAD_PREFIX", "")


@dataclass(frozen=True)
class Settings:
    """Settings, each annotated with what reads it."""

    @classmethod
    def from_env(cls, variables: Variables, models: Path | None = None) -> Self:
        """Reads the environment; ``models`` is where models lie if ``NIMA_MODELS`` does not say.

        Raises:
            BadSetting: A variable is missing or not allowed.
        """
        given = {**variables, "NIMA_MODELS": variables.get("NIMA_MODELS") or str(models or "")}
        hints = get_type_hints(cls, include_extras=True)
        return cls(**{name: read(given) for name, hint in hints.items() for read in hint.__metadata__})


@dataclass(frozen=True)
class AssessSettings(Settings):
    """What pictures are assessed with.

    Attributes:
        models: ``NIMA_MODELS``, the folder of model folders.
        model: ``MODEL``, a model's id; None takes the best that is there.
        model_uri: ``MODEL_URI``, where a published model lies in S3, which then is used instead.
        threads: ``NIMA_THREADS`` of one inference; None takes all processors.
        style: ``NIMA_STYLE``.
        reframe: ``NIMA_REFRAME``, on or off.
        limits: ``NIMA_MAX_BYTES`` and ``NIMA_MAX_PIXELS``.
        rules: ``NIMA_MAIN_IMAGE_...``, what main images are judged by.
    """

    models: Annotated[Path, lambda given: Path(env.text(given, "NIMA_MODELS"))]
    model: Annotated[str | None, lambda given: given.get("MODEL") or None]
    model_uri: Annotated[S3Uri | None, _model_uri]
    threads: Annotated[int | None, lambda given: env.integer(given, "NIMA_THREADS", 0, 0, _MAX_THREADS) or None]
    style: Annotated[str, _style]
    reframe: Annotated[bool, lambda given: env.switch(given, "NIMA_REFRAME", True)]
    limits: Annotated[Limits, Limits.from_env]
    rules: Annotated[MainImageRules, MainImageRules.from_env]


@dataclass(frozen=True)
class StackSettings(Settings):
    """What every function knows of its stack.

    Attributes:
        table: ``TABLE_NAME``.
        bucket: ``BUCKET_NAME``, where pictures are: plain keys name them, uploads and kept pictures go there.
        thumbnails: ``THUMBNAIL_BUCKET_NAME``.
        pattern: ``NIMA_KEY_PATTERN``; ``NIMA_UPLOAD_PREFIX`` is taken off keys before.
    """

    table: Annotated[str, _text("TABLE_NAME")]
    bucket: Annotated[str, _text("BUCKET_NAME")]
    thumbnails: Annotated[str, _text("THUMBNAIL_BUCKET_NAME")]
    pattern: Annotated[KeyPattern, _key_pattern]


@dataclass(frozen=True)
class ScoreSettings(StackSettings):
    """The score function's settings.

    Attributes:
        bus: ``EVENT_BUS_NAME``, which is told of every result.
        assess: What pictures are assessed with.
        tombstone_days: ``NIMA_TOMBSTONE_DAYS`` for which a deletion is remembered.
    """

    bus: Annotated[str, _text("EVENT_BUS_NAME")]
    assess: Annotated[AssessSettings, AssessSettings.from_env]
    tombstone_days: Annotated[int, lambda given: env.integer(given, "NIMA_TOMBSTONE_DAYS", 30, 1, _MAX_TOMBSTONE_DAYS)]


@dataclass(frozen=True)
class ApiSettings(StackSettings):
    """The settings of the functions behind the API.

    Attributes:
        upload_prefix: ``NIMA_UPLOAD_PREFIX``, what the keys of uploads and of kept pictures have to begin with.
        origins: ``NIMA_CORS_ORIGINS``: origins such as ``https://cms.example.com`` with commas between them, whose
            pages may read answers; none by default.
    """

    upload_prefix: Annotated[str, _upload_prefix]
    origins: Annotated[tuple[str, ...], _origins]


@dataclass(frozen=True)
class EvaluateSettings(ApiSettings):
    """The settings of the function behind POST /evaluate; ``assess`` is what pictures are assessed with."""

    assess: Annotated[AssessSettings, AssessSettings.from_env]


@dataclass(frozen=True)
class QuerySettings(ApiSettings):
    """The query function's settings.

    Attributes:
        style: ``NIMA_STYLE`` of rankings that name none.
        rules: ``NIMA_MAIN_IMAGE_...``, what main images are judged by.
        limits: ``NIMA_MAX_BYTES`` of an upload.
        upload_endpoint: ``NIMA_UPLOAD_ENDPOINT``, where browsers reach S3; None where the function does.
        collections: ``NIMA_PAGE_COLLECTIONS``, the ids of the collections that the page opens with.
    """

    style: Annotated[str, _style]
    rules: Annotated[MainImageRules, MainImageRules.from_env]
    limits: Annotated[Limits, Limits.from_env]
    upload_endpoint: Annotated[str | None, lambda given: given.get("NIMA_UPLOAD_ENDPOINT", "").rstrip("/") or None]
    collections: Annotated[tuple[str, ...], _collections]
