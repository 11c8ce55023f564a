"""One link, mailed to an address, to all that is registered under it."""

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from events.handover import hand_over
from events.limits import PER_ADDRESS
from events.links import address_token
from events.models import Delegation, Registration
from events.registration import cancel, confirm
from portal.base.models import OutgoingMail
from tests.events.publishing import change, unpublish
from tests.events.sending import (
    LANGUAGES,
    PRIVATE,
    errors,
    everything,
    filled,
    group_url,
    in_state,
    manage_url,
    masked,
    notices,
    registered,
    soup,
    words,
)
from tests.factories import admit, event_page, make_event, make_tree, stored

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(minute=10, second=0, microsecond=0)
ASK = "/en/my-registrations/"


@pytest.fixture
def registration():
    return in_state(make_event("Rencontre"), "confirmed")


def ask(client, email="maria@example.org"):
    return client.post(ASK, {"email": email})


def links():
    return list(
        OutgoingMail.objects.filter(kind="registration_links").order_by("pk").values_list("to", "language", "params")
    )


def all_url(row, language="en"):
    return f"{ASK.replace('en', language, 1)}{address_token(row)}/"


def lists(response):
    page = soup(response)
    return {
        words(heading): [words(link) for link in heading.find_next_sibling("ul").select("a")]
        for heading in page.select("main .prose > h2")
    }


# --- asking


def test_link_is_mailed_and_works_for_half_an_hour(
    client, registration, django_capture_on_commit_callbacks, mailoutbox
):
    with time_machine.travel(NOW, tick=False):
        with django_capture_on_commit_callbacks(execute=True):
            response = ask(client, " MARIA@example.org ")
        # The mail that the registration itself has left may be due by now as well.
        (asked,) = [message for message in mailoutbox if "/my-registrations/" in message.body]
        assert asked.to == ["maria@example.org"]
        link = re.search(r"/\w\w/my-registrations/\S+/", asked.body)[0]
        now = client.get(link)
    with time_machine.travel(NOW + dt.timedelta(minutes=29), tick=False):
        later = client.get(link)
    with time_machine.travel(NOW + dt.timedelta(minutes=31), tick=False):
        too_late = client.get(link)

    assert (response.status_code, links()) == (200, [("maria@example.org", "fr", {"registration": registration.pk})])
    assert [page.status_code for page in (now, later, too_late)] == [200, 200, 404]
    assert soup(too_late).select_one("main a.button")["href"] == "/fr/my-registrations/"


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("state", ["pending", "awaiting", "confirmed", "waiting", "offered", "cancelled", "refused"])
def test_link_is_promised_to_everybody_in_the_same_words(client, state):
    in_state(make_event(), state)

    known, unknown = ask(client), ask(client, "other@example.org")

    assert known.status_code == unknown.status_code == 200
    assert masked(known, "maria@example.org") == masked(unknown, "other@example.org")
    assert sorted(known.headers) == sorted(unknown.headers)
    assert [to for to, _language, _params in links()] == (
        [] if state in {"cancelled", "refused"} else ["maria@example.org"]
    )


def test_link_is_mailed_five_times_an_hour_at_most_and_said_so_to_nobody(client, registration):
    found = []
    for index in range(PER_ADDRESS + 2):
        with time_machine.travel(NOW + dt.timedelta(minutes=index), tick=False):
            found.append(masked(ask(client)))

    assert (len(set(found)), len(links())) == (1, PER_ADDRESS)


@time_machine.travel(NOW, tick=False)
def test_link_asked_for_twice_is_mailed_once(client, registration):
    for _time in range(2):
        ask(client)

    assert len(links()) == 1


