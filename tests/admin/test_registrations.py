"""The people of one event: the list with its filters, the waiting list, and what is done to those who are ticked."""

from __future__ import annotations

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import AuditLine, Event, Registration
from events.registration import cancel, register
from events.waiting import position
from portal.base.models import OutgoingMail
from tests.admin.conftest import logged_in, told
from tests.admin.people import registered, several
from tests.factories import admit, applicant, make_event, make_user, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(porto):
    return make_event("Formation", cite=porto)


def address(event, rest=""):
    return f"/admin/events/{event.pk}/registrations/{rest}"


def names(client, event, query="", rest=""):
    page = BeautifulSoup(client.get(address(event, rest) + query).content, "html.parser")
    return [row.select_one("th a").text for row in page.select(".hub-table tbody tr")]


def act(client, event, code, *people, **data):
    return client.post(address(event, "act/"), {"act": code, "registration": [row.pk for row in people], **data})


# --- the list


def test_list_shows_state_way_and_rank(editor, event):
    admit(event, 1)
    several(event, 3)

    page = BeautifulSoup(editor.get(address(event)).content, "html.parser")

    rows = [
        [" ".join(cell.text.split()) for cell in row.select("th, td[data-label]")][:-1]
        for row in page.select(".hub-table tbody tr")
    ]
    assert rows == [
        ["Person 2p2@example.org", "", "Portugal", "on the waiting list", "on site", "2"],
        ["Person 1p1@example.org", "", "Portugal", "on the waiting list", "on site", "1"],
        ["Person 0p0@example.org", "", "Portugal", "confirmed", "on site", ""],
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?state=waiting", ["Søren"]),
        ("?way=online", ["Élodie"]),
        ("?country=FR", ["Élodie"]),
        ("?language=da", ["Søren"]),
        ("?channel=invitation", []),
        ("?q=lodie", ["Élodie"]),
        ("?q=SOREN@", ["Søren"]),
        ("?q=mission", ["Maria"]),
        ("?q=élo", ["Élodie"]),
        ("?q=elodie+e", []),
        ("?q=soren", ["Søren"]),
        ("?order=name", ["Maria", "Søren", "Élodie"]),
        ("?state=nonsense&country=%27", ["Élodie", "Søren", "Maria"]),
    ],
)
def test_list_is_filtered(editor, event, query, expected):
    admit(event, 1, 1)
    registered(event, "maria@example.org", name="Maria", organisation="Mission locale")
    registered(event, "soren@example.org", name="Søren", language="da", country="DK")
    registered(event, "elodie@example.org", name="Élodie", way="online", country="FR")

    assert names(editor, event, query) == expected


@pytest.mark.parametrize("words", ["иван", "ИВАН", "Иван Петров", "софия"])
def test_people_are_found_in_any_alphabet_and_case(editor, event, words):
    admit(event)
    registered(event, name="Иван Петров", organisation="Област София")
    registered(event, "b@example.org")

    found = BeautifulSoup(editor.get("/admin/registrations/", {"q": words}).content, "html.parser")

    assert names(editor, event, f"?q={words}") == ["Иван Петров"]
    assert [" ".join(title.text.split()) for title in found.select("td.title .title-wrapper")] == ["Иван Петров"]


def test_other_events_people_are_not_in_the_list(editor, porto, event):
    other = make_event("Other", cite=porto)
    admit(other)
    registered(other, name="Joao")

    assert names(editor, event) == []


def test_waiting_list_is_in_its_order_with_the_rank(editor, event):
    admit(event, 1, 1)
    several(event, 3)
    several_online = [
        registered(event, f"o{place}@example.org", name=f"Online {place}", way="online") for place in range(2)
    ]

    shown = names(editor, event, rest="waiting/")

    assert shown == ["Person 1", "Person 2", "Online 1"]
    assert position(several_online[1]) == 1


@pytest.mark.parametrize("rest", ["", "waiting/", "numbers/"])
def test_page_asks_as_many_queries_for_3_as_for_30(editor, event, rest):
    admit(event, 1)
    several(event, 3)
    editor.get(address(event, rest))
    few = queries(editor, address(event, rest))
    for place in range(27):
        registered(event, f"more{place}@example.org", country="FR", organisation=f"House {place}")

    many = queries(editor, address(event, rest))

    assert (many, few < 30) == (few, True)


def queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_long_list_has_pages_and_all_that_are_found_can_be_meant(editor, event):
    admit(event, 0)
    Registration.objects.bulk_create(
        Registration(
            event=event,
            state="awaiting",
            name=f"P{place}",
            email=f"p{place}@example.org",
            country="PT",
            language="fr",
            token_digest=str(place),
            told={},
        )
        for place in range(105)
    )

    first, second = names(editor, event), names(editor, event, "?p=2")
    answer = editor.post(address(event, "act/?q=p10"), {"act": "refuse", "everybody": "1", "confirm": "1"})

    assert (len(first), len(second)) == (100, 5)
    assert told(answer) == ["6 people are not accepted."]  # P10, P100 … P104


# --- bulk acts


@pytest.fixture
def deciding(event):
    """An event on which the organisers decide, with two people."""
    admit(event, 1, needs_approval=True)
    return several(event, 2)


def test_approving_gives_seats_as_far_as_they_go(editor, event, deciding):
    answer = act(editor, event, "approve", *deciding)

    assert (answer["Location"], told(answer)) == (address(event), ["2 people are approved."])
    assert [stored(row).state for row in deciding] == ["confirmed", "waiting"]
    assert AuditLine.objects.filter(what="approved", user__username="editor").count() == 2


def test_refusals_of_the_rule_are_told_one_by_one(editor, event, deciding):
    cancel(deciding[0].pk)

    answer = act(editor, event, "approve", *deciding)

    assert told(answer) == [
        "Person 0: not possible in the state “cancelled”.",
        "1 person is approved.",
    ]


def test_not_accepting_asks_for_a_reason_that_goes_into_the_mail(editor, event, deciding):
    asked = act(editor, event, "refuse", *deciding)
    before = [stored(row).state for row in deciding]
    page = BeautifulSoup(asked.content, "html.parser")
    answer = act(editor, event, "refuse", *deciding, confirm="1", why="Only for counsellors.")

    assert ([item.text.split(" · ")[0].strip() for item in page.select(".hub-people li")], before) == (
        ["Person 0", "Person 1"],
        ["awaiting", "awaiting"],
    )
    assert told(answer) == ["2 people are not accepted."]
    mails = OutgoingMail.objects.filter(kind="registration_refused")
    assert [mail.params["why"] for mail in mails] == ["Only for counsellors."] * 2


def test_free_seat_is_given_by_hand_and_none_beyond(editor, event):
    admit(event, 1)
    people = several(event, 3)
    Registration.objects.filter(pk=people[0].pk).update(state="cancelled", seat=None)

    answer = act(editor, event, "seat", people[1], people[2])

    assert told(answer) == [
        "There is no seat left for Person 2. Raise the seats first.",
        "1 person has a seat now.",
    ]
    assert [stored(row).state for row in people[1:]] == ["confirmed", "waiting"]


def test_cancelling_asks_first_and_frees_the_seat(editor, event):
    admit(event, 1)
    people = several(event, 2)

    asked = act(editor, event, "cancel", people[0])
    before = stored(people[0]).state
    answer = act(editor, event, "cancel", people[0], confirm="1", why="")

    assert (asked.status_code, before, told(answer)) == (200, "confirmed", ["1 registration is cancelled."])
    assert [stored(row).state for row in people] == ["cancelled", "offered"]
    assert AuditLine.objects.get(what="cancelled").user.username == "editor"


def test_cancelled_registration_is_not_cancelled_again(editor, event):
    admit(event)
    person = registered(event)
    cancel(person.pk)

    answer = act(editor, event, "cancel", person, confirm="1", why="")

    assert told(answer) == ["Maria: not possible in the state “cancelled”."]


def test_way_is_switched_where_there_is_a_seat(editor, event):
    admit(event, 2, 1)
    people = several(event, 2)

    answer = act(editor, event, "to-online", *people)

    assert told(answer) == [
        "There is no seat left for this way of taking part; you keep yours.",
        "1 person takes part online.",
    ]
    assert [stored(row).way for row in people] == ["online", "on-site"]


