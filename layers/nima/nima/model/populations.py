"""How the published weights score stated sets of photographs: what their percentiles are percentiles of.

``populations.json`` has the technical means of the int8 conversion, measured by this package's own way from file to
score, and the aesthetic ones that idealo's original model gave, published in github.com/phuockhanhle/iqs-digikam at
c2027026.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from nima.model.manifest import Population
from nima.model.published import IDEALO, Weights

OF_IDEALO: Mapping[str, Population] = {
    head: Population(found["name"], tuple(found["quantiles"]))
    for head, found in json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8")).items()
}

_CONVERSIONS: Mapping[str, str] = {
    "technical": "c5ed895dcd58ac0e23b9057118c184cd3a9ee78182547ac8ebaf7492ab9f52f2",
    "aesthetic": "fb110d0f14deab549e14b5ac9a89218b31aeb369ee4b98407e4e74f2d768739f",
}
"""SHA-256 of LiteRT files that answer, to a few hundredths of a score, as the published weights do."""


def of_weights(weights: Sequence[Weights]) -> dict[str, Population]:
    """The populations of the heads whose weights are the published ones."""
    return {wanted.head: OF_IDEALO[wanted.head] for wanted in weights if wanted in IDEALO and wanted.head in OF_IDEALO}


def of_files(content: Mapping[str, bytes]) -> dict[str, Population]:
    """The populations of the heads whose LiteRT file is a known conversion of the published weights."""
    return {
        head: OF_IDEALO[head]
        for head, data in content.items()
        if head in OF_IDEALO and hashlib.sha256(data).hexdigest() == _CONVERSIONS.get(head)
    }
