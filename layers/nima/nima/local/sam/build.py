"""What ``sam build`` made, and the template with which ``sam local`` runs it here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from nima.errors import InvalidRequest
from nima.local.template import FUNCTION

BUILT = Path(".aws-sam", "build")
FILE_NAME = "template.yaml"

_PATHS = ("CodeUri", "ContentUri", "TemplateURL")
_LAST_SECONDS, _BETWEEN_SECONDS, _BUILD_SECONDS = 1, 3, 600
_POLL_SECONDS = 0.1
_NOT_BUILT = "The project is not built; run `make build`."


class Build:
    """The latest build of a project, which every ``sam build`` replaces as a whole."""

    def __init__(self, project: Path) -> None:
        self.folder = project / BUILT
        self._template = self.folder / FILE_NAME

    def stamp(self) -> tuple[int, int] | None:
        """Another value after each build; None where there is none or where one is being made."""
        try:
            found = self._template.stat()
        except FileNotFoundError:
            return None
        # Templates are what a build writes last, one after the other.
        return None if 0 <= time.time() - found.st_mtime < _LAST_SECONDS else (found.st_mtime_ns, found.st_ino)

    @property
    def in_progress(self) -> bool:
        """Whether a build was begun that has not been finished."""
        return self.folder.is_dir() and self.stamp() is None

    def wait(self) -> None:
        """Waits for the end of a build that is in progress.

        Raises:
            InvalidRequest: The project is not built, or the build does not end.
        """
        began = time.monotonic()
        while self.stamp() is None:
            waited = time.monotonic() - began
            # Between two builds there is no folder for a moment.
            if not self.folder.is_dir() and (not self.folder.parent.is_dir() or waited > _BETWEEN_SECONDS):
                raise InvalidRequest(_NOT_BUILT)
            if waited > _BUILD_SECONDS:
                raise InvalidRequest("The build has not ended; run `make build` again.")
            time.sleep(_POLL_SECONDS)

    def image(self) -> str:
        """The name of an image of a function.

        Raises:
            InvalidRequest: The project is not built, or no function has an image.
        """
        for properties in _functions(self._document()).values():
            if "ImageUri" in properties:
                return str(properties["ImageUri"])
        raise InvalidRequest("No function of the template has an image.")

    def template(self, variables: Mapping[str, Mapping[str, str]], architecture: str | None = None) -> str:
        """The built template for ``sam local``, to be kept anywhere.

        ``sam local`` gives a function only variables that its template declares, and looks for what was built beside
        the template. So the variables are written into it, and paths are made absolute.

        Args:
            variables: Variables by function, in place of or beside the template's own.
            architecture: The processors that the images were built for; None leaves what the template says.

        Raises:
            InvalidRequest: The project is not built.
        """
        document = self._document()
        for id, properties in _functions(document).items():
            properties.setdefault("Environment", {}).setdefault("Variables", {}).update(variables.get(id, {}))
            if architecture:
                properties["Architectures"] = [architecture]
        for resource in document["Resources"].values():
            properties = resource.get("Properties", {})
            for name in _PATHS:
                if isinstance(properties.get(name), str) and (self.folder / properties[name]).exists():
                    properties[name] = str((self.folder / properties[name]).resolve())
        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)

    def _document(self) -> dict[str, Any]:
        try:
            document: dict[str, Any] = yaml.safe_load(self._template.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise InvalidRequest(_NOT_BUILT) from error
        return document


def _functions(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {id: found["Properties"] for id, found in document["Resources"].items() if found["Type"] == FUNCTION}
