"""The mails to registrants, made by the rules, delivered by the outbox, and compared as they are read."""

import logging

import pytest
import time_machine
from django.core import mail as sent
from django.utils import translation

from events.emails import KINDS, preview, queue_message
from events.links import token_of
from events.models import Event, Registration
from events.publication import change_state
from events.registration import accept, cancel, confirm, undo
from events.waiting import settle_all
from portal.base.letters import EMPTY_LINES
from portal.base.models import OutgoingMail
from portal.base.outbox import message_id, renderers
from tests.events import mails
from tests.events.mails import (
    DAY,
    HOUR,
    NOON,
    SITE,
    Scene,
    calendar_in,
    deliver_all,
    delivered,
    forget,
    html_of,
    is_plain,
    link,
    make_agendas,
    require_same,
    states,
)
from tests.events.publishing import change
from tests.factories import admit, come, event_page, make_event, make_user, stored

pytestmark = pytest.mark.django_db

ABOUT = f"""\
A <meeting> & more
Thursday, 11 March 2027. From 09:00 to 17:00 in Paris (UTC+1)
Start by the clock of Lisbon: Thursday, 11 March 2027, 08:00 (UTC+0)
Salle A, 30, avenue Corentin-Cariou, Paris, France
{SITE}/en/event/%(event)s/"""
END = f"""\
Questions? Write to accueil@example.org.

Cités des métiers
{SITE}
"""
ASKS_NOTHING = (
    "This mail puts the event into your calendar. You need not answer it, and a “no” in your calendar does not give"
    " your seat back."
)
YOURS = "This link is yours alone: whoever has it can change your registration."


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def event():
    agendas = make_agendas("fr", "en")
    event = make_event(
        in_days=60,
        place_name="Salle A",
        address="30, avenue Corentin-Cariou",
        contact_email="accueil@example.org",
        online_link="https://meet.example.org/x",
    )
    event_page(agendas["fr"], event, "Rencontre & bilan")
    event_page(agendas["en"], event, "A <meeting> & more")
    return event


@pytest.fixture
def scene(event, clock):
    return Scene(event, clock)


def whole(event, *parts):
    """A body of these parts, each after an empty line, with the event's facts and the end."""
    return "\n\n".join(part % {"event": event.pk} for part in (*parts, END))


def mail_to(scene, email="maria@example.org"):
    [message] = [message for message in deliver_all() if message.to == [email]]
    require_same(message)
    return message


# --- whole texts
def test_confirm_your_address(scene):
    mails.pending(scene)

    message = mail_to(scene)

    row = Registration.objects.get()
    assert (message.subject, message.from_email, message.reply_to, message.attachments) == (
        "Please confirm: A <meeting> & more",
        "Cités des métiers <portal@127.0.0.1>",
        ["accueil@example.org"],
        [],
    )
    assert message.extra_headers == {
        "Message-ID": message_id(OutgoingMail.objects.get()),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "A seat is held for you until Monday, 11 January 2027, 13:00 in Paris (UTC+1). Please confirm your"
        " registration by then.",
        f"Confirm my registration:\n{link(row)}",
        ABOUT,
        "If it was not you, there is nothing to do: without confirmation nothing is kept for you, and your details"
        " are deleted after 7 days.",
    )


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (
            mails.pending_without_seat,
            (
                "All seats are taken. Your place on the waiting list is kept until Monday, 11 January 2027, 13:00 in"
                " Paris (UTC+1). Please confirm your registration by then."
            ),
        ),
        (
            mails.pending_approval,
            (
                "The organisers decide about each registration. Please confirm yours by Monday, 11 January 2027,"
                " 13:00 in Paris (UTC+1)."
            ),
        ),
    ],
)
def test_confirm_your_address_says_what_is_held(scene, made, sentence):
    made(scene)

    assert mail_to(scene).body.split("\n\n")[1] == sentence


def test_confirmed(scene):
    row = mails.confirmed(scene)

    message = mail_to(scene)

    assert message.subject == "You are registered: A <meeting> & more"
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "Bring your badge.",
        "You have a seat at this event.",
        "You cannot come? Please give the seat back: somebody else will be glad of it.",
        f"See, change or cancel my registration:\n{link(row)}",
        ABOUT,
        f"Put it into your calendar:\n{SITE}/en/calendar/event/%(event)s.ics",
        ASKS_NOTHING,
        YOURS,
    )
    method, found = calendar_in(message)
    assert (method, found["SEQUENCE"], found["STATUS"]) == ("REQUEST", 0, "CONFIRMED")
    assert found["UID"] == str(scene.event.uuid)


