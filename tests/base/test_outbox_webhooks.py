"""What providers tell of our mails: once each, late, twice, out of order, and by nobody without the secret."""

import base64
import datetime as dt
import json

import pytest
import time_machine
from anymail.signals import AnymailTrackingEvent, tracking
from django.core.mail import EmailMessage
from django.urls import reverse

from portal.base import outbox
from portal.base.models import OutgoingMail
from portal.base.outbox import claim, deliver, reference, send
from portal.base.webhooks import NotNoted
from tests.factories import stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
SENT = (NOON - MINUTE, "sent")
QUEUED = (NOON - 2 * MINUTE, "queued")
SECRET = "provider:very-secret"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def returned():
    found = []
    outbox.when_returned(handler := lambda mail: found.append((mail.pk, mail.state)))
    yield found
    outbox.handlers.remove(handler)


@pytest.fixture
def mail():
    """Sent a minute ago."""
    return make(key="1", message_id="abc-1", sent_at=NOON - MINUTE)


def make(**fields):
    values = {"kind": "hello", "to": "maria@example.org", "language": "pt", "next_try_at": NOON}
    with time_machine.travel(NOON - 2 * MINUTE, tick=False):
        return OutgoingMail.objects.create(**values, **fields)


def happens(event_type, minutes=0, message_id="abc-1", **fields):
    values = {"recipient": "maria@example.org", "timestamp": NOON + minutes * MINUTE, **fields}
    event = AnymailTrackingEvent(event_type=event_type, message_id=message_id, **values)
    tracking.send(sender=None, event=event, esp_name="Postmark")


# --- events


@pytest.mark.parametrize(
    ("event", "state", "calls"),
    [
        ("queued", "sent", 0),
        ("sent", "sent", 0),
        ("deferred", "sent", 0),
        ("opened", "sent", 0),
        ("clicked", "sent", 0),
        ("unsubscribed", "sent", 0),
        ("unknown", "sent", 0),
        ("delivered", "delivered", 0),
        ("bounced", "bounced", 1),
        ("complained", "complained", 1),
        ("rejected", "failed", 1),
        ("failed", "failed", 1),
    ],
)
def test_event_is_noted_once_and_told_once(mail, returned, clock, event, state, calls):
    happens(event)
    clock.shift(MINUTE)
    happens(event, 1)

    lines = [QUEUED, SENT, *([(NOON, state)] if state != "sent" else [])]
    assert (stored(mail).state, stored(mail).timeline) == (state, lines)
    assert returned == [(mail.pk, state)] * calls


@pytest.mark.parametrize(
    ("events", "state", "calls"),
    [
        ([("delivered", -0.5), ("bounced", 0)], "bounced", 1),
        ([("bounced", 0), ("delivered", -0.5)], "bounced", 1),
        # A soft bounce, and then it went through after all.
        ([("delivered", 0), ("bounced", -0.5)], "delivered", 0),
        ([("bounced", -0.5), ("delivered", 0)], "delivered", 1),
        ([("complained", -0.5), ("delivered", 0), ("sent", 0)], "complained", 1),
        ([("bounced", -0.5), ("complained", 0)], "complained", 1),
        ([("complained", 0), ("complained", 0), ("bounced", -0.5)], "complained", 1),
    ],
)
def test_events_out_of_order_end_in_the_same_state(mail, returned, events, state, calls):
    for event, minutes in events:
        happens(event, minutes)

    assert (stored(mail).state, len(returned)) == (state, calls)
    assert stored(mail).timeline == sorted(stored(mail).timeline, key=lambda line: line[0])


@pytest.mark.parametrize("minutes", [-60, 60])
def test_event_is_dated_between_sending_and_now(mail, minutes):
    happens("delivered", minutes)

    assert stored(mail).delivered_at == (NOON - MINUTE if minutes < 0 else NOON)


@pytest.mark.parametrize("timestamp", [None, dt.datetime(2027, 1, 10, 11, 59), "yesterday"])
def test_event_without_a_time_is_now(mail, timestamp):
    happens("delivered", timestamp=timestamp)

    assert stored(mail).delivered_at == NOON


@pytest.mark.parametrize(
    "fields",
    [
        {"message_id": "abc-2"},
        {"message_id": None},
        {"message_id": ""},
        {"recipient": "other@example.org"},
        {"message_id": None, "metadata": {"mail": "7"}},
        {"message_id": None, "metadata": {"mail": "1-00000000000000000000000000000000"}},
        {"message_id": None, "metadata": {"mail": "9" * 40}},
        {"message_id": None, "metadata": {"mail": "²-x"}},
        {"message_id": None, "metadata": ["mail"]},
    ],
)
def test_event_of_another_mail_is_ignored(mail, returned, fields):
    happens("bounced", **fields)

    assert (stored(mail).state, returned) == ("sent", [])


@pytest.mark.parametrize("recipient", ["Maria@Example.ORG", "<maria@example.org>", None])
def test_address_is_compared_as_people_do(mail, recipient):
    happens("delivered", recipient=recipient)

    assert stored(mail).state == "delivered"


@pytest.mark.parametrize("event", ["delivered", "bounced", "complained"])
def test_event_that_comes_before_we_noted_the_sending_is_kept(returned, settings, event):
    mail = make(key="1")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    claimed = claim(mail.pk)

    happens(event, message_id="abc-9", metadata={"mail": reference(mail)})
    before = stored(mail).state
    send(claimed, EmailMessage("Hello", "Hello.", to=[mail.to]))

    assert (before, stored(mail).state, stored(mail).sent_at) == (event, event, NOON)


