"""The public feeds over HTTP, read with the checklist."""

import datetime as dt
import gzip

import pytest
import time_machine
from django.utils.http import http_date
from wagtail.models import PageViewRestriction

from events.models import CalendarEntry, Event
from events.publication import change_state
from tests.events.ical_checklist import problems
from tests.events.ical_lines import parse
from tests.events.publishing import change, unpublish
from tests.factories import event_page, make_event, make_tree

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LATER = NOON + dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def feed(client, language="en", **headers):
    return client.get(f"/{language}/calendar/all.ics", headers=headers)


def single(client, event, language="en", **headers):
    return client.get(f"/{language}/calendar/event/{event.pk}.ics", headers=headers)


def summaries(response):
    components, _found = parse(response.content)
    return [event.value("SUMMARY") for event in components[0].named("VEVENT")]


def everything():
    """An event of every sort, and the one there is nothing to say of."""
    trees = make_tree("fr", "en")
    events = {
        "planned": make_event("planned", in_days=1, state="planned"),
        "confirmed": make_event("confirmed", in_days=2, place_name="Salle", latitude=48.5, longitude=2.5),
        "cancelled": make_event("cancelled", in_days=3),
        "postponed": make_event("postponed", in_days=4),
        "withdrawn": make_event("withdrawn", in_days=5),
        "unpublished": make_event("unpublished", in_days=6),
        "vague": make_event("vague", in_days=7),
        "days": make_event("days", in_days=8, precision="day", start_time=None, end_time=None),
        "island": make_event("island", in_days=9, timezone="Indian/Reunion", country="RE"),
        "past": make_event("past", in_days=-10),
        "online": make_event("online", in_days=10, city="", country="", is_online=True),
    }
    for state in ("cancelled", "postponed", "withdrawn"):
        change_state(events[state].pk, state)
    unpublish(events["unpublished"])
    change(events["vague"], precision="month")
    event_page(trees["fr"]["agenda"], events["confirmed"], "« Rencontre », à Paris; suites")
    event_page(trees["en"]["agenda"], events["confirmed"], "A meeting, in Paris")
    make_event("draft", live=False)
    make_event("never exact", precision="month")
    return events


def test_feed_has_all_events_and_is_right_in_every_language(client, settings):
    everything()

    found = {code: feed(client, code) for code, _name in settings.LANGUAGES}

    assert {code: problems(response.content, now=LATER) for code, response in found.items()} == {
        code: [] for code in found
    }
    assert summaries(found["en"]) == [
        "past",
        "planned",
        "A meeting\\, in Paris",
        "Cancelled: cancelled",
        "Cancelled: postponed",
        "Cancelled: Event",
        "Cancelled: Event",
        "Cancelled: vague",
        "days",
        "island",
        "online",
    ]
    assert {len(summaries(response)) for response in found.values()} == {11}


def test_feed_tells_the_same_facts_in_every_language(client, settings):
    everything()
    same = ("UID", "SEQUENCE", "STATUS", "DTSTART", "DTEND", "GEO")

    facts = []
    for code, _name in settings.LANGUAGES:
        components, _found = parse(feed(client, code).content)
        facts.append([[event.value(name) for name in same] for event in components[0].named("VEVENT")])

    assert facts == [facts[0]] * 9


def test_file_of_each_event_is_right(client):
    events = everything()

    found = {name: single(client, event).content for name, event in events.items()}

    assert {name: problems(data, kind="single", now=LATER) for name, data in found.items()} == {
        name: [] for name in events
    }


def test_feed_without_events_is_right_too(client):
    response = feed(client)

    assert (problems(response.content, now=LATER), summaries(response)) == ([], [])


def test_feed_answers_as_subscribers_expect(client):
    event = make_event()

    response = feed(client, "fr")

    del response.headers["ETag"], response.headers["Content-Length"]
    assert (response.status_code, dict(response.headers)) == (
        200,
        {
            "Content-Type": "text/calendar; charset=utf-8",
            "Last-Modified": http_date(NOON.timestamp()),
            "Vary": "Accept-Encoding",
            "Content-Disposition": 'inline; filename="cites-des-metiers.ics"',
            "Cache-Control": "public, max-age=900",
            "Access-Control-Allow-Origin": "*",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "SAMEORIGIN",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Content-Language": "fr",
            "Content-Security-Policy": response["Content-Security-Policy"],
            "Permissions-Policy": response["Permissions-Policy"],
        },
    )
    assert single(client, event)["Content-Disposition"] == f'attachment; filename="event-{event.pk}.ics"'


@pytest.mark.parametrize("path", ["calendar/all.ics", "calendar/event/{pk}.ics"])
def test_feed_is_the_same_for_every_client(client, path):
    path = f"/en/{path.format(pk=make_event().pk)}"
    client.cookies["sessionid"] = "x" * 32

    plain = client.get(path)
    others = [
        client.get(path, headers={"user-agent": "Google-Calendar-Importer"}),
        client.get(path, headers={"accept": "text/calendar", "accept-language": "fr"}),
        client.get(f"{path}?x=1&utm=2"),
    ]

    assert [response.content for response in others] == [plain.content] * 3
    assert {response["ETag"] for response in others} == {plain["ETag"]}
    assert [response.cookies for response in (plain, *others)] == [{}] * 4


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language"])
@pytest.mark.parametrize("value", ["", "x", "x" * 32, "ÿ;", "<script>"])
def test_feed_neither_reads_nor_gives_cookies(client, name, value):
    make_event()
    plain = feed(client)
    client.cookies[name] = value

    response = feed(client)

    assert (response.content, dict(response.headers), response.cookies) == (plain.content, dict(plain.headers), {})