def test_confirmed_with_the_link_for_who_takes_part_online_alone(event):
    admit(event, 10, 10)
    bodies = []
    for number, (way, address) in enumerate([("on-site", "x"), ("online", "x"), ("online", "")]):
        change(event, is_online=True, online_link=address and f"https://meet.example.org/{address}")
        forget()
        come(event, f"{number}@example.org", way=way, language="en", country="FR")
        bodies.append(delivered("registration_confirmed").body.split("\n\n"))

    way_to = f"Put it into your calendar:\n{SITE}/en/calendar/event/{event.pk}.ics"
    assert [[part for part in body if "link to take" in part or "take part online" in part] for body in bodies] == [
        [],
        ["Your link to take part. Please do not pass it on:\nhttps://meet.example.org/x"],
        ["You take part online. We send you the link before the event."],
    ]
    assert [way_to in body for body in bodies] == [True] * 3


def test_opening_lines_are_in_the_readers_language_alone(scene):
    scene.seats(mail_intro={"fr": "Venez avec\r\nvotre badge.", "pt": " "})
    seconds = []
    for language in ("fr", "en", "pt"):
        scene.come(f"{language}@example.org", language=language)
        forget_pending()
        seconds.append(deliver_all()[0].body.split("\n\n")[1])

    assert seconds[0] == "Venez avec\nvotre badge."
    assert "badge" not in seconds[1] + seconds[2]


def forget_pending():
    OutgoingMail.objects.filter(kind="registration_pending").delete()


def test_waiting(scene):
    _first, row = mails.waiting(scene)

    message = mail_to(scene)

    assert (message.subject, message.attachments) == ("You are on the waiting list: A <meeting> & more", [])
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "All seats are taken. You are the next in line.",
        "You have no seat yet. Please do not book a journey before you hear from us.",
        "The rule: seats are offered in the order in which people registered. Nobody who comes later overtakes you.",
        "When a seat becomes free, we write to the next person, who has 36 hours to accept; 4 hours in the last two"
        " days before the event.",
        f"See my place in line, or leave the list:\n{link(row)}",
        ABOUT,
        YOURS,
    )


def test_waiting_says_who_is_before_and_what_a_quota_means(scene, event):
    mails.waiting_behind_others(scene)
    behind = mail_to(scene).body.split("\n\n")[1]
    admit(event, 1, quota_by="country", quota_each=1)
    scene.come("quota@example.org")
    country = delivered("registration_waiting").body.split("\n\n")[3]
    admit(event, 1, quota_by="organisation", quota_each=1)
    scene.come("quota-too@example.org")
    organisation = delivered("registration_waiting").body.split("\n\n")[3]

    rule = "The rule: seats are offered in the order in which people registered, as long as the share of their"
    assert behind == "All seats are taken. 3 people are before you in line."
    assert (country, organisation) == (f"{rule} country is not used up.", f"{rule} organisation is not used up.")


def test_waiting_for_a_date(scene, event):
    change(event, precision="month")
    scene.seats(0, takes_interest=True)
    row = scene.register()
    asked = mail_to(scene).body.split("\n\n")[1]
    confirm(row.pk)

    message = mail_to(scene)

    until = "Monday, 11 January 2027, 13:00 in Paris (UTC+1)"
    assert asked == f"The date is not known yet. Please confirm by {until} that you want to be told."
    assert message.subject == "We will tell you the date: A <meeting> & more"
    assert message.body == whole(
        event,
        "Dear Maria,",
        "You are on the list of people who want to come. The date of this event is not known yet.",
        "As soon as the date is fixed, seats are offered in the order in which people registered.",
        f"See or change my registration:\n{link(row)}",
        f"""\
A <meeting> & more
March 2027
Salle A, 30, avenue Corentin-Cariou, Paris, France
{SITE}/en/event/%(event)s/""",
        YOURS,
    )


def test_awaiting_approval(scene):
    row = mails.awaiting(scene)

    message = mail_to(scene)

    assert (message.subject, message.attachments) == ("We have your registration: A <meeting> & more", [])
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "Thank you. The organisers decide about each registration, and we write to you when they have.",
        "You have no seat yet. Please do not book a journey before you hear from us.",
        f"See or change my registration:\n{link(row)}",
        ABOUT,
        YOURS,
    )


