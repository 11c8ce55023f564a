"""Mails are sent at least once, tried again with pauses, and given up where no try will help."""

import datetime as dt
import logging
import smtplib

import pytest
import time_machine
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core import mail as sent
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.test import override_settings
from django.utils import translation

from portal.base import outbox
from portal.base.models import OutgoingMail
from portal.base.outbox import MAX_ATTEMPTS, claim, deliver, message_id, pause, queue_mail, renders, retry_due
from tests.factories import stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
ERRORS = {
    "down": ConnectionRefusedError(111, "Connection refused"),
    "slow": TimeoutError("timed out"),
    "closed": smtplib.SMTPServerDisconnected("Connection unexpectedly closed"),
    "busy": smtplib.SMTPResponseException(421, b"Try again later"),
    "greylist": smtplib.SMTPRecipientsRefused({"maria@example.org": (450, b"Greylisted")}),
    "login": smtplib.SMTPAuthenticationError(535, b"Bad credentials"),
    "provider": AnymailAPIError("500"),
    "refused": smtplib.SMTPRecipientsRefused({"maria@example.org": (550, b"No such user")}),
    "provider-refused": AnymailRecipientsRefused("No such user"),
    "broken": ValueError("Invalid address"),
}


class FailingBackend(BaseEmailBackend):
    """A mail server that answers with the error it is told."""

    error: Exception | None = None

    def send_messages(self, messages):
        if FailingBackend.error is not None:
            raise FailingBackend.error
        sent.outbox.extend(messages)
        return len(messages)


@pytest.fixture(autouse=True)
def server():
    path = f"{FailingBackend.__module__}.FailingBackend"
    outbox.renderers["hello"] = hello
    FailingBackend.error = None
    with override_settings(EMAIL_BACKEND=path), time_machine.travel(NOON, tick=False) as clock:
        yield clock
    del outbox.renderers["hello"]


def hello(mail):
    if mail.params.get("is_gone"):
        return None
    return EmailMessage(f"Hello in {translation.get_language()}", "Hello.\n", to=[mail.to])


def queue(key="hello:1", **fields):
    values = {"kind": "hello", "to": "maria@example.org", "language": "pt", "params": {}, **fields}
    with transaction.atomic():
        return queue_mail(key=key, **values)


def waiting(**fields):
    """A mail whose task has not come to it yet."""
    values = {"key": "hello:1", "kind": "hello", "to": "maria@example.org", "language": "pt", "next_try_at": NOON}
    return OutgoingMail.objects.create(**values, **fields)


def facts(mail):
    row = stored(mail)
    return {
        "state": row.state,
        "attempts": row.attempts,
        "claimed_until": row.claimed_until,
        "next_try_at": row.next_try_at,
        "last_error": row.last_error,
    }


def fails(name):
    FailingBackend.error = ERRORS[name]


# --- queueing


def test_queued_mail_is_one_row_that_knows_its_cause():
    queue(params={"registration": 7})

    assert list(OutgoingMail.objects.values()) == [
        {
            "id": OutgoingMail.objects.get().pk,
            "key": "hello:1",
            "kind": "hello",
            "params": {"registration": 7},
            "to": "maria@example.org",
            "language": "pt",
            "created_at": NOON,
            "next_try_at": NOON,
            "claimed_until": None,
            "attempts": 0,
            "sent_at": None,
            "gave_up_at": None,
            "last_error": "",
            "message_id": "",
        }
    ]
    assert sent.outbox == []


