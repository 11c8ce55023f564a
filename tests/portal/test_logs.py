import io
import logging
import subprocess
import sys

import pytest
from django.test import Client

from events.links import address_token, manage_url, token_of
from events.registration import register
from portal.logs import MaskingFormatter, masked
from tests.factories import admit, applicant, make_event, make_tree

ADDRESS = "maria.o'brien+x@example.org"


@pytest.fixture
def written():
    """What a handler with our formatter writes, whatever logger it comes from."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(MaskingFormatter("%(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail to maria@example.org failed", "mail to … failed"),
        (f"mail to {ADDRESS}, again", "mail to …, again"),
        ("{'to': 'maria@example.org', 'n': 1}", "{'to': …, 'n': 1}"),
        ("Maria <maria@example.org>: no", "Maria <…>: no"),
        (
            "Key (event_id, email)=(1, maria@example.org) already exists.",
            "Key (event_id, email)=(1, …) already exists.",
        ),
        ("josé@exämple.org", "…"),
        ("GET /fr/my-registrations/?email=maria%40example.org HTTP/1.1", "GET /fr/my-registrations/?… HTTP/1.1"),
        ("/fr/x/maria%40example.org/", "/fr/x/…/"),
        ("Not Found: /fr/registration/abc/", "Not Found: /fr/registration/…/"),
        ("/fr/registration/abc/data.json", "/fr/registration/…/data.json"),
        ("/bg/delegation/abc/ /en/invitation/abc/", "/bg/delegation/…/ /en/invitation/…/"),
        ("/fr/my-registrations/eyJ:1x:abc/", "/fr/my-registrations/…/"),
        ("/calendar/my/abc.ics", "/calendar/my/…"),
        ("http://h/fr/search/?q=maria#x", "http://h/fr/search/?…"),
        ("token 'aB0_-aB0_-aB0_-aB0_-aB0_-aB0_-aB'", "token '…'"),
    ],
)
def test_masked_takes_out_what_names_somebody_or_opens_something(text, expected):
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Is this a question? Yes, it is.",
        "SELECT 1 WHERE x = ?",
        "Not Found: /fr/event/12/register/",
        "@transaction.atomic",
        'File "/code/events/registration.py", line 12, in test_a_name_that_is_longer_than_most_other_names',
        "CompressedManifestStaticFilesStorage",
        "registration 12 of event 3: 0f8fad5b-d9cb-469f-a165-70867728950e",
        "forgotten: event 12: 3 x evidence that people took part, due since 2031-03-01",
    ],
)
def test_masked_leaves_what_helps_to_find_a_fault(text):
    assert masked(text) == text


def test_formatter_masks_arguments_and_traces(written):
    token = "aB0_-aB0_-aB0_-aB0_-aB0_-aB0_-aB"

    def find():
        raise ValueError(f"no row for {ADDRESS}")

    def answer():
        try:
            find()
        except ValueError as error:
            raise RuntimeError(f"cannot open /fr/registration/{token}/") from error

    try:
        answer()
    except RuntimeError:
        logging.getLogger("events.forgetting").exception("mail to %s: %s", ADDRESS, {"token": token})

    lines = written.getvalue().splitlines()
    assert lines[0] == "ERROR mail to …: {'token': '…'}"
    assert "ValueError: no row for …" in lines
    assert lines[-1] == "RuntimeError: cannot open /fr/registration/…/"
    assert token not in written.getvalue()
    assert "brien" not in written.getvalue()


@pytest.mark.django_db
def test_django_logs_neither_token_nor_query_of_what_it_refuses(written):
    make_tree("fr")
    event = make_event()
    admit(event)
    row = register(event.pk, applicant())
    token, proof = token_of(row), address_token(row)
    strict = Client(enforce_csrf_checks=True)

    statuses = [
        strict.get(f"/fr/registration/{token}x/?email=maria@example.org").status_code,
        strict.get(f"/calendar/my/{token}.ics").status_code,
        strict.get(f"/fr/delegation/{token}/").status_code,
        strict.get(f"/fr/my-registrations/{proof}/more/").status_code,
        strict.post(f"/fr/registration/{token}/", {"act": "cancel"}).status_code,
    ]

    assert statuses == [404, 404, 404, 404, 403]
    assert written.getvalue().splitlines() == [
        "WARNING Not Found: /fr/registration/…/",
        "WARNING Not Found: /calendar/my/…",
        "WARNING Not Found: /fr/delegation/…/",
        "WARNING Not Found: /fr/my-registrations/…/more/",
        "WARNING Forbidden (CSRF cookie not set.): /fr/registration/…/",
    ]


@pytest.mark.django_db
def test_a_view_that_fails_logs_no_token(written, monkeypatch):
    make_tree("fr")
    event = make_event()
    admit(event)
    row = register(event.pk, applicant())

    def fail(token):
        raise RuntimeError(f"{row.email} {token} {manage_url(row)}")

    monkeypatch.setattr("events.self_service.registration_for", fail)

    answer = Client(raise_request_exception=False).get(f"/fr/registration/{token_of(row)}/")

    assert answer.status_code == 500
    lines = written.getvalue().splitlines()
    assert lines[0] == "ERROR Internal Server Error: /fr/registration/…/"
    assert lines[-1] == "RuntimeError: … … http://127.0.0.1:8000/fr/registration/…/"
    assert token_of(row) not in written.getvalue()


def test_settings_send_every_logger_through_the_mask():
    """In a process of its own, as each of the portal's three is; with what granian has set up before."""
    names = ("", "events", "django.request", "django.server", "django_tasks", "_granian", "granian.access")
    script = f"""
import logging, django
from granian.log import configure_logging, LogLevels
configure_logging(LogLevels.info)
django.setup()
for name in {names}:
    logging.getLogger(name).error("%s maria@example.org /fr/registration/abc/", name)
"""

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == ""
    assert done.stderr.splitlines() == [f"{name} … /fr/registration/…/" for name in names]
