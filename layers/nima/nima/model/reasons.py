"""What a manifest says of a model's learned reasons: the file of their gates, and from where on each names a defect."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

GROUPS = PHOTOGRAPHS, PRODUCTS, ECOMMERCE = "photographs", "products", "ecommerce"
"""What has thresholds of its own: products are pictures that ``find_product`` finds one in, photographs all others;
``ecommerce`` are pictures of either sort, for what is a defect in that style only."""

MAX_BYTES = 4 << 20


class Threshold(NamedTuple):
    """The logits from which a defect is named, and from which it is sure; and the only style, if any, that it is one
    in."""

    named: float
    sure: float
    style: str | None = None


@dataclass(frozen=True)
class Reasons:
    """The learned reasons of a model.

    Attributes:
        file: The name of the gates' file in the model's folder.
        sha256: Its SHA-256 (hex).
        bytes: Its size.
        thresholds: Of each code by group: the logit from which the defect is named, and that from which it is surely
            there. A code without thresholds for a group is never named in it.

    Raises:
        ValueError: It has no such name or size, or there are no such thresholds.
    """

    file: str
    sha256: str
    bytes: int
    thresholds: Mapping[str, Mapping[str, tuple[float, float]]]

    def __post_init__(self) -> None:
        if not self.file or Path(self.file).name != self.file:
            raise ValueError("the gates must lie in the model's folder itself")
        if not 0 < self.bytes <= MAX_BYTES:
            raise ValueError(f"gates have at most {MAX_BYTES} bytes, not {self.bytes}")
        for code, groups in self.thresholds.items():
            if not groups or not set(groups) <= set(GROUPS):
                raise ValueError(f"{code}: thresholds are for {GROUPS}, not for {sorted(groups)}")
            for named, sure in groups.values():
                if not (math.isfinite(named) and math.isfinite(sure) and named <= sure):
                    raise ValueError(f"{code}: named {named} and sure {sure} are no two thresholds")

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Reasons:
        thresholds = {
            code: {group: (float(named), float(sure)) for group, (named, sure) in groups.items()}
            for code, groups in document["thresholds"].items()
        }
        return cls(**{**document, "thresholds": thresholds})

    @property
    def version(self) -> str:
        """Changes with whatever they say of a picture."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:8]

    def of(self, *, product: bool) -> Mapping[str, Threshold]:
        """The thresholds of a product, or of any other picture, by code."""
        own = PRODUCTS if product else PHOTOGRAPHS
        return {
            code: Threshold(*groups[group], ECOMMERCE if group == ECOMMERCE else None)
            for code, groups in self.thresholds.items()
            for group in (own, ECOMMERCE)
            if group in groups and (group == own or own not in groups)
        }
