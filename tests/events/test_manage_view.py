"""What the links in mails open, and the form that mails them again."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from events.links import new_digest, token_of
from events.models import Registration
from events.publication import change_state
from events.registration import cancel, register
from portal.base.models import OutgoingMail
from tests.events.publishing import change, unpublish
from tests.factories import admit, applicant, event_page, make_event, make_tree, stored
from tests.filled_forms import posted

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def registration():
    event = make_event("Rencontre")
    admit(event, 1)
    return register(event.pk, applicant(organisation="Cité de Porto", language="pt"))


def url(registration, language="en"):
    return f"/{language}/registration/{token_of(registration)}/"


def everything():
    rows = Registration.objects.order_by("pk").values_list(
        "state", "changed_at", "link_version", "token_digest", "told"
    )
    return list(rows), OutgoingMail.objects.count()


def notice(response):
    return BeautifulSoup(response.content, "html.parser").select_one(".notice p").text.strip()


# --- seeing it


def test_page_shows_the_registration_and_nothing_changes(client, registration):
    before = everything()

    response = client.get(url(registration))

    facts = BeautifulSoup(response.content, "html.parser").select_one("dl.facts").get_text("|", strip=True)
    assert facts == (
        "Name|Maria|E-mail|maria@example.org|Organisation or Cité|Cité de Porto|Takes part|On site"
        "|Language of our mails|Português"
    )
    assert (response.status_code, everything()) == (200, before)


def test_page_is_for_one_reader_alone(client, registration):
    response = client.get(url(registration))

    assert {name: response[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")} == {
        "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
        # With "no-referrer" browsers post without an Origin, and the button would be refused.
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex",
    }


def test_page_sends_its_address_to_nobody(client, registration):
    page = BeautifulSoup(client.get(url(registration)).content, "html.parser")

    token = token_of(registration)
    links = [element.get("href") or element.get("src") or "" for element in page.select("[href], [src]")]
    canonical = [link["href"] for link in page.select("link[rel=canonical]")]
    assert [link for link in links if link.startswith(("http:", "https:", "//")) and token in link] == canonical == []


@pytest.mark.parametrize("language", ["fr", "en", "it", "es", "pt", "de", "nl", "da", "bg"])
def test_page_opens_in_every_language_without_a_tree(client, registration, language):
    response = client.get(url(registration, language))

    page = BeautifulSoup(response.content, "html.parser")
    assert (response.status_code, page.html["lang"]) == (200, language)


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete"])
def test_page_changes_nothing_but_by_post(client, registration, method):
    before = everything()

    response = getattr(client, method)(f"{url(registration)}?act=cancel")

    assert response.status_code == (200 if method in {"get", "head"} else 405)
    assert everything() == before


def test_page_answers_head_without_a_body(client, registration):
    assert client.head(url(registration)).content == b""


WRONG = ["x", "x" * 32, "x" * 5000, "%00", "%ff", "..%2f", "é", "None", "a%2Fb", "'; DROP TABLE x; --"]


@pytest.mark.parametrize("token", WRONG)
def test_page_of_a_wrong_token_is_not_found(client, registration, token):
    before = everything()

    found = [client.get(f"/en/registration/{token}/"), client.post(f"/en/registration/{token}/", {"act": "cancel"})]

    assert {response.status_code for response in found} <= {404, 400}
    assert everything() == before


def test_page_does_not_open_by_anything_but_the_token(client, registration):
    guesses = [registration.token_digest, registration.uuid, registration.pk, token_of(registration)[:-1]]

    found = [client.get(f"/en/registration/{guess}/").status_code for guess in guesses]

    assert found == [404] * 4


def test_page_does_not_open_by_an_ended_link(client, registration):
    old = url(registration)

    registration.link_version += 1
    registration.token_digest = new_digest(registration)
    registration.save()

    assert [client.get(path).status_code for path in (old, url(registration))] == [404, 200]


def test_page_of_a_registration_says_how_the_event_stands(client, registration):
    event = registration.event
    found = [notice(client.get(url(registration)))]

    with time_machine.travel(event.ends_at, tick=False):
        found.append(notice(client.get(url(registration))))
    cancel(registration.pk)
    found.append(notice(client.get(url(registration))))

    assert found[0].startswith("You are registered. See you on ")
    assert found[1:] == ["This event is over.", "You have cancelled. Your seat is free for somebody else."]


@pytest.mark.parametrize("act", ["unpublished", "withdrawn", "cancelled", "postponed", "vague"])
def test_page_stays_open_whatever_becomes_of_the_event(client, registration, act):
    event = registration.event
    if act == "unpublished":
        unpublish(event)
    elif act == "vague":
        change(event, precision="unknown", starts_on=None)
    else:
        change_state(event.pk, act)

    found = client.get(url(registration)), client.post(url(registration), {"act": "cancel"})

    assert [response.status_code for response in found] == [200, 302]
    assert stored(registration).state == "cancelled"


# --- cancelling it


def test_button_cancels_the_seat_and_frees_it(client, registration, django_capture_on_commit_callbacks, mailoutbox):
    form = posted(client.get(url(registration)), "form.panel")

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(url(registration), form)

    assert (response.status_code, response["Location"]) == (302, url(registration))
    assert stored(registration).state == "cancelled"
    assert [message.to for message in mailoutbox] == [["maria@example.org"]]
    assert register(registration.event_id, applicant("next@example.org")).state == "confirmed"


def test_button_pressed_twice_cancels_once(client, registration):
    found = [client.post(url(registration), {"act": "cancel"}) for _time in range(2)]

    assert [response.status_code for response in found] == [302, 302]
    assert registration.event.audit_lines.filter(what="cancelled").count() == 1
    assert OutgoingMail.objects.filter(kind="registration_cancelled").count() == 1


@pytest.mark.parametrize(
    "data", [{}, {"act": ""}, {"act": "CANCEL"}, {"act": "delete"}, {"act": "\x00"}, {"cancel": "1"}]
)
def test_another_act_changes_nothing(client, registration, data):
    before = everything()

    response = client.post(url(registration), data)

    assert (response.status_code, response["Location"], everything()) == (302, url(registration), before)


def test_button_is_safe_from_other_sites(registration):
    response = Client(enforce_csrf_checks=True).post(url(registration), {"act": "cancel"})

    assert (response.status_code, stored(registration).state) == (403, "confirmed")


def test_button_is_gone_once_the_event_is_over_and_does_nothing(client, registration):
    with time_machine.travel(registration.event.ends_at, tick=False):
        page = client.get(url(registration))
        client.post(url(registration), {"act": "cancel"})

    assert posted(page, "form.panel") == {}
    assert stored(registration).state == "confirmed"


def test_link_of_one_registration_leaves_another_alone(client, registration):
    change(registration.event, name="Rencontre")
    admit(registration.event, 2)
    other = register(registration.event_id, applicant("other@example.org"))

    client.post(url(other), {"act": "cancel"})

    assert [stored(row).state for row in (registration, other)] == ["confirmed", "cancelled"]


def test_page_is_open_after_a_change_of_the_sites_key(client, registration, settings):
    path = url(registration)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a newer key"

    found = client.get(path), client.post(path, {"act": "cancel"})

    assert [response.status_code for response in found] == [200, 302]
    assert found[1]["Location"] == path


# --- the links once more


MINE = "/en/my-registrations/"


def links():
    return list(OutgoingMail.objects.filter(kind="registration_links").values_list("to", "language", "params"))


@time_machine.travel(NOON, tick=False)
def test_links_are_mailed_in_one_mail(client):
    tree, rows = make_tree("fr")["fr"], []
    for name in ("one", "two"):
        event = make_event(name)
        event_page(tree["agenda"], event)
        admit(event)
        rows.append(register(event.pk, applicant(language="pt")))
    cancelled = make_event("cancelled")
    admit(cancelled)
    cancel(register(cancelled.pk, applicant()).pk)

    for _time in range(2):
        response = client.post(MINE, {"email": " MARIA@example.org"})

    assert response.status_code == 200
    assert links() == [("maria@example.org", "pt", {"registrations": [row.pk for row in rows]})]
    with time_machine.travel(NOON + dt.timedelta(minutes=1), tick=False):
        client.post(MINE, {"email": "maria@example.org"})
    assert len(links()) == 2


def test_links_are_promised_to_strangers_in_the_same_words(client, registration):
    known, unknown = (client.post(MINE, {"email": email}) for email in ("maria@example.org", "other@example.org"))

    texts = [response.content.decode() for response in (known, unknown)]
    assert known.status_code == unknown.status_code == 200
    assert texts[0].replace("maria@", "other@") == texts[1]
    assert len(links()) == 1


def test_links_go_to_an_address_as_long_as_may_be(client, registration):
    address = f"{'m' * 60}@{'.'.join(['d' * 61] * 3)}.example"
    Registration.objects.update(email=address)

    response = client.post(MINE, {"email": address})

    assert (response.status_code, [to for to, _language, _params in links()]) == (200, [address])


@pytest.mark.parametrize(
    "email", ["", "x", "x\x00@example.org", "m" * 10_240 + "@example.org", "a@b.org\nBcc: c@d.org"]
)
def test_links_are_not_mailed_to_what_is_no_address(client, registration, email):
    response = client.post(MINE, {"email": email})

    assert (response.status_code, list(response.context["form"].errors), links()) == (422, ["email"], [])


def test_links_need_an_address(client):
    response = client.post(MINE)

    assert (response.status_code, response.context["form"].errors) == (
        422,
        {"email": ["Enter an e-mail address like name@example.org"]},
    )


def test_links_of_past_events_are_mailed_too(client, registration):
    change(registration.event, starts_on=timezone.localdate() - DAY)

    client.post(MINE, {"email": "maria@example.org"})

    assert links() == [("maria@example.org", "pt", {"registrations": [registration.pk]})]


def test_links_form_is_not_sent_by_reading_it(client, registration):
    found = [client.get(f"{MINE}?email=maria@example.org"), client.head(MINE)]

    assert [response.status_code for response in found] == [200, 200]
    assert links() == []
