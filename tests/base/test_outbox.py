"""Mails are sent at least once, tried again with pauses, and given up where no try will help."""

import datetime as dt
import logging
import re
import smtplib
import uuid

import pytest
import requests
import time_machine
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core import mail as sent
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.test import override_settings
from django.utils import translation
from django_tasks_db.models import DBTaskResult

from portal.base import outbox
from portal.base.models import OutgoingMail
from portal.base.outbox import (
    MAX_ATTEMPTS,
    PATIENCE,
    Blame,
    attempt,
    claim,
    claim_next,
    deliver,
    drain,
    message_id,
    note_refusal,
    pause,
    queue_mail,
    renders,
    retry_due,
)
from tests.factories import stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
ABOUT = uuid.UUID("5f0c6a1e-0d0e-4c4f-9d58-0e5ad0f3f7a1")
UNREACHABLE = f"{__name__}.UnreachableBackend"
DATABASE_TASKS = {"mail": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["mail"]}}


def answer(status):
    response = requests.Response()
    response.status_code, response.reason = status, "Bad Request"
    return response


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
    "policy": smtplib.SMTPRecipientsRefused({"maria@example.org": (554, b"5.7.1 Relay access denied")}),
    "full": smtplib.SMTPSenderRefused(452, b"4.3.1 Message too large for now", "portal@example.org"),
    "content": smtplib.SMTPDataError(554, b"Looks like spam"),
    "provider-400": AnymailAPIError("Unknown field", status_code=400, response=answer(400)),
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


class UnreachableBackend(BaseEmailBackend):
    """A mail server that nobody can connect to."""

    def open(self):
        raise ConnectionRefusedError(111, "Connection refused")


def queue(key="hello:1", **fields):
    values = {"kind": "hello", "to": "maria@example.org", "language": "pt", "params": {}, **fields}
    with transaction.atomic():
        return queue_mail(key=key, **values)


def waiting(**fields):
    """A mail whose task has not come to it yet."""
    values = {"key": "hello:1", "kind": "hello", "to": "maria@example.org", "language": "pt", "next_try_at": NOON}
    return OutgoingMail.objects.create(**{**values, **fields})


def broken_handler(mail):
    raise LookupError(mail.to)


