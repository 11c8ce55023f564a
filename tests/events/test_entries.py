"""What calendars are told of an event, in the bytes that are stored when it changes."""

import datetime as dt
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from wagtail.models import PageViewRestriction

from events.calendar import single
from events.entries import is_entry_stale, store_entries
from events.models import CalendarEntry, Session
from events.publication import change_state
from portal.audit import problems as broken_promises
from tests.events.ical_checklist import problems
from tests.events.publishing import change, draft, half_day, unpublish, with_sessions
from tests.factories import admit, event_page, make_cite, make_event, make_tree, stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def body(event, language="en"):
    return bytes(event.calendar_entries.get(language=language).body).decode()


def lines(event, language="en"):
    """The properties of an entry by name, unfolded."""
    unfolded = body(event, language).replace("\r\n ", "")
    return dict(line.split(":", 1) for line in unfolded.splitlines()[1:-1])


def stamps(event):
    rows = event.calendar_entries.order_by("language").values_list("created_at", "modified_at")
    found = {(*row, lines(event)["SEQUENCE"]) for row in rows}
    assert len(found) == 1
    return found.pop()


def told(event, **changed):
    """The entry of an event as the factory makes it, four days from now, with some lines changed."""
    expected = {
        "UID": str(event.uuid),
        "DTSTAMP": "20270110T120000Z",
        "CREATED": "20270110T120000Z",
        "LAST-MODIFIED": "20270110T120000Z",
        "SEQUENCE": "0",
        "STATUS": "CONFIRMED",
        "TRANSP": "OPAQUE",
        "CLASS": "PUBLIC",
        "DTSTART;TZID=Europe/Paris": "20270114T090000",
        "DTEND;TZID=Europe/Paris": "20270114T170000",
        "SUMMARY;LANGUAGE=fr": "Rencontre",
        "DESCRIPTION": f"http://127.0.0.1:8000/en/event/{event.pk}/",
        "URL": f"http://127.0.0.1:8000/en/event/{event.pk}/",
        "CATEGORIES": "training",
        "LOCATION": "Paris\\, France",
    }
    return {name: value for name, value in (expected | changed).items() if value is not None}


CHANGED = {"DTSTAMP": "20270110T120001Z", "LAST-MODIFIED": "20270110T120001Z", "SEQUENCE": "1"}
CALLED_OFF = CHANGED | {"STATUS": "CANCELLED", "TRANSP": "TRANSPARENT", "SUMMARY;LANGUAGE=fr": "Cancelled: Rencontre"}
SAYS_NOTHING = CALLED_OFF | {
    "SUMMARY;LANGUAGE=fr": None,
    "SUMMARY": "Cancelled: Event",
    "CATEGORIES": None,
    "LOCATION": None,
}


def test_entry_is_stored_byte_by_byte():
    event = make_event(
        in_days=4,
        place_name="Salle A",
        address="30, avenue Corentin-Cariou",
        latitude=48.8953,
        longitude=2.3878,
        contact_name="Accueil",
        contact_email="accueil@example.org",
        online_link="https://meet.example.org/secret",
        is_online=True,
    )

    found = body(event)

    assert found == (
        "BEGIN:VEVENT\r\n"
        f"UID:{event.uuid}\r\n"
        "DTSTAMP:20270110T120000Z\r\n"
        "CREATED:20270110T120000Z\r\n"
        "LAST-MODIFIED:20270110T120000Z\r\n"
        "SEQUENCE:0\r\n"
        "STATUS:CONFIRMED\r\n"
        "TRANSP:OPAQUE\r\n"
        "CLASS:PUBLIC\r\n"
        "DTSTART;TZID=Europe/Paris:20270114T090000\r\n"
        "DTEND;TZID=Europe/Paris:20270114T170000\r\n"
        "SUMMARY;LANGUAGE=fr:Rencontre\r\n"
        f"DESCRIPTION:http://127.0.0.1:8000/en/event/{event.pk}/\r\n"
        f"URL:http://127.0.0.1:8000/en/event/{event.pk}/\r\n"
        "CONTACT:Accueil\r\n"
        "CATEGORIES:training\r\n"
        "LOCATION:Salle A\\, 30\\, avenue Corentin-Cariou\\, Paris\\, France\r\n"
        "GEO:48.895300;2.387800\r\n"
        "END:VEVENT\r\n"
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, {}),
        ({"state": "planned"}, {"STATUS": "TENTATIVE", "TRANSP": "TRANSPARENT"}),
        ({"city": "", "country": "", "is_online": True}, {"LOCATION": "Online"}),
        ({"city": "", "country": ""}, {"LOCATION": None}),
        ({"is_online": True}, {}),
        ({"languages": ["fr", "en"], "online_link": "https://meet.example.org/x", "is_demonstration": True}, {}),
        ({"original_language": "en"}, {"SUMMARY;LANGUAGE=fr": None, "SUMMARY": "Rencontre"}),
        ({"latitude": 48.5}, {}),
        (
            {"precision": "day", "ends_on": dt.date(2027, 1, 16), "start_time": None, "end_time": None},
            {
                "DTSTART;TZID=Europe/Paris": None,
                "DTEND;TZID=Europe/Paris": None,
                "DTSTART;VALUE=DATE": "20270114",
                "DTEND;VALUE=DATE": "20270117",
            },
        ),
        (
            {"timezone": "Indian/Reunion", "city": "Saint-Denis", "country": "RE"},
            {
                "DTSTART;TZID=Europe/Paris": None,
                "DTEND;TZID=Europe/Paris": None,
                "DTSTART;TZID=Indian/Reunion": "20270114T090000",
                "DTEND;TZID=Indian/Reunion": "20270114T170000",
                "LOCATION": "Saint-Denis\\, Réunion",
            },
        ),
    ],
)
def test_entry_says_the_facts(facts, expected):
    event = make_event(in_days=4, **facts)

    assert lines(event) == told(event, **expected)


