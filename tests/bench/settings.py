"""The portal's own settings, and beside its addresses those it is compared with."""

from portal.settings import *  # noqa: F403 as in production

ROOT_URLCONF = "tests.bench.urls"
