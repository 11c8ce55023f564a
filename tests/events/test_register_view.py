"""The registration form as people, robots and attackers fill it in."""

import datetime as dt
import re

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from wagtail.models import PageViewRestriction

from events.models import Registration
from events.publication import change_state
from events.registration import register
from portal.base.models import OutgoingMail
from tests.events.publishing import change, unpublish
from tests.factories import admit, applicant, event_page, make_cite, make_event, make_project, make_tree
from tests.filled_forms import posted

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
ADDRESS = "Enter an e-mail address like name@example.org"
ONE_LINE = "Please write this on one line, without control characters."
COUNTRY = "Choose the country that you come from"


@pytest.fixture
def event():
    event = make_event("Rencontre")
    admit(event, 10)
    return event


def url(event, language="en"):
    return f"/{language}/event/{event.pk}/register/"


def filled(**fields):
    return {
        "name": "Maria",
        "email": "maria@example.org",
        "organisation": "Cité de Porto",
        "country": "PT",
        "language": "pt",
        "website": "",
        **fields,
    }


def send(client, event, **fields):
    return client.post(url(event), filled(**fields))


def errors(response):
    return {
        name: [error["message"] for error in found]
        for name, found in response.context["form"].errors.get_json_data().items()
    }


def registrations():
    return list(
        Registration.objects.order_by("pk").values_list("name", "email", "organisation", "country", "language", "way")
    )


MARIA = ("Maria", "maria@example.org", "Cité de Porto", "PT", "pt", "on-site")


# --- the form


def test_form_asks_in_the_language_of_the_page(client, event):
    response = client.get(url(event))

    assert response.status_code == 200
    data = posted(response, "form.form")
    del data["csrfmiddlewaretoken"]
    assert data == {"name": [""], "email": [""], "organisation": [""], "country": "", "language": "en", "website": [""]}


def test_form_is_kept_by_no_cache_and_no_search_engine(client, event):
    response = client.get(url(event))

    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    robots = BeautifulSoup(response.content, "html.parser").select_one("meta[name=robots]")
    assert robots["content"] == "noindex"


@pytest.mark.parametrize("seats", [(10, 0), (0, 10)])
def test_form_asks_how_only_where_there_is_a_choice(client, seats):
    event = make_event(is_online=True)
    admit(event, *seats)

    assert "way" not in posted(client.get(url(event)), "form.form")


def test_form_offers_both_ways(client):
    event = make_event(is_online=True)
    admit(event, 1, 1)

    assert posted(client.get(url(event)), "form.form")["way"] == ["on-site"]


@pytest.mark.parametrize("number", [1, 3])
def test_form_asks_the_database_a_few_times(client, django_assert_max_num_queries, number):
    tree = make_tree("fr")["fr"]
    for index in range(number):
        event = make_event(f"event {index}", cite=make_cite(f"cite-{index}"), project=make_project(f"p{index}"))
        event_page(tree["agenda"], event)
        admit(event)
        register(event.pk, applicant())
    client.get(url(event))

    with django_assert_max_num_queries(16):
        client.get(url(event))


# --- what comes of it


def test_registering_takes_a_seat_and_sends_one_mail(client, event, django_capture_on_commit_callbacks, mailoutbox):
    with django_capture_on_commit_callbacks(execute=True):
        response = send(client, event)

    assert (response.status_code, response.templates[0].name) == (200, "events/registered.html")
    assert registrations() == [MARIA]
    assert [message.to for message in mailoutbox] == [["maria@example.org"]]


def test_registering_tidies_what_was_typed(client, event):
    send(client, event, name="  Zoe\u0301  ", email=" Maria@Example.ORG ", organisation="")

    assert registrations() == [("Zoé", "maria@example.org", "", "PT", "pt", "on-site")]