@pytest.mark.parametrize("act", ["cancelled", "postponed", "withdrawn", "unpublished", "month", "unknown"])
def test_entry_stays_as_a_cancelled_one(act):
    event = make_event(in_days=4, contact_name="Accueil", latitude=48.5, longitude=2.5)

    if act == "unpublished":
        unpublish(event)
    elif act in {"month", "unknown"}:
        change(event, precision=act, starts_on=None if act == "unknown" else dt.date(2027, 6, 1))
    else:
        change_state(event.pk, act)

    hides = act in {"withdrawn", "unpublished"}
    expected = SAYS_NOTHING if hides else CALLED_OFF | {"CONTACT": "Accueil", "GEO": "48.500000;2.500000"}
    assert lines(event) == told(event, **expected)


def test_entry_comes_back_with_a_new_date():
    event = make_event(in_days=4)

    change(event, precision="month")
    change(event, precision="time", starts_on=dt.date(2027, 1, 21))

    stamp = "20270110T120002Z"
    assert lines(event) == told(
        event,
        **{
            "DTSTAMP": stamp,
            "LAST-MODIFIED": stamp,
            "SEQUENCE": "2",
            "DTSTART;TZID=Europe/Paris": "20270121T090000",
            "DTEND;TZID=Europe/Paris": "20270121T170000",
        },
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"live": False},
        {"precision": "month"},
        {"precision": "year"},
        {"precision": "unknown"},
        {"precision": "unknown", "starts_on": None},
    ],
)
def test_entry_is_not_made_of_a_draft_or_without_an_exact_date(facts):
    event = make_event(**facts)

    changed = store_entries(event)

    assert (changed, list(event.calendar_entries.all())) == (0, [])


# --- words


def test_entry_has_the_words_of_its_language_else_the_original_ones():
    trees, event = make_tree("fr", "en", "it"), make_event(in_days=4, original_language="")
    event_page(trees["en"]["agenda"], event, "A meeting", summary="For everybody.")
    event_page(trees["it"]["agenda"], event, "Un incontro")
    event_page(trees["fr"]["agenda"], event, "Brouillon", live=False)

    names = {
        language: [(n, v) for n, v in lines(event, language).items() if n.startswith(("SUM", "DES"))]
        for language in LANGUAGES
    }

    def address(language):
        return f"http://127.0.0.1:8000/{language}/event/{event.pk}/"

    foreign = {
        language: [
            ("SUMMARY;LANGUAGE=en", "A meeting"),
            ("DESCRIPTION;LANGUAGE=en", f"For everybody.\\n\\n{address(language)}"),
        ]
        for language in LANGUAGES
    }
    assert names == foreign | {
        "en": [("SUMMARY", "A meeting"), ("DESCRIPTION", f"For everybody.\\n\\n{address('en')}")],
        "it": [("SUMMARY", "Un incontro"), ("DESCRIPTION", address("it"))],
    }


