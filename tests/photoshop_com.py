"""Photoshop for Windows without either: strict stand-ins for registry and COM, below photoshop-python-api itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch


class COMError(Exception):
    """As ctypes has it on Windows: no OSError."""


class Com:
    """An object that has what it was given, and raises as COM does where it is asked for more."""

    def __init__(self, **members: Any) -> None:
        self.__dict__.update(members)

    def __getattr__(self, name: str) -> Any:
        raise COMError(-2147352570, "Unknown name.", name)

    def _FlagAsMethod(self, *names: str) -> None:
        pass


class _Some(Com):
    """A collection."""

    def __init__(self, *members: Com) -> None:
        self._members = members

    def __iter__(self) -> Iterator[Com]:
        return iter(self._members)


class Photoshop:
    """Photoshop, with a picture open or none.

    Attributes:
        picture: What a copy of the open document has in it.
        fails: What is refused: ``saveAs`` or ``doJavaScript``.
        ran: The scripts that were run.
        files: The files that copies were written to.
    """

    def __init__(self, picture: Path | None, *, installed: bool = True, fails: str = "") -> None:
        self.picture, self.installed, self.fails = picture, installed, fails
        self.ran: list[str] = []
        self.files: list[Path] = []

    def create(self, program: str, dynamic: bool = False) -> Com:
        if not dynamic or not program.startswith("Photoshop."):
            raise OSError(f"no {program} is registered")
        if ".JPEGSaveOptions" in program:
            return Com(kind="JPEG")
        document = Com(name="Untitled-1 新.psd", saveAs=self._save_as)
        members = {"documents": _Some(*([document] if self.picture else [])), "doJavaScript": self._run}
        return Com(**members, **({"activeDocument": document} if self.picture else {}))

    def _save_as(self, path: str, options: Any, as_copy: bool, extension: int) -> None:
        if self.fails == "saveAs":
            raise COMError(-2147212704, None, "the document has 32 bits")
        # Else it would be another file from then on.
        assert as_copy is True
        assert options.app.kind == "JPEG"
        assert options.quality >= 10
        assert self.picture
        self.files.append(Path(path))
        Path(path).write_bytes(self.picture.read_bytes())

    def _run(self, script: str, arguments: Any, mode: Any) -> None:
        if self.fails == "doJavaScript":
            raise COMError(-2147417846, "busy", None)
        self.ran.append(script)

    @contextmanager
    def running(self) -> Iterator[None]:
        """While it runs, photoshop-python-api finds it, on any system."""

        def versions(key: Any) -> tuple[int, int, int]:
            return (1, 0, 0) if self.installed else (0, 0, 0)

        def create(program: str, dynamic: bool = False) -> Com:
            if not self.installed:
                raise OSError(f"no {program} is registered")
            return self.create(program, dynamic)

        registry = _module(
            "winreg", KEY_READ=1, KEY_WOW64_64KEY=2, KEY_WOW64_32KEY=4, HKEY_LOCAL_MACHINE=8, HKEYType=int,
            OpenKey=lambda key, sub_key, access: 1, QueryInfoKey=versions, EnumKey=lambda key, place: "180.0",
        )  # fmt: skip
        modules = [
            registry,
            _module("comtypes", COMError=COMError, ArgumentError=TypeError),
            _module("comtypes.client", CreateObject=create),
            _module("comtypes.client.dynamic", _Dispatch=Com),
            _module("comtypes.client.lazybind", Dispatch=Com),
        ]
        kept = {name: one for name, one in sys.modules.items() if name.split(".")[0] != "photoshop"}
        native = patch("_ctypes.COMError", COMError, create=True)
        with patch.dict(sys.modules, {**kept, **{one.__name__: one for one in modules}}, clear=True), native:
            yield


def _module(name: str, **members: Any) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update(members)
    return module