def test_link_goes_to_a_coordinator_too(client):
    event = make_event()
    admit(event, 5)
    client.post(
        group_url(event),
        filled()
        | {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": "A", "form-0-email": "a@example.org"},
    )
    group = Delegation.objects.get()

    ask(client)
    page = client.get(all_url(group))

    assert links() == [("maria@example.org", "pt", {"delegation": group.pk})]
    assert lists(page) == {"Groups": ["Rencontre"]}
    assert soup(page).select_one("main ul a")["href"] == manage_url(group)


@pytest.mark.parametrize(
    "email", ["", "x", "x\x00@example.org", "m" * 10_240 + "@example.org", "a@b.org\nBcc: c@d.org"], ids=range(5)
)
def test_link_is_not_mailed_to_what_is_no_address(client, registration, email):
    response = ask(client, email)

    page = soup(response)
    assert (response.status_code, errors(response)) == (
        422,
        {"email": response.context["form"].errors["email"]},
    )
    assert (page.title.text.strip()[:6], links()) == ("Error:", [])
    assert page.select_one(page.select_one("#errors a")["href"])["name"] == "email"


def test_link_is_not_mailed_by_reading_or_from_other_sites(client, registration):
    found = [client.get(f"{ASK}?email=maria@example.org"), client.head(ASK), client.put(ASK), client.delete(ASK)]
    found.append(Client(enforce_csrf_checks=True).post(ASK, {"email": "maria@example.org"}))

    assert ([response.status_code for response in found], links()) == ([200, 200, 405, 405, 403], [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_there_in_every_language(client, registration, language):
    path = f"/{language}/my-registrations/"
    found = [
        client.get(path),
        client.post(path, {"email": "x@example.org"}),
        client.get(all_url(registration, language)),
    ]

    assert [(page.status_code, soup(page).html["lang"]) for page in found] == [(200, language)] * 3
    assert {page["Cache-Control"] for page in found} == {PRIVATE}
    assert [soup(page).select_one("meta[name=robots]")["content"] for page in found] == ["noindex"] * 3


def test_address_is_text_and_not_html(client):
    response = ask(client, '"<script>alert(1)</script>"@example.org')

    assert (response.status_code, b"<script>alert" in response.content) == (200, False)


def test_ten_megabytes_are_refused_clearly(registration):
    response = Client(raise_request_exception=False).post(ASK, {"email": "x" * 10_000_000})

    assert (response.status_code, links()) == (400, [])


# --- what the link opens


def test_page_lists_what_is_registered_under_the_address_alone(client):
    tree, rows = make_tree("fr")["fr"], {}
    for name, in_days in (("later", 40), ("soon", 20), ("past", 10)):
        event = make_event(name, in_days=in_days)
        event_page(tree["agenda"], event)
        admit(event, 2)
        rows[name] = confirm(registered(event).pk)
        confirm(registered(event, "other@example.org", name="Other").pk)
    in_state(make_event("waits"), "waiting")
    in_state(make_event("gone"), "cancelled")
    change(rows["past"].event, starts_on=timezone.localdate() - dt.timedelta(days=3))

    page = client.get(all_url(rows["soon"]))

    assert lists(page) == {"Coming": ["soon", "later"], "Waiting": ["waits"], "Past": ["past"]}
    urls = [link["href"] for link in soup(page).select("main ul a")]
    assert urls[:2] == [manage_url(rows["soon"]), manage_url(rows["later"])]
    assert [client.get(path).status_code for path in urls] == [200] * 4
    assert b"other" not in page.content.lower()


def test_page_of_one_registration_shows_that_one_alone(client, registration):
    other = make_event("Another event")
    admit(other, 1)
    confirm(registered(other).pk)

    assert b"Another event" not in client.get(manage_url(registration)).content


def test_page_says_that_there_is_nothing(client, registration):
    path = all_url(registration)
    cancel(registration.pk)

    assert (
        words(soup(client.get(path)).select_one("main p")) == "Nothing is registered under this address at the moment."
    )


def test_page_lists_also_what_is_not_shown_any_more(client, registration):
    unpublish(registration.event)

    assert lists(client.get(all_url(registration))) == {"Coming": ["Rencontre"]}


@pytest.mark.parametrize("how", ["newcomer", "known"])
def test_page_closes_with_a_hand_over(client, registration, how):
    admit(registration.event, 2)
    if how == "known":
        confirm(registered(registration.event, "zoe@example.org").pk)
    path = all_url(registration)

    hand_over(registration.pk, name="Zoé", email="zoe@example.org")
    found = client.get(path)

    assert (found.status_code, b"zoe" in found.content.lower()) == (404, False)


def test_page_opens_by_no_forged_token(client, registration):
    token = address_token(registration)
    forged = [token[:-1], token.swapcase(), token + "x", token.split(":")[0], "::", "x" * 5000]

    assert [client.get(f"{ASK}{text}/").status_code for text in forged] == [404] * len(forged)


def test_page_changes_nothing_of_the_registrations(client, registration):
    path, before = all_url(registration), everything()

    found = [getattr(client, method)(path).status_code for method in ("get", "head", "post", "put", "delete")]

    assert (found, everything()) == ([200, 200, 302, 405, 405], before)


@pytest.mark.parametrize("number", [3, 30])
def test_page_asks_the_database_a_few_times(client, django_assert_num_queries, number):
    tree = make_tree("fr")["fr"]
    for index in range(number):
        event = make_event(f"event {index}")
        event_page(tree["agenda"], event)
        admit(event, 1)
        row = confirm(registered(event).pk)
    path = all_url(row)
    client.get(path)

    with django_assert_num_queries(6):
        client.get(path)


def test_notice_of_the_form_names_the_address(client):
    said = (
        "If something is registered under zoe@example.org, a mail with one link to all of it is on its way. The link"
        " works for 30 minutes."
    )
    assert notices(ask(client, "zoe@example.org")) == [said]


def test_token_survives_no_change_of_the_link(client, registration):
    path = all_url(registration)
    Registration.objects.update(link_version=2)

    assert (client.get(path).status_code, client.get(all_url(stored(registration))).status_code) == (404, 200)
