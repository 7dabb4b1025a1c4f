"""Fixtures for every suite, and what every suite starts from."""

import os
import signal
import tempfile
import threading

pytest_plugins = ["tests.fixtures_model"]

# What pictures were judged before is no test's business, and no test's pictures are the user's.
_cache = tempfile.TemporaryDirectory(prefix="nima-cache-")
os.environ["XDG_CACHE_HOME"] = _cache.name

# A shell starts what it puts into the background with SIGINT ignored, and so would be whatever the tests start.
if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
