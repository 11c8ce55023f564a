"""Several colleagues at once: the form, and the page of who registered them."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from events.approval import refuse
from events.limits import PER_NETWORK
from events.models import Delegation, Registration
from events.registration import cancel, confirm
from tests.events.sending import (
    LANGUAGES,
    PRIVATE,
    errors,
    everything,
    filled,
    group_url,
    kinds,
    manage_url,
    masked,
    notices,
    people,
    registered,
    soup,
    words,
)
from tests.factories import admit, event_page, make_event, make_tree, stored
from tests.filled_forms import posted

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
NOW = timezone.now().replace(minute=10, second=0, microsecond=0)
MARIA = ("Maria", "maria@example.org")
ANA, BEA, ZOE = ("Ana", "ana@example.org"), ("Bea", "bea@example.org"), ("Zoé", "zoe@example.org")


@pytest.fixture
def event():
    event = make_event("Rencontre")
    admit(event, 10)
    return event


def rows(*colleagues, total=None):
    data = {"form-TOTAL_FORMS": str(total or max(3, len(colleagues))), "form-INITIAL_FORMS": "0"}
    for place, (name, email) in enumerate(colleagues):
        data |= {f"form-{place}-name": name, f"form-{place}-email": email}
    return data


def test_hidden_fields_come_first(client):
    """What follows a hidden field has no space above it; between heading and first colleague there is some."""
    event = make_event()
    admit(event)

    form = soup(client.get(group_url(event))).select_one("form.form")

    kinds = [child.name == "input" for child in form.find_all(recursive=False)]
    assert kinds == sorted(kinds, reverse=True)
    assert sum(kinds) == 6


def send(client, event, *colleagues, **fields):
    return client.post(group_url(event), filled(takes_part="on", **fields) | rows(*colleagues))


def group_of(client, event, *colleagues, confirmed=True, **fields):
    send(client, event, *colleagues, **fields)
    group = Delegation.objects.get()
    if confirmed:
        client.post(manage_url(group), {"act": "confirm"})
    return stored(group)


def places(response):
    return {
        words(item.strong): (words(item.p).split(" · ")[1], (item.select_one("[name=place]") or {}).get("value"))
        for item in soup(response).select("ul.people > li")
    }


def put(client, group, old, name, email):
    place = places(client.get(manage_url(group)))[old][1]
    return client.post(
        manage_url(group), {"act": "replace", "place": place, "colleague-name": name, "colleague-email": email}
    )


# --- the form


def test_group_is_one_mail_to_the_coordinator(client, event):
    response = send(client, event, ANA, BEA)

    assert (response.status_code, response.templates[0].name) == (200, "events/registered.html")
    assert people() == [(email, "pending") for _name, email in (MARIA, ANA, BEA)]
    assert kinds() == ["delegation_pending"]


def test_group_comes_in_and_each_colleague_is_told(client, event):
    group = group_of(client, event, ANA, BEA)

    assert people() == [(email, "confirmed") for _name, email in (MARIA, ANA, BEA)]
    assert sorted(kinds()[1:]) == [
        "delegation_confirmed",
        "registration_confirmed",
        "registration_received",
        "registration_received",
    ]
    page = client.get(manage_url(group))
    assert notices(page) == ["Your group is registered. Each colleague has a mail with a link."]
    assert {name: state for name, (state, _place) in places(page).items()} == dict.fromkeys(
        ("Maria", "Ana", "Bea"), "Confirmed"
    )


@pytest.mark.parametrize("listed", [False, True])
def test_coordinator_takes_part_only_if_said(client, event, listed):
    data = filled() | rows(*([MARIA] if listed else []), ANA)

    client.post(group_url(event), data)

    assert [email for email, _state in people()] == [MARIA[1], ANA[1]][0 if listed else 1 :]


def test_group_is_registered_together_or_not_at_all(client):
    event = make_event()
    admit(event, 2)

    response = send(client, event, ANA, BEA)

    assert (response.status_code, people(), kinds()) == (422, [], [])
    assert notices(response)[0] == (
        "This was not possible There are only 2 seats left. A group is registered together or not at all."
    )
    data = posted(response, "form.form")
    assert [data[f"form-{place}-email"] for place in range(3)] == [[ANA[1]], [BEA[1]], [""]]


def test_group_waits_together(client):
    event = make_event()
    admit(event, 1)
    confirm(registered(event, "first@example.org").pk)

    group_of(client, event, ANA)

    assert people()[1:] == [(MARIA[1], "waiting"), (ANA[1], "waiting")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_there_in_every_language(client, event, language):
    path = group_url(event, language)
    found = [client.get(path), client.post(path, {}), client.post(path, filled() | rows(ANA))]

    found.append(client.get(manage_url(Delegation.objects.get(), language)))

    assert [(page.status_code, soup(page).html["lang"]) for page in found] == [
        (status, language) for status in (200, 422, 200, 200)
    ]
    assert {page["Cache-Control"] for page in found} == {PRIVATE}
    assert {page["X-Robots-Tag"] for page in found} == {"noindex"}


@pytest.mark.parametrize("number", [3, 30])
def test_pages_ask_the_database_a_few_times(client, django_assert_num_queries, number):
    event = make_event()
    event_page(make_tree("fr")["fr"]["agenda"], event)
    admit(event, 100)
    for index in range(number):
        registered(event, f"p{index}@example.org")
    group = group_of(client, event, *[(f"C{index}", f"c{index}@example.org") for index in range(min(number, 19))])
    path = manage_url(group)
    client.get(path)

    with django_assert_num_queries(6):
        client.get(path)
    with django_assert_num_queries(6):
        client.get(group_url(event))


def test_errors_of_all_are_said_at_once_and_lead_to_their_fields(client):
    event = make_event(is_online=True)
    admit(event, 10, 10)

    response = send(client, event, ("Ana", "x"), ("", BEA[1]), ("Bea", BEA[1]), name="", country="")

    page = soup(response)
    links = page.select("#errors a")
    assert response.status_code == 422
    assert page.title.text.strip().startswith("Error:")
    assert [words(link) for link in links] == [
        "Enter your name",
        "Choose the country that you come from",
        "Choose how you will take part",
        "Colleague 1: Enter an e-mail address like name@example.org",
        "Colleague 2: Enter the name of your colleague",
        "Colleague 3: This address is there twice.",
    ]
    assert None not in [page.select_one(link["href"]) for link in links]
    assert len(page.select("#errors")) == 1
    assert "takes_part" in posted(response, "form.form")


def test_more_rows_lose_nothing_and_may_stay_empty(client, event):
    first = client.get(group_url(event))
    form = posted(first, "form.form") | filled(name="Maria <b>", country="BG", email="maria@example.org")
    form |= {"form-0-name": "Ana <i>", "form-0-email": "no address yet"}
    del form["takes_part"]

    more = client.post(group_url(event), form | {"more": "1"})
    again = posted(more, "form.form")
    sent = client.post(group_url(event), again | {"form-0-email": ANA[1], "form-7-name": "Bea", "form-7-email": BEA[1]})

    assert (more.status_code, notices(more), len(soup(more).select("fieldset"))) == (200, [], 8)
    assert {name: again[name] for name in ("name", "country", "language", "form-0-name", "form-0-email")} == {
        "name": ["Maria <b>"],
        "country": "BG",
        "language": "pt",
        "form-0-name": ["Ana <i>"],
        "form-0-email": ["no address yet"],
    }
    assert "takes_part" not in again
    assert (sent.status_code, [email for email, _state in people()]) == (200, [ANA[1], BEA[1]])


def test_more_rows_end_at_twenty(client, event):
    form = posted(client.get(group_url(event)), "form.form") | filled()
    for _time in range(6):
        form = posted(client.post(group_url(event), form | {"more": "1"}), "form.form")

    assert form["form-TOTAL_FORMS"] == ["20"]


NUMBERS = ["", "-1", "0", "x", "1e9", "21", "1001", "9" * 400, "9" * 5000, "\x00", "１", None]


@pytest.mark.parametrize("number", NUMBERS, ids=range(len(NUMBERS)))
@pytest.mark.parametrize("which", ["form-TOTAL_FORMS", "form-INITIAL_FORMS", "form-MAX_NUM_FORMS"])
@pytest.mark.parametrize("more", [{}, {"more": "1"}], ids=["send", "more"])
def test_forged_numbers_of_rows_get_an_answer(event, number, which, more):
    client = Client(raise_request_exception=False)
    data = filled() | rows(ANA) | {which: number} | more
    if number is None:
        del data[which]

    response = client.post(group_url(event), data)

    assert response.status_code in {200, 422}
    assert Registration.objects.count() <= 1
    assert len(soup(response).select("fieldset.field")) <= 20


def test_form_without_its_rows_is_shown_anew(client, event):
    response = client.post(group_url(event), filled())
    again = client.post(group_url(event), posted(response, "form.form") | {"takes_part": "on", "more": ""})

    assert (response.status_code, people()) == (422, [])
    assert words(soup(response).select_one("#errors li")).startswith("This page was open for a long time.")
    assert len(soup(response).select("fieldset.field")) == 3
    assert again.status_code == 200


def test_group_of_nobody_is_none(client, event):
    response = client.post(group_url(event), filled() | rows())

    assert (response.status_code, errors(response)) == (
        422,
        {"__all__": ["Enter at least one colleague, or that you take part yourself."]},
    )


@time_machine.travel(NOW, tick=False)
def test_robot_sees_what_a_person_sees(client, event):
    person = send(client, event, ANA)
    before = everything()
    robot = send(client, event, BEA, email="robot@example.org", website="x")

    assert masked(person, MARIA[1]) == masked(robot, "robot@example.org")
    assert everything() == before


@time_machine.travel(NOW, tick=False)
def test_each_colleague_counts_against_the_network(client, event):
    many = [(f"C{index}", f"c{index}@example.org") for index in range(20)]
    found = []
    for index in range(PER_NETWORK // 20 + 1):
        data = filled(email=f"m{index}@example.org", website="") | rows(*many)
        found.append(client.post(group_url(event), data, REMOTE_ADDR="8.8.8.8").status_code)

    assert found[-1] == 429
    assert Registration.objects.count() <= 10


# --- the coordinator's page


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("confirmed", [False, True])
def test_page_does_not_tell_who_was_registered(client, confirmed):
    pages = []
    for known in (False, True):
        event = make_event()
        admit(event, 10)
        if known:
            confirm(registered(event, ANA[1], name="Ana Known").pk)
        send(client, event, ANA, BEA)
        group = Delegation.objects.get(event=event)
        if confirmed:
            client.post(manage_url(group), {"act": "confirm"})
        page = client.get(manage_url(group))
        keys = [place for _state, place in places(page).values()]
        assert len({len(key) for key in keys}) == 1
        pages.append(masked(page, *keys, *[f"/event/{event.pk}{end}" for end in ("/", ".ics")]))

    assert pages[0] == pages[1]


def test_page_of_colleagues_who_were_all_registered_looks_unconfirmed(client, event):
    confirm(registered(event, ANA[1]).pk)
    client.post(group_url(event), filled() | rows(ANA))

    page = client.get(manage_url(Delegation.objects.get()))

    assert [state for state, _place in places(page).values()] == ["Address not confirmed"]


@time_machine.travel(NOW, tick=False)
def test_replacing_does_not_tell_who_was_registered(client):
    pages = []
    for known in (False, True):
        event = make_event()
        admit(event, 10)
        if known:
            confirm(registered(event, ZOE[1], name="Zoé Known").pk)
        send(client, event, ANA, BEA)
        group = Delegation.objects.get(event=event)
        client.post(manage_url(group), {"act": "confirm"})
        answer = put(client, group, "Ana", *ZOE)
        page = client.get(manage_url(group))
        assert (answer.status_code, list(places(page))) == (302, ["Bea", "Maria", "Zoé"])
        keys = [place for _state, place in places(page).values()]
        pages.append(masked(page, *keys, *[f"/event/{event.pk}{end}" for end in ("/", ".ics")]))

    assert pages[0] == pages[1]


def test_replacing_gives_the_seat_to_another(client, event):
    group = group_of(client, event, ANA)
    seat = Registration.objects.get(email=ANA[1]).seat

    put(client, group, "Ana", *ZOE)

    row = Registration.objects.get(email=ZOE[1])
    assert (row.seat, row.name, row.state, Registration.objects.count()) == (seat, "Zoé", "confirmed", 2)


def test_replacing_a_known_colleague_brings_one_in(client, event):
    confirm(registered(event, ANA[1]).pk)
    group = group_of(client, event, ANA)

    put(client, group, "Ana", *ZOE)

    assert people() == [(ANA[1], "confirmed"), (MARIA[1], "confirmed"), (ZOE[1], "confirmed")]
    assert sorted(places(client.get(manage_url(group)))) == ["Maria", "Zoé"]


def test_replacing_who_declined_brings_one_in(client, event):
    group = group_of(client, event, ANA)
    cancel(Registration.objects.get(email=ANA[1]).pk)

    put(client, group, "Ana", *ZOE)

    assert (ZOE[1], "confirmed") in people()


@pytest.mark.parametrize("email", [ANA[1], ZOE[1]])
def test_replacing_twice_by_one_form_is_once(client, event, email):
    confirm(registered(event, ZOE[1]).pk)
    group = group_of(client, event, ("Bea", BEA[1]))
    place = places(client.get(manage_url(group)))["Bea"][1]
    data = {"act": "replace", "place": place, "colleague-name": "New", "colleague-email": email}

    found = [client.post(manage_url(group), data) for _time in range(2)]
    before = everything()
    client.post(manage_url(group), data)

    assert ([response.status_code for response in found], everything()) == ([302, 302], before)


def test_replacing_elsewhere_has_no_effect(client, event):
    stranger = confirm(registered(event, "stranger@example.org").pk)
    other = make_event()
    admit(other, 10)
    send(client, other, BEA, email="other@example.org")
    theirs = Delegation.objects.get()
    there = places(client.get(manage_url(theirs)))["Bea"][1]
    send(client, event, ANA)
    group = Delegation.objects.get(event=event)
    own = Registration.objects.get(email=ANA[1])
    before = everything()

    guesses = [stranger.uuid, stranger.pk, stranger.email, own.uuid, own.email, there, "", "x", "\x00", "é", "0" * 32]
    found = [
        client.post(
            manage_url(group),
            {"act": "replace", "place": str(place), "colleague-name": "Eve", "colleague-email": "eve@example.org"},
        )
        for place in guesses
    ]

    assert [response.status_code for response in found] == [422] * len(guesses)
    assert everything() == before


def test_replacing_with_errors_keeps_what_was_typed_and_leads_there(client, event):
    group = group_of(client, event, ANA)

    response = put(client, group, "Ana", "Zoé <b>", "no address")

    page = soup(response)
    link = page.select_one("#errors a")
    box = page.select_one(link["href"])
    assert (response.status_code, page.title.text.strip()[:6]) == (422, "Error:")
    assert (box["name"], box["value"]) == ("colleague-email", "no address")
    assert box.find_parent("details").has_attr("open")
    assert words(box.find_parent(class_="field").select_one(".error")) == words(link)
    assert box.find_parent("form").select_one("[name=colleague-name]")["value"] == "Zoé <b>"
    assert len(page.select("details[open]")) == 1


def test_replacing_is_over_with_the_deadline(client, event):
    group = group_of(client, event, ANA)
    data = {"act": "replace", "place": places(client.get(manage_url(group)))["Ana"][1]}
    admit(event, 10, closes_at=timezone.now() - DAY)

    page = client.get(manage_url(group))
    response = client.post(manage_url(group), data | {"colleague-name": "Zoé", "colleague-email": ZOE[1]})

    assert [place for _state, place in places(page).values()] == [None, None]
    assert (response.status_code, ZOE[1] in dict(people())) == (422, False)


def test_page_whose_time_is_over_leads_to_the_form(client, event):
    group = group_of(client, event, ANA, confirmed=False)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=25), tick=False):
        page = client.get(manage_url(group))
        response = client.post(manage_url(group), {"act": "confirm"})

    assert notices(page)[0] == "The time to confirm is over. Please register the group again."
    assert soup(page).select("[value=confirm]") == []
    assert (response.status_code, {state for _email, state in people()} & {"confirmed"}) == (422, set())


def test_page_says_who_was_not_accepted(client, event):
    admit(event, 10, needs_approval=True)
    group = group_of(client, event, ANA)
    refuse(Registration.objects.get(email=ANA[1]).pk, user=None)

    found = {name: state for name, (state, _place) in places(client.get(manage_url(group))).items()}

    assert found == {"Ana": "Refused", "Maria": "Awaiting approval"}


def test_reading_changes_nothing(client, event):
    group = group_of(client, event, ANA, confirmed=False)
    before = everything(), list(Delegation.objects.values())

    for query in ("", "?act=confirm", "?act=erase", "?act=replace&place=x"):
        assert client.get(f"{manage_url(group)}{query}").status_code == 200
        assert client.head(f"{manage_url(group)}{query}").status_code == 200
    client.post(manage_url(group), {"act": "cancel"})
    refused = [
        getattr(client, method)(manage_url(group)).status_code for method in ("put", "delete", "patch", "options")
    ]

    assert (refused, (everything(), list(Delegation.objects.values()))) == ([405] * 4, before)


def test_buttons_are_safe_from_other_sites(client, event):
    group = group_of(client, event, ANA, confirmed=False)
    before = everything()

    stranger = Client(enforce_csrf_checks=True)
    found = [stranger.post(manage_url(group), {"act": act}) for act in ("confirm", "replace", "erase")]
    found.append(stranger.post(group_url(event), filled() | rows(BEA)))

    assert ([response.status_code for response in found], everything()) == ([403] * 4, before)


def test_deleting_closes_the_page_and_leaves_the_colleagues(client, event):
    group = group_of(client, event, ANA)
    path = manage_url(group)

    found = [client.post(path, {"act": "erase"}).status_code, client.get(path).status_code]

    group = stored(group)
    assert (found, group.name, group.email, group.others) == ([200, 404], "", "", [])
    assert people() == [(MARIA[1], "confirmed"), (ANA[1], "confirmed")]


@pytest.mark.parametrize("name", ["x\r\nBcc: y@example.org", "evil.com", "https://x", "\u202ex"], ids=ascii)
def test_group_carries_no_message_to_strangers(client, event, name):
    response = send(client, event, (name, ANA[1]))

    assert (response.status_code, people(), kinds()) == (422, [], [])
