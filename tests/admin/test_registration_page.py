"""One registration: how it stands, what was told and until when, what happened, what can be done, each mail."""

from __future__ import annotations

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from events.approval import approve, refuse, resend, seat_by_hand
from events.changing import change, switch
from events.emails import KINDS
from events.erasure import erase
from events.handover import hand_over
from events.models import AuditLine, Question, Registration
from events.questions import Offered, save_question
from events.registration import accept, cancel, confirm, register, undo
from events.said import ACTS, act_said, story
from portal.base.models import OutgoingMail
from tests.admin.people import registered, several
from tests.factories import admit, applicant, make_event, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(porto):
    return make_event("Formation", cite=porto, contact_email="team@example.org")


def read(client, row, rest="", **query):
    answer = client.get(f"/admin/events/{row.event_id}/registrations/{row.pk}/{rest}", query)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def state_said(client, row):
    panel = read(client, row).select_one("#registration-state-section")
    return panel.select_one("p").text


def buttons(client, row):
    return [button["value"] for button in read(client, row).select("button[name=act]")]


def test_state_is_said_in_plain_words(editor, event):
    admit(event, 1)
    pending = register(event.pk, applicant("first@example.org"))
    said = [state_said(editor, pending)]
    confirm(pending.pk)
    said.append(state_said(editor, pending))
    waiting, second = registered(event, "b@example.org"), registered(event, "c@example.org")
    said += [state_said(editor, waiting), state_said(editor, second)]
    cancel(pending.pk, user=None)
    said.append(state_said(editor, pending))

    assert [" ".join(text.split()[:9]) for text in said] == [
        "The address is not confirmed yet. What is held",
        "Has a seat (on site).",
        "Waits for a seat (on site): number 1 in",
        "Waits for a seat (on site): number 2 in",
        "Cancelled. The person can undo it until "
        + said[4].split("until ")[1].split()[0]
        + " "
        + said[4].split("until ")[1].split()[1],
    ]


def test_every_state_has_a_sentence_and_its_buttons(editor, event):
    admit(event, 1, 1)
    seen = {}
    held = timezone.now() + dt.timedelta(hours=1)
    row = registered(event)
    for state, seat, until in (
        ("pending", None, held),
        ("awaiting", None, None),
        ("confirmed", 1, None),
        ("waiting", None, None),
        ("offered", 1, held),
        ("cancelled", None, None),
        ("refused", None, None),
        ("expired", None, None),
    ):
        Registration.objects.filter(pk=row.pk).update(state=state, seat=seat, held_until=until)
        seen[state] = buttons(editor, row)

    assert seen == {
        "pending": ["to-online", "resend", "cancel"],
        "awaiting": ["approve", "refuse", "to-online", "message", "resend", "cancel"],
        "confirmed": ["to-online", "message", "resend", "cancel"],
        "waiting": ["refuse", "seat", "to-online", "message", "resend", "cancel"],
        "offered": ["seat", "to-online", "message", "resend", "cancel"],
        "cancelled": [],
        "refused": ["approve"],
        "expired": [],
    }


def test_no_button_switches_to_a_way_that_has_no_seats(editor, event):
    admit(event)

    assert "to-online" not in buttons(editor, registered(event))


def test_button_acts_and_leads_back(editor, event):
    admit(event, needs_approval=True)
    row = registered(event)
    page = read(editor, row)
    form = page.select_one("button[value=approve]").find_parent("form")
    hidden = {field["name"]: field["value"] for field in form.select("[type=hidden]")}

    answer = editor.post(form["action"], hidden | {"act": "approve"})

    assert (answer["Location"], stored(row).state) == (f"/admin/events/{event.pk}/registrations/{row.pk}/", "confirmed")


def test_everything_told_is_shown_with_the_day_of_its_deletion(editor, event):
    admit(event, keep_until=dt.date(2099, 1, 2))
    question = save_question(
        Question(event=event),
        choices=[Offered("", {"en": "Monday", "fr": "Lundi"}), Offered("", {"en": "Tuesday", "fr": "Mardi"})],
        user=None,
        kind="choices",
        labels={"en": "Which days?", "fr": "Quels jours ?"},
        purposes={"en": "Meals"},
    )
    row = registered(
        event,
        organisation="IHK",
        diet="vegan",
        access_needs="Step-free",
        interpretation=("fr",),
        answers={question.pk: ["c1", "c2"]},
    )

    page = read(editor, row)

    rows = [
        [cell.text for cell in line.select("th, td")] for line in page.select("#registration-data-section tbody tr")
    ]
    soon = event.starts_on + dt.timedelta(days=30)
    late = "2 January 2099"
    assert [line[:2] for line in rows] == [
        ["Name", "Maria"],
        ["E-mail", "maria@example.org"],
        ["Organisation", "IHK"],
        ["Country", "Portugal"],
        ["Language of the mails", "French"],
        ["Access needs", "Step-free"],
        ["Diet", "vegan"],
        ["Needs interpretation from", "French"],
        ["Which days?", "Monday, Tuesday"],
    ]
    days = [line[2] for line in rows]
    assert (days[:5], len(set(days[5:])), str(soon.year) in days[5]) == ([late] * 5, 1, True)


def test_person_without_a_seat_is_forgotten_soon(editor, event):
    admit(event, 0, 1, keep_until=dt.date(2099, 1, 2))
    row = registered(event, name="Waiting", way="online")
    Registration.objects.filter(pk=row.pk).update(state="waiting", seat=None)

    days = {
        line.select_one("td:last-child").text
        for line in read(editor, row).select("#registration-data-section tbody tr")
    }

    assert "2 January 2099" not in days


