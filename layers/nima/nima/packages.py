"""What lies in other packages' folders, which are looked up without importing them: some are large."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def file_of(package: str, *parts: str) -> Path | None:
    """A file in an installed package's folder; None where there is none, or the package is not installed."""
    spec = find_spec(package)
    folders = (spec and spec.submodule_search_locations) or ()
    files = (Path(folder, *parts) for folder in folders)
    return next((file for file in files if file.is_file()), None)


def plotly_js() -> Path | None:
    """Plotly.js, as the Python package ``plotly`` carries it."""
    return file_of("plotly", "package_data", "plotly.min.js")
