"""Private calendars on the pages that links in mails open."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from events.links import address_token, token_of
from events.models import CalendarSubscription
from events.private_calendars import MOST, Owner, revoke
from events.registration import cancel
from tests.events.private_calendars import ask, of_all, of_one, path_of, told
from tests.events.publishing import change
from tests.events.sending import LANGUAGES, PRIVATE, errors, in_state, manage_url, notices, soup, words
from tests.factories import admit, come, make_event, stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
PAGES = ["one", "all"]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def row():
    return in_state(make_event("Rencontre"), "confirmed")


def path(row, page, language="en"):
    return manage_url(row, language) if page == "one" else f"/{language}/my-registrations/{address_token(stored(row))}/"


def owner(row, page):
    return Owner(row.email, stored(row)) if page == "one" else Owner(row.email)


def make(row, page, **fields):
    return of_one(row, **fields) if page == "one" else of_all(row.email, **fields)


def send(client, row, page, act="calendar-add", **fields):
    return client.post(path(row, page), {"act": act, **fields})


def filled(**fields):
    return {"calendar-device": "My phone", "calendar-language": "pt", **fields}


def section(response):
    return soup(response).select_one("#calendars")


def acts(response):
    found = section(response)
    return [str(element["value"]) for element in found.select("[name=act]")] if found else []


# --- making one


@pytest.mark.parametrize("page", PAGES)
def test_calendar_is_made_and_shown_with_ways_to_open_it(client, row, page):
    response = send(client, row, page, **filled())

    calendar = CalendarSubscription.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"{path(row, page)}?calendar=calendar-add#calendars")
    assert (calendar.device, calendar.language, calendar.email) == (
        "My phone",
        "pt",
        "" if page == "one" else "maria@example.org",
    )
    shown = client.get(response["Location"])
    item = section(shown).select_one("li")
    url = f"http://127.0.0.1:8000{path_of(calendar)}"
    assert words(item.h3) == "My phone"
    assert words(item.p) == "Portuguese, made on 10 January 2027. No calendar has asked yet."
    assert item.select_one("input[readonly]")["value"] == url
    webcal, google, outlook = [link["href"] for link in item.select("a")]
    assert webcal == url.replace("http://", "webcal://")
    assert (urlsplit(google)._replace(query="").geturl(), parse_qs(urlsplit(google).query)) == (
        "https://calendar.google.com/calendar/r",
        {"cid": [webcal]},
    )
    assert (urlsplit(outlook)._replace(query="").geturl(), parse_qs(urlsplit(outlook).query)) == (
        "https://outlook.live.com/calendar/0/addfromweb",
        {"url": [url], "name": [f"My registration{'' if page == 'one' else 's'}: Cités des métiers"]},
    )
    assert words(section(shown).select_one(".notice")) == (
        "The address is made. Copy it into your calendar, or open it there."
    )
    assert told(client, calendar) == [("CONFIRMED", 0, "Rencontre")]


def test_calendar_made_last_comes_first(client, row):
    for device in ("phone", "laptop", "tablet"):
        of_one(row, device=device)

    shown = section(client.get(path(row, "one")))

    assert [words(title) for title in shown.select("h3")] == ["tablet", "laptop", "phone"]


def test_page_says_when_a_calendar_last_asked(client, clock, row):
    calendar = of_one(row)
    ask(client, calendar)
    clock.shift(dt.timedelta(days=9))

    said = words(section(client.get(path(row, "one"))).select_one("li p"))

    assert said == "English, made on 10 January 2027. A calendar last asked on 10 January 2027."


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"calendar-device": ""}, {"device": ["Enter what you call the device, for example: my phone"]}),
        ({"calendar-device": " "}, {"device": ["Enter what you call the device, for example: my phone"]}),
        ({"calendar-device": "a\nb"}, {"device": ["Please write this on one line, without control characters."]}),
        ({"calendar-device": "\u202eevil"}, {"device": ["Please write this on one line, without control characters."]}),
        (
            {"calendar-device": "x" * 61},
            {"device": ["Ensure this value has at most 60 characters (it has 61)."]},
        ),
        ({"calendar-language": ""}, {"language": ["Choose one of the languages"]}),
        ({"calendar-language": "ja"}, {"language": ["Choose one of the languages"]}),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(client, row, page, fields, expected):
    response = send(client, row, page, **filled(**fields))

    assert (response.status_code, errors(response, "calendar_form")) == (422, expected)
    summary = soup(response).select_one("#errors")
    ((field, said),) = expected.items()
    assert [words(summary.h2), words(summary.a)] == ["Not saved yet", said[0]]
    assert summary.a["href"] == f"#id_calendar-{field}"
    assert words(soup(response).title).startswith("Error: ")
    form = section(response).select_one("details[open] form")
    if field != "device":
        assert form.select_one("[name=calendar-device]")["value"] == "My phone"
    else:
        assert form.select_one("option[selected]")["value"] == "pt"
    assert CalendarSubscription.objects.count() == 0


@pytest.mark.parametrize("page", PAGES)
def test_eleventh_calendar_is_refused_in_a_sentence(client, row, page):
    for number in range(MOST):
        make(row, page, device=str(number))

    response = send(client, row, page, **filled())

    said = "There are 10 calendar addresses already. Revoke one before you make another."
    assert (response.status_code, errors(response, "calendar_form")) == (422, {"__all__": [said]})
    assert words(soup(response).select_one("#errors li")) == said
    assert len(section(response).select("ul.people > li")) == MOST
    assert section(response).select_one("[name=calendar-device]")["value"] == "My phone"


def test_label_is_text_and_not_html(client, row):
    send(client, row, "one", **filled(**{"calendar-device": "<script>alert(1)</script>"}))

    content = client.get(path(row, "one")).content

    assert b"<script>alert" not in content
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in content


# --- changing one


@pytest.mark.parametrize("page", PAGES)
def test_language_is_changed_without_another_address(client, clock, row, page):
    calendar = make(row, page)
    before = ask(client, calendar).content
    clock.shift(dt.timedelta(minutes=1))

    response = send(client, row, page, "calendar-language", calendar=calendar.uuid.hex, language="bg")

    after = ask(client, calendar).content
    assert response["Location"] == f"{path(row, page)}?calendar=calendar-language#calendars"
    assert [b"LANGUAGE=bg" in body for body in (before, after)] == [False, True]
    item = section(client.get(path(row, page))).select_one("li")
    assert words(item.p).startswith("Bulgarian, ")
    assert item.select_one("option[selected]")["value"] == "bg"


@pytest.mark.parametrize("page", PAGES)
def test_calendar_is_revoked(client, row, page):
    calendar, kept = make(row, page), make(row, page, device="kept")

    response = send(client, row, page, "calendar-revoke", calendar=calendar.uuid.hex)

    shown = client.get(response["Location"])
    assert [words(title) for title in section(shown).select("h3")] == ["kept"]
    assert words(section(shown).select_one(".notice")) == (
        "The address is revoked. What asked there gets no more news."
    )
    assert [ask(client, each).status_code for each in (calendar, kept)] == [410, 200]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("act", ["calendar-revoke", "calendar-language"])
@pytest.mark.parametrize("key", ["", "x", "\x00", "0" * 32, "9" * 5000, "other", "other page's"])
def test_button_of_no_own_calendar_changes_nothing(client, row, page, act, key):
    admit(row.event, 2)
    other = come(row.event, "other@example.org")
    keys = {"other": make(other, page), "other page's": make(row, "all" if page == "one" else "one")}
    before = list(CalendarSubscription.objects.order_by("pk").values())
    value = keys[key].uuid.hex if key in keys else key

    response = send(client, row, page, act, calendar=value, language="bg")

    assert (response.status_code, list(CalendarSubscription.objects.order_by("pk").values())) == (302, before)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["", "ja", "x" * 5000])
def test_language_that_is_none_is_refused(client, row, page, language):
    calendar = make(row, page)

    response = send(client, row, page, "calendar-language", calendar=calendar.uuid.hex, language=language)

    assert (response.status_code, stored(calendar).language) == (422, "en")
    assert words(soup(response).select_one("#errors p")) == "Choose one of the languages"


# --- the section


@pytest.mark.parametrize(
    ("state", "can_add"),
    [
        ("pending", False),
        ("awaiting", True),
        ("confirmed", True),
        ("waiting", True),
        ("offered", True),
        ("cancelled", False),
        ("refused", False),
        ("expired", False),
    ],
)
def test_section_is_there_where_a_calendar_has_something_to_show(client, state, can_add):
    row = in_state(make_event(), state)

    assert acts(client.get(path(row, "one"))) == (["calendar-add"] if can_add else [])


def test_calendars_that_were_made_can_be_revoked_after_the_end(client, row):
    of_one(row)
    cancel(row.pk)

    assert acts(client.get(path(row, "one"))) == ["calendar-language", "calendar-revoke"]


def test_nothing_more_is_made_of_an_event_that_is_over(client, row):
    change(row.event, starts_on=dt.date(2027, 1, 1))

    assert acts(client.get(path(row, "one"))) == []


def test_page_of_one_leads_to_the_page_of_all(client, row):
    links = [link["href"] for link in section(client.get(path(row, "one"))).select("p a")]

    assert links == ["/en/my-registrations/"]


def test_each_page_shows_its_own_calendars_alone(client, row):
    of_one(row, device="one")
    of_all(device="all")
    revoke(Owner(row.email), of_all(device="revoked").uuid)

    shown = [[words(title) for title in section(client.get(path(row, page))).select("h3")] for page in PAGES]

    assert shown == [["one"], ["all"]]


@pytest.mark.parametrize("page", PAGES)
def test_page_with_calendars_is_for_one_reader_alone(client, row, page):
    make(row, page)

    response = client.get(path(row, page))

    assert {name: response[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")} == {
        "Cache-Control": PRIVATE,
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex",
    }
    outside = [link for link in soup(response).select("[href^=http]") if "calendar" in link["href"]]
    assert [link["rel"] for link in outside] == [["noreferrer"]] * 2
    token = token_of(stored(row))
    assert [link for link in outside if token in link["href"]] == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_the_database_as_often_for_one_calendar_as_for_three(
    client, django_assert_num_queries, row, page, number
):
    for index in range(number):
        make(row, page, device=str(index))
    client.get(path(row, page))
    address = path(row, page)

    with django_assert_num_queries({"one": 11, "all": 6}[page]):
        client.get(address)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_section_is_there_in_every_language(client, row, page, language):
    make(row, page)

    response = client.get(path(row, page, language))

    assert (response.status_code, len(section(response).select("li"))) == (200, 1)


def test_ids_are_once_on_the_page(client, row):
    for index in range(3):
        of_one(row, device=str(index))

    ids = [element["id"] for element in soup(client.get(path(row, "one"))).select("[id]")]

    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("page", PAGES)
def test_reading_makes_and_revokes_nothing(client, row, page):
    calendar = make(row, page)
    key = calendar.uuid.hex
    before = list(CalendarSubscription.objects.values())

    for act in ("calendar-add", "calendar-language", "calendar-revoke", "x" * 3000, "\u202e"):
        client.get(path(row, page), {"act": act, "calendar": key, "language": "bg", **filled()})
        said = client.get(path(row, page), {"calendar": act})

    assert (list(CalendarSubscription.objects.values()), said.status_code) == (before, 200)


# --- the link to all registrations


@pytest.mark.parametrize(("minutes", "status"), [(29, 302), (31, 404)])
def test_link_to_all_makes_a_calendar_for_half_an_hour(client, clock, row, minutes, status):
    address = path(row, "all")
    clock.shift(dt.timedelta(minutes=minutes))

    response = client.post(address, {"act": "calendar-add", **filled()})

    assert (response.status_code, CalendarSubscription.objects.count()) == (status, int(status == 302))


def test_post_without_the_secret_of_the_page_is_refused(row):
    strict = Client(enforce_csrf_checks=True)

    found = [strict.post(path(row, page), {"act": "calendar-add", **filled()}).status_code for page in PAGES]

    assert (found, CalendarSubscription.objects.count()) == ([403, 403], 0)


def test_post_of_no_act_leads_back(client, row):
    for act in ("", "erase", "cancel", "x"):
        response = client.post(path(row, "all"), {"act": act})
        assert (response.status_code, response["Location"]) == (302, path(row, "all"))
    assert stored(row).state == "confirmed"


def test_address_with_nothing_in_force_makes_no_calendar(client, row):
    address = path(row, "all")
    cancel(row.pk)

    assert section(client.get(address)) is None
    assert notices(client.get(address)) == []