def test_registered_already(scene):
    mails.again(scene)

    message = mail_to(scene)

    assert message.subject == "You were registered already: A <meeting> & more"
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "Somebody has just registered this address once more. You are registered already, and nothing has changed.",
        "You have a seat at this event.",
        f"See or change my registration:\n{link(Registration.objects.get())}",
        ABOUT,
        "If it was not you, there is nothing to do.",
        YOURS,
    )


def test_offer(scene):
    row = mails.offered(scene)

    message = mail_to(scene)

    assert (message.subject, message.attachments) == ("A seat for you: A <meeting> & more", [])
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "A seat has become free, and it is yours if you want it.",
        "Please accept it by Tuesday, 12 January 2027, 01:00 in Paris (UTC+1). After that it goes to the next person"
        " on the list.",
        f"Accept or decline the seat:\n{link(row)}",
        ABOUT,
        YOURS,
    )


def test_offer_taken(scene):
    row = mails.offered(scene)
    deliver_all()

    accept(row.pk)

    assert mail_to(scene).subject == "You are registered: A <meeting> & more"


def test_offer_expired(scene):
    mails.offer_expired(scene)

    message = mail_to(scene)

    assert message.subject == "The offer of a seat has ended: A <meeting> & more"
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "You did not accept the seat in time, so it is offered to the next person on the list.",
        "You are not on the list any more. If you still want to come, please register again.",
        ABOUT,
        f"Register again:\n{SITE}/en/event/%(event)s/register/",
    )


def test_offer_expired_when_registration_has_closed_does_not_ask_to_register_again(scene, event):
    mails.offered(scene)
    admit(event, 1, closes_at=NOON + HOUR)
    forget()
    scene.clock.shift(37 * HOUR)
    settle_all()

    message = mail_to(scene)

    assert message.body.split("\n\n")[2] == "You are not on the list any more."
    assert "register/" not in message.body


def test_approved(scene):
    row = mails.approved(scene)

    message = mail_to(scene)

    assert message.subject == "Your registration is approved: A <meeting> & more"
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "The organisers have approved your registration. You have a seat at this event.",
        "You cannot come? Please give the seat back: somebody else will be glad of it.",
        f"See, change or cancel my registration:\n{link(row)}",
        ABOUT,
        f"Put it into your calendar:\n{SITE}/en/calendar/event/%(event)s.ics",
        ASKS_NOTHING,
        YOURS,
    )
    method, found = calendar_in(message)
    assert (method, found["SEQUENCE"], found["STATUS"]) == ("REQUEST", 1, "CONFIRMED")


def test_approved_without_a_seat(scene):
    mails.approved_to_wait(scene)

    message = mail_to(scene)

    assert message.subject == "Your registration is approved, you are on the waiting list: A <meeting> & more"
    assert message.body.split("\n\n")[1:3] == [
        "The organisers have approved your registration.",
        "All seats are taken. You are the next in line.",
    ]


def test_refused(scene):
    mails.refused(scene)

    message = mail_to(scene)

    assert message.subject == "Your registration was not accepted: A <meeting> & more"
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "The organisers could not accept your registration for this event.",
        "The organisers write:",
        "Lorem ipsum dolor.",
        ABOUT,
    )


def test_cancelled_by_you(scene):
    mails.cancelled(scene)

    message = mail_to(scene)

    assert message.subject == "You have cancelled: A <meeting> & more"
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "You have cancelled your registration. Was it a mistake? You can undo it for ten minutes.",
        f"Undo:\n{link(Registration.objects.get())}",
        ABOUT,
        f"Register again:\n{SITE}/en/event/%(event)s/register/",
    )


def test_cancelled_by_you_after_ten_minutes_offers_no_undo(scene):
    mails.cancelled_for_good(scene)

    parts = mail_to(scene).body.split("\n\n")

    assert (parts[1], parts[2].split("\n")[0]) == ("You have cancelled your registration.", "A <meeting> & more")


def test_cancelled_and_undone_is_not_told_as_cancelled(scene):
    row = mails.confirmed(scene)
    forget()
    cancel(row.pk)
    undo(row.pk)

    assert mail_to(scene).subject == "You are registered: A <meeting> & more"
    assert states("registration_cancelled") == ["withheld"]


def test_cancelled_by_the_organisers(scene):
    mails.cancelled_by_organiser(scene)

    message = mail_to(scene)

    assert message.subject == "Your registration is cancelled: A <meeting> & more"
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "The organisers have cancelled your registration for this event.",
        "The organisers write:",
        "Lorem ipsum dolor.",
        ABOUT,
    )