def test_entry_goes_on_without_the_original_words():
    trees, event = make_tree("fr", "en"), make_event(in_days=4)
    original = event_page(trees["fr"]["agenda"], event, "Une rencontre")
    event_page(trees["en"]["agenda"], event, "A meeting")

    before = lines(event, "de")["SUMMARY;LANGUAGE=fr"]
    original.unpublish()

    assert before == "Une rencontre"
    assert lines(event, "de")["SUMMARY;LANGUAGE=en"] == lines(event, "fr")["SUMMARY;LANGUAGE=en"] == "A meeting"


@pytest.mark.parametrize("title", ["<br>", "&nbsp;", "<p></p>", "\x07"])
def test_entry_of_a_title_without_letters_has_one_all_the_same(title):
    tree, event = make_tree("fr")["fr"], make_event(title, in_days=4)

    without_words = lines(event)
    event_page(tree["agenda"], event, title, slug="x")

    assert (without_words["SUMMARY"], lines(event)["SUMMARY"]) == ("Event", "Event")


def test_entry_cannot_be_given_more_than_its_words():
    tree = make_tree("fr")["fr"]
    hostile = "Rencontre\r\nATTENDEE:mailto:x@example.org\r\nBEGIN:VALARM; \\n"
    event = make_event(hostile, in_days=4, place_name=hostile[:190], contact_name="BEGIN:VEVENT\n")
    event_page(tree["agenda"], event, hostile, slug="x", summary=f"{hostile} write to a.person@example.org")

    for language in LANGUAGES:
        data = single(body(event, language).encode())
        assert problems(data, kind="single", now=NOON + HOUR) == []

    assert [name for name in lines(event) if name in {"ATTENDEE", "BEGIN"}] == []


# --- stamps


@pytest.mark.parametrize(
    ("facts", "sequence"),
    [
        ({"city": "Lyon"}, "1"),
        ({"starts_on": dt.date(2027, 1, 15)}, "1"),
        ({"latitude": 1.0, "longitude": 1.0}, "1"),
        ({"name": "Autre"}, "0"),
        ({"kind": "webinar"}, "0"),
        ({"contact_name": "Accueil"}, "0"),
    ],
)
def test_stamps_rise_with_what_can_be_seen(clock, facts, sequence):
    event = make_event(in_days=4)

    clock.shift(HOUR)
    change(event, **facts)

    assert stamps(event) == (NOON, NOON + HOUR, sequence)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"languages": ["fr"]},
        {"contact_email": "accueil@example.org"},
        {"online_link": "https://meet.example.org/x"},
        {"is_demonstration": True},
    ],
)
def test_stamps_stay_when_there_is_nothing_new_to_see(clock, facts):
    event = make_event(in_days=4)
    before = list(CalendarEntry.objects.order_by("pk").values_list("pk", "body", "digest", "modified_at"))

    clock.shift(HOUR)
    change(event, **facts)
    change(event, cite=make_cite())
    admit(event)
    draft(event, city="Lyon")
    changed = store_entries(stored(event))

    after = list(CalendarEntry.objects.order_by("pk").values_list("pk", "body", "digest", "modified_at"))
    assert (changed, after) == (0, before)


def test_stamps_of_one_language_rise_with_its_words_alone(clock):
    trees, event = make_tree("fr", "en"), make_event(in_days=4)
    event_page(trees["fr"]["agenda"], event, "Une rencontre")
    event_page(trees["en"]["agenda"], event, "A meeting")
    page = event.pages.get(locale__language_code="en")

    clock.shift(HOUR)
    page.title = "Another title"
    page.save_revision().publish()

    modified = dict(event.calendar_entries.values_list("language", "modified_at"))
    assert [code for code in LANGUAGES if modified[code] >= NOON + HOUR] == ["en"]
    assert {lines(event, code)["SEQUENCE"] for code in LANGUAGES} == {"0"}


def test_stamps_rise_also_within_one_second():
    event = make_event(in_days=4)

    for city in ("Lyon", "Paris", "Lyon"):
        change(event, city=city)

    assert stamps(event) == (NOON, NOON + dt.timedelta(seconds=3), "3")


def test_stamps_rise_also_when_the_clock_goes_back(clock):
    event = make_event(in_days=4)

    clock.shift(-HOUR)
    change(event, city="Lyon")

    assert stamps(event) == (NOON, NOON + dt.timedelta(seconds=1), "1")


