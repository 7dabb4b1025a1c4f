"""Waiting for the end of the local application."""

from __future__ import annotations

import subprocess
import sys

from tests.waiting import PATIENCE

# The thread that takes the signal is not the one that waits, so that nothing wakes the wait.
MISSED_BY_THE_WAIT = """
import signal
import threading

from nima.local.server import wait_for_signal

signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    threading.Timer(0.2, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT)).start()
    wait_for_signal()
except KeyboardInterrupt:
    print("Stopped.")
"""


def test_a_signal_that_does_not_wake_the_wait_ends_it_all_the_same() -> None:
    command = (sys.executable, "-c", MISSED_BY_THE_WAIT)
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert ended.stdout == "Stopped.\n"
