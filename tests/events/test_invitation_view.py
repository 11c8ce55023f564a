"""The form that an invited guest's link opens."""

import pytest
from django.test import Client
from django.utils import timezone

from events.invitation import invite, revoke
from events.limits import PER_ADDRESS
from events.models import Registration
from events.publication import change_state
from events.registration import cancel, confirm
from tests.events.publishing import unpublish
from tests.events.sending import LANGUAGES, PRIVATE, everything, filled, manage_url, notices, people, registered, soup
from tests.factories import admit, make_event, make_user
from tests.filled_forms import posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    event = make_event("Rencontre")
    admit(event, 2, by_invitation=True)
    return event


@pytest.fixture
def guest(event):
    return invite(event.pk, [("Guest <b>", "guest@example.org")], language="pt", user=None)[0]


def send(client, guest, **fields):
    return client.post(manage_url(guest), filled(**fields))


@pytest.mark.parametrize("language", LANGUAGES)
def test_form_knows_name_address_and_language_of_the_guest(client, guest, language):
    response = client.get(manage_url(guest, language))

    form = posted(response, "form.form")
    assert (response.status_code, soup(response).html["lang"]) == (200, language)
    assert (form["name"], form["email"], form["language"]) == (["Guest <b>"], ["guest@example.org"], "pt")
    assert soup(response).select_one("[name=email]").has_attr("disabled")
    assert (response["Cache-Control"], response["X-Robots-Tag"]) == (PRIVATE, "noindex")


def test_guest_comes_in_at_once_and_sees_the_own_page(client, guest):
    response = send(client, guest, name="Guest", email="evil@example.org")

    row = Registration.objects.get()
    assert (response.status_code, response["Location"]) == (302, manage_url(row))
    assert (row.email, row.name, row.state, row.channel) == ("guest@example.org", "Guest", "confirmed", "invitation")


def test_guest_who_sends_twice_is_registered_once(client, guest):
    found = [send(client, guest)["Location"] for _time in range(2)]

    assert (len(set(found)), people()) == (1, [("guest@example.org", "confirmed")])


def test_guest_waits_where_it_is_full(client, event, guest):
    admit(event, 0, 0)
    admit(event, 1, by_invitation=False)
    confirm(registered(event, "first@example.org").pk)
    admit(event, 1, by_invitation=True)

    send(client, guest)

    assert people()[1] == ("guest@example.org", "waiting")


def test_guest_needs_no_approval(client, event, guest):
    admit(event, 2, by_invitation=True, needs_approval=True)

    send(client, guest)

    assert people() == [("guest@example.org", "confirmed")]


def test_guest_is_not_kept_out_by_who_used_up_the_address(client, guest):
    for _time in range(PER_ADDRESS + 1):
        client.post("/en/my-registrations/", {"email": "guest@example.org"})

    assert send(client, guest).status_code == 302


def test_guest_with_errors_keeps_what_was_typed(client, guest):
    response = send(client, guest, name="", organisation="<i>")

    form = posted(response, "form.form")
    assert (response.status_code, form["organisation"], form["email"]) == (422, ["<i>"], ["guest@example.org"])
    assert soup(response).title.text.strip().startswith("Error:")


def test_guest_may_come_back_after_cancelling(client, guest):
    send(client, guest)
    cancel(Registration.objects.get().pk, user=make_user())

    assert (send(client, guest).status_code, people()[-1]) == (302, ("guest@example.org", "confirmed"))


@pytest.mark.parametrize("end", ["revoked", "garbled"])
def test_ended_invitation_opens_nothing(client, guest, end):
    path = manage_url(guest)
    if end == "revoked":
        revoke(guest.pk, user=None)
    else:
        path = path[:-2] + "/"

    found = [client.get(path), client.post(path, filled())]

    assert ([response.status_code for response in found], people()) == ([404, 404], [])
    assert soup(found[0]).select_one("main a.button")["href"] == "/en/my-registrations/"


def test_invitation_given_anew_has_another_link(client, event, guest):
    old = manage_url(guest)
    revoke(guest.pk, user=None)
    again = invite(event.pk, [("Guest", "guest@example.org")], language="pt", user=None)[0]

    assert [client.get(path).status_code for path in (old, manage_url(again))] == [404, 200]


@pytest.mark.parametrize(
    ("closes", "state", "status"),
    [(True, "", 422), (False, "cancelled", 422), (False, "postponed", 422), (False, "withdrawn", 404)],
)
def test_invitation_is_of_no_use_where_nobody_can_register(client, event, guest, closes, state, status):
    if closes:
        admit(event, 2, by_invitation=True, closes_at=timezone.now())
    if state:
        change_state(event.pk, state)

    page, response = client.get(manage_url(guest)), send(client, guest)

    assert (page.status_code, response.status_code, people()) == (200 if status == 422 else 404, status, [])
    if status == 422:
        assert posted(page, "form.form") == {}
        assert notices(page) != []


def test_invitation_to_an_unpublished_event_is_not_found(client, event, guest):
    unpublish(event)

    assert [client.get(manage_url(guest)).status_code, send(client, guest).status_code] == [404, 404]


def test_invitation_is_not_used_by_reading_it(client, guest):
    before = everything()

    found = [client.get(manage_url(guest)).status_code, client.head(f"{manage_url(guest)}?name=x").status_code]
    refused = [getattr(client, method)(manage_url(guest)).status_code for method in ("put", "delete", "options")]

    assert (found, refused, everything()) == ([200, 200], [405] * 3, before)


def test_invitation_is_safe_from_other_sites(guest):
    response = Client(enforce_csrf_checks=True).post(manage_url(guest), filled())

    assert (response.status_code, people()) == (403, [])