def test_stamps_and_words_of_an_unpublished_event_stay_whatever_is_drafted(clock):
    tree, event = make_tree("fr")["fr"], make_event(in_days=4)
    page = event_page(tree["agenda"], event, "Rencontre")
    unpublish(event)
    before = lines(event)

    clock.shift(HOUR)
    row = stored(event)
    row.name, row.city, row.kind, row.starts_on = "Secret", "Secret", "visit", dt.date(2027, 2, 2)
    row.save()
    page.title = "Secret"
    page.save_revision().publish()

    assert lines(event) == before
    assert broken_promises() == []


def test_entry_ends_where_the_event_does():
    events = [
        make_event(in_days=4),
        make_event(in_days=4, precision="day", start_time=None, end_time=None),
        make_event(in_days=4, timezone="America/Martinique", precision="day", start_time=None, end_time=None),
    ]

    ends = [event.calendar_entries.get(language="fr").ends_at for event in events]

    assert ends == [event.ends_at for event in events]


# --- the check that the stored is what would be rendered


def test_stored_entries_are_never_stale():
    trees = make_tree("fr", "en")
    event = make_event(in_days=4)

    def after(act):
        act()
        return broken_promises()

    page = event_page(trees["fr"]["agenda"], event, "Une rencontre")
    acts = [
        lambda: change(event, city="Lyon", contact_name="Accueil"),
        lambda: draft(event, city="Paris"),
        lambda: change_state(event.pk, "postponed"),
        lambda: change(event, precision="unknown", starts_on=None),
        lambda: change_state(event.pk, "withdrawn"),
        page.unpublish,
        lambda: unpublish(event),
        page.delete,
        lambda: change(event),
    ]

    assert [after(act) for act in acts] == [[]] * len(acts)


def test_stored_entries_that_are_missing_or_other_are_stale():
    event = make_event(in_days=4)
    found = [is_entry_stale(event)]

    CalendarEntry.objects.filter(language="bg").delete()
    found.append(is_entry_stale(event))
    store_entries(event)
    found.append(is_entry_stale(event))
    type(event).objects.update(city="Lyon")
    found.append(is_entry_stale(stored(event)))

    assert found == [False, True, False, True]


def test_entries_are_made_while_words_are_private():
    tree, event = make_tree("fr")["fr"], make_event(in_days=4)
    page = event_page(tree["agenda"], event, "Une rencontre")
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)

    change(event, city="Lyon")

    assert event.calendar_entries.count() == len(LANGUAGES)


def test_half_days_are_lines_of_the_one_entry():
    event = make_event(in_days=10)
    first, second = event.starts_on, event.starts_on + dt.timedelta(days=1)
    sessions = [
        Session(
            on=first,
            part="morning",
            opens=dt.time(9),
            closes=dt.time(12, 30),
            labels={"en": "Welcome", "fr": "Accueil"},
        ),
        Session(on=first, part="afternoon", opens=dt.time(14)),
        Session(on=second, part="evening", labels={"fr": "Bilan <b>a@b.example</b>"}),
    ]
    change(event, ends_on=second, sessions=sessions)

    assert lines(event)["DESCRIPTION"].replace("\\n", "\n").replace("\\,", ",") == (
        "Wednesday 20 January, 09:00–12:30: Welcome\nWednesday 20 January, 14:00\nThursday 21 January, evening: Bilan …"
        f"\n\nhttp://127.0.0.1:8000/en/event/{event.pk}/"
    )
    assert lines(event)["TRANSP"] == "OPAQUE"


def test_half_days_with_days_between_keep_nobody_busy():
    event = make_event(in_days=10)
    sessions = [Session(on=event.starts_on + dt.timedelta(days=days), part="evening") for days in (0, 7, 14)]

    change(event, ends_on=event.starts_on + dt.timedelta(days=14), sessions=sessions)

    assert lines(event)["TRANSP"] == "TRANSPARENT"


def test_changed_half_day_is_a_change_without_another_sequence(clock):
    event = with_sessions("morning")

    clock.shift(HOUR)
    change(event, sessions=[half_day(event, "evening")])

    assert stamps(event) == (NOON, NOON + HOUR, "0")


def test_entry_names_the_zone_that_its_calendar_defines(clock):
    timed = make_event(in_days=4, timezone="Europe/Lisbon")
    whole_days = make_event(in_days=4, precision="day", start_time=None, end_time=None)
    named = {timed.pk: "Europe/Lisbon", whole_days.pk: ""}

    assert dict(CalendarEntry.objects.values_list("event", "timezone")) == named

    CalendarEntry.objects.update(timezone="")
    import_module("events.migrations.0008_calendarentry_timezone").name_zones(apps, None)
    assert dict(CalendarEntry.objects.values_list("event", "timezone")) == named