def test_erased_registration_still_opens(editor, event):
    admit(event)
    row = registered(event)
    erase(row.pk)

    page = read(editor, row)

    assert "maria" not in page.text.lower()
    assert page.select("button[name=act]") == []


def test_story_tells_acts_and_mails_together(editor, event):
    admit(event, 1)
    row = registered(event)
    resend(row.pk, user=None)
    mail = OutgoingMail.objects.filter(about=row.uuid).latest("pk")
    now = timezone.now()
    OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=now, bounced_at=now, last_error="550 no such user")

    lines = [" ".join(line.span.text.split()) for line in read(editor, row).select(".hub-story li")]

    assert lines[0] == "Mail “seat confirmed”: returned as undeliverable 550 no such user"
    assert sorted(lines) == sorted(
        [
            lines[0],
            "Mail “seat confirmed”: sent",
            "Mail “seat confirmed”: queued",
            "mail sent again · registrant",
            "Mail “seat confirmed”: queued",
            "seat confirmed · registrant address not confirmed → confirmed · seat 1",
            "Mail “confirm your address”: queued",
            "registered · registrant on site · seat 1",
        ]
    )


def test_every_act_of_the_rules_has_words(editor, event):
    user = None
    admit(event, 2, 1, needs_approval=True)
    first, second, third = several(event, 3)
    approve(first.pk, user=user)
    approve(second.pk, user=user)
    refuse(third.pk, user=user, why="Full")
    change(first.pk, answers={}, diet="vegan")
    switch(first.pk, "online")
    cancel(second.pk)
    undo(second.pk)
    hand_over(second.pk, name="Ines", email="ines@example.org")
    admit(event, 1, 1)
    fourth = registered(event, "d@example.org")
    cancel(second.pk, user=user, why="")
    Registration.objects.filter(pk=second.pk).update(seat=None, held_until=None)
    registered(event, "e@example.org")
    if stored(fourth).state == "offered":
        accept(fourth.pk)
    elif stored(fourth).state == "waiting":
        seat_by_hand(fourth.pk, user=user)

    said = set(AuditLine.objects.values_list("what", flat=True))

    assert said - set(ACTS) == set()
    assert len(said) >= 10
    assert act_said("unheard of") == "unheard of"


@pytest.mark.parametrize("kind", KINDS)
def test_each_mail_can_be_looked_at_and_nothing_is_written(editor, event, kind):
    admit(event)
    row = registered(event)
    before = (AuditLine.objects.count(), OutgoingMail.objects.count(), stored(row).token_digest)

    page = read(editor, row, "mails/", kind=kind, language="fr")

    frame = page.select_one("iframe")
    assert page.select_one("select[name=kind] option[selected]")["value"] == kind
    assert frame is None or (list(frame["sandbox"]), "<script" in frame["srcdoc"]) == ([], False)
    assert (AuditLine.objects.count(), OutgoingMail.objects.count(), stored(row).token_digest) == before


@pytest.mark.parametrize("code", ["fr", "en", "it", "es", "pt", "de", "nl", "da", "bg"])
def test_mail_is_shown_in_each_language_without_a_link_that_works(editor, event, code):
    admit(event)
    row = registered(event, language="it")

    page = read(editor, row, "mails/", language=code)

    frame = page.select_one("iframe")
    inside = BeautifulSoup(frame["srcdoc"], "html.parser")
    links = [link["href"] for link in inside.select("a[href]") if "/registration/" in link["href"]]
    assert (frame["lang"], inside.html["lang"]) == (code, code)
    assert links
    assert all(link.rstrip("/").rsplit("/", 1)[1] in {"…", "%E2%80%A6"} for link in links)
    assert page.select_one(".hub-mail-text").text.strip()


def test_mail_of_the_state_in_the_persons_language_comes_first(editor, event):
    admit(event, 1)
    several(event, 1)
    row = registered(event, language="pt")

    page = read(editor, row, "mails/")

    chosen = [page.select_one(f"select[name={name}] option[selected]")["value"] for name in ("kind", "language")]
    assert chosen == ["registration_waiting", "pt"]


def calendar_facts(page):
    facts = [f"{fact.text} {fact.find_next('dd').text}" for fact in page.select(".hub-facts dt")]
    return [" ".join(fact.split()) for fact in facts if "calendar" in fact]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("registration_confirmed", "In the person's calendar puts the event there, or changes it"),
        ("registration_cancelled", "In the person's calendar takes the event away"),
        ("registration_reminder", ""),
    ],
)
def test_what_a_mail_does_to_the_calendar_is_said(editor, event, kind, said):
    admit(event)
    row = confirm(registered(event).pk)

    page = read(editor, row, "mails/", kind=kind, language="en")

    assert calendar_facts(page) == [said] * bool(said)


def test_mail_server_that_carries_no_invitations_shows_in_what_is_attached(editor, event, settings):
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    admit(event)
    row = confirm(registered(event).pk)

    page = read(editor, row, "mails/", kind="registration_confirmed", language="en")

    assert calendar_facts(page) == ["Attached an entry for the calendar"]
    assert "You need not answer it" not in page.select_one(".hub-mail-text").text


def test_mail_of_another_state_is_shown_as_it_would_be_in_that_state(editor, event):
    admit(event)
    row = cancel(confirm(registered(event).pk).pk)

    page = read(editor, row, "mails/", kind="registration_received", language="en")

    assert "You have a seat at this event." in page.select_one(".hub-mail-text").text


def test_nonsense_in_the_address_shows_no_mail(editor, event):
    admit(event)

    page = read(editor, registered(event), "mails/", kind="explode", language="xx")

    assert page.select("iframe") == []


def test_story_of_a_lone_row_is_sorted(event):
    admit(event)
    row = registered(event)

    moments = [happening.at for happening in story(row)]

    assert moments == sorted(moments, reverse=True)
