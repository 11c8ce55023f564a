"""Invitations as a mail server receives them: who gets which, and each as the checklist wants it."""

import datetime as dt
import re

import pytest
import time_machine
from django.conf import settings
from icalendar import Calendar

from events.approval import approve, refuse, resend, seat_by_hand
from events.changing import switch
from events.delegation import replace_colleague
from events.erasure import erase
from events.handover import hand_over
from events.models import Registration
from events.publication import change_state
from events.registration import accept, cancel, undo
from portal.base.models import OutgoingMail
from portal.base.outbox import deliver, renderers
from tests.base.smtp import SmtpServer
from tests.events import mails
from tests.events.itip_checklist import addresses, calendar_of, calendar_parts, problems, read
from tests.events.mails import DAY, HOUR, NOON, Scene, file_in, forget
from tests.events.publishing import change, unpublish
from tests.factories import admit, come, make_event, make_user

pytestmark = pytest.mark.django_db

SMTP = "django.core.mail.backends.smtp.EmailBackend"
POSTMARK = "anymail.backends.postmark.EmailBackend"
LANGUAGES = [code for code, _name in settings.LANGUAGES]
MARIA, JOAO, ANA = "maria@example.org", "joao@example.org", "ana@example.org"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def smtp(settings):
    found = SmtpServer()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", found.port
    yield found
    found.stop()


@pytest.fixture
def event():
    return make_event("Réunion, à « Paris »", in_days=60, place_name="Salle; A", contact_email="accueil@example.org")


@pytest.fixture
def scene(event, clock):
    return Scene(event, clock)


def received(smtp):
    """The mails that have come in since this was asked last, as octets, once all that wait are sent."""
    before = len(smtp.raw)
    for pk in OutgoingMail.objects.waiting().order_by("pk").values_list("pk", flat=True):
        deliver(pk)
    return smtp.raw[before:]


def asked(raw):
    """What a mail asks of a calendar: of whom, the method, the sequence, and the status there."""
    if not calendar_parts(read(raw)):
        return (*addresses(read(raw), "To"), "")
    [event] = calendar_of(raw).named("VEVENT")
    method = calendar_of(raw).value("METHOD")
    return (*addresses(read(raw), "To"), method, int(event.value("SEQUENCE")), event.value("STATUS"))


def last_asked(smtp):
    """The same of all that waits; each mail that asks something is as the checklist wants it."""
    found = received(smtp)
    assert [problem for raw in found if calendar_parts(read(raw)) for problem in problems(raw)] == []
    return [asked(raw) for raw in found]


# --- which mail carries what
def offer_accepted(scene):
    row = mails.offered(scene)
    forget()
    accept(row.pk)


def seated_by_hand(scene):
    _first, row = mails.waiting(scene)
    admit(scene.event, 2, needs_approval=True)
    forget()
    Registration.objects.filter(pk=row.pk).update(state="waiting", seat=None)
    seat_by_hand(row.pk, user=make_user())


def sent_again(scene):
    row = mails.confirmed(scene)
    forget()
    resend(row.pk, user=make_user())


def undone(scene):
    row = mails.confirmed(scene)
    cancel(row.pk)
    forget()
    undo(row.pk)


def switched(scene):
    change(scene.event, is_online=True)
    admit(scene.event, 1, 1)
    row = scene.come()
    forget()
    switch(row.pk, "online")


def added_by_group(scene):
    mails.group_confirmed(scene)
    OutgoingMail.objects.filter(kind="delegation_confirmed").update(withheld_at=NOON)


SEATED = [
    *(mails.confirmed, mails.approved, offer_accepted, seated_by_hand, sent_again, undone, switched, added_by_group),
    mails.moved,
]


@pytest.mark.parametrize("made", SEATED)
def test_seat_is_an_invitation(made, scene, smtp):
    made(scene)

    found = last_asked(smtp)

    assert found != []
    assert {method for _to, method, *_rest in found} == {"REQUEST"}
    assert {status for *_rest, status in found} == {"CONFIRMED"}


def cancelled_late(scene):
    mails.cancelled_for_good(scene)


def date_lost(scene):
    mails.confirmed(scene)
    forget()
    change(scene.event, precision="month")


def handed_over(scene):
    mails.handed_over(scene)
    OutgoingMail.objects.filter(kind="registration_received").update(withheld_at=NOON)


