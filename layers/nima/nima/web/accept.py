"""What a client takes, and how gladly: the headers ``Accept`` and ``Accept-Encoding`` (RFC 9110, section 12)."""

from __future__ import annotations

import re

_QUALITY = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII | re.IGNORECASE)


def qualities(header: str) -> dict[str, float]:
    """The quality, 0..1, of each name in a header, in lower case and without other parameters.

    A name without a quality has 1; one with a quality that is none has 0, as if it were not there.
    """
    found: dict[str, float] = {}
    for part in header.split(","):
        name, *parameters = (text.strip() for text in part.split(";"))
        weights = [text for text in parameters if text.lower().startswith("q")]
        quality = _QUALITY.fullmatch(weights[0]) if weights else None
        found[name.lower()] = float(quality[1]) if quality else 0.0 if weights else 1.0
    return found


def prefers(header: str, content_type: str, usual: str) -> bool:
    """Whether an ``Accept`` header asks for a content type rather than for the usual one.

    It has to name that type itself, as a wildcard means the usual one, and to want it at least as much.
    """
    accepted = qualities(header)
    wanted = accepted.get(content_type, 0.0)
    names = (usual, f"{usual.partition('/')[0]}/*", "*/*")
    return wanted > 0 and wanted >= next((accepted[name] for name in names if name in accepted), 0.0)
