"""Mails against a real SMTP server: in order after an outage, once more after a lost answer, whole in any language."""

import datetime as dt

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from portal.base import outbox
from portal.base.models import OutgoingMail
from portal.base.outbox import claim, drain, message_id, queue_mail, retry_due
from tests.base.smtp import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
ICS = "BEGIN:VCALENDAR\r\nSUMMARY:Réunion à Montréal – обучение\r\nEND:VCALENDAR\r\n"


def full(mail):
    message = EmailMultiAlternatives(f"Обучение {mail.key}", "Здравей, Zoë\n.\nñ\n", to=[mail.to])
    message.attach_alternative("<p>Здравей, Zoë</p>", "text/html")
    message.attach("event.ics", ICS, "text/calendar")
    return message


@pytest.fixture
def smtp(settings):
    found = SmtpServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
    yield found
    found.stop()


@pytest.fixture
def clock(smtp):
    outbox.renderers["full"] = full
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller
    del outbox.renderers["full"]


def queue(*keys, to="maria@example.org"):
    found = []
    for key in keys:
        with transaction.atomic():
            found.append(queue_mail(key=key, kind="full", to=to, language="bg", params={}))
    return found


def ids(server):
    return [mail["Message-ID"] for mail in server.mails]


def states():
    return list(OutgoingMail.objects.order_by("pk").values_list("attempts", "server_failures", "waits_for_server"))


def test_mail_arrives_whole(smtp, clock):
    row = queue("1")[0]

    mail = smtp.mails[0]
    parts = [(part.get_content_type(), part.get_content_charset()) for part in mail.walk() if not part.is_multipart()]
    assert parts == [("text/plain", "utf-8"), ("text/html", "utf-8"), ("text/calendar", "utf-8")]
    assert mail.get_body(("plain",)).get_content() == "Здравей, Zoë\r\n.\r\nñ\r\n"
    assert mail.get_body(("html",)).get_content().strip() == "<p>Здравей, Zoë</p>"
    attachment = next(mail.iter_attachments())
    assert (attachment.get_filename(), attachment.get_content()) == ("event.ics", ICS)
    headers = ("Subject", "To", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress")
    assert [mail[name] for name in headers] == [
        "Обучение 1",
        "maria@example.org",
        message_id(row),
        "auto-generated",
        "All",
    ]
    assert (OutgoingMail.objects.get().state, OutgoingMail.objects.get().message_id) == ("sent", message_id(row))


def test_mails_of_an_outage_go_out_in_order_when_the_server_is_back(smtp, clock):
    smtp.stop()
    rows = queue(*(str(index) for index in range(20)), to="maria@example.org")
    for _minute in range(30):
        clock.shift(MINUTE)
        retry_due()
    tries = [attempts for attempts, *_rest in states()]
    queue("late")

    again = SmtpServer(smtp.port)
    for _minute in range(10):
        clock.shift(MINUTE)
        retry_due()
    again.stop()

    # At 0, 1, 3, 7, 15 and 25 minutes, with the oldest alone.
    assert tries == [6, *[0] * 19]
    assert ids(again) == [message_id(row) for row in [*rows, OutgoingMail.objects.get(key="late")]]
    assert states() == [(7, 0, False), *[(1, 0, False)] * 20]


def test_mail_that_was_taken_without_an_answer_is_sent_again_with_the_same_id(smtp, clock):
    smtp.drops = 1
    rows = queue("1", "2")
    before = (ids(smtp), states())

    clock.shift(MINUTE)
    retry_due()

    assert before == ([message_id(rows[0])], [(1, 1, True), (0, 0, False)])
    assert ids(smtp) == [message_id(rows[0]), message_id(rows[0]), message_id(rows[1])]
    assert states() == [(2, 0, False), (1, 0, False)]


def test_mail_of_a_killed_worker_is_sent_when_its_claim_ends(smtp, clock):
    row = OutgoingMail.objects.create(key="1", kind="full", to="maria@example.org", language="bg", next_try_at=NOON)
    claim(row.pk)

    found = [drain()]
    clock.shift(5 * MINUTE)
    found.append(drain())

    assert (found, ids(smtp), states()) == ([0, 1], [message_id(row)], [(2, 0, False)])


def test_server_that_is_busy_is_asked_again_later(smtp, clock):
    smtp.greeting = "421 test.invalid too many connections"
    rows = queue("1", "2")
    before = states()

    smtp.greeting = "220 test.invalid"
    clock.shift(MINUTE)
    retry_due()

    assert before == [(1, 1, True), (0, 0, False)]
    assert ids(smtp) == [message_id(row) for row in rows]


@pytest.mark.parametrize(
    ("reply", "state", "error"),
    [
        ("450 4.2.0 <maria@example.org>: Greylisted", "queued", "4.2.0 … Greylisted"),
        ("550 5.1.1 <maria@example.org>: No such user", "failed", "5.1.1 … No such user"),
    ],
)
def test_recipient_that_is_refused_holds_up_nobody_else(smtp, clock, reply, state, error):
    smtp.replies["maria@example.org"] = reply
    refused = queue("1")[0]
    other = queue("2", to="other@example.org")[0]
    before = ids(smtp)

    smtp.replies.clear()
    clock.shift(MINUTE)
    retry_due()

    row = OutgoingMail.objects.get(pk=refused.pk)
    assert before == [message_id(other)]
    if state == "queued":
        assert (ids(smtp), row.state) == ([message_id(other), message_id(refused)], "sent")
    else:
        assert (ids(smtp), row.state, row.gave_up_at) == ([message_id(other)], "failed", NOON)
        assert row.last_error == f"SMTPRecipientsRefused: … ({reply[:3]}, b'{error}')}}"