@pytest.fixture
def returned():
    """What the app is told of mails that did not arrive."""
    found = []
    outbox.when_returned(handler := lambda mail: found.append((mail.pk, mail.state)))
    yield found
    outbox.handlers.remove(handler)


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
    queue(params={"registration": 7}, about=ABOUT)

    assert list(OutgoingMail.objects.values()) == [
        {
            "id": OutgoingMail.objects.get().pk,
            "key": "hello:1",
            "kind": "hello",
            "params": {"registration": 7},
            "about": ABOUT,
            "to": "maria@example.org",
            "language": "pt",
            "created_at": NOON,
            "next_try_at": NOON,
            "claimed_until": None,
            "attempts": 0,
            "failures": 0,
            "server_failures": 0,
            "waits_for_server": False,
            "last_error": "",
            "message_id": "",
            "withheld_at": None,
            "sent_at": None,
            "delivered_at": None,
            "bounced_at": None,
            "complained_at": None,
            "gave_up_at": None,
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

    assert (found, connection.in_atomic_block) == (["queued", "sent"], False)
    assert len(sent.outbox) == 1


# --- sending


def test_sent_mail_is_in_the_readers_language_and_says_what_it_is():
    row = waiting()

    result = deliver(row.pk)

    message = sent.outbox[0]
    assert (result, message.subject, message.to) == ("sent", "Hello in pt", ["maria@example.org"])
    assert message.extra_headers == {
        "Message-ID": message_id(row),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    assert (stored(row).sent_at, stored(row).message_id) == (NOON, message_id(row))
    assert facts(row) == {"state": "sent", "attempts": 1, "claimed_until": None, "next_try_at": NOON, "last_error": ""}


def test_sent_mail_is_not_sent_again():
    row = waiting()
    deliver(row.pk)

    again = deliver(row.pk)

    assert (again, retry_due(), len(sent.outbox)) == ("nothing to do", 0, 1)


def test_mail_with_nothing_to_say_any_more_is_withheld():
    row = waiting(params={"is_gone": True})

    found = [deliver(row.pk), deliver(row.pk), retry_due()]

    assert (found, sent.outbox) == (["withheld", "nothing to do", 0], [])
    assert (stored(row).state, stored(row).sent_at, stored(row).message_id) == ("withheld", None, "")
    assert stored(row).timeline == [(NOON, "queued"), (NOON, "withheld")]
    assert list(OutgoingMail.objects.waiting()) == []


def test_mail_for_later_leaves_when_its_time_has_come(server):
    mail = queue(at=NOON + dt.timedelta(hours=1))
    early = (deliver(mail.pk), drain())

    server.shift(dt.timedelta(hours=1))

    assert (early, drain()) == (("nothing to do", 0), 1)


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
def test_mail_whose_task_was_lost_is_found_by_the_next_tick():
    row = waiting()

    found = [retry_due(), retry_due()]

    assert (found, stored(row).state) == ([1, 0], "sent")


def test_mail_that_somebody_else_took_meanwhile_is_left_to_them(server):
    row = waiting()
    mail = claim(row.pk)
    server.shift(5 * MINUTE)
    claim(row.pk)

    note_refusal(mail, Blame.PERSON, is_answer=True)

    assert (stored(row).state, stored(row).attempts, stored(row).claimed_until) == ("queued", 2, NOON + 10 * MINUTE)


@pytest.mark.django_db(transaction=True)
def test_mail_is_noted_as_sent_although_the_database_was_busy():
    row = waiting()
    left = [1]

    def busy(execute, sql, *args):
        if sql.startswith("UPDATE") and "sent_at" in sql.split("WHERE")[0] and left:
            left.pop()
            raise OperationalError("database is locked")
        return execute(sql, *args)

    with connection.execute_wrapper(busy):
        result = deliver(row.pk)

    assert (left, result, stored(row).state, stored(row).attempts, len(sent.outbox)) == ([], "sent", "sent", 1, 1)


# --- waking the worker


@pytest.mark.django_db(transaction=True)
def test_one_task_waits_however_many_mails_are_queued_and_ticks_pass(settings):
    settings.TASKS = DATABASE_TASKS

    for index in range(3):
        queue(f"hello:{index}")
    found = [retry_due(), retry_due()]
    waiting_tasks = DBTaskResult.objects.count()
    call_command("db_worker", "--backend", "mail", "--queue-name", "mail", "--batch", "--interval", "0", verbosity=0)

    assert (found, waiting_tasks, len(sent.outbox)) == ([3, 3], 1, 3)
    assert [row.state for row in OutgoingMail.objects.all()] == ["sent"] * 3


@pytest.mark.django_db(transaction=True)
def test_task_of_a_killed_worker_keeps_no_mail_back(settings, server):
    settings.TASKS = DATABASE_TASKS
    row = queue()
    # kill -9 in the middle: the task runs for ever, the mail is claimed.
    DBTaskResult.objects.update(status="RUNNING")
    claim(row.pk)

    server.shift(5 * MINUTE)
    retry_due()
    call_command("db_worker", "--backend", "mail", "--queue-name", "mail", "--batch", "--interval", "0", verbosity=0)

    assert (stored(row).state, stored(row).attempts, len(sent.outbox)) == ("sent", 2, 1)


def test_one_task_does_not_send_for_ever(monkeypatch):
    monkeypatch.setattr(outbox, "SHIFT_SECONDS", -1)
    for index in range(3):
        waiting(key=f"hello:{index}")

    tried = drain()

    # The task after it, run at once here, had the rest.
    assert (tried, len(sent.outbox)) == (1, 3)


# --- a server that fails


@pytest.mark.parametrize("name", ["down", "slow", "closed", "busy", "login", "provider"])
def test_unreachable_server_holds_up_all_mails_and_the_oldest_tries_it(server, name):
    rows = [waiting(key=f"hello:{index}") for index in range(3)]
    fails(name)

    found = [drain(), drain()]
    server.shift(MINUTE)
    found += [drain(), drain()]

    assert found == [1, 0, 1, 0]
    assert [stored(row).attempts for row in rows] == [2, 0, 0]
    assert stored(rows[0]).next_try_at == NOON + 3 * MINUTE

    server.shift(2 * MINUTE)
    FailingBackend.error = None
    assert drain() == 3
    assert [message.extra_headers["Message-ID"] for message in sent.outbox] == [message_id(row) for row in rows]
    assert {(row.state, row.last_error, row.waits_for_server) for row in OutgoingMail.objects.all()} == {
        ("sent", "", False)
    }


def test_unreachable_server_is_tried_with_growing_pauses_and_never_given_up(server):
    row = waiting()
    pauses = []

    with override_settings(EMAIL_BACKEND=UNREACHABLE):
        for _try in range(40):
            before = dt.datetime.now(dt.UTC)
            drain()
            pauses.append((stored(row).next_try_at - before) / MINUTE)
            server.move_to(stored(row).next_try_at)

    assert pauses == [1, 2, 4, 8, *[10] * 36]
    assert (stored(row).state, stored(row).attempts, stored(row).failures) == ("queued", 40, 0)
    assert (drain(), stored(row).state) == (1, "sent")


def test_mail_on_which_the_server_breaks_again_and_again_lets_the_others_pass(server):
    """A filter that hangs on one text must not stop the post for ever."""
    rows = [waiting(), waiting(key="hello:2")]
    fails("closed")

    while stored(rows[0]).server_failures <= PATIENCE:
        drain()
        server.move_to(stored(rows[0]).next_try_at)
        FailingBackend.error = ERRORS["closed"]
    OutgoingMail.objects.filter(pk=rows[0].pk).update(next_try_at=NOON + dt.timedelta(days=1))
    FailingBackend.error = None
    drain()

    assert [stored(row).state for row in rows] == ["queued", "sent"]
    assert stored(rows[0]).waits_for_server is False


def test_mails_that_two_workers_had_when_the_server_went_wait_for_the_older(server):
    rows = [waiting(key=f"hello:{index}") for index in range(3)]
    claimed = [claim(row.pk) for row in rows[:2]]
    fails("down")
    for mail in reversed(claimed):
        attempt(mail)

    server.shift(MINUTE)
    held = [claim(row.pk) for row in rows[1:]]
    FailingBackend.error = None
    drain()

    assert held == [None, None]
    assert [message.extra_headers["Message-ID"] for message in sent.outbox] == [message_id(row) for row in rows]


@pytest.mark.parametrize("name", ["greylist", "policy", "full", "broken", "provider-400"])
def test_mail_that_cannot_go_now_is_tried_again_alone(server, name):
    rows = [waiting(), waiting(key="hello:2", to="other@example.org")]
    fails(name)

    result = deliver(rows[0].pk)
    FailingBackend.error = None

    assert (result, drain()) == (stored(rows[0]).last_error, 1)
    assert facts(rows[0]) == {
        "state": "queued",
        "attempts": 1,
        "claimed_until": None,
        "next_try_at": NOON + MINUTE,
        "last_error": result,
    }
    assert (stored(rows[0]).failures, stored(rows[0]).waits_for_server, stored(rows[1]).state) == (1, False, "sent")

    server.shift(MINUTE)
    assert (deliver(rows[0].pk), stored(rows[0]).last_error) == ("sent", "")


@pytest.mark.parametrize("name", ["refused", "content", "provider-refused"])
def test_mail_to_an_address_that_does_not_exist_is_given_up_at_once(server, name, returned):
    row = waiting()
    fails(name)

    deliver(row.pk)
    server.shift(dt.timedelta(days=30))

    assert (stored(row).state, stored(row).gave_up_at, stored(row).attempts) == ("failed", NOON, 1)
    assert (deliver(row.pk), retry_due()) == ("nothing to do", 0)
    assert returned == [(row.pk, "failed")]
    assert stored(row).timeline == [(NOON, "queued"), (NOON, "failed")]


@pytest.mark.django_db(transaction=True)
def test_mail_whose_return_cannot_be_handled_is_handled_later(server, returned, caplog):
    rows = [waiting(), waiting(key="hello:2", to="other@example.org", params={"is_gone": True})]
    fails("refused")

    outbox.handlers.append(broken_handler)
    drain()
    outbox.handlers.remove(broken_handler)
    before = ([stored(row).state for row in rows], list(returned))
    returned.clear()
    server.shift(5 * MINUTE)
    drain()

    assert before[0] == ["queued", "withheld"]
    assert (stored(rows[0]).state, returned) == ("failed", [(rows[0].pk, "failed")])
    assert "maria" not in caplog.text


def test_mail_of_which_one_recipient_is_greylisted_is_tried_again():
    row = waiting()
    FailingBackend.error = smtplib.SMTPRecipientsRefused({"a@x.org": (550, b"No"), "b@x.org": (451, b"Later")})

    deliver(row.pk)

    assert stored(row).state == "queued"


def test_mail_is_given_up_after_two_days_of_tries(server, returned):
    row = waiting()
    fails("greylist")

    tries = []
    while stored(row).state == "queued":
        server.move_to(stored(row).next_try_at)
        deliver(row.pk)
        tries.append(dt.datetime.now(dt.UTC) - NOON)

    assert len(tries) == MAX_ATTEMPTS
    assert tries[:6] == [minutes * MINUTE for minutes in (0, 1, 3, 7, 15, 31)]
    assert dt.timedelta(days=2) <= tries[-1] < dt.timedelta(days=2, hours=8)
    assert (stored(row).state, stored(row).gave_up_at) == ("failed", NOON + tries[-1])
    assert returned == [(row.pk, "failed")]


def test_pause_doubles_up_to_eight_hours():
    minutes = [pause(attempts) / MINUTE for attempts in range(1, 13)]

    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 480, 480, 480]


@pytest.mark.parametrize("kind", ["unknown", "raising"])
def test_mail_that_cannot_be_made_is_not_tried_for_ever(server, kind, returned):
    @renders("raising")
    def raising(_mail):
        raise KeyError(kind)

    row = waiting(params={})
    OutgoingMail.objects.update(kind=kind, failures=MAX_ATTEMPTS - 1)

    result = deliver(row.pk)
    del outbox.renderers["raising"]

    # No fault of the person's.
    assert (result, stored(row).state, returned) == (f"KeyError: '{kind}'", "failed", [])


def test_mail_error_fits_into_its_column():
    row = waiting()
    FailingBackend.error = OSError("not now\n " * 1000)

    deliver(row.pk)

    assert stored(row).last_error == f"OSError: {'not now ' * 100}"[:500]


def test_mail_error_and_logs_hold_no_address_and_no_token(caplog):
    token = "Zk3vQ9xWm2rT8yLp5nB7cD1f"

    @renders("leaking")
    def leaking(mail):
        raise ValueError(f"<{mail.to}> https://example.org/registration/{token}/ {token}")

    caplog.set_level(logging.DEBUG)
    rows = [waiting(), waiting(key="hello:2")]
    OutgoingMail.objects.filter(pk=rows[0].pk).update(kind="leaking")
    fails("refused")
    drain()
    del outbox.renderers["leaking"]

    errors = [stored(row).last_error for row in rows]
    assert errors == ["ValueError: … … …", "SMTPRecipientsRefused: … (550, b'No such user')}"]
    said = [record.getMessage() for record in caplog.records if record.name == "portal.base.outbox"]
    assert [text.partition(", line")[0] for text in said] == [
        f"mail {rows[0].pk} (leaking) cannot be made: ValueError in test_outbox.py"
    ]
    assert not re.search(f"maria|{token}", caplog.text)


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
        "withheld": {"withheld_at": NOON},
    }
    for key, fields in rows.items():
        OutgoingMail.objects.create(**{"key": key, "to": "x@example.org", "next_try_at": NOON, **fields})

    found = [mail.key for mail in OutgoingMail.objects.due(NOON)]

    assert found == ["due", "claim ended"]


def test_stuck_are_mails_that_nobody_tries_and_those_that_a_server_keeps_waiting():
    rows = {
        "new": {"next_try_at": NOON + MINUTE},
        "never tried": {},
        "server": {"server_failures": 7, "next_try_at": NOON + 9 * MINUTE},
        "greylisted": {"failures": 7, "next_try_at": NOON + 9 * MINUTE},
        "withheld": {"withheld_at": NOON},
    }
    for key, fields in rows.items():
        OutgoingMail.objects.create(**{"key": key, "to": "x@example.org", "next_try_at": NOON, **fields})

    found = [mail.key for mail in OutgoingMail.objects.stuck(NOON)]

    assert found == ["never tried", "server"]


def test_mails_to_one_person_are_in_one_workers_hands_at_a_time():
    rows = [waiting(key="1"), waiting(key="2"), waiting(key="3", to="other@example.org")]

    found = [claim_next().pk, claim_next().pk, claim_next()]
    attempt(stored(rows[0]))

    assert found == [rows[0].pk, rows[2].pk, None]
    assert claim_next().pk == rows[1].pk


def test_one_worker_at_a_time_has_a_mail():
    row = waiting()

    found = [claim(row.pk), claim(row.pk)]

    assert [mail and mail.pk for mail in found] == [row.pk, None]
    assert facts(row) == {
        "state": "queued",
        "attempts": 1,
        "claimed_until": NOON + 5 * MINUTE,
        "next_try_at": NOON,
        "last_error": "",
    }