def test_handed_over(scene):
    mails.handed_over(scene)

    [old, new] = deliver_all()

    row = Registration.objects.get()
    assert [(message.to, message.subject) for message in (old, new)] == [
        (["maria@example.org"], "Your place went to a colleague: A <meeting> & more"),
        (["joao@example.org"], "A colleague has registered you: A <meeting> & more"),
    ]
    assert old.body == whole(
        scene.event,
        "Dear Maria,",
        "Your place at this event was given to a colleague. You are not registered any more.",
        ABOUT,
        "Your old link does not work any more.",
    )
    assert new.body == whole(
        scene.event,
        "Dear João,",
        "Bring your badge.",
        "A colleague has registered you for this event, or given you a place.",
        "You have a seat at this event.",
        "You cannot or do not want to come? Please decline, so that somebody else can.",
        f"See, change or decline:\n{link(row)}",
        ABOUT,
        f"Put it into your calendar:\n{SITE}/en/calendar/event/%(event)s.ics",
        ASKS_NOTHING,
        YOURS,
    )
    assert [calendar_in(message)[0] for message in (old, new)] == ["CANCEL", "REQUEST"]


def test_a_group_is_confirmed_by_one_and_told_to_each(scene):
    group = mails.group_pending(scene)
    asked = mail_to(scene)
    mails.confirm_group(group.pk)
    messages = deliver_all()

    assert asked.body == whole(
        scene.event,
        "Dear Maria,",
        "You have registered colleagues for this event. Please confirm it by Monday, 11 January 2027, 13:00 in Paris"
        " (UTC+1); until then it is kept.",
        f"Confirm the group:\n{link(group)}",
        ABOUT,
        "If it was not you, there is nothing to do.",
    )
    assert [(message.to, message.subject) for message in messages] == [
        (["joao@example.org"], "A colleague has registered you: A <meeting> & more"),
        (["ana@example.org"], "A colleague has registered you: A <meeting> & more"),
        (["maria@example.org"], "Your group is registered: A <meeting> & more"),
    ]
    assert messages[2].body == whole(
        scene.event,
        "Dear Maria,",
        "Your colleagues have been told, each in a mail with a link to decline.",
        "On the page of your group you see how each one stands, and can put another person in a place.",
        f"See my group:\n{link(group)}",
        ABOUT,
        "This link is yours alone: whoever has it can change your group.",
    )


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (mails.group_waiting, "All seats are taken. You are the next in line."),
        (mails.group_awaiting, "The organisers have not decided yet."),
    ],
)
def test_a_colleague_without_a_seat_gets_no_calendar(scene, made, sentence):
    made(scene)

    message = mail_to(scene, "joao@example.org")

    assert (message.body.split("\n\n")[2], is_plain(message)) == (sentence, True)


def test_a_colleague_put_in_the_place_of_one_with_an_offer_is_told_until_when(scene):
    mails.group_waiting(scene)
    row = Registration.objects.get(email="joao@example.org")
    cancel(Registration.objects.get(email="first@example.org").pk, user=make_user())
    forget()
    from events.delegation import replace_colleague

    replace_colleague(row.delegation_id, str(row.uuid), name="Ana", email="ana@example.org")

    assert mail_to(scene, "ana@example.org").body.split("\n\n")[1:5] == [
        "A colleague has registered you for this event, or given you a place.",
        "A seat is offered to you.",
        (
            "Please accept it by Tuesday, 12 January 2027, 01:00 in Paris (UTC+1). After that it goes to the next"
            " person on the list."
        ),
        "You cannot or do not want to come? Please decline, so that somebody else can.",
    ]


def test_invitation(scene):
    mails.invited(scene)

    message = mail_to(scene)

    assert message.subject == "You are invited: A <meeting> & more"
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "We look forward to you.",
        "The organisers invite you to this event. Registering takes one minute and needs no account.",
        f"Register:\n{link(scene.event.invitations.get())}",
        ABOUT.replace("Start by the clock of Lisbon: Thursday, 11 March 2027, 08:00 (UTC+0)\n", ""),
        "This invitation is for you alone.",
    )


def test_invitation_to_somebody_without_a_name(scene):
    mails.invited_without_name(scene)

    assert mail_to(scene).body.split("\n\n")[0] == "Good day,"


