"""Neural image assessment (NIMA): pictures in, score distributions and reasons out::

    import nima

    nima.score("photo.jpg").composite.stars
    nima.rank(["front.jpg", "side.jpg"], style="ecommerce").recommended

What is named in ``__all__`` is imported when it is first used: ``import nima`` alone loads nothing.
"""

__all__ = ["Assessment", "NimaError", "Picture", "Ranking", "__version__", "rank", "score"]
__version__ = "0.1.0"

_HOMES = {
    "Assessment": "nima.document.assessment",
    "NimaError": "nima.errors",
    "Picture": "nima.pictures",
    "Ranking": "nima.catalogue.ranking",
    "rank": "nima.pictures",
    "score": "nima.pictures",
}

TYPE_CHECKING = False  # type checkers take the name for true, and importing typing would cost more than all else here
if TYPE_CHECKING:
    from nima.catalogue.ranking import Ranking
    from nima.document.assessment import Assessment
    from nima.errors import NimaError
    from nima.pictures import Picture, rank, score
else:

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