def test_queued_mail_is_sent_on_commit_once_per_key(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        rows = [queue(), queue(to="other@example.org", params={"is_gone": True}), queue("hello:2")]
        before = len(sent.outbox)
    queue()

    assert (before, len(callbacks), [row.pk for row in rows[:2]]) == (0, 2, [rows[0].pk] * 2)
    assert [message.to for message in sent.outbox] == [["maria@example.org"]] * 2
    assert OutgoingMail.objects.count() == 2


def test_queued_mail_goes_with_the_transaction_of_its_cause(django_capture_on_commit_callbacks):
    def fail_afterwards():
        with transaction.atomic():
            queue()
            raise RuntimeError

    with django_capture_on_commit_callbacks(execute=True) as callbacks, pytest.raises(RuntimeError):
        fail_afterwards()

    assert (callbacks, OutgoingMail.objects.count(), sent.outbox) == ([], 0, [])


@pytest.mark.django_db(transaction=True)
def test_queued_mail_of_a_real_transaction_is_sent_when_it_ends():
    found = []

    with transaction.atomic():
        row = queue()
        found.append(stored(row).state)
    found.append(stored(row).state)

    assert (found, connection.in_atomic_block) == (["waiting", "sent"], False)
    assert len(sent.outbox) == 1


# --- sending


def test_sent_mail_is_in_the_readers_language_and_says_what_it_is():
    row = waiting()

    result = deliver(row.pk)

    message = sent.outbox[0]
    assert (result, message.subject, message.to) == ("sent", "Hello in pt", ["maria@example.org"])
    assert message.extra_headers == {"Message-ID": message_id(row), "Auto-Submitted": "auto-generated"}
    assert (stored(row).sent_at, stored(row).message_id) == (NOON, message_id(row))
    assert facts(row) == {"state": "sent", "attempts": 1, "claimed_until": None, "next_try_at": NOON, "last_error": ""}


def test_sent_mail_is_not_sent_again():
    row = waiting()
    deliver(row.pk)

    again = deliver(row.pk)

    assert (again, retry_due(), len(sent.outbox)) == ("nothing to do", 0, 1)


def test_mail_with_nothing_to_say_any_more_is_done_with():
    row = waiting(params={"is_gone": True})

    result = deliver(row.pk)

    assert (result, stored(row).state, stored(row).message_id, sent.outbox) == ("sent", "sent", "", [])


def test_mail_that_does_not_exist_is_nothing_to_do():
    assert deliver(0) == "nothing to do"


def test_message_id_is_the_same_for_each_try_and_tells_nothing():
    row, other = waiting(), OutgoingMail(key="hello:2")

    ids = [message_id(row), message_id(stored(row)), message_id(other)]

    assert ids[0] == ids[1] != ids[2]
    assert ids[0] == "<c06ef95f1c07bed484ef6ac42e2cb9c2@127.0.0.1>"


# --- a worker that dies


def test_mail_of_a_worker_that_died_is_tried_by_another_when_the_claim_ends(server):
    row = waiting()
    claim(row.pk)
    found = [deliver(row.pk), retry_due()]

    server.shift(5 * MINUTE - dt.timedelta(seconds=1))
    found += [deliver(row.pk), retry_due()]
    server.shift(dt.timedelta(seconds=1))
    retried = retry_due()

    assert found == ["nothing to do", 0, "nothing to do", 0]
    assert (retried, stored(row).attempts) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_mail_that_was_sent_but_not_noted_is_sent_again_with_the_same_id(server):
    row = waiting()
    deliver(row.pk)
    # What a crash right after sending leaves behind.
    OutgoingMail.objects.update(sent_at=None, claimed_until=NOON + 5 * MINUTE)

    server.shift(5 * MINUTE)
    retry_due()

    assert [message.extra_headers["Message-ID"] for message in sent.outbox] == [message_id(row)] * 2
    assert (stored(row).state, stored(row).attempts) == ("sent", 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("minutes", "expected"), [(0, "waiting"), (1, "waiting"), (2, "sent")])
def test_mail_whose_task_was_lost_is_found_after_two_minutes(server, minutes, expected):
    row = waiting()

    server.shift(minutes * MINUTE)
    retry_due()

    assert stored(row).state == expected


# --- a server that fails


@pytest.mark.parametrize("name", ["down", "slow", "closed", "busy", "greylist", "login", "provider", "broken"])
def test_mail_is_tried_again_a_minute_after_the_first_failure(server, name, caplog):
    caplog.set_level(logging.CRITICAL)
    row = waiting()
    fails(name)

    result = deliver(row.pk)

    error = f"{type(ERRORS[name]).__name__}: {ERRORS[name]}"
    assert result == error
    assert facts(row) == {
        "state": "waiting",
        "attempts": 1,
        "claimed_until": None,
        "next_try_at": NOON + MINUTE,
        "last_error": error,
    }
    assert deliver(row.pk) == "nothing to do"

    server.shift(MINUTE)
    FailingBackend.error = None
    assert (deliver(row.pk), stored(row).last_error) == ("sent", "")


@pytest.mark.parametrize("name", ["refused", "provider-refused"])
def test_mail_to_an_address_that_does_not_exist_is_given_up_at_once(server, name):
    row = waiting()
    fails(name)

    deliver(row.pk)
    server.shift(dt.timedelta(days=30))

    assert (stored(row).state, stored(row).gave_up_at, stored(row).attempts) == ("failed", NOON, 1)
    assert (deliver(row.pk), retry_due()) == ("nothing to do", 0)


def test_mail_of_which_one_recipient_is_greylisted_is_tried_again():
    row = waiting()
    FailingBackend.error = smtplib.SMTPRecipientsRefused({"a@x.org": (550, b"No"), "b@x.org": (451, b"Later")})

    deliver(row.pk)

    assert stored(row).state == "waiting"


def test_mail_is_given_up_after_two_days_of_tries(server):
    row = waiting()
    fails("down")

    tries = []
    while stored(row).state == "waiting":
        server.move_to(stored(row).next_try_at)
        deliver(row.pk)
        tries.append(dt.datetime.now(dt.UTC) - NOON)

    assert len(tries) == MAX_ATTEMPTS
    assert tries[:6] == [minutes * MINUTE for minutes in (0, 1, 3, 7, 15, 31)]
    assert dt.timedelta(days=2) <= tries[-1] < dt.timedelta(days=2, hours=8)
    assert (stored(row).state, stored(row).gave_up_at) == ("failed", NOON + tries[-1])


def test_pause_doubles_up_to_eight_hours():
    minutes = [pause(attempts) / MINUTE for attempts in range(1, 13)]

    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 480, 480, 480]


