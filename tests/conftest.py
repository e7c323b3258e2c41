"""What all tests share."""

import gc

import pytest


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look for garbage less often: a fifth of what a test of the app costs.

    Measurements see it as the app does.
    """
    if not any(item.get_closest_marker("benchmark") for item in session.items):
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 10, 5)


def pytest_sessionfinish() -> None:
    """Look for garbage once: pytest does it five times at the end, over all that lives."""
    gc.collect()
    gc.freeze()