def test_changed(scene):
    mails.moved(scene)

    message = mail_to(scene)

    assert message.subject == "Changed: A <meeting> & more"
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "Something has changed about the event that you registered for:",
        """\
When
  Until now: Thursday, 11 March 2027. From 09:00 to 17:00 in Paris (UTC+1)
  Start by the clock of Lisbon: Thursday, 11 March 2027, 08:00 (UTC+0)
  Now: Monday, 1 March 2027. From 10:00 to 12:00 in Sofia (UTC+2)
  Start by the clock of Lisbon: Monday, 1 March 2027, 08:00 (UTC+0)""",
        """\
Where
  Until now: Salle A, 30, avenue Corentin-Cariou, Paris, France
  Now: Zala 1, Sofia, Bulgaria. On site and online""",
        f"See or change my registration:\n{link(Registration.objects.get())}",
        f"""\
A <meeting> & more
Monday, 1 March 2027. From 10:00 to 12:00 in Sofia (UTC+2)
Start by the clock of Lisbon: Monday, 1 March 2027, 08:00 (UTC+0)
Zala 1, Sofia, Bulgaria. On site and online
{SITE}/en/event/%(event)s/""",
        f"Put it into your calendar:\n{SITE}/en/calendar/event/%(event)s.ics",
        ASKS_NOTHING,
        "You cannot come any more? Please cancel, so that somebody else can have your place.",
    )
    method, found = calendar_in(message)
    assert (method, found["SEQUENCE"], found["LOCATION"]) == ("REQUEST", 1, "Zala 1, Sofia, Bulgaria")


def test_postponed(scene):
    mails.postponed(scene)

    message = mail_to(scene)

    assert message.subject == "Postponed: A <meeting> & more"
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "The event that you registered for has been postponed, and its new date is not known yet.",
        "You keep your place, and we write to you again.",
        """\
When
  Until now: Thursday, 11 March 2027. From 09:00 to 17:00 in Paris (UTC+1)
  Start by the clock of Lisbon: Thursday, 11 March 2027, 08:00 (UTC+0)
  Now: New date to be confirmed""",
        f"See or change my registration:\n{link(Registration.objects.get())}",
        f"""\
A <meeting> & more
New date to be confirmed
Salle A, 30, avenue Corentin-Cariou, Paris, France
{SITE}/en/event/%(event)s/""",
    )
    method, found = calendar_in(message)
    assert (method, found["SEQUENCE"], found["STATUS"]) == ("CANCEL", 1, "CANCELLED")


def test_takes_place_after_all(scene):
    mails.back_again(scene)

    parts = mail_to(scene).body.split("\n\n")

    assert parts[2:4] == [
        "State\n  Until now: postponed\n  Now: takes place",
        """\
When
  Until now: New date to be confirmed
  Now: Thursday, 11 March 2027. From 09:00 to 17:00 in Paris (UTC+1)
  Start by the clock of Lisbon: Thursday, 11 March 2027, 08:00 (UTC+0)""",
    ]


@pytest.mark.parametrize(
    ("made", "sentence", "address"),
    [
        (
            mails.event_cancelled,
            "The event that you registered for has been cancelled. You need not do anything.",
            f"\n{SITE}/en/event/%(event)s/",
        ),
        (
            mails.event_withdrawn,
            "The event that you registered for does not take place. You need not do anything.",
            "",  # its page is gone
        ),
    ],
)
def test_event_cancelled(scene, made, sentence, address):
    made(scene)

    message = mail_to(scene)

    assert message.subject == "Cancelled: A <meeting> & more"
    about = ABOUT.rpartition("\n")[0] + address
    assert message.body == whole(scene.event, "Dear Maria,", sentence, about)
    method, found = calendar_in(message)
    assert (method, found["SEQUENCE"], found["STATUS"]) == ("CANCEL", 1, "CANCELLED")
    assert found["UID"] == str(scene.event.uuid)


def test_event_hidden(scene):
    mails.hidden(scene)

    message = mail_to(scene)

    assert message.subject == "Not published at the moment: A <meeting> & more"
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "The organisers have taken the event that you registered for off this site for now.",
        "You keep your place, and we write to you when it is back. Until then calendars show it as cancelled.",
        f"See or change my registration:\n{link(Registration.objects.get())}",
        ABOUT.rpartition("\n")[0],
    )
    method, found = calendar_in(message)
    assert (method, found["SEQUENCE"], found["STATUS"]) == ("CANCEL", 1, "CANCELLED")


def test_event_hidden_is_withheld_once_it_is_back(scene, event):
    mails.hidden(scene)
    Event.objects.filter(pk=event.pk).update(live=True)

    assert withheld("event_hidden")


def test_event_that_is_back_is_told_with_an_invitation(scene, event):
    mails.hidden(scene)
    deliver_all()
    change(event)

    message = mail_to(scene)

    method, found = calendar_in(message)
    assert message.body.split("\n\n")[2] == "State\n  Until now: not published\n  Now: takes place"
    assert (method, found["SEQUENCE"], found["STATUS"]) == ("REQUEST", 2, "CONFIRMED")


