"""The portal's settings, made fast and without effects outside the process."""

import os
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("VAR_DIR", str(Path(__file__).parent.parent / "var" / "tests"))

from portal.settings import *  # noqa: F403 the environment comes first
from portal.settings import CACHES, STATIC_ROOT, STORAGES

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a missing one

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
IMMEDIATE = "django_tasks.backends.immediate.ImmediateBackend"
TASKS = {
    "default": {"BACKEND": IMMEDIATE},
    "mail": {"BACKEND": IMMEDIATE, "QUEUES": ["mail"]},
    # Never at once: every publication in a test would set nine handbooks.
    "handbook": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": ["handbook"]},
}
STORAGES = {
    **STORAGES,
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Each worker has a database of its own, so what it caches of it must not meet another's.
CACHES = {"default": {**CACHES["default"], "KEY_PREFIX": os.environ.get("PYTEST_XDIST_WORKER", "")}}
