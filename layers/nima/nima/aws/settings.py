"""The settings of the functions, read once from the environment and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True)
class QuerySettings:
    """The query function's settings.

    Attributes:
        table: ``TABLE_NAME``.
        bucket: ``BUCKET_NAME``, which uploads go to.
        thumbnails: ``THUMBNAIL_BUCKET_NAME``.
        style: ``NIMA_STYLE`` of rankings that name none.
        rules: ``NIMA_MAIN_IMAGE_...``, what main images are judged by.
        limits: ``NIMA_MAX_BYTES`` of an upload.
        pattern: ``NIMA_KEY_PATTERN``; ``NIMA_UPLOAD_PREFIX`` is taken off keys before.
        upload_prefix: ``NIMA_UPLOAD_PREFIX``, what the keys of uploads have to begin with.
        upload_endpoint: ``NIMA_UPLOAD_ENDPOINT``, where browsers reach S3; None where the function does.
        origins: ``NIMA_CORS_ORIGINS``, whose pages may read answers.
        collections: ``NIMA_PAGE_COLLECTIONS``, the ids of the collections that the page opens with.
    """

    table: str
    bucket: str
    thumbnails: str
    style: str
    rules: MainImageRules
    limits: Limits
    pattern: KeyPattern
    upload_prefix: str
    upload_endpoint: str | None
    origins: tuple[str, ...]
    collections: tuple[str, ...]

    @classmethod
    def from_env(cls, variables: Mapping[str, str]) -> QuerySettings:
        """Reads the environment.

        Raises:
            BadSetting: A variable is missing or not allowed.
        """
        return cls(
            table=env.text(variables, "TABLE_NAME"),
            bucket=env.text(variables, "BUCKET_NAME"),
            thumbnails=env.text(variables, "THUMBNAIL_BUCKET_NAME"),
            style=env.choice(variables, "NIMA_STYLE", DEFAULT_STYLE, tuple(STYLES)),
            rules=MainImageRules.from_env(variables),
            limits=Limits.from_env(variables),
            pattern=_key_pattern(variables),
            upload_prefix=variables.get("NIMA_UPLOAD_PREFIX", ""),
            upload_endpoint=variables.get("NIMA_UPLOAD_ENDPOINT", "").rstrip("/") or None,
            origins=read_origins(variables),
            collections=_collections(variables),
        )


def read_origins(variables: Mapping[str, str]) -> tuple[str, ...]:
    """``NIMA_CORS_ORIGINS``: origins such as ``https://cms.example.com`` with commas between them; none by default.

    Raises:
        BadSetting: One of them is no origin.
    """
    raw = variables.get("NIMA_CORS_ORIGINS", "")
    origins = tuple(origin.strip() for origin in raw.split(",") if origin.strip())
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise env.BadSetting(
                "NIMA_CORS_ORIGINS", raw, "origins such as https://cms.example.com, with commas between"
            )
    return origins


@dataclass(frozen=True)
class AssessSettings:
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

    models: Path
    model: str | None
    model_uri: S3Uri | None
    threads: int | None
    style: str
    reframe: bool
    limits: Limits
    rules: MainImageRules

    @classmethod
    def from_env(cls, variables: Mapping[str, str], models: Path) -> AssessSettings:
        """Reads the environment; ``models`` is where they lie if ``NIMA_MODELS`` does not say.

        Raises:
            BadSetting: A variable is missing or not allowed.
        """
        return cls(
            models=Path(env.text(variables, "NIMA_MODELS", str(models))),
            model=variables.get("MODEL") or None,
            model_uri=_model_uri(variables),
            threads=env.integer(variables, "NIMA_THREADS", 0, 0, _MAX_THREADS) or None,
            style=env.choice(variables, "NIMA_STYLE", DEFAULT_STYLE, tuple(STYLES)),
            reframe=env.switch(variables, "NIMA_REFRAME", True),
            limits=Limits.from_env(variables),
            rules=MainImageRules.from_env(variables),
        )


@dataclass(frozen=True)
class ScoreSettings:
    """The score function's settings.

    Attributes:
        table: ``TABLE_NAME``.
        bucket: ``BUCKET_NAME``, where plain keys lie.
        thumbnails: ``THUMBNAIL_BUCKET_NAME``.
        bus: ``EVENT_BUS_NAME``, which is told of every result.
        assess: What pictures are assessed with.
        pattern: ``NIMA_KEY_PATTERN``; ``NIMA_UPLOAD_PREFIX`` is taken off keys before.
        tombstone_days: ``NIMA_TOMBSTONE_DAYS`` for which a deletion is remembered.
    """

    table: str
    bucket: str
    thumbnails: str
    bus: str
    assess: AssessSettings
    pattern: KeyPattern
    tombstone_days: int

    @classmethod
    def from_env(cls, variables: Mapping[str, str], models: Path) -> ScoreSettings:
        """Reads the environment; ``models`` is where they lie if ``NIMA_MODELS`` does not say.

        Raises:
            BadSetting: A variable is missing or not allowed.
        """
        return cls(
            table=env.text(variables, "TABLE_NAME"),
            bucket=env.text(variables, "BUCKET_NAME"),
            thumbnails=env.text(variables, "THUMBNAIL_BUCKET_NAME"),
            bus=env.text(variables, "EVENT_BUS_NAME"),
            assess=AssessSettings.from_env(variables, models),
            pattern=_key_pattern(variables),
            tombstone_days=env.integer(variables, "NIMA_TOMBSTONE_DAYS", 30, 1, _MAX_TOMBSTONE_DAYS),
        )


@dataclass(frozen=True)
class EvaluateSettings:
    """The settings of the function behind POST /evaluate.

    Attributes:
        table: ``TABLE_NAME``.
        bucket: ``BUCKET_NAME``, where pictures are kept.
        thumbnails: ``THUMBNAIL_BUCKET_NAME``.
        assess: What pictures are assessed with.
        pattern: ``NIMA_KEY_PATTERN``; ``NIMA_UPLOAD_PREFIX`` is taken off keys before.
        upload_prefix: ``NIMA_UPLOAD_PREFIX``, what the keys of kept pictures have to begin with.
        origins: ``NIMA_CORS_ORIGINS``, whose pages may read answers.
    """

    table: str
    bucket: str
    thumbnails: str
    assess: AssessSettings
    pattern: KeyPattern
    upload_prefix: str
    origins: tuple[str, ...]

    @classmethod
    def from_env(cls, variables: Mapping[str, str], models: Path) -> EvaluateSettings:
        """Reads the environment; ``models`` is where they lie if ``NIMA_MODELS`` does not say.

        Raises:
            BadSetting: A variable is missing or not allowed.
        """
        return cls(
            table=env.text(variables, "TABLE_NAME"),
            bucket=env.text(variables, "BUCKET_NAME"),
            thumbnails=env.text(variables, "THUMBNAIL_BUCKET_NAME"),
            assess=AssessSettings.from_env(variables, models),
            pattern=_key_pattern(variables),
            upload_prefix=variables.get("NIMA_UPLOAD_PREFIX", ""),
            origins=read_origins(variables),
        )


def _collections(variables: Mapping[str, str]) -> tuple[str, ...]:
    raw = variables.get("NIMA_PAGE_COLLECTIONS", "[]")
    try:
        found = json.loads(raw)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(id, str) and id for id in found):
        raise env.BadSetting("NIMA_PAGE_COLLECTIONS", raw, 'a JSON list of ids, such as ["shoes~1trail-runner"]')
    return tuple(found)


def _key_pattern(variables: Mapping[str, str]) -> KeyPattern:
    raw = env.text(variables, "NIMA_KEY_PATTERN", DEFAULT_PATTERN)
    try:
        return KeyPattern(raw, variables.get("NIMA_UPLOAD_PREFIX", ""))
    except ValueError as error:
        raise env.BadSetting("NIMA_KEY_PATTERN", raw, str(error)) from error


def _model_uri(variables: Mapping[str, str]) -> S3Uri | None:
    raw = variables.get("MODEL_URI", "")
    try:
        return S3Uri.of(raw) if raw else None
    except InvalidRequest as error:
        raise env.BadSetting("MODEL_URI", raw, ALLOWED) from error
