import uuid

import pytest


@pytest.fixture(autouse=True)
def own_counts(settings):
    """What strangers sent is counted for each test alone, also where workers share a cache."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": uuid.uuid4().hex}}