def test_reminder(scene):
    mails.reminded(scene)

    message = mail_to(scene)

    assert message.subject == "Soon: A <meeting> & more"
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "Bring your badge.",
        "The event that you registered for is near. You have a seat.",
        "You cannot come? Please give the seat back: somebody else will be glad of it.",
        f"See, change or cancel my registration:\n{link(Registration.objects.get())}",
        ABOUT,
        f"Put it into your calendar:\n{SITE}/en/calendar/event/%(event)s.ics",
        YOURS,
    )
    assert is_plain(message)


def test_message_from_the_organisers(scene):
    mails.messaged(scene)

    message = mail_to(scene)

    assert (message.subject, message.reply_to) == ("Lorem – A <meeting> & more", ["accueil@example.org"])
    assert message.body == whole(
        scene.event,
        "Dear Maria,",
        "The organisers of this event write to you:",
        "Lorem ipsum",
        "Dolor sit.",
        f"See or change my registration:\n{link(Registration.objects.get())}",
        ABOUT,
    )
    assert "Lorem ipsum<br><br>Dolor sit." in html_of(message)


def test_links_to_all_registrations(scene, event, client):
    scene.seats()
    scene.come()
    forget()

    client.post("/en/my-registrations/", {"email": "maria@example.org"})
    message = mail_to(scene)

    address = message.body.split("\n\n")[2].partition("\n")[2]
    assert (message.subject, message.reply_to) == ("Your registrations", [])
    assert message.body == (
        "Good day,\n\n"
        "You asked for the link to all that is registered under this address. It works for 30 minutes.\n\n"
        f"See my registrations:\n{address}\n\n"
        "This link is yours alone. If you did not ask for it, there is nothing to do.\n\n"
        f"Cités des métiers\n{SITE}\n"
    )
    assert address.startswith(f"{SITE}/en/my-registrations/")


def test_without_contact_and_place_nothing_is_empty(scene, event):
    change(event, contact_email="", place_name="", address="", city="", country="")
    mails.confirmed(scene)

    message = mail_to(scene)

    assert message.reply_to == []
    assert "Reply-To" not in message.message()
    assert message.body.split("\n\n")[5:] == [
        f"""\
A <meeting> & more
Thursday, 11 March 2027. From 09:00 to 17:00 in Paris (UTC+1)
Start by the clock of Lisbon: Thursday, 11 March 2027, 08:00 (UTC+0)
Place to be confirmed
{SITE}/en/event/{event.pk}/""",
        f"Put it into your calendar:\n{SITE}/en/calendar/event/{event.pk}.ics",
        ASKS_NOTHING,
        YOURS,
        f"Cités des métiers\n{SITE}\n",
    ]


# --- mails whose cause is void
def withheld(kind):
    """Deliver what waits; whether nothing of this kind went, though it was queued."""
    row = OutgoingMail.objects.waiting().get(kind=kind)
    numbers = [message.extra_headers["Message-ID"] for message in deliver_all()]
    return stored(row).state == "withheld" and message_id(row) not in numbers


def over(scene):
    scene.clock.move_to(stored(scene.event).ends_at, tick=False)


def called_off(scene):
    change_state(scene.event.pk, "cancelled")


@pytest.mark.parametrize("act", [over, called_off])
@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (mails.pending, "registration_pending"),
        (mails.confirmed, "registration_confirmed"),
        (mails.awaiting, "registration_awaiting"),
        (mails.again, "registration_again"),
        (mails.approved, "registration_approved"),
        (mails.offered, "registration_offered"),
        (mails.group_pending, "delegation_pending"),
        (mails.invited, "invitation"),
        (mails.reminded, "registration_reminder"),
        (mails.moved, "event_changed"),
        (mails.offer_expired, "offer_expired"),
    ],
)
def test_nobody_is_asked_to_come_to_what_does_not_take_place(scene, made, kind, act):
    made(scene)
    act(scene)

    rows = OutgoingMail.objects.filter(kind=kind)
    deliver_all()

    assert {str(row.state) for row in rows} == {"withheld"}


def pass_a_day(scene):
    scene.clock.shift(DAY)


@pytest.mark.parametrize("made", [mails.pending, mails.group_pending])
def test_confirm_your_address_is_withheld_when_the_time_is_over(scene, made):
    made(scene)
    pass_a_day(scene)

    assert (deliver_all(), {row.state for row in OutgoingMail.objects.all()}) == ([], {"withheld"})