def test_feed_is_not_sent_again_to_who_has_it(client):
    make_event()
    first = feed(client)

    by_tag = feed(client, if_none_match=first["ETag"])
    by_date = feed(client, if_modified_since=first["Last-Modified"])
    tag_wins = feed(client, if_none_match='"another"', if_modified_since=first["Last-Modified"])

    assert [(found.status_code, len(found.content)) for found in (by_tag, by_date)] == [(304, 0)] * 2
    assert (tag_wins.status_code, tag_wins.content) == (200, first.content)
    assert by_tag["ETag"] == first["ETag"]


def test_feed_is_sent_again_once_something_changed(client, clock):
    event = make_event()
    first = feed(client)

    clock.shift(DAY)
    change(event, city="Lyon")
    found = [
        feed(client, if_none_match=first["ETag"]),
        feed(client, if_modified_since=first["Last-Modified"]),
        single(client, event, if_modified_since=first["Last-Modified"]),
    ]

    assert [response.status_code for response in found] == [200] * 3
    assert found[0]["Last-Modified"] == http_date((NOON + DAY).timestamp())


def test_feed_is_sent_again_once_an_event_is_too_old_for_it(client, clock):
    make_event("soon", in_days=1)
    make_event("later", in_days=200)
    first = feed(client)

    clock.shift(92 * DAY)
    again = feed(client, if_modified_since=first["Last-Modified"])

    assert (summaries(first), again.status_code, summaries(again)) == (["soon", "later"], 200, ["later"])


@pytest.mark.parametrize(("days", "expected"), [(-89, ["Rencontre"]), (-91, [])])
def test_feed_forgets_what_is_long_over_but_its_file_stays(client, days, expected):
    event = make_event(in_days=days)

    assert summaries(feed(client)) == expected
    assert summaries(single(client, event)) == ["Rencontre"]


def test_feed_can_be_squeezed(client):
    make_event()
    plain = feed(client)

    response = feed(client, accept_encoding="gzip")

    assert (response["Content-Encoding"], gzip.decompress(response.content)) == ("gzip", plain.content)
    assert response["ETag"] == plain["ETag"].replace('"', '-gz"', 2).replace('-gz"', '"', 1)
    assert feed(client, accept_encoding="gzip", if_none_match=response["ETag"]).status_code == 304


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_feed_cannot_be_written_to(client, method):
    event = make_event()
    client.handler.enforce_csrf_checks = True

    found = [getattr(client, method)(path) for path in ("/en/calendar/all.ics", f"/en/calendar/event/{event.pk}.ics")]

    assert [(response.status_code, response["Allow"]) for response in found] == [(405, "GET, HEAD")] * 2


def test_feed_answers_head_as_get_without_the_body(client):
    make_event()
    get = feed(client)

    head = client.head("/en/calendar/all.ics")

    assert (head.status_code, head.content, dict(head.headers)) == (200, b"", dict(get.headers))


@pytest.mark.parametrize("number", ["0", "999", "9223372036854775807", "9223372036854775808", "1" * 50])
def test_file_of_an_unknown_event_is_not_found(client, number):
    response = client.get(f"/en/calendar/event/{number}.ics")

    assert response.status_code == 404


@pytest.mark.parametrize(
    "path", ["/xx/calendar/all.ics", "/calendar/all.ics", "/en/calendar/all/", "/en/calendar/event/x.ics"]
)
def test_feed_of_an_unknown_language_or_name_is_not_found(client, path):
    response = client.get(path)

    assert (response.status_code, response.headers.get("Location")) == (404, None)


def test_file_of_a_draft_or_a_vague_event_is_not_found(client):
    events = [make_event(live=False), make_event(precision="month")]

    assert [single(client, event).status_code for event in events] == [404, 404]


def test_feed_leaves_out_events_whose_words_are_private(client):
    tree = make_tree("fr")["fr"]
    hidden, shown = make_event("hidden"), make_event("shown")
    page = event_page(tree["agenda"], hidden, "hidden")

    before = summaries(feed(client))
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)

    assert (before, summaries(feed(client))) == (["hidden", "shown"], ["shown"])
    assert [single(client, event).status_code for event in (hidden, shown)] == [404, 200]


@pytest.mark.parametrize("number", [1, 3])
def test_feed_asks_the_database_a_few_times_however_many_events(client, django_assert_num_queries, number):
    for index in range(number):
        make_event(f"event {index}")
    feed(client, "fr")

    with django_assert_num_queries(2):  # its version and its entries
        first = feed(client)
    with django_assert_num_queries(1):
        again = feed(client)

    assert len(summaries(first)) == number
    assert again.content == first.content


def test_feed_stays_within_what_clients_read(client):
    entry = make_event().calendar_entries.get(language="en")
    line = b"X-FILLED:" + b"x" * (1000 - len(entry.body) - len(b"X-FILLED:\r\n")) + b"\r\n"
    body = bytes(entry.body).replace(b"CATEGORIES:", line + b"CATEGORIES:")
    events = Event.objects.bulk_create(Event(name=f"event {index}", kind="meeting") for index in range(1100))
    same = {
        "language": "en",
        "body": body,
        "timezone": entry.timezone,
        "created_at": NOON,
        "modified_at": NOON,
        "ends_at": entry.ends_at,
    }
    CalendarEntry.objects.bulk_create(CalendarEntry(event=event, **same) for event in events)

    response = feed(client)

    assert len(body) == 1000
    assert 970_000 < len(response.content) < 1_000_000
    assert len(summaries(response)) == 980
