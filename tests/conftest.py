"""Fixtures for every suite, and what every suite starts from."""

import os
import signal
import tempfile
import threading

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.fixtures_model", "tests.fixtures_hosts"]

# A shell starts what it puts into the background with SIGINT ignored, and so would be whatever the tests start.
if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What commands keep for the next time is no business of the next test run's, nor of whoever runs the tests.
_CACHE = tempfile.TemporaryDirectory(prefix="nima-cache-", ignore_cleanup_errors=True)
for _name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "KERAS_HOME"):
    os.environ[_name] = _CACHE.name

# How long an example takes says more about what else the machine does; what one change passes fails the next by no
# chance. `make fuzz` tries others.
settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

LONGEST = (
    *("test_unrated_head.py", "test_distillation.py", "test_training_export.py", "test_export_of_backbones.py"),
    *("test_training.py", "test_documented_commands.py", "test_run_folder.py", "test_lineage.py"),
    *("test_recipe.py", "test_model_convert.py", "test_wheel.py", "test_api.py", "test_cli_score.py"),
)
"""Files of tests that take a minute or, in the suite of every change, a quarter of one. There the first two need no
model of ``tests.models``, so that nobody waits while the third makes it."""

_HEEDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
_AT_FIRST = {number: signal.getsignal(number) for number in _HEEDED}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Signals are as at first: a command in this process sets its own, and one that was interrupted ignores them all.

    What the tests start after it would ignore Ctrl-C too.
    """
    if threading.current_thread() is threading.main_thread():
        for number, handler in _AT_FIRST.items():
            signal.signal(number, handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first, so that no worker has one of them left when the others are done."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One worker more than there are processors: tests also wait, for time to pass and for what they have started."""
    return (os.cpu_count() or 1) + 1