def replaced(scene):
    group = mails.group_pending(scene)
    mails.confirm_group(group.pk)
    forget()
    row = Registration.objects.get(email=JOAO)
    replace_colleague(group.pk, str(row.uuid), name="Zoé", email="zoe@example.org")
    OutgoingMail.objects.filter(kind="registration_received").update(withheld_at=NOON)


def replaced_by_somebody_known(scene):
    group = mails.group_pending(scene)
    mails.confirm_group(group.pk)
    scene.come("zoe@example.org")
    forget()
    row = Registration.objects.get(email=JOAO)
    replace_colleague(group.pk, str(row.uuid), name="Zoé", email="zoe@example.org")
    OutgoingMail.objects.filter(kind="registration_again").update(withheld_at=NOON)


ENDED = [
    *(mails.cancelled, cancelled_late, mails.cancelled_by_organiser, handed_over, replaced),
    *(replaced_by_somebody_known, mails.postponed, date_lost, mails.event_cancelled, mails.event_withdrawn),
    mails.hidden,
]


@pytest.mark.parametrize("made", ENDED)
def test_end_of_a_seat_takes_the_invitation_back(made, scene, smtp):
    made(scene)

    [(_to, method, sequence, status)] = last_asked(smtp)

    assert (method, sequence, status) == ("CANCEL", 1, "CANCELLED")


def left_the_list(scene):
    _first, row = mails.waiting(scene)
    forget()
    cancel(row.pk)


def offer_declined(scene):
    row = mails.offered(scene)
    forget()
    cancel(row.pk)


def approval_withdrawn(scene):
    row = mails.awaiting(scene)
    forget()
    cancel(row.pk)


def only_waiting(act):
    def made(scene):
        first, _row = mails.waiting(scene)
        forget()
        act(scene.event)
        OutgoingMail.objects.filter(about=first.uuid).update(withheld_at=NOON)

    return made


def waiting_place_given(scene):
    mails.group_waiting(scene)
    forget()
    row = Registration.objects.get(email=JOAO)
    replace_colleague(row.delegation_id, str(row.uuid), name="Ana", email=ANA)


PLAIN = {
    **{
        made.__name__: made
        for made in (
            *(
                mails.pending,
                mails.awaiting,
                mails.waiting,
                mails.again,
                mails.offered,
                mails.offer_expired,
                mails.refused,
            ),
            *(mails.approved_to_wait, mails.group_pending, mails.group_waiting, mails.group_awaiting, mails.invited),
            *(mails.reminded, mails.messaged, left_the_list, offer_declined, approval_withdrawn, waiting_place_given),
        )
    },
    "waiting, moved": only_waiting(lambda event: change(event, city="Lyon")),
    "waiting, postponed": only_waiting(lambda event: change_state(event.pk, "postponed")),
    "waiting, cancelled": only_waiting(lambda event: change_state(event.pk, "cancelled")),
}