@pytest.mark.parametrize(
    "email",
    [
        "o'neill+cite@example.org",
        "a" * 64 + "@example.org",
        "maria@bücher.example",
        "maria@" + ".".join(["d" * 61] * 3) + ".org",
    ],
)
def test_registering_takes_every_address_that_can_be(client, event, email):
    response = send(client, event, email=email)

    assert (response.status_code, [row[1] for row in registrations()]) == (200, [email])


def test_registering_again_looks_the_same_and_gives_no_second_seat(client, event):
    first = send(client, event)
    second = send(client, event, email="MARIA@example.org", name="Another name")

    assert without_tokens(first) == without_tokens(second)
    assert (first.status_code, registrations()) == (200, [MARIA])
    assert list(OutgoingMail.objects.order_by("pk").values_list("kind", flat=True)) == [
        "registration_confirmed",
        "registration_again",
    ]


def without_tokens(response):
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def test_registering_twice_by_one_form_gives_one_seat(client):
    event = make_event()
    admit(event, 1)
    form = posted(client.get(url(event)), "form.form") | filled()

    found = [client.post(url(event), form) for _time in range(2)]

    assert [response.status_code for response in found] == [200, 422]
    assert registrations() == [MARIA]
    # What the second page cannot say without telling others too, the mail says.
    assert OutgoingMail.objects.filter(kind="registration_again").count() == 1


def test_registering_for_a_full_event_does_not_tell_who_comes(client):
    event = make_event()
    admit(event, 1)
    register(event.pk, applicant())

    known, unknown = send(client, event), send(client, event, email="other@example.org")

    assert [response.context["refusal"] for response in (known, unknown)] == ["The last seat has just been taken."] * 2
    assert known.status_code == unknown.status_code == 422
    assert without_tokens(known).replace("maria@", "other@") == without_tokens(unknown)


def test_registering_by_a_robot_looks_as_if_it_had_worked(client, event):
    response = send(client, event, website="https://spam.example")

    assert (response.status_code, response.templates[0].name) == (200, "events/registered.html")
    assert (registrations(), OutgoingMail.objects.count()) == ([], 0)


def test_registering_for_the_other_way(client):
    event = make_event(is_online=True)
    admit(event, 1, 1)

    send(client, event, way="online")

    assert [row[-1] for row in registrations()] == ["online"]


@pytest.mark.parametrize("way", ["on-site", "online"])
def test_registering_for_a_way_that_filled_up_meanwhile_asks_again(client, way):
    event = make_event(is_online=True)
    admit(event, 1, 1)
    register(event.pk, applicant("first@example.org", way=way))

    response = send(client, event, way=way)

    other = {"on-site": "online", "online": "on-site"}[way]
    assert (response.status_code, errors(response)) == (422, {"way": ["Choose how you will take part"]})
    assert [value for value, _label in response.context["form"].fields["way"].choices] == [other]
    assert len(registrations()) == 1


def test_registering_is_safe_from_other_sites(event):
    from django.test import Client

    response = send(Client(enforce_csrf_checks=True), event)

    assert (response.status_code, registrations()) == (403, [])


# --- what is refused


def test_form_that_is_empty_says_what_is_missing(client, event):
    response = client.post(url(event), {})

    assert (response.status_code, errors(response)) == (
        422,
        {
            "name": ["Enter your name"],
            "email": [ADDRESS],
            "country": [COUNTRY],
            "language": ["This field is required."],
        },
    )


def test_form_keeps_what_was_typed(client, event):
    values = {
        "name": "Maria <b>",
        "email": "no address",
        "organisation": 'The "Cité" & co',
        "country": "PT",
        "language": "pt",
    }

    response = send(client, event, **values)

    data = posted(response, "form.form")
    assert response.status_code == 422
    assert {name: data[name][0] if isinstance(data[name], list) else data[name] for name in values} == values
    title = BeautifulSoup(response.content, "html.parser").title.text
    assert title.strip().startswith("Error:")