def test_message_wants_a_subject_and_goes_to_each_in_a_mail_of_their_own(editor, event):
    admit(event)
    people = several(event, 2)
    pending = register(event.pk, applicant("x@example.org", name="Pending"))

    empty = act(editor, event, "message", *people, confirm="1", subject="", text="")
    answer = act(editor, event, "message", *people, pending, confirm="1", subject="Hotel", text="Book by Friday.")

    mails = OutgoingMail.objects.filter(kind="registration_message").order_by("pk")
    assert (empty.status_code, told(answer)) == (
        422,
        ["Pending: not possible in the state “address not confirmed”.", "2 messages are on their way."],
    )
    assert [(mail.to, mail.params["subject"], mail.params["text"]) for mail in mails] == [
        ("p0@example.org", "Hotel", "Book by Friday."),
        ("p1@example.org", "Hotel", "Book by Friday."),
    ]


def test_last_mail_is_sent_again(editor, event):
    admit(event)
    person = registered(event)

    answer = act(editor, event, "resend", person)

    assert told(answer) == ["1 mail is on its way again."]
    assert OutgoingMail.objects.filter(kind="registration_confirmed").count() == 2


@pytest.mark.parametrize(
    "data",
    [
        {"act": "approve"},
        {"act": "explode", "registration": "1"},
        {},
        {"act": "approve", "registration": ["x", "9" * 30]},
    ],
)
def test_act_on_nobody_does_nothing(editor, event, data):
    answer = editor.post(address(event, "act/"), data)

    assert told(answer) == ["Nothing is done: tick at least one person first."]


def test_person_of_another_event_is_never_meant(editor, porto, event):
    other = make_event("Other", cite=porto)
    admit(other)
    person = registered(other)

    answer = act(editor, event, "cancel", person, confirm="1", why="")

    assert (told(answer), stored(person).state) == (
        ["Nothing is done: tick at least one person first."],
        "confirmed",
    )


@pytest.mark.parametrize("wanted", ["https://example.org/", "//example.org/", "javascript:alert(1)", ""])
def test_next_page_is_one_of_ours(editor, event, wanted):
    admit(event)

    answer = act(editor, event, "resend", registered(event), next=wanted)

    assert answer["Location"] == address(event)


def test_get_does_nothing(editor, event):
    assert [editor.get(address(event, rest)).status_code for rest in ("act/", "export/")] == [405, 405]


# --- by hand


def person(**fields):
    return {
        "name": "Ana",
        "email": "Ana@Example.org",
        "country": "PT",
        "language": "it",
        "way": "on-site",
        "organisation": "IHK",
        **fields,
    }


def test_somebody_is_added_by_hand_also_when_registration_is_closed(editor, event):
    admit(event, 1, by_invitation=True)

    answer = editor.post(address(event, "add/"), person())

    row = Registration.objects.get()
    assert (answer["Location"], told(answer)) == (
        address(event, f"{row.pk}/"),
        ["Ana: confirmed. A mail is on its way."],
    )
    assert (row.email, row.channel, row.language, row.organisation) == ("ana@example.org", "organiser", "it", "IHK")


def test_known_address_is_not_added_again(editor, event):
    admit(event)
    registered(event, "ana@example.org")

    answer = editor.post(address(event, "add/"), person())

    assert (answer.status_code, Registration.objects.count()) == (422, 1)
    assert "This address is registered already: confirmed." in answer.content.decode()


def test_form_by_hand_says_what_is_missing(editor, event):
    answer = editor.post(address(event, "add/"), person(name="", email="no"))

    page = BeautifulSoup(answer.content, "html.parser")
    assert (answer.status_code, len(page.select(".error-message"))) == (422, 2)


def test_form_by_hand_offers_the_ways_that_the_event_has(editor, event):
    admit(event, 1)

    page = BeautifulSoup(editor.get(address(event, "add/")).content, "html.parser")
    answer = editor.post(address(event, "add/"), person(way="online"))

    assert [option.text for option in page.select("[name=way] option")] == ["on site"]
    assert (answer.status_code, Registration.objects.count()) == (422, 0)


# --- numbers


