"""What a picture is measured against: the populations of its model, of products for products."""

from __future__ import annotations

from nima.assess.percentile import percentile
from nima.document.assessment import Percentile, Percentiles, Score
from nima.document.distribution import Distribution
from nima.document.scale import STAR_SHARES, Scale, Spread
from nima.model.manifest import Manifest


def scale_of(manifest: Manifest, product: bool) -> Scale | None:
    """What the stars of a picture are by; None where the model states no population of composites."""
    found = manifest.composites_of(product)
    if found is None:
        return None
    technical, aesthetic = map(Spread, found.means, found.deviations)
    steps = tuple(found.quantiles[share] for share in STAR_SHARES)
    return Scale(found.name, technical, aesthetic, found.correlation, steps, found.divisive_from)


def place(head: str, distribution: Distribution, manifest: Manifest, product: bool) -> Score:
    """A head's score with its place in the model's population."""
    population = manifest.population_of(head, product)
    if population is None:
        return Score(distribution)
    standing = Percentile(population.name, percentile(distribution.mean, population.quantiles))
    return Score(distribution, Percentiles(reference=standing))
