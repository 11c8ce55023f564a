import pytest


@pytest.fixture(autouse=True)
def own_counts(own_cache):
    """What strangers sent is counted for each test alone."""
