"""The mails to registrants, compared as they are read; each is rendered when it is sent."""

import datetime as dt

import pytest
import time_machine
from django.core import mail as sent

from events.links import token_of
from events.models import Registration
from events.publication import change_state
from events.registration import cancel, register
from portal.base.models import OutgoingMail
from portal.base.outbox import deliver, message_id
from tests.events.publishing import change
from tests.factories import admit, applicant, event_page, make_event, make_tree, stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
SITE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def event():
    trees = make_tree("fr", "en")
    event = make_event(
        "Rencontre",
        in_days=4,
        place_name="Salle A",
        address="30, avenue Corentin-Cariou",
        contact_email="accueil@example.org",
        is_online=True,
        online_link="https://meet.example.org/x",
    )
    event_page(trees["fr"]["agenda"], event, "Rencontre & bilan")
    event_page(trees["en"]["agenda"], event, "A <meeting> & more")
    admit(event, 10, 10)
    return event


def deliver_all():
    """Send what waits, as the worker does, and give the messages of this time."""
    before = len(sent.outbox)
    for row in OutgoingMail.objects.waiting().order_by("pk"):
        deliver(row.pk)
    return sent.outbox[before:]


def come(event, **fields):
    return register(event.pk, applicant(**{"language": "en", **fields}))


def link(registration):
    return f"{SITE}/{registration.language}/registration/{token_of(registration)}/"


def about(event, title="A <meeting> & more"):
    return f"""\
{title}
Thursday, 14 January 2027
From 09:00 to 17:00 in Paris (UTC+1)
Salle A, 30, avenue Corentin-Cariou, Paris, France
{SITE}/en/event/{event.pk}/"""


def test_confirmation_in_whole(event):
    registration = come(event)

    message = deliver_all()[0]

    assert (message.subject, message.to, message.reply_to, message.from_email) == (
        "You are registered: A <meeting> & more",
        ["maria@example.org"],
        ["accueil@example.org"],
        "Cités des métiers <portal@127.0.0.1>",
    )
    row = OutgoingMail.objects.get()
    assert message.extra_headers == {"Message-ID": message_id(row), "Auto-Submitted": "auto-generated"}
    assert (message.alternatives, message.attachments) == ([], [])
    assert (
        message.body
        == f"""\
Dear Maria,

You have a seat at this event:

{about(event)}

Put it into your calendar:
{SITE}/en/calendar/event/{event.pk}.ics

See your registration, or cancel it if you cannot come (somebody else will be glad of the seat):
{link(registration)}

This link is yours alone: whoever has it can cancel your seat.

Questions? Write to accueil@example.org.

Cités des métiers
{SITE}
"""
    )


def test_confirmation_has_the_link_for_who_takes_part_online_alone(event):
    bodies = []
    for number, (way, address) in enumerate([("on-site", "x"), ("online", "x"), ("online", "")]):
        change(event, online_link=address and f"https://meet.example.org/{address}")
        come(event, email=f"{number}@example.org", way=way)
        bodies.append(deliver_all()[-1].body.split("\n\n")[3])

    assert bodies == [
        f"Put it into your calendar:\n{SITE}/en/calendar/event/{event.pk}.ics",
        "You take part online, with this link. Please do not pass it on.\nhttps://meet.example.org/x",
        "You take part online. We send you the link before the event.",
    ]


def test_confirmation_is_in_the_language_that_was_asked_for(event):
    rows = [come(event, email=f"{code}@example.org", language=code) for code in ("fr", "en", "pt", "bg")]

    messages = deliver_all()

    # Where there are no words in that language it has those of the original.
    titles = [message.body.split("\n")[4] for message in messages]
    assert titles == ["Rencontre & bilan", "A <meeting> & more", "Rencontre & bilan", "Rencontre & bilan"]
    assert [link(row) in message.body for row, message in zip(rows, messages, strict=True)] == [True] * 4
    assert "jeudi 14 janvier 2027" in messages[0].body
    assert "quinta-feira, 14 de janeiro de 2027" in messages[2].body


def test_confirmation_without_contact_and_place_leaves_them_out(event):
    change(event, contact_email="", place_name="", address="", city="", country="")
    registration = come(event)

    message = deliver_all()[0]

    assert message.reply_to == []
    assert message.body.split("\n\n")[2:] == [
        f"""\
A <meeting> & more
Thursday, 14 January 2027
From 09:00 to 17:00 in Paris (UTC+1)
{SITE}/en/event/{event.pk}/""",
        f"Put it into your calendar:\n{SITE}/en/calendar/event/{event.pk}.ics",
        f"""\
See your registration, or cancel it if you cannot come (somebody else will be glad of the seat):
{link(registration)}""",
        "This link is yours alone: whoever has it can cancel your seat.",
        f"Cités des métiers\n{SITE}\n",
    ]


def test_second_try_gets_the_link_again(event):
    registration = come(event)
    deliver_all()

    come(event, name="Somebody else")
    message = deliver_all()[0]

    assert (message.subject, message.to) == ("You were registered already: A <meeting> & more", ["maria@example.org"])
    assert (
        message.body
        == f"""\
Dear Maria,

Somebody has just registered this address once more. You have your seat already, and nothing has changed:

{about(event)}

See your registration, or cancel it if you cannot come:
{link(registration)}

If it was not you, there is nothing to do.

Cités des métiers
{SITE}
"""
    )