LONG = "x" * 10_240


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": ""}, {"name": ["Enter your name"]}),
        ({"name": "   "}, {"name": ["Enter your name"]}),
        ({"name": "Maria\nBcc: all@example.org"}, {"name": [ONE_LINE]}),
        ({"name": "Maria\r\nSilva"}, {"name": [ONE_LINE]}),
        ({"name": "Maria\x1b[31m"}, {"name": [ONE_LINE]}),
        ({"name": "Maria\x85Silva"}, {"name": [ONE_LINE]}),
        ({"name": "Maria\u2028Silva"}, {"name": [ONE_LINE]}),
        ({"name": "\u202eairaM"}, {"name": [ONE_LINE]}),
        ({"name": "Ma\u200bria"}, {"name": [ONE_LINE]}),
        ({"name": "Maria\x00"}, {"name": [ONE_LINE]}),
        ({"name": LONG}, {"name": ["Ensure this value has at most 120 characters (it has 10240)."]}),
        ({"organisation": "x\x00"}, {"organisation": [ONE_LINE]}),
        ({"organisation": "a\tb"}, {"organisation": [ONE_LINE]}),
        ({"organisation": LONG}, {"organisation": ["Ensure this value has at most 200 characters (it has 10240)."]}),
        ({"email": "maria"}, {"email": [ADDRESS]}),
        ({"email": "root@localhost"}, {"email": [ADDRESS]}),
        ({"email": "root@[127.0.0.1]"}, {"email": [ADDRESS]}),
        ({"email": "root@127.0.0.1"}, {"email": [ADDRESS]}),
        ({"email": "a@example.org, b@example.org"}, {"email": [ADDRESS]}),
        ({"email": "maria@example.org\nBcc: x@example.org"}, {"email": [ADDRESS]}),
        ({"email": '"\x01"@example.org'}, {"email": [ADDRESS]}),
        ({"email": '"\x7f"@example.org'}, {"email": [ADDRESS]}),
        ({"country": ""}, {"country": [COUNTRY]}),
        ({"country": "XX"}, {"country": [COUNTRY]}),
        ({"country": "pt"}, {"country": [COUNTRY]}),
        ({"country": "EU"}, {"country": [COUNTRY]}),
        ({"country": LONG}, {"country": [COUNTRY]}),
        ({"country": "P\x00"}, {"country": [COUNTRY]}),
        ({"language": "xx"}, {"language": ["Select a valid choice. xx is not one of the available choices."]}),
        ({"way": "online"}, {"way": ["Choose how you will take part"]}),
        ({"way": "telepathy"}, {"way": ["Choose how you will take part"]}),
        ({"way": "\x00"}, {"way": ["Choose how you will take part"]}),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, dict) and len(repr(value)) < 60 else None,
)
def test_form_with_a_bad_value_is_refused_in_words(client, event, fields, expected):
    response = send(client, event, **fields)

    assert (response.status_code, errors(response)) == (422, expected)
    assert (registrations(), OutgoingMail.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    "email", ["x\x00@example.org", f"{LONG}@example.org", "m@" + "İ" * 60 + "." + "İ" * 60 + ".org" + "é" * 9999]
)
def test_form_with_an_address_that_no_column_holds_is_refused(client, event, email):
    response = send(client, event, email=email)

    assert (response.status_code, list(errors(response))) == (422, ["email"])
    assert registrations() == []


