"""How the published weights score stated sets of photographs: what their percentiles are percentiles of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from nima.model.manifest import Population
from nima.model.published import IDEALO, Weights

# fmt: off
_TECHNICAL = Population(
    "2,286 everyday photographs",
    (
        2.6014,
        3.3822, 3.5173, 3.6256, 3.7006, 3.7941, 3.8532, 3.9130, 3.9544, 4.0182, 4.0653,
        4.1131, 4.1449, 4.1938, 4.2328, 4.2557, 4.2808, 4.3072, 4.3390, 4.3643, 4.3930,
        4.4152, 4.4326, 4.4475, 4.4660, 4.4871, 4.5027, 4.5220, 4.5348, 4.5496, 4.5729,
        4.5922, 4.6159, 4.6380, 4.6577, 4.6706, 4.6907, 4.7071, 4.7246, 4.7389, 4.7507,
        4.7690, 4.7837, 4.8072, 4.8220, 4.8353, 4.8568, 4.8815, 4.9016, 4.9240, 4.9407,
        4.9606, 4.9785, 4.9933, 5.0115, 5.0258, 5.0423, 5.0563, 5.0747, 5.0975, 5.1110,
        5.1312, 5.1485, 5.1622, 5.1831, 5.2017, 5.2164, 5.2457, 5.2685, 5.2901, 5.3071,
        5.3240, 5.3448, 5.3614, 5.3784, 5.3933, 5.4109, 5.4319, 5.4500, 5.4711, 5.4930,
        5.5146, 5.5383, 5.5643, 5.5917, 5.6232, 5.6548, 5.6859, 5.7084, 5.7354, 5.7645,
        5.7884, 5.8186, 5.8584, 5.9085, 5.9649, 6.0397, 6.1279, 6.2145, 6.3632, 6.8856,
    ),
)
"""Means of the int8 conversion, measured by this package's own way from file to score."""

_AESTHETIC = Population(
    "19,929 AVA photographs",
    (
        3.2232,
        4.1032, 4.2842, 4.4002, 4.4718, 4.5281, 4.5812, 4.6301, 4.6699, 4.7067, 4.7428,
        4.7738, 4.8025, 4.8318, 4.8586, 4.8859, 4.9079, 4.9276, 4.9518, 4.9713, 4.9910,
        5.0087, 5.0280, 5.0471, 5.0666, 5.0855, 5.1033, 5.1211, 5.1395, 5.1588, 5.1784,
        5.1956, 5.2100, 5.2272, 5.2413, 5.2575, 5.2730, 5.2886, 5.3049, 5.3204, 5.3351,
        5.3501, 5.3635, 5.3790, 5.3946, 5.4085, 5.4232, 5.4377, 5.4545, 5.4715, 5.4851,
        5.4990, 5.5149, 5.5296, 5.5436, 5.5589, 5.5737, 5.5884, 5.6026, 5.6183, 5.6324,
        5.6486, 5.6639, 5.6794, 5.6933, 5.7087, 5.7238, 5.7378, 5.7548, 5.7713, 5.7896,
        5.8042, 5.8210, 5.8367, 5.8526, 5.8709, 5.8886, 5.9062, 5.9244, 5.9425, 5.9620,
        5.9830, 6.0016, 6.0205, 6.0426, 6.0637, 6.0840, 6.1054, 6.1313, 6.1556, 6.1807,
        6.2105, 6.2409, 6.2704, 6.3018, 6.3429, 6.3865, 6.4382, 6.5088, 6.6088, 7.0568,
    ),
)
"""Means that idealo's original model gave, published in github.com/phuockhanhle/iqs-digikam at c2027026."""
# fmt: on

OF_IDEALO: Mapping[str, Population] = {"technical": _TECHNICAL, "aesthetic": _AESTHETIC}

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