def test_event_of_a_mail_whose_worker_died_spares_a_second_copy(clock):
    mail = make(key="1")
    claim(mail.pk)

    happens("delivered", message_id="abc-9", metadata={"mail": reference(mail)})
    clock.shift(6 * MINUTE)

    assert (deliver(mail.pk), stored(mail).attempts) == ("nothing to do", 1)


def test_reason_is_kept_without_the_address(mail):
    happens("bounced", description="550 5.1.1 <maria@example.org>:\n user unknown, https://x.example/?t=1")

    assert stored(mail).last_error == "550 5.1.1 … user unknown, …"


@pytest.mark.django_db(transaction=True)
def test_event_that_the_app_cannot_handle_is_not_noted_and_may_come_again(mail, returned):
    def broken(_mail):
        raise LookupError

    outbox.handlers.append(broken)
    with pytest.raises(NotNoted):
        happens("bounced")
    outbox.handlers.remove(broken)
    before = stored(mail).state
    returned.clear()
    happens("bounced")

    assert (before, stored(mail).state, returned) == ("sent", "bounced", [(mail.pk, "bounced")])


# --- over HTTP


def bounce(**fields):
    return {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "ID": 4,
        "Email": "maria@example.org",
        "MessageID": "abc-1",
        "BouncedAt": "2027-01-10T12:00:00Z",
        "Description": "unknown",
        **fields,
    }


def post(client, body, secret=SECRET, esp="postmark", **settings):
    headers = {"authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"} if secret else {}
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(f"/anymail/{esp}/tracking/", text, content_type="application/json", headers=headers)


@pytest.fixture
def secret(settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}


def test_webhook_of_postmark_notes_a_bounce_each_time_it_comes(client, secret, mail, returned):
    found = [post(client, bounce()).status_code for _again in range(2)]

    assert (found, stored(mail).state, returned) == ([200, 200], "bounced", [(mail.pk, "bounced")])


@pytest.mark.parametrize("wrong", ["provider:guessed", "", "x" * 2000, "é:ñ"])
def test_webhook_refuses_a_stranger(client, secret, mail, wrong):
    found = [post(client, body, wrong).status_code for body in (bounce(), "{", b"\xff")]

    assert (found, stored(mail).state) == ([401] * 3, "sent")


def test_webhook_is_not_there_without_a_secret(client, settings, mail):
    settings.ANYMAIL = {}

    found = [post(client, bounce()).status_code, post(client, "{").status_code, client.get(ADDRESS).status_code]

    assert (found, stored(mail).state) == ([404] * 3, "sent")


ADDRESS = "/anymail/postmark/tracking/"
BROKEN = [
    "",
    "{",
    b"\xff\xfe",
    "[]",
    "null",
    "7",
    '"text"',
    "[" * 100_000,
    {"RecordType": "Inbound"},
    {"RecordType": ["Bounce"]},
    bounce(BouncedAt="yesterday"),
    bounce(BouncedAt=7),
    bounce(MessageID=["abc-2"]),
    bounce(MessageID="\x00"),
    bounce(MessageID="\ud800"),
    bounce(Description="\x00\ud800"),
    bounce(Email={"a": 1}),
    bounce(Metadata="text", MessageID=None),
    bounce(Metadata={"mail": {"a": 1}}),
]


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_webhook_answers_what_nobody_understands(client, secret, mail, body):
    status = post(client, body).status_code

    assert status in {200, 400}
    assert stored(mail).state in {"sent", "bounced"}


@pytest.mark.parametrize("body", [{"RecordType": "Open"}, {"RecordType": "New"}, {}, bounce(Type="Transient")])
def test_webhook_takes_note_of_no_event_it_does_not_know(client, secret, mail, body):
    assert (post(client, body).status_code, stored(mail).state) == (200, "sent")


@pytest.mark.parametrize(
    "esp",
    [
        "amazon_ses",
        "brevo",
        "mailersend",
        "mailgun",
        "mailjet",
        "mailtrap",
        "mandrill",
        "postal",
        "postmark",
        "resend",
        "sparkpost",
        "unisender_go",
    ],
)
@pytest.mark.parametrize("body", ["", "{", "[]", "{}", "null", '[{"event": 1}]', "[" * 100_000, b"\xff"])
def test_no_webhook_has_an_error_for_a_body_of_nonsense(client, settings, esp, body):
    key = "whsec_c2VjcmV0"
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": SECRET,
        "MAILERSEND_SIGNING_SECRET": key,
        "MAILGUN_WEBHOOK_SIGNING_KEY": key,
        "MANDRILL_WEBHOOK_KEY": key,
        "POSTAL_WEBHOOK_KEY": key,
        "RESEND_SIGNING_SECRET": key,
        "UNISENDER_GO_API_KEY": key,
    }

    assert post(client, body, esp=esp).status_code in {200, 400, 401}


def test_only_tracking_has_an_address():
    assert reverse("anymail:postmark_tracking_webhook") == ADDRESS


def test_webhook_wants_to_be_posted_to(client, secret):
    assert [client.get(ADDRESS).status_code, client.head(ADDRESS).status_code] == [405, 200]