def test_confirm_your_address_is_withheld_from_who_has_confirmed(scene):
    scene.seats()
    scene.come()

    assert withheld("registration_pending")


def test_offer_that_has_ended_is_withheld(scene):
    mails.offered(scene)
    scene.clock.shift(36 * HOUR)

    assert withheld("registration_offered")


def test_mail_to_an_address_that_has_changed_hands_is_withheld(scene):
    row = mails.confirmed(scene)
    mails.hand_over(row.pk, name="João", email="joao@example.org")

    assert withheld("registration_confirmed")
    assert [message.to for message in sent.outbox] == [["maria@example.org"], ["joao@example.org"]]


def test_refusal_is_withheld_from_who_was_approved_after_all(scene):
    mails.refused(scene)
    mails.approve(Registration.objects.get().pk, user=make_user("other"))

    assert withheld("registration_refused")


def test_awaiting_is_withheld_once_it_is_decided(scene):
    row = mails.awaiting(scene)
    mails.approve(row.pk, user=make_user())

    assert withheld("registration_awaiting")


def test_seat_that_was_given_back_meanwhile_is_not_confirmed(scene):
    row = mails.confirmed(scene)
    cancel(row.pk)

    assert withheld("registration_confirmed")


def test_reminder_of_a_moved_event_is_withheld(scene, event):
    mails.reminded(scene)
    change(event, starts_on=event.starts_on + DAY)

    assert withheld("registration_reminder")


@pytest.mark.parametrize("state", ["postponed", "cancelled", "withdrawn"])
def test_reminder_of_an_event_in_another_state_is_withheld(scene, event, state):
    mails.reminded(scene)
    change_state(event.pk, state)

    assert withheld("registration_reminder")


def test_invitation_that_was_taken_back_is_withheld(scene):
    mails.invited(scene)
    from events.invitation import revoke

    revoke(scene.event.invitations.get().pk, user=make_user("other"))

    assert withheld("invitation")


def test_group_that_is_confirmed_is_not_asked_to(scene):
    group = mails.group_pending(scene)
    mails.confirm_group(group.pk)

    assert withheld("delegation_pending")


def test_event_cancelled_is_withheld_if_it_takes_place_after_all(scene, event):
    mails.confirmed(scene)
    deliver_all()
    change_state(event.pk, "cancelled")
    change_state(event.pk, "confirmed")

    assert (deliver_all(), states("event_cancelled"), states("event_changed")) == ([], ["withheld"], [])


def test_cancelled_is_withheld_once_the_event_is_over(scene):
    mails.event_cancelled(scene)
    over(scene)

    assert withheld("event_cancelled")


@pytest.mark.parametrize("made", [mails.confirmed, mails.messaged, mails.cancelled, mails.moved, mails.handed_over])
def test_nothing_is_sent_about_somebody_who_is_erased(scene, made):
    made(scene)
    Registration.objects.update(erased_at=NOON, name="", email="")

    assert deliver_all() == []


@pytest.mark.parametrize("kind", ["registration_links", "registration_confirmed"])
def test_nothing_is_sent_about_what_is_gone(scene, kind):
    mails.links_asked_for(scene)
    OutgoingMail.objects.filter(kind=kind).update(withheld_at=None)
    Registration.objects.get().audit_lines.all().delete()
    Registration.objects.all().delete()

    assert deliver_all() == []


# --- what people type
NASTY = [
    "100 %s, %(title)s and %d",
    "{{ title }} {% if x %} {0} {name}",
    "Line\r\nBcc: x@example.org",
    "Line\nBcc: x@example.org\x0b\x1c\u2028end",
    "<script>alert(1)</script> & <b>bold</b>",
    "מפגש 🎓 اجتماع",
    "Ж" * 200,
    "word " * 39 + "word",
]


@pytest.mark.parametrize("title", NASTY)
def test_titles_are_shown_as_they_were_written(title, clock):
    agendas, event = make_agendas("fr"), make_event(in_days=60)
    event_page(agendas["fr"], event, title, slug="x")
    scene = Scene(event, clock)
    mails.confirmed(scene)

    message = mail_to(scene)

    shown = " ".join(title.split())
    raw = message.message()
    read = require_same(message)
    assert message.subject == f"You are registered: {shown}"
    assert "Bcc" not in raw
    assert "\n" not in str(raw["Subject"]).replace("\n ", "")
    assert mails.squeezed(title) in mails.squeezed(message.body)
    assert (f"{SITE}/en/event/{event.pk}/", shown) in read.links
    assert read.languages == [("fr", "Cités des métiers"), ("fr", shown)]
    assert all(len(line) <= 998 for line in raw.as_bytes().splitlines())


