"""Every service that EMAIL_URL can name takes our mails: real backend class, real connection, stubbed answer."""

import base64
import datetime as dt
import re

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives

from portal.base import outbox
from portal.base.models import OutgoingMail
from portal.base.outbox import deliver, drain, message_id, reference
from portal.mail_url import ANYMAIL
from tests.base.providers import ANSWERS, KEYS, MARIA, Provider, unfolded, use
from tests.factories import stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
TEXT = "Здравей, Zoë"
ICS = "BEGIN:VCALENDAR\r\nSUMMARY:Réunion – обучение\r\nEND:VCALENDAR\r\n"
WITHOUT_METADATA = {"mailersend", "postal"}
WITHOUT_MESSAGE_ID = {"mailersend", "mailjet"}
WITHOUT_TYPE = {"brevo", "mailersend"}  # of attachments: a calendar is a file


@pytest.fixture
def provider():
    found = Provider()
    yield found
    found.stop()


@pytest.fixture(autouse=True)
def clock():
    outbox.renderers["full"] = full
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller
    del outbox.renderers["full"]


def full(mail):
    message = EmailMultiAlternatives("Обучение", TEXT, to=[mail.to], reply_to=["contact@example.org"])
    message.attach_alternative(f"<p>{TEXT}</p>", "text/html")
    message.attach("event.ics", ICS, "text/calendar")
    return message


def make(key="1"):
    return OutgoingMail.objects.create(key=key, kind="full", to=MARIA, language="bg", next_try_at=NOON)


def test_every_service_is_tried():
    assert set(KEYS) == set(ANSWERS) == set(ANYMAIL)


@pytest.mark.parametrize("name", ANYMAIL)
def test_service_takes_a_mail_with_all_that_ours_have(settings, provider, name):
    use(settings, name, provider.url)
    provider.answer = ANSWERS[name]
    row = make()

    result = deliver(row.pk)

    number = stored(row).message_id
    assert (result, len(provider.bodies), stored(row).attempts) == ("sent", 1, 1), stored(row).last_error
    assert number == {"postal": "71"}.get(name, "n-1") or (
        name == "unisender-go" and re.fullmatch(r"[\w-]{36}", number)
    )
    said = unfolded(provider.bodies[0])
    calendar = base64.b64encode(ICS.encode()).decode()
    assert {
        "text": TEXT in said,
        "html": f"<p>{TEXT}</p>" in said,
        "reply": "contact@example.org" in said,
        "calendar": calendar in said or ICS.replace("\r\n", "\n") in said.replace("\r\n", "\n"),
        "type": "text/calendar" in said,
        "id": message_id(row) in said,
        "automatic": "auto-generated" in said,
        "metadata": reference(row) in said,
        "tracking": bool(re.search(r"open_?track|track_?open", said, re.IGNORECASE)),
    } == {
        "text": True,
        "html": True,
        "reply": True,
        "calendar": True,
        "type": name not in WITHOUT_TYPE,
        "id": name not in WITHOUT_MESSAGE_ID,
        "automatic": name != "mailersend",
        "metadata": name not in WITHOUT_METADATA,
        "tracking": False,
    }


@pytest.mark.parametrize("name", ANYMAIL)
@pytest.mark.parametrize(
    ("status", "waits"), [(400, False), (422, False), (401, True), (429, True), (500, True), (503, True)]
)
def test_service_that_does_not_take_a_mail_is_asked_again(settings, provider, name, status, waits):
    use(settings, name, provider.url)
    provider.answer, provider.status = {"message": f"<{MARIA}> no"}, status
    rows = [make("1"), make("2")]

    drain()

    assert [(stored(row).state, stored(row).waits_for_server) for row in rows] == [
        ("queued", waits),
        ("queued", False),
    ]
    assert [stored(row).attempts for row in rows] == [1, int(not waits)]
    assert MARIA not in stored(rows[0]).last_error


@pytest.mark.parametrize("name", ANYMAIL)
def test_service_that_cannot_be_reached_loses_nothing(settings, provider, name):
    use(settings, name, "http://127.0.0.1:9/")
    rows = [make("1"), make("2")]
    drain()
    waiting = [(stored(row).waits_for_server, stored(row).attempts) for row in rows]

    use(settings, name, provider.url)
    provider.answer = ANSWERS[name]
    OutgoingMail.objects.update(next_try_at=NOON)
    drain()

    assert waiting == [(True, 1), (False, 0)]
    assert [stored(row).state for row in rows] == ["sent", "sent"]


def test_person_whom_the_service_refuses_is_told_of(settings, provider):
    use(settings, "mandrill", provider.url)
    provider.answer = [{"email": MARIA, "status": "rejected", "reject_reason": "hard-bounce"}]
    found = []
    outbox.when_returned(handler := lambda mail: found.append((mail.pk, mail.state)))
    row = make()

    deliver(row.pk)
    outbox.handlers.remove(handler)

    assert (stored(row).state, found) == ("failed", [(row.pk, "failed")])
