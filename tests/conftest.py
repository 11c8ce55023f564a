"""Fixtures for every test: the database, a real server with the demo content, a real browser."""

import os
import shutil
import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.test import TestCase, TransactionTestCase
from django.utils import translation
from playwright.sync_api import Browser, Page, sync_playwright
from xdist.scheduler import LoadScopeScheduling

from portal.management.commands.compile_catalogues import compile_catalogues
from tests.databases import database_copy, forget_cached_rows
from tests.server import PortalServer, started_server

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FRESH_COPY = pytest.StashKey[object]()


# Words, bytes, rights and processes: the database has no part in what these find out.
ANY_DATABASE = {
    *("test_admin_words.py", "test_analysis.py", "test_calendar.py", "test_catalogues.py", "test_cite_tags.py"),
    *("test_conditional.py", "test_dates.py", "test_editor_flow.py", "test_emails.py", "test_embed.py"),
    *("test_every_url.py", "test_feed_evolution.py", "test_fields.py", "test_framing.py", "test_geo.py"),
    *("test_handbook_pdf.py", "test_handbook_views.py", "test_ical_checklist.py", "test_ical_evolution.py"),
    *("test_itip.py", "test_itip_checklist.py", "test_itip_providers.py", "test_labels.py", "test_letters.py"),
    *("test_licence.py", "test_links.py", "test_logs.py", "test_mail_servers.py", "test_month.py", "test_opening.py"),
    *("test_outbox_providers.py", "test_outbox_webhooks.py", "test_parsers.py", "test_password_reset.py"),
    *("test_pasted_text.py", "test_plain_text.py", "test_portal_tags.py", "test_register_view.py"),
    *("test_reuse_embed.py", "test_reuse_schema.py", "test_rich_text.py", "test_rich_text_input.py"),
    *("test_second_factor.py", "test_serve.py", "test_site_tags.py", "test_structured_data.py", "test_subscribe.py"),
    *("test_supervisor.py", "test_tiles.py", "test_told.py", "test_uploads.py", "test_urls_from_environment.py"),
    *("test_vtimezone.py", "test_when.py"),
}


# Files whose tests stay with one worker: one server at a time, and one walk through the admin, which takes minutes.
TOGETHER = {"tests/portal/test_storm.py": "browser", "tests/admin/test_every_url.py": "every address"}


class Together(LoadScopeScheduling):
    """One worker has the browser and the real server; the others share the rest.

    By files, since the groups of pytest-xdist 3.8 have no effect with pytest 9.2, which keeps node ids elsewhere.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "browser" if path.startswith("tests/browser/") else TOGETHER.get(path, nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in {*of_any_database(items), *cases_between(items)}:
        item.add_marker(pytest.mark.any_database)


def of_any_database(items: list[pytest.Item]) -> list[pytest.Item]:
    return [item for item in items if item.path.name in ANY_DATABASE]


def cases_between(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the cases of parametrized tests but the first and the last: the same questions with other values.

    Not of tests with threads, since each database locks in its own way.
    """
    cases = defaultdict(list)
    for item in items:
        cases[item.nodeid.partition("[")[0]].append(item)
    return [item for found in cases.values() for item in found[1:-1] if not commits(item)]


def pytest_configure() -> None:
    compile_catalogues([Path(folder) for folder in settings.LOCALE_PATHS])


def code_is_entered(request: Any, user: Any, **_signal: Any) -> None:
    """Stand in for the second factor, which tests of other things need not go through."""
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from portal.base.second_factor import must_have_one

    if must_have_one(user):
        device, _created = TOTPDevice.objects.get_or_create(user=user, defaults={"name": "app"})
        request.session[DEVICE_ID_SESSION_KEY] = device.persistent_id


user_logged_in.connect(code_is_entered)


@pytest.fixture
def asks_for_codes() -> Iterator[None]:
    """Whoever logs in must enter the code, as outside of tests."""
    user_logged_in.disconnect(code_is_entered)
    yield
    user_logged_in.connect(code_is_entered)


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """A request leaves its language active in the process; the next test begins with the site's."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker):
    """Stand in for pytest-django's: a copy of a migrated database (see tests/databases.py)."""
    copy = database_copy()
    with django_db_blocker.unblock():
        copy.set_up()
        request.config.stash[FRESH_COPY] = (copy, django_db_blocker)
        yield
        del request.config.stash[FRESH_COPY]
        copy.tear_down()


def commits(item: pytest.Item) -> bool:
    """Say whether a test writes to the database for good, as those with threads must."""
    if item.get_closest_marker("django_db") and item.get_closest_marker("django_db").kwargs.get("transaction"):
        return True
    if {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())):
        return True
    case = getattr(item, "cls", None) or object
    return issubclass(case, TransactionTestCase) and not issubclass(case, TestCase)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    result = yield
    if commits(item) and FRESH_COPY in item.config.stash:
        copy, blocker = item.config.stash[FRESH_COPY]
        with blocker.unblock():
            copy.renew()
            forget_cached_rows()
    return result


@pytest.fixture(scope="session")
def portal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalServer]:
    """The portal as `make run` starts it, with the demo content, in a folder of its own."""
    with started_server(tmp_path_factory.mktemp("portal")) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("No Chromium: install it, or name it with CHROMIUM=")
    # Playwright's event loop runs in this thread; Django would take it for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def browser_errors() -> list[str]:
    """What the browser complained of; a test that expects it empties the list."""
    return []


@pytest.fixture
def page(browser: Browser, portal_server: PortalServer, browser_errors: list[str]) -> Iterator[Page]:
    """A fresh window on the portal, in French. The test fails if the browser complained of anything."""
    context = browser.new_context(base_url=portal_server.url, locale="fr-FR", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.on("pageerror", lambda error: browser_errors.append(f"{page.url}: {error}"))
    page.on("console", lambda said: said.type == "error" and browser_errors.append(f"{page.url}: {said.text}"))
    yield page
    context.close()
    assert browser_errors == []


@pytest.fixture
def own_cache(settings: Any) -> None:
    """A cache of this test alone, whose time is that of the test, also where workers share one in Redis."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": uuid.uuid4().hex}}