def test_cancellation_says_that_the_seat_is_free(event):
    registration = come(event)
    deliver_all()

    cancel(registration.pk)
    message = deliver_all()[0]

    assert message.subject == "Your seat is cancelled: A <meeting> & more"
    assert (
        message.body
        == f"""\
Dear Maria,

Your seat at this event is cancelled, and free for somebody else:

{about(event)}

Changed your mind? Register again on the page of the event, as long as there are seats.

If you did not ask for this, write to accueil@example.org.

Cités des métiers
{SITE}
"""
    )


def test_change_tells_how_things_stand_now(event):
    registration = come(event)
    deliver_all()

    change(event, starts_on=dt.date(2027, 1, 21), city="Lyon")
    message = deliver_all()[0]

    assert message.subject == "Changed: A <meeting> & more"
    assert (
        message.body
        == f"""\
Dear Maria,

The date, the time or the place of the event that you registered for has changed. This is how it stands now:

A <meeting> & more
Thursday, 21 January 2027
From 09:00 to 17:00 in Lyon (UTC+1)
Salle A, 30, avenue Corentin-Cariou, Lyon, France
{SITE}/en/event/{event.pk}/

If you cannot come any more, please cancel your seat:
{link(registration)}

Questions? Write to accueil@example.org.

Cités des métiers
{SITE}
"""
    )


@pytest.mark.parametrize(
    ("state", "subject", "sentence"),
    [
        ("cancelled", "Cancelled", "The event that you registered for has been cancelled. You need not do anything."),
        ("withdrawn", "Cancelled", "The event that you registered for does not take place. You need not do anything."),
        (
            "postponed",
            "Postponed",
            (
                "The event that you registered for has been postponed. The new date is not known yet. "
                "You keep your seat, and we write to you again."
            ),
        ),
    ],
)
def test_change_of_the_state_is_said_in_a_sentence(event, state, subject, sentence):
    registration = come(event)
    deliver_all()

    change_state(event.pk, state)
    message = deliver_all()[0]

    parts = message.body.split("\n\n")
    assert (message.subject, parts[1]) == (f"{subject}: A <meeting> & more", sentence)
    assert (link(registration) in message.body) is (state == "postponed")


def test_changes_that_waited_are_told_in_one_mail(event):
    come(event)
    deliver_all()

    change(event, city="Lyon")
    change_state(event.pk, "postponed")
    change_state(event.pk, "cancelled")
    messages = deliver_all()

    assert [message.subject for message in messages] == ["Cancelled: A <meeting> & more"]
    assert [row.state for row in OutgoingMail.objects.all()] == ["sent"] * 4


def test_mails_about_a_seat_that_was_given_back_meanwhile_are_not_sent(event):
    registration = come(event)
    come(event)
    change(event, city="Lyon")
    cancel(registration.pk)

    messages = deliver_all()

    assert [message.subject for message in messages] == ["Your seat is cancelled: A <meeting> & more"]


def test_mails_about_a_registration_that_was_deleted_are_not_sent(event):
    registration = come(event)
    cancel(registration.pk)
    registration.audit_lines.all().delete()
    Registration.objects.all().delete()

    assert deliver_all() == []


def test_links_are_listed_with_what_they_open(event, client):
    first = come(event)
    other = make_event("Autre rencontre", in_days=9)
    admit(other)
    second = come(other)
    deliver_all()

    client.post("/en/my-registrations/", {"email": "maria@example.org"})
    message = deliver_all()[0]

    assert (message.subject, message.to, message.reply_to) == ("Your registrations", ["maria@example.org"], [])
    assert (
        message.body
        == f"""\
Good day,

You asked for the links to what is registered under this address. There you see a registration and can cancel it.

A <meeting> & more
Thursday, 14 January 2027
{link(first)}

Autre rencontre
Tuesday, 19 January 2027
{link(second)}

These links are yours alone. If you did not ask for them, there is nothing to do.

Cités des métiers
{SITE}
"""
    )


def test_links_that_are_gone_when_the_mail_is_made_are_left_out(event, client):
    registration = come(event)
    deliver_all()

    client.post("/en/my-registrations/", {"email": "maria@example.org"})
    cancel(registration.pk)

    assert [message.subject for message in deliver_all()] == ["Your seat is cancelled: A <meeting> & more"]


@pytest.mark.parametrize("title", ["Line\nBcc: x@example.org", "Line\r\nBcc: x@example.org", "a" * 255])
def test_subject_is_one_line_whatever_the_title(title):
    tree, event = make_tree("fr")["fr"], make_event()
    event_page(tree["agenda"], event, title, slug="x")
    admit(event)
    come(event)

    message = deliver_all()[0]

    assert message.subject == f"You are registered: {' '.join(title.split())}"
    assert "Bcc" not in message.message()


def test_link_in_a_mail_is_the_one_in_force_when_it_is_sent(event):
    registration = come(event)
    first = link(registration)
    registration.link_version, registration.token_digest = 2, "old"
    registration.save()

    body = deliver_all()[0].body

    assert (first in body, link(stored(registration)) in body) == (False, True)


def test_no_mail_is_stored_with_its_link(event):
    registration = come(event)
    deliver_all()

    texts = [str(row) for row in OutgoingMail.objects.values()]

    assert [text for text in texts if token_of(registration) in text] == []