@pytest.mark.parametrize("kind", ["unknown", "raising"])
def test_mail_that_cannot_be_made_is_not_tried_for_ever(server, kind, caplog):
    caplog.set_level(logging.CRITICAL)

    @renders("raising")
    def raising(_mail):
        raise KeyError(kind)

    row = waiting(params={})
    OutgoingMail.objects.update(kind=kind, attempts=MAX_ATTEMPTS - 1)

    result = deliver(row.pk)
    del outbox.renderers["raising"]

    assert (result, stored(row).state) == (f"KeyError: '{kind}'", "failed")


def test_mail_error_fits_into_its_column():
    row = waiting()
    FailingBackend.error = OSError("x" * 10_000)

    deliver(row.pk)

    assert stored(row).last_error == f"OSError: {'x' * 491}"


def test_one_mail_that_fails_holds_up_no_other(server):
    rows = [
        waiting(),
        OutgoingMail.objects.create(key="2", kind="hello", to="x@example.org", language="fr", next_try_at=NOON),
    ]
    fails("refused")
    deliver(rows[0].pk)
    FailingBackend.error = None

    deliver(rows[1].pk)

    assert [stored(row).state for row in rows] == ["failed", "sent"]


# --- what is due


def test_due_are_waiting_mails_whose_time_has_come():
    rows = {
        "due": {},
        "claim ended": {"claimed_until": NOON},
        "claimed": {"claimed_until": NOON + MINUTE},
        "later": {"next_try_at": NOON + MINUTE},
        "sent": {"sent_at": NOON},
        "failed": {"gave_up_at": NOON},
    }
    for key, fields in rows.items():
        OutgoingMail.objects.create(**{"key": key, "to": "x@example.org", "next_try_at": NOON, **fields})

    found = [mail.key for mail in OutgoingMail.objects.due(NOON)]

    assert found == ["due", "claim ended"]


@pytest.mark.django_db(transaction=True)
def test_retry_takes_a_few_at_a_time(server):
    for index in range(5):
        OutgoingMail.objects.create(key=index, kind="hello", to="x@example.org", language="fr", next_try_at=NOON)
    server.shift(2 * MINUTE)

    found = [retry_due(limit=3) for _tick in range(3)]

    assert (found, len(sent.outbox)) == ([3, 2, 0], 5)


def test_one_worker_at_a_time_has_a_mail():
    row = waiting()

    found = [claim(row.pk), claim(row.pk)]

    assert [mail and mail.pk for mail in found] == [row.pk, None]
    assert facts(row) == {
        "state": "waiting",
        "attempts": 1,
        "claimed_until": NOON + 5 * MINUTE,
        "next_try_at": NOON,
        "last_error": "",
    }