def test_numbers_count_by_country_organisation_way_and_need(editor, event):
    admit(event, 2)
    registered(event, "a@example.org", organisation="Mission Locale", interpretation=("fr", "de"), diet="vegan")
    registered(event, "b@example.org", organisation="mission locale", country="FR", interpretation=("fr",))
    registered(event, "c@example.org", organisation="Mission Locale")
    register(event.pk, applicant("d@example.org", country="DK"))

    page = BeautifulSoup(editor.get(address(event, "numbers/")).content, "html.parser")

    tables = {
        table.caption.text: [[cell.text for cell in row.select("th, td")] for row in table.select("tbody tr")]
        for table in page.select(".hub-numbers table")
    }
    assert tables == {
        "State": [["address not confirmed", "1"], ["confirmed", "2"], ["on the waiting list", "1"]],
        "Country": [["Portugal", "1", "1"], ["France", "1", "0"]],
        "Organisation": [["Mission Locale", "2", "1"]],
        "Takes part": [["on site", "2", "1"]],
        "Came by": [["the form", "2", "1"]],
        "Language of the mails": [["French", "2", "1"]],
        "Needs interpretation from": [["French", "2", "0"], ["German", "1", "0"]],
        "Diet": [["vegan", "1", "0"]],
    }


# --- when it was


def test_times_are_those_of_the_event(editor, event):
    """An editor whose account names no zone would read UTC, beside deadlines on the clock of the place."""
    admit(event)
    row = registered(event)
    Event.objects.filter(pk=event.pk).update(timezone="Indian/Reunion")
    at = dt.datetime(2026, 11, 22, 21, 30, tzinfo=dt.UTC)
    Registration.objects.update(created_at=at)
    AuditLine.objects.update(at=at)

    pages = [BeautifulSoup(editor.get(address(event, rest)).content, "html.parser") for rest in ("", f"{row.pk}/")]
    hub = BeautifulSoup(editor.get(f"/admin/events/{event.pk}/").content, "html.parser")

    assert pages[0].select("thead th")[-1].text.split() == ["Registered", "at", "(Indian/Reunion)"]
    assert [
        page.select(selector)[-1].text.strip()
        for page, selector in zip([*pages, hub], ["tbody td", ".hub-story time", ".hub-lines time"], strict=True)
    ] == ["23/11/2026 01:30", "23/11/2026 01:30", "23 November 2026, 01:30"]
    assert [page.text.count("Times are those of Indian/Reunion.") for page in (pages[1], hub)] == [1, 2]


# --- whose they are


@pytest.mark.parametrize("rest", ["", "waiting/", "numbers/", "add/", "1/", "1/mails/"])
def test_pages_are_for_those_whose_event_it_is(editor, coordinator, lyon, rest):
    theirs = make_event("Theirs", cite=lyon)
    network = make_event("Network")
    for each in (theirs, network):
        admit(each)
    rows = {each: registered(each) for each in (theirs, network)}

    answers = [
        [client.get(address(each, rest.replace("1", str(rows[each].pk)))).status_code for each in (theirs, network)]
        for client in (editor, coordinator)
    ]

    assert answers == [[403, 403], [200, 200]]


def test_refusal_is_said_in_the_language_of_the_admin(lyon, event):
    page = BeautifulSoup(
        logged_in(make_user("other", cite=lyon), language="it").get(address(event)).content, "html.parser"
    )

    assert (page.html["lang"], page.h1.text.strip()) == ("it", "Questa pagina non è accessibile")


def test_registration_below_another_event_is_not_found(editor, porto, lyon, event):
    theirs = make_event("Theirs", cite=lyon)
    admit(theirs)
    person = registered(theirs)

    answers = [editor.get(address(event, f"{person.pk}/{rest}")).status_code for rest in ("", "mails/")]

    assert answers == [404, 404]


def test_old_address_leads_to_the_registration_below_its_event(editor, event):
    admit(event)
    row = registered(event)

    answer = editor.get(f"/admin/registrations/inspect/{row.pk}/")

    assert answer["Location"] == address(event, f"{row.pk}/")


def test_somebody_is_found_over_all_own_events(editor, porto, lyon, event):
    theirs = make_event("Theirs", cite=lyon)
    for each, name in ((event, "Maria"), (theirs, "Paul")):
        admit(each)
        registered(each, name=name)

    page = BeautifulSoup(editor.get("/admin/registrations/?q=example").content, "html.parser")

    links = [link["href"] for link in page.select("td.title a[href]") if "/registrations/" in link["href"]]
    assert set(links) == {address(event, f"{Registration.objects.get(name='Maria').pk}/")}