@pytest.mark.parametrize("name", ["<b>Maria</b> & Co", "%s %(name)s", "{{ name }}", "مريم 🎓", 'O’Neill "Bob"'])
def test_names_are_shown_as_they_were_written(name, scene):
    mails.confirmed(scene)
    Registration.objects.update(name=name)

    message = mail_to(scene)

    assert message.body.split("\n\n")[0] == f"Dear {name},"
    assert Reader_text(message).count(f"Dear {name},") == 1
    assert '<p style="margin: 0 0 16px" dir="auto">Dear' in html_of(message)


def Reader_text(message):  # noqa: N802 reads as a property of the message
    return mails.Reader(html_of(message)).text


TEXT = (
    """\
<h1>Hello</h1> & %(x)s {{ y }}\r
\r
\r
\r
Read https://example.org/a?b=1&c=2 or write to us@example.org. \r
"""
    + "long " * 400
)


def test_message_is_shown_as_it_was_written(scene):
    row = mails.confirmed(scene)
    forget()
    queue_message(row, subject="Re: 100 %s\nBcc: x@example.org", text=TEXT, user=make_user())

    message = mail_to(scene)

    read, raw = require_same(message), message.message()
    assert message.subject == "Re: 100 %s Bcc: x@example.org – A <meeting> & more"
    assert "\n\n<h1>Hello</h1> & %(x)s {{ y }}\n\nRead https" in message.body
    assert ("\r" in message.body, EMPTY_LINES.search(message.body)) == (False, None)
    assert ("https://example.org/a?b=1&c=2", "https://example.org/a?b=1&c=2") in read.links
    assert ("mailto:us@example.org", "us@example.org") in read.links
    assert "h1" not in read.tags
    assert all(len(line) <= 998 for line in raw.as_bytes().splitlines())


# --- secrets
def tokens():
    return [token_of(row) for row in Registration.objects.all()]


@pytest.mark.parametrize("made", mails.SCENES.values(), ids=mails.SCENES)
def test_no_link_is_stored_or_logged(scene, made, caplog):
    with caplog.at_level(logging.DEBUG):
        made(scene)
        messages = deliver_all()

    kept = [str(row) for row in OutgoingMail.objects.values()] + [caplog.text]
    assert messages
    for message in messages:
        for address in mails.URL.findall(message.body):
            parts = [part for part in address.split("/") if len(part) > 24]
            assert [part for part in parts for text in kept if part in text] == []


def test_link_in_a_mail_is_the_one_in_force_when_it_is_sent(scene):
    row = mails.confirmed(scene)
    first = link(row)
    Registration.objects.update(link_version=2, token_digest="old")

    body = deliver_all()[0].body

    assert (first in body, link(row) in body) == (False, True)


# --- previews
def test_every_mail_can_be_seen_before_with_a_link_that_opens_nothing(scene, django_assert_num_queries):
    row = mails.confirmed(scene)
    before = dict(Registration.objects.values().get())
    sent_before = len(sent.outbox)
    found = {}
    for kind in KINDS:
        with translation.override("en"):
            found[kind] = preview(kind, stored(row), why="", subject="Lorem", text="Ipsum", name=row.name)

    assert {message.to[0] for message in found.values()} == {"maria@example.org"}
    assert [kind for kind, message in found.items() if tokens()[0] in message.body + html_of(message)] == []
    assert [kind for kind, message in found.items() if require_same(message).text == ""] == []
    assert dict(Registration.objects.values().get()) == before
    assert (len(sent.outbox), OutgoingMail.objects.waiting().count()) == (sent_before, 1)


def test_preview_is_what_is_sent(scene):
    row = mails.confirmed(scene)
    with translation.override("en"):
        seen = preview("registration_confirmed", row)

    message = mail_to(scene)

    other = f"{SITE}/en/registration/%E2%80%A6/"
    assert (seen.subject, seen.body) == (message.subject, message.body.replace(link(row), other))
    assert html_of(seen) == html_of(message).replace(link(row), other)


def test_each_kind_has_a_name_and_a_scene():
    ours = {kind for kind, made in renderers.items() if made.__module__.startswith("events.emails.")}

    assert set(KINDS) == {kind for kind in ours if kind.startswith(("registration_", "offer_", "event_"))} - {
        "registration_links"
    }
    assert [str(name) for name in KINDS.values() if not name] == []