def test_form_with_an_address_that_grows_in_lower_case_is_refused(client, event):
    # Two letters in lower case: 245 characters become more than a column holds.
    address = f"m@{'.'.join(['İ' * 60] * 4)}.org"[:254]
    assert len(address) < 254 < len(address.lower())

    response = send(client, event, email=address)

    assert (response.status_code, list(errors(response)), registrations()) == (422, ["email"], [])


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"name=%FF%FE&email=%00", "application/x-www-form-urlencoded", 422),
        (b"\x00\xff\xfe", "application/x-www-form-urlencoded", 422),
        (b"name=Maria", "application/x-www-form-urlencoded; charset=nonsense", 422),
        (b"--x\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=x", 422),
        (b"nothing of the kind", "multipart/form-data", 400),
        (b'{"name": "Maria"}', "application/json", 422),
        (b"&".join([b"name=x"] * 10_001), "application/x-www-form-urlencoded", 400),
        (b"name=" + b"x" * 3_000_000, "application/x-www-form-urlencoded", 400),
    ],
    ids=["broken-utf8", "bytes", "charset", "cut", "no-boundary", "json", "many-fields", "large"],
)
def test_form_that_is_no_form_is_refused(client, event, body, content_type, status):
    response = client.generic("POST", url(event), body, content_type=content_type)

    assert (response.status_code, registrations()) == (status, [])


@pytest.mark.parametrize(
    ("facts", "window", "expected"),
    [
        ({"starts_on": timezone.localdate() - DAY}, {}, "This event is over."),
        ({"state": "cancelled"}, {}, "This event has been cancelled."),
        ({"state": "postponed"}, {}, "This event has been postponed; its new date is not known yet."),
        ({"precision": "month"}, {}, "The date of this event is to be confirmed; nobody can register yet."),
        ({}, {"opens_at": timezone.now() + DAY}, "Registration has not opened yet."),
        ({}, {"closes_at": timezone.now() - DAY}, "Registration has closed."),
        ({}, {"seats_on_site": 0}, "There is no registration for this event here."),
    ],
    ids=["over", "cancelled", "postponed", "vague", "early", "late", "none"],
)
def test_registering_where_nobody_can_is_refused_with_the_reason(client, facts, window, expected):
    event = make_event(**facts)
    admit(event, **window)

    page, response = client.get(url(event)), send(client, event)

    assert (page.status_code, posted(page, "form.form")) == (200, {})
    assert (response.status_code, response.context["refusal"], posted(response, "form.form")) == (422, expected, {})
    assert expected in BeautifulSoup(response.content, "html.parser").select_one("#errors").text
    assert registrations() == []


def test_registering_without_an_admission_is_refused(client):
    event = make_event()

    assert send(client, event).context["refusal"] == "There is no registration for this event here."


def test_registering_after_the_event_was_cancelled_is_refused(client, event):
    form = posted(client.get(url(event)), "form.form") | filled()
    change_state(event.pk, "cancelled")

    response = client.post(url(event), form)

    assert (response.status_code, response.context["refusal"]) == (422, "This event has been cancelled.")


def hidden_ones():
    tree = make_tree("fr")["fr"]
    private = make_event("private")
    page = event_page(tree["agenda"], private)
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    found = [
        make_event("draft", live=False),
        make_event("withdrawn", state="withdrawn"),
        private,
        make_event("unpublished"),
    ]
    for event in found:
        admit(event)
    unpublish(found[-1])
    return found


def test_registering_for_what_is_not_shown_is_not_found(client):
    events = hidden_ones()

    found = [(client.get(url(event)).status_code, send(client, event).status_code) for event in events]

    assert (found, registrations()) == ([(404, 404)] * 4, [])


@pytest.mark.parametrize("number", [0, 999, 2**63 - 1, 2**63, 10**40])
def test_registering_for_what_does_not_exist_is_not_found(client, number):
    response = client.get(f"/en/event/{number}/register/")

    assert response.status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_form_is_got_or_posted(client, event, method):
    response = getattr(client, method)(url(event))

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


def test_form_is_not_read_by_head(client, event):
    response = client.head(url(event))

    assert (response.status_code, response.content, registrations()) == (200, b"", [])


def test_form_of_an_unpublished_draft_shows_the_published_facts(client, event):
    change(event, city="Lyon")
    drafted = event.get_latest_revision_as_object()
    drafted.city = "Secret"
    drafted.save_revision()

    assert b"Secret" not in client.get(url(event)).content
