"""The stand-in for Lightroom's SDK: it raises where Lightroom would, else the plug-in's tests would say nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lightroom import Lightroom

pytest.importorskip("lupa.lua51", reason="Lua 5.1 (lupa) is not installed")

_CATALOG = "local catalog = import('LrApplication').activeCatalog() "
_PHOTO = _CATALOG + "local photo = catalog:getTargetPhotos()[1] "
_VIEW = "local view = import('LrView').osFactory() "


def _task(tmp_path: Path, lua: str) -> list[str]:
    """What goes wrong where a task does this."""
    lightroom = Lightroom([{"path": str(tmp_path / "a.jpg")}], tmp_path)
    lightroom.lua.execute(f"import('LrTasks').startAsyncTask(function() {lua} end)")
    lightroom.host.drain()
    return list(lightroom.host.faults.values())


def _gate(lua: str) -> str:
    return f"{_PHOTO} catalog:withWriteAccessDo('x', function() {lua} end, {{ timeout = 1 }})"


@pytest.mark.parametrize(
    ("lua", "fault"),
    [
        ("import 'LrMagic'", "no module LrMagic"),
        ("import('LrTasks').wait()", "LrTasks has no member wait"),
        ("import('LrTasks').sleep('1')", "sleep takes no string as argument 1"),
        ("import('LrTasks').execute('true', 1)", "execute takes 1 arguments"),
        ("import('LrTasks').execute(nil)", "execute takes no nil"),
        ("import('LrProgressScope').new()", "LrProgressScope has no member new"),
        ("local LrDialogs = import 'LrDialogs'; LrDialogs.shown = 1", "LrDialogs takes no member shown"),
        ("import('LrDialogs').presentModalDialog({ title = 'x', contents = {}, ok = 'y' })", "of a dialog is not ok"),
        (_PHOTO + "photo.facts = 1", "LrPhoto takes no member facts"),
        (_PHOTO + "return photo.getRating", "LrPhoto has no member getRating"),
        (_PHOTO + "photo:getRawMetadata('fileName')", "a raw key is not fileName"),
        (_PHOTO + "photo:getRawMetadata({ 'path' })", "getRawMetadata takes no table as argument 2"),
        (_PHOTO + "photo.getRawMetadata('path')", "getRawMetadata takes no string as argument 1"),
        (_PHOTO + "photo:getPropertyForPlugin(_PLUGIN, 'stars')", "a field is not stars"),
        (_PHOTO + "photo:setRawMetadata('rating', 3)", "setRawMetadata is called outside of withWriteAccessDo"),
        (_PHOTO + "photo:setPropertyForPlugin(_PLUGIN, 'model', 'x')", "outside of withWriteAccessDo"),
        (_gate("photo:setRawMetadata('rating', '3')"), "a rating is not 3"),
        (_gate("photo:setRawMetadata('rating', 6)"), "a rating is not 6"),
        (_gate("photo:setRawMetadata('pickStatus', true)"), "a flag is not true"),
        (_gate("photo:setRawMetadata('colorNameForLabel', 'Red')"), "a colour is not Red"),
        (_gate("photo:setRawMetadata('path', 'x')"), "a key to be set is not path"),
        (_gate("photo:setPropertyForPlugin(_PLUGIN, 'composite', '3')"), "a value of composite is not 3"),
        (_gate("photo:setPropertyForPlugin(_PLUGIN, 'model', 1)"), "setPropertyForPlugin takes no number"),
        (_gate("photo:setPropertyForPlugin(_PLUGIN, 'model', ('x'):rep(512))"), "at most 511 bytes"),
        (_gate("import('LrTasks').yield()"), "yield gives way within write access"),
        (_gate("import('LrTasks').sleep(1)"), "sleep gives way within write access"),
        (_gate("import('LrTasks').execute('true')"), "execute gives way within write access"),
        (_gate(_gate("")), "write access is asked for within itself"),
        (_CATALOG + "catalog:withWriteAccessDo(function() end)", "takes no function as argument 2"),
        ("assert(pcall(import('LrTasks').yield))", "attempt to yield"),
        ("import('LrHttp').postMultipart('x', { { name = 'a', path = 'b' } })", "of a part is not path"),
        ("import('LrHttp').postMultipart('x', { { filePath = 'b' } }, { { ['x-api-key'] = 'b' } })", "a header has"),
        ("import('LrPathUtils').getStandardFilePath('cache')", "a standard folder is not cache"),
        (_VIEW + "view:checkbox({ text = 'x' })", "checkbox has no property text"),
        (_VIEW + "view:static_text({ title = 3 })", "title of static_text is no number"),
        (_VIEW + "view.column({})", "column takes no nil as argument 2"),
        ("os.execute('true')", "attempt to call field 'execute'"),
        ("io.popen('true')", "attempt to call field 'popen'"),
        ("coroutine.wrap(print)", "global 'coroutine'"),
        ("LOC 'Judging'", "no key"),
        ("import('LrErrors').throwUserError('x')", "user x"),
    ],
)  # fmt: skip
def test_raises(tmp_path: Path, lua: str, fault: str) -> None:
    (found,) = _task(tmp_path, lua)
    assert fault in found


@pytest.mark.parametrize("call", ["LrTasks').yield()", "LrTasks').sleep(1)", "LrTasks').execute('true')"])
def test_waiting_is_for_tasks(tmp_path: Path, call: str) -> None:
    with pytest.raises(Exception, match="outside of a task"):
        Lightroom([], tmp_path).lua.execute(f"import('{call}")


def test_an_error_that_nobody_is_shown_is_one(tmp_path: Path) -> None:
    lightroom = Lightroom([], tmp_path)
    lightroom.lua.execute("import('LrFunctionContext').postAsyncTaskWithContext('x', function() error('lost') end)")
    lightroom.host.drain()
    (fault,) = lightroom.host.faults.values()
    assert "lost" in fault


@pytest.mark.parametrize(("holding", "came"), [("local held =", 1), ("local _, _ = 1,", 1), ("", 0)])
def test_a_preview_comes_to_who_holds_the_request(tmp_path: Path, holding: str, came: int) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    asked = "photo:requestJpegThumbnail(9, 9, function() host.went_on(1) end)"
    lua = f"{_PHOTO} {holding} {asked} import('LrTasks').sleep(2)"
    lightroom = Lightroom([{"path": str(tmp_path / "a.jpg")}], tmp_path)
    lightroom.lua.execute(f"import('LrTasks').startAsyncTask(function() {lua} end)")
    lightroom.host.drain()
    assert len(lightroom.progress) == came


def test_tasks_take_turns(tmp_path: Path) -> None:
    lightroom = Lightroom([], tmp_path)
    each = "LrTasks.startAsyncTask(function() for _ = 1, 2 do host.went_on(%d) LrTasks.yield() end end)"
    lightroom.lua.execute(f"local LrTasks = import 'LrTasks' {each % 1} {each % 2}")
    lightroom.host.drain()
    assert lightroom.progress == [1, 2, 1, 2]


def test_handlers_run_whatever_becomes_of_a_task(tmp_path: Path) -> None:
    file = tmp_path / "left"
    file.touch()
    lightroom = Lightroom([], tmp_path)
    facts: dict[str, Any] = {"path": str(file)}
    lightroom.lua.globals().facts = lightroom.lua.table_from(facts)
    lightroom.lua.execute("""
        import('LrFunctionContext').postAsyncTaskWithContext('x', function(context)
          import('LrDialogs').attachErrorDialogToFunctionContext(context)
          context:addCleanupHandler(function() import('LrFileUtils').delete(facts.path) end)
          import('LrTasks').sleep(1)
          import('LrErrors').throwUserError('told')
        end)
    """)
    lightroom.host.drain()
    assert not file.exists()
    assert list(lightroom.host.errors.values()) == ["told"]
