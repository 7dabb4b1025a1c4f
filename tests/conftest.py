"""Fixtures for every suite."""

pytest_plugins = ["tests.fixtures_model"]