@pytest.mark.parametrize("made", PLAIN.values(), ids=PLAIN)
def test_who_has_no_seat_or_no_news_of_it_gets_a_plain_mail(made, scene, smtp):
    made(scene)

    found = received(smtp)

    assert found != []
    assert [part.get_content_type() for raw in found for part in read(raw).walk()] == [
        *["multipart/alternative", "text/plain", "text/html"] * len(found)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_invitation_update_and_cancellation_pass_the_checklist_in_every_language(language, event, smtp):
    admit(event, 1)
    row = come(event, MARIA, language=language)
    forget_pending()
    [invited] = received(smtp)
    change(event, city="Lyon", starts_on=event.starts_on + DAY)
    [updated] = received(smtp)
    cancel(row.pk)
    [ended] = received(smtp)

    assert [asked(raw)[1:] for raw in (invited, updated, ended)] == [
        ("REQUEST", 0, "CONFIRMED"),
        ("REQUEST", 1, "CONFIRMED"),
        ("CANCEL", 2, "CANCELLED"),
    ]
    assert problems(invited) == []
    assert problems(updated, before=invited) == []
    assert problems(ended, before=updated) == []
    for raw in (invited, updated, ended):  # another reader finds the same
        calendar = Calendar.from_ical(calendar_parts(read(raw))[0].get_payload(decode=True))
        [found] = calendar.events
        assert (calendar["METHOD"], found["UID"], found["ATTENDEE"], found.errors) == (
            calendar_of(raw).value("METHOD"),
            str(event.uuid),
            f"mailto:{MARIA}",
            [],
        )


def forget_pending():
    OutgoingMail.objects.filter(kind="registration_pending").update(withheld_at=NOON)


@pytest.mark.parametrize(
    "facts",
    [
        {"precision": "day", "ends_on": dt.date(2027, 3, 13)},
        {"state": "planned"},
        {"timezone": "Africa/Casablanca", "city": "Casablanca", "country": "MA"},
        {"is_online": True, "online_link": "https://meet.example/room"},
    ],
    ids=["whole days", "planned", "zone with odd rules", "online"],
)
def test_invitations_to_all_sorts_of_events_pass_the_checklist(facts, smtp):
    event = make_event(in_days=60, **facts)
    admit(event, 1, 1)
    come(event, way="online" if facts.get("is_online") else "on-site")

    found = received(smtp)

    assert [problem for raw in found[1:] for problem in problems(raw)] == []


# --- whole messages
def test_invitation_is_this(scene, smtp, clock):
    mails.confirmed(scene)
    clock.shift(HOUR)

    [raw] = received(smtp)

    mail = read(raw)
    [event] = calendar_of(raw).named("VEVENT")
    told = {found.name: (found.parameters, found.text) for found in event.properties}
    assert (mail["From"], mail["To"], mail["Reply-To"]) == (
        "Cités des métiers <portal@127.0.0.1>",
        MARIA,
        "accueil@example.org",
    )
    assert told == {
        "UID": ({}, str(scene.event.uuid)),
        "DTSTAMP": ({}, "20270110T130000Z"),
        "CREATED": ({}, "20270110T120000Z"),
        "LAST-MODIFIED": ({}, "20270110T120000Z"),
        "SEQUENCE": ({}, "0"),
        "STATUS": ({}, "CONFIRMED"),
        "TRANSP": ({}, "OPAQUE"),
        "CLASS": ({}, "PUBLIC"),
        "DTSTART": ({"TZID": ["Europe/Paris"]}, "20270311T090000"),
        "DTEND": ({"TZID": ["Europe/Paris"]}, "20270311T170000"),
        "SUMMARY": ({"LANGUAGE": ["fr"]}, "Réunion, à « Paris »"),
        "DESCRIPTION": ({}, f"{mails.SITE}/en/event/{scene.event.pk}/"),
        "URL": ({}, f"{mails.SITE}/en/event/{scene.event.pk}/"),
        "CATEGORIES": ({}, "training"),
        "LOCATION": ({}, "Salle; A, Paris, France"),
        "ORGANIZER": ({"CN": ["Cités des métiers"]}, "mailto:portal@127.0.0.1"),
        "ATTENDEE": (
            {
                "CN": ["Maria"],
                "CUTYPE": ["INDIVIDUAL"],
                "ROLE": ["REQ-PARTICIPANT"],
                "PARTSTAT": ["NEEDS-ACTION"],
                "RSVP": ["TRUE"],
            },
            f"mailto:{MARIA}",
        ),
        "X-MICROSOFT-DISALLOW-COUNTER": ({}, "TRUE"),
    }


def test_invitation_meets_the_entry_of_the_feeds(scene, smtp, client):
    mails.confirmed(scene)
    [raw] = received(smtp)

    [in_mail] = calendar_of(raw).named("VEVENT")
    entry = bytes(scene.event.calendar_entries.get(language="en").body)

    own = {"ORGANIZER", "ATTENDEE", "X-MICROSOFT-DISALLOW-COUNTER"}
    [part] = calendar_parts(read(raw))
    unfolded = part.get_payload(decode=True).replace(b"\r\n ", b"")
    for line in entry.replace(b"\r\n ", b"").split(b"\r\n"):
        assert line in unfolded
    assert {found.name for found in in_mail.properties} - own == set(
        re.findall(r"(?m)^([A-Z-]+)[:;]", entry.decode())
    ) - {
        "BEGIN",
        "END",
    }


NAMES = {
    'O’Neill "Bob"': "O’Neill 'Bob'",
    "Lopez, Maria; <b>Dr.</b>: x": "Lopez, Maria; Dr.: x",
    "Zoë 🎓 مريم": "Zoë 🎓 مريم",
    "A^nB ^^ C": "AnB  C",
    "Line\r\nATTENDEE:mailto:x@example.org": "Line ATTENDEE:mailto:x@example.org",
    "Line\nRSVP=FALSE\x0b\u2028end": "Line RSVP=FALSE end",
    "Ж" * 120: "Ж" * 120,
    "\\, \\n \\": "\\, \uff3cn \\",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_safe_in_the_calendar(name, scene, smtp):
    mails.confirmed(scene)
    Registration.objects.update(name=name)

    [raw] = received(smtp)

    [attendee] = calendar_of(raw).named("VEVENT")[0].all("ATTENDEE")
    assert problems(raw) == []
    assert attendee.parameters["CN"] == [NAMES[name]]


def test_name_of_which_nothing_is_left_is_left_out(scene, smtp):
    mails.confirmed(scene)
    Registration.objects.update(name="\x07<p></p>")

    [raw] = received(smtp)

    [attendee] = calendar_of(raw).named("VEVENT")[0].all("ATTENDEE")
    assert (problems(raw), "CN" in attendee.parameters) == ([], False)


@pytest.mark.parametrize("email", ["o'neill+x@example.org", "a%b?c=d&e@example.org", "ana@bücher.example"])
def test_odd_addresses_are_the_same_in_calendar_and_header(email, scene, smtp):
    mails.confirmed(scene)
    Registration.objects.update(email=email)
    OutgoingMail.objects.update(to=email)

    [raw] = received(smtp)

    assert problems(raw) == []


def test_nobody_is_invited_by_himself_and_the_mail_goes_all_the_same(scene, smtp, settings):
    settings.DEFAULT_FROM_EMAIL = "Portal <Maria@example.org>"
    mails.confirmed(scene)

    [raw] = received(smtp)

    assert [part.get_content_type() for part in read(raw).walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar")
    ]
    assert [part.get_filename() for part in calendar_parts(read(raw))] == ["event.ics"]


@pytest.mark.parametrize("sender", ["noreply", "Portal <two@at@example.org>", ""])
def test_sender_that_is_no_mailbox_loses_no_mail(sender, scene, smtp, settings):
    settings.DEFAULT_FROM_EMAIL = sender
    mails.confirmed(scene)
    [row] = OutgoingMail.objects.waiting()

    message = renderers[row.kind](row)

    assert mails.is_plain(message) is False
    assert file_in(message)["UID"] == str(scene.event.uuid)


def test_nothing_of_others_is_in_an_invitation(event, smtp):
    admit(event, 3)
    for email in (MARIA, JOAO, ANA):
        come(event, email, name=email.partition("@")[0])
    forget_pending()

    found = received(smtp)

    assert [asked(raw)[0] for raw in found] == [MARIA, JOAO, ANA]
    for raw, others in zip(found, ((JOAO, ANA), (MARIA, ANA), (MARIA, JOAO)), strict=True):
        data = calendar_parts(read(raw))[0].get_payload(decode=True).decode()
        assert [name for other in others for name in (other, other.partition("@")[0]) if name in data] == []
        assert "/registration/" not in data


# --- the order of things
def test_sequence_rises_from_seat_to_move_to_end_to_undo_to_the_next_person(event, smtp, clock):
    admit(event, 1)
    row = come(event)
    forget_pending()
    found = last_asked(smtp)
    for act in (
        lambda: change(event, city="Lyon"),
        lambda: cancel(row.pk),
        lambda: undo(row.pk),
        lambda: change_state(event.pk, "postponed"),
        lambda: change_state(event.pk, "confirmed"),
        lambda: hand_over(row.pk, name="João", email=JOAO),
        lambda: hand_over(row.pk, name="Maria", email=MARIA),
        lambda: change_state(event.pk, "cancelled"),
        lambda: change_state(event.pk, "confirmed"),
        lambda: cancel(row.pk, user=make_user()),
    ):
        act()
        found += last_asked(smtp)

    assert found == [
        (MARIA, "REQUEST", 0, "CONFIRMED"),
        (MARIA, "REQUEST", 1, "CONFIRMED"),
        (MARIA, "CANCEL", 2, "CANCELLED"),
        (MARIA, "REQUEST", 3, "CONFIRMED"),
        (MARIA, "CANCEL", 4, "CANCELLED"),
        (MARIA, "REQUEST", 5, "CONFIRMED"),
        (MARIA, "CANCEL", 6, "CANCELLED"),
        (JOAO, "REQUEST", 6, "CONFIRMED"),
        (JOAO, "CANCEL", 7, "CANCELLED"),
        (MARIA, "REQUEST", 7, "CONFIRMED"),
        (MARIA, "CANCEL", 8, "CANCELLED"),
        (MARIA, "REQUEST", 9, "CONFIRMED"),
        (MARIA, "CANCEL", 10, "CANCELLED"),
    ]


def invitations_to(smtp, email):
    return [found[1:3] for found in last_asked(smtp) if found[0] == email and found[1]]


@pytest.mark.parametrize("wait", [dt.timedelta(0), HOUR])
def test_who_registers_again_is_invited_with_a_higher_sequence(wait, event, smtp, clock):
    admit(event, 1)
    cancel(come(event).pk)
    found = invitations_to(smtp, MARIA)
    clock.shift(wait)
    come(event)

    assert found + invitations_to(smtp, MARIA) == [("CANCEL", 1), ("REQUEST", 2)]


def given_away(event, row):
    hand_over(row.pk, name="João", email=JOAO)


def given_to_somebody_known(event, row):
    come(event, JOAO)
    hand_over(row.pk, name="João", email=JOAO)


@pytest.mark.parametrize("give", [given_away, given_to_somebody_known])
def test_who_gave_the_seat_away_and_registers_again_is_invited_with_a_higher_sequence(give, event, smtp):
    admit(event, 3)
    row = come(event)
    found = invitations_to(smtp, MARIA)
    give(event, row)
    found += invitations_to(smtp, MARIA)
    come(event)

    assert found + invitations_to(smtp, MARIA) == [("REQUEST", 0), ("CANCEL", 1), ("REQUEST", 2)]


def test_who_was_forgotten_and_registers_again_is_invited_with_a_higher_sequence(event, smtp):
    admit(event, 3)
    row = come(event)
    cancel(row.pk)
    found = invitations_to(smtp, MARIA)
    erase(row.pk)
    come(event)

    assert found + invitations_to(smtp, MARIA) == [("CANCEL", 1), ("REQUEST", 2)]


def test_refused_and_approved_after_another_try_is_invited_with_the_highest_sequence(event, smtp):
    user = make_user()
    admit(event, 2, needs_approval=True)
    first = come(event)
    refuse(first.pk, user=user)
    second = come(event)
    approve(second.pk, user=user)
    cancel(second.pk, user=user)
    found = invitations_to(smtp, MARIA)
    approve(first.pk, user=user)

    [(method, sequence)] = invitations_to(smtp, MARIA)
    assert method == "REQUEST"
    assert sequence > max(sequence for _method, sequence in found)


def test_end_of_a_seat_that_leaves_late_is_older_than_the_next_invitation(event, smtp):
    admit(event, 2)
    row = come(event)
    forget()
    hand_over(row.pk, name="João", email=JOAO)
    late = OutgoingMail.objects.get(kind="registration_handed_over")
    OutgoingMail.objects.filter(pk=late.pk).update(next_try_at=NOON + DAY)
    cancel(row.pk)
    undo(row.pk)
    change(event, city="Lyon")
    come(event)
    found = invitations_to(smtp, MARIA)
    OutgoingMail.objects.filter(pk=late.pk).update(next_try_at=NOON)

    assert invitations_to(smtp, MARIA) == [("CANCEL", 2)]
    [(method, sequence)] = found
    assert (method, sequence > 2) == ("REQUEST", True)


def test_what_was_withheld_leaves_no_gap(event, smtp):
    admit(event, 1)
    row = come(event)
    forget_pending()
    found = last_asked(smtp)
    change(event, city="Lyon")
    change(event, city="Lille")
    found += last_asked(smtp)
    cancel(row.pk)
    undo(row.pk)
    found += last_asked(smtp)
    change_state(event.pk, "cancelled")
    change_state(event.pk, "confirmed")
    found += last_asked(smtp)
    unpublish(event)
    change(event)
    found += last_asked(smtp)

    assert found == [
        (MARIA, "REQUEST", 0, "CONFIRMED"),
        (MARIA, "REQUEST", 2, "CONFIRMED"),
        (MARIA, "REQUEST", 4, "CONFIRMED"),
    ]


def test_event_taken_off_leaves_calendars_after_an_hour_and_comes_back(event, smtp, clock):
    admit(event, 1)
    come(event, MARIA)
    come(event, ANA)  # waits
    received(smtp)
    unpublish(event)
    at_once = last_asked(smtp)
    clock.shift(HOUR)
    later = last_asked(smtp)
    change(event)

    assert (at_once, later, last_asked(smtp)) == (
        [],
        [(MARIA, "CANCEL", 1, "CANCELLED")],
        [(MARIA, "REQUEST", 2, "CONFIRMED")],
    )


def test_seat_taken_while_the_event_is_off_is_an_invitation_when_it_is_back(event, smtp, clock):
    admit(event, 1)
    first, row = come(event, ANA), come(event)
    cancel(first.pk, user=make_user())
    received(smtp)
    unpublish(event)
    accept(row.pk)
    between = last_asked(smtp)
    clock.shift(HOUR)
    change(event)

    assert (between, last_asked(smtp)) == ([(MARIA, "")], [(MARIA, "REQUEST", 3, "CONFIRMED")])


def test_mail_that_is_tried_again_is_newer_with_the_same_sequence(event, smtp, clock):
    admit(event, 1)
    come(event)
    forget_pending()
    smtp.drops = 1
    received(smtp)
    clock.shift(HOUR)
    received(smtp)

    first, second = smtp.raw
    assert [asked(raw)[1:] for raw in (first, second)] == [("REQUEST", 0, "CONFIRMED")] * 2
    assert read(first)["Message-ID"] == read(second)["Message-ID"]
    assert problems(second, before=first) == []
    stamps = [calendar_of(raw).named("VEVENT")[0].value("DTSTAMP") for raw in (first, second)]
    assert stamps == ["20270110T120000Z", "20270110T130000Z"]


# --- which server
@pytest.fixture
def second(settings):
    found = SmtpServer()
    settings.INVITATION_EMAIL = {"backend": SMTP, "host": "127.0.0.1", "port": found.port}
    yield found
    found.stop()


def test_second_server_gets_the_invitations_and_no_other_mail(event, smtp, second):
    admit(event, 2)
    row = come(event)
    come(event, JOAO)
    come(event, ANA)  # waits
    change(event, city="Lyon")
    received(smtp)
    cancel(row.pk)
    received(smtp)

    assert [asked(raw) for raw in second.raw] == [
        (MARIA, "REQUEST", 1, "CONFIRMED"),
        (JOAO, "REQUEST", 1, "CONFIRMED"),
        (MARIA, "REQUEST", 1, "CONFIRMED"),
        (JOAO, "REQUEST", 1, "CONFIRMED"),
        (MARIA, "CANCEL", 2, "CANCELLED"),
    ]
    assert [asked(raw)[0] for raw in smtp.raw] == [ANA, ANA]
    assert [part for raw in smtp.raw for part in calendar_parts(read(raw))] == []
    assert [problem for raw in second.raw for problem in problems(raw)] == []


def test_server_that_cannot_be_reached_stops_all_mails_and_loses_none(event, smtp, second, clock):
    second.stop()
    admit(event, 1)
    come(event)
    forget_pending()
    come(event, ANA)
    forget_pending()
    received(smtp)
    states = list(OutgoingMail.objects.waiting().order_by("pk").values_list("to", "waits_for_server", "attempts"))
    between = len(smtp.raw)

    again = SmtpServer(second.port)
    clock.shift(HOUR)
    received(smtp)
    received(smtp)
    again.stop()

    assert (between, states) == (0, [(MARIA, True, 1), (ANA, False, 0)])
    assert [asked(raw)[:2] for raw in again.raw] == [(MARIA, "REQUEST")]
    assert [asked(raw)[0] for raw in smtp.raw] == [ANA]


def test_second_server_that_cannot_carry_them_is_not_used(event, smtp, settings):
    settings.INVITATION_EMAIL = {"backend": POSTMARK}
    admit(event, 1)
    come(event)
    forget_pending()

    assert last_asked(smtp) == [(MARIA, "REQUEST", 0, "CONFIRMED")]
