"""Ctrl-C ends a command whatever became of its exception: each of these programs presses it at an awkward moment."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from nima.interrupt import INTERRUPTED
from tests.waiting import PATIENCE

PROGRAM = """
import signal, sys, time, weakref
import click
from nima.interrupt import end_in_order, heeded, ignore, run, unbroken

class Thing:
    pass

def press():
    signal.raise_signal(signal.SIGINT)

@click.command()
def command():
    end_in_order(signal.SIGINT)
{body}

def load():
{loading}
    return command

run(load)
"""


def ended(body: str, loading: str = "pass") -> subprocess.CompletedProcess[str]:
    """What became of a program whose command does this after its first line, and its import that."""
    parts = {"body": body, "loading": loading}
    indented = {name: textwrap.indent(textwrap.dedent(part), "    ") for name, part in parts.items()}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "awkward.py").write_text(PROGRAM.format(**indented), encoding="utf-8")
        # As a module, after which Python looks whether it was a signal that ended it.
        command = [sys.executable, "-m", "awkward"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)


LOST = {
    "a callback of a weak reference": "thing = Thing(); seen = weakref.ref(thing, lambda _: press()); del thing",
    "a destructor": "Thing.__del__ = lambda _: press(); Thing()",
    "an import that may fail": """
        try:
            try:
                press()
            except KeyboardInterrupt:
                raise ImportError("initialization failed")
        except ImportError:
            pass
    """,
}
RAISED = {
    "as it is": "press()",
    "as a failed import": """
        try:
            press()
        except KeyboardInterrupt:
            raise ImportError("initialization failed") from None
    """,
    "through exec": "exec('press()', globals())",
    "from a thread that waits": "import threading; threading.Thread(target=time.sleep, args=(600,)).start(); press()",
}


@pytest.mark.parametrize("body", RAISED.values(), ids=RAISED)
def test_a_command_is_stopped_whatever_its_exception_becomes(body: str) -> None:
    done = ended(textwrap.dedent(body) + "\nprint('went on')")
    assert (done.returncode, done.stdout, done.stderr.strip()) == (INTERRUPTED, "", "Stopped.")


@pytest.mark.parametrize("body", LOST.values(), ids=LOST)
def test_a_command_that_has_gone_on_says_in_the_end_that_it_was_stopped(body: str) -> None:
    done = ended(textwrap.dedent(body))
    assert (done.returncode, done.stderr.strip()) == (INTERRUPTED, "Stopped.")


@pytest.mark.parametrize("lost", ["a callback of a weak reference", "a destructor"])
def test_what_was_raised_where_nothing_gets_out_is_raised_once_more(lost: str) -> None:
    done = ended(LOST[lost] + "\ntime.sleep(60)\nprint('went on')")
    assert (done.returncode, done.stdout, done.stderr.strip()) == (INTERRUPTED, "", "Stopped.")


def test_another_press_ends_what_has_gone_on() -> None:
    done = ended(textwrap.dedent(LOST["an import that may fail"]) + "\npress()\nprint('went on')")
    assert (done.returncode, done.stdout, done.stderr.strip()) == (INTERRUPTED, "", "Stopped.")


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "ImportError"])
def test_further_presses_disturb_nothing_that_is_put_in_order(error: str) -> None:
    body = f"""
        try:
            try:
                press()
            except KeyboardInterrupt as pressed:
                raise {error} from pressed
        finally:
            press()
            print("in order")
    """
    done = ended(body)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (INTERRUPTED, "in order\n", "Stopped.")


def test_nothing_disturbs_what_is_shown_of_what_is_done() -> None:
    done = ended("try:\n    press()\nexcept KeyboardInterrupt:\n    ignore()\npress()\nprint('done so far')")
    assert (done.returncode, done.stdout, done.stderr.strip()) == (INTERRUPTED, "done so far\n", "Stopped.")


def test_what_comes_when_all_is_done_says_so_and_no_more() -> None:
    done = ended("""
        real = signal.signal
        def late(number, handler):
            signal.signal = real
            press()
            return real(number, handler)
        signal.signal = late
    """)
    assert (done.returncode, done.stdout, done.stderr) == (INTERRUPTED, "", "Stopped.\n")


def test_what_belongs_together_is_done_before_it_is_stopped_unless_one_presses_again() -> None:
    for presses, shown in ((1, "whole\n"), (2, "")):
        body = ["with unbroken():", *["    press()"] * presses, "    print('whole')", "print('went on')"]
        done = ended("\n".join(body))
        assert (done.returncode, done.stdout, done.stderr.strip()) == (INTERRUPTED, shown, "Stopped.")


@pytest.mark.parametrize("body", [*RAISED.values(), *LOST.values()])
def test_what_is_still_imported_ends_at_once(body: str) -> None:
    done = ended("print('went on')", loading=body)
    assert (done.returncode, done.stdout, done.stderr) == (INTERRUPTED, "", "Stopped.\n")


def test_other_faults_and_exit_codes_stay_what_they_are() -> None:
    failed = ended("raise ZeroDivisionError")
    assert failed.returncode == 1
    assert failed.stderr.rstrip().endswith("ZeroDivisionError")
    assert ended("sys.exit(5)").returncode == 5
    assert ended("raise click.ClickException('wrong')").stderr == "Error: wrong\n"
    assert "went wrong" in ended("Thing.__del__ = lambda _: 1 / 0; Thing()\nprint('went wrong')").stdout
    lost = ended("Thing.__del__ = lambda _: 1 / 0; Thing()")
    assert (lost.returncode, "ZeroDivisionError" in lost.stderr) == (0, True)


def test_a_shell_keeps_ctrl_c_from_what_runs_in_the_background() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", 'trap "" INT; exec "$0" -c "$1"', sys.executable, BACKGROUND],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "went on\n")


BACKGROUND = """
import signal, click
from nima.interrupt import run
@click.command()
def command():
    signal.raise_signal(signal.SIGINT)
    print('went on')
run(lambda: command)
"""
