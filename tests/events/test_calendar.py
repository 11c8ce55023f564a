import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from icalendar import Event

from events.calendar import CalendarError, Entry, calendar, content_digest, single, vevent, zones_of
from events.content_lines import folded
from events.vevent import _check
from events.vtimezone import vtimezone
from tests.events.ical_checklist import problems
from tests.events.ical_lines import octet_problems, parse
from tests.events.test_plain_text import HOSTILE

UID = "0b6f3a52-7f0c-4e0e-9d6a-3f6a5f5a2c11"
OTHER_UID = "c2a4b9de-1f6d-4d0e-8a55-0d2f5e6a7b88"
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
TIMED = Entry(
    uid=UID,
    sequence=2,
    created=datetime(2026, 1, 5, 9, 0, 0, 123456, tzinfo=UTC),
    modified=datetime(2026, 2, 1, 11, 30, tzinfo=PARIS),
    status="CONFIRMED",
    start=datetime(2026, 3, 27, 9, 30, tzinfo=PARIS),
    end=datetime(2026, 3, 27, 17, 0, tzinfo=PARIS),
    title="Rencontre transnationale : bilan, suites; et après",
    title_language="fr",
    description="<p>Deux jours pour partager l’accueil, avec Jean (jean@ailleurs.example).</p><p>Ouvert à tous.</p>",
    description_language="fr",
    url="https://portal.example/fr/event/7/",
    location="Cité des métiers\n30, avenue Corentin-Cariou\n75019 Paris",
    latitude=48.895,
    longitude=2.3878,
    categories=["Rencontre", "Accueil, orientation", "Rencontre"],
    contact="Cité des métiers de Paris, contact@cdm.example",
    conference_url="https://meet.example/abc,def?x=é@b.example",
    conference_label='Salle "A", visio',
)
ALL_DAY = Entry(
    uid=OTHER_UID,
    sequence=0,
    created=datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
    modified=datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
    status="TENTATIVE",
    start=date(2026, 10, 24),
    end=date(2026, 10, 26),
    title="École annuelle",
    title_language="fr",
    url="https://portal.example/en/event/8/",
)
TIMED_TEXT = """\
BEGIN:VEVENT
UID:0b6f3a52-7f0c-4e0e-9d6a-3f6a5f5a2c11
DTSTAMP:20260201T103000Z
CREATED:20260105T090000Z
LAST-MODIFIED:20260201T103000Z
SEQUENCE:2
STATUS:CONFIRMED
TRANSP:OPAQUE
CLASS:PUBLIC
DTSTART;TZID=Europe/Paris:20260327T093000
DTEND;TZID=Europe/Paris:20260327T170000
SUMMARY:Rencontre transnationale : bilan\\, suites\\; et après
DESCRIPTION:Deux jours pour partager l’accueil\\, avec Jean (…).\\n\\nOuve
 rt à tous.\\n\\nhttps://portal.example/fr/event/7/
URL:https://portal.example/fr/event/7/
CONTACT:Cité des métiers de Paris\\, contact@cdm.example
CATEGORIES:Rencontre,Accueil\\, orientation
LOCATION:Cité des métiers\\, 30\\, avenue Corentin-Cariou\\, 75019 Paris
GEO:48.895000;2.387800
CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL="Salle 'A', visio":https://m
 eet.example/abc,def?x=%C3%A9%40b.example
END:VEVENT
"""
ALL_DAY_TEXT = """\
BEGIN:VEVENT
UID:c2a4b9de-1f6d-4d0e-8a55-0d2f5e6a7b88
DTSTAMP:20260105T090000Z
CREATED:20260105T090000Z
LAST-MODIFIED:20260105T090000Z
SEQUENCE:0
STATUS:TENTATIVE
TRANSP:TRANSPARENT
CLASS:PUBLIC
DTSTART;VALUE=DATE:20261024
DTEND;VALUE=DATE:20261027
SUMMARY;LANGUAGE=fr:École annuelle
DESCRIPTION:https://portal.example/en/event/8/
URL:https://portal.example/en/event/8/
END:VEVENT
"""
CANCELLED_TEXT = """\
BEGIN:VEVENT
UID:c2a4b9de-1f6d-4d0e-8a55-0d2f5e6a7b88
DTSTAMP:20260105T090000Z
CREATED:20260105T090000Z
LAST-MODIFIED:20260105T090000Z
SEQUENCE:1
STATUS:CANCELLED
TRANSP:TRANSPARENT
CLASS:PUBLIC
DTSTART;VALUE=DATE:20261024
DTEND;VALUE=DATE:20261027
SUMMARY:Annulé : École annuelle
DESCRIPTION:https://portal.example/en/event/8/
URL:https://portal.example/en/event/8/
END:VEVENT
"""
HOSTILE_TEXT = """\
BEGIN:VEVENT
UID:c2a4b9de-1f6d-4d0e-8a55-0d2f5e6a7b88
DTSTAMP:20260105T090000Z
CREATED:20260105T090000Z
LAST-MODIFIED:20260105T090000Z
SEQUENCE:0
STATUS:TENTATIVE
TRANSP:TRANSPARENT
CLASS:PUBLIC
DTSTART;VALUE=DATE:20261024
DTEND;VALUE=DATE:20261027
SUMMARY:Titre BEGIN: VALARM ATTENDEE:mailto:… 😀 \u202eabc\u202c \\\\\\\\\\; gras
DESCRIPTION;LANGUAGE=de:END: VEVENT\\nBEGIN: VEVENT\\n\\nC:＼New \\\\ok\\n\\nhttp
 s://portal.example/en/event/8/
URL:https://portal.example/en/event/8/
LOCATION:Salle 1\\, END: VCALENDAR
END:VEVENT
"""
FEED_HEADER = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Reseau international des Cites des metiers//Portal//EN
CALSCALE:GREGORIAN
NAME;LANGUAGE=fr:Agenda\\, Paris
X-WR-CALNAME:Agenda\\, Paris
DESCRIPTION;LANGUAGE=fr:Tout l’agenda
X-WR-CALDESC:Tout l’agenda
REFRESH-INTERVAL;VALUE=DURATION:PT6H
X-PUBLISHED-TTL:PT6H
X-WR-TIMEZONE:Europe/Brussels
"""
SINGLE_HEADER = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Reseau international des Cites des metiers//Portal//EN
CALSCALE:GREGORIAN
"""
SOURCE = "SOURCE;VALUE=URI:https://portal.example/fr/calendar/all.ics\n"
END = "END:VCALENDAR\n"
TELL_FEED = """
from tests.events.test_calendar import TIMED, ALL_DAY, feed
import hashlib
print(hashlib.sha256(feed(TIMED, ALL_DAY)).hexdigest())
"""


def octets(text):
    return text.replace("\n", "\r\n").encode()


def feed(*entries, language="fr", **options):
    options = {"name": "Agenda, Paris", "description": "Tout l’agenda", "site_zone": "Europe/Brussels"} | options
    return calendar([vevent(entry, language) for entry in entries], language=language, **options)


def zone_text(zone):
    return vtimezone(zone).decode().replace("\r\n", "\n")


def found_in(body):
    [event], _ = parse(body)
    return event


def test_vevent_of_a_timed_event():
    assert vevent(TIMED, "fr") == octets(TIMED_TEXT)


def test_vevent_of_whole_days_in_another_language_than_its_words():
    assert vevent(ALL_DAY, "en") == octets(ALL_DAY_TEXT)


def test_vevent_of_a_cancelled_event_says_so_in_the_title():
    cancelled = replace(ALL_DAY, sequence=1, status="CANCELLED", cancelled_prefix="Annulé : ")

    assert vevent(cancelled, "fr") == octets(CANCELLED_TEXT)


def test_vevent_of_a_hostile_event_is_one_harmless_event():
    hostile = replace(
        ALL_DAY,
        title="Titre\r\nBEGIN:VALARM\0\u2028ATTENDEE:mailto:x@evil.example\n😀 \u202eabc\u202c \\\\; <b>gras</b>\ud800",
        title_language="",
        description="END:VEVENT<br>BEGIN:VEVENT<p>C:\\New \\ok</p>",
        description_language="de",
        location="Salle 1\r\nEND:VCALENDAR",
    )

    assert vevent(hostile, "fr") == octets(HOSTILE_TEXT)


@pytest.mark.parametrize("text", HOSTILE)
def test_vevent_of_any_text_passes_the_checklist(text):
    entry = replace(
        TIMED,
        title=f"T {text}",
        description=text,
        location=text,
        contact=text,
        conference_label=text,
        categories=[text, text, "x"],
    )
    body = vevent(entry, "fr")

    assert problems(single(body), kind="single", allowed_domains={"evil.example"}, now=NOW) == []
    assert len(body) < 6000


@pytest.mark.parametrize("length", range(60, 90))
@pytest.mark.parametrize("sign", ["\\", "é", "😀", "abc ", ";", "\n"])
def test_lines_of_any_length_fold_where_no_reader_stumbles(length, sign):
    body = vevent(replace(ALL_DAY, description="x" + sign * length), "fr")

    assert list(octet_problems(body)) == []
    assert not any(line[1:].startswith(b" ") or line.endswith(b" ") for line in body.split(b"\r\n"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("X:" + "a" * 73, b"X:" + b"a" * 73 + b"\r\n"),
        ("X:" + "a" * 74, b"X:" + b"a" * 73 + b"\r\n a\r\n"),
        ("X:" + "a" * 72 + "é", b"X:" + b"a" * 72 + b"\r\n \xc3\xa9\r\n"),
        ("X:" + "a" * 72 + "\\\\b", b"X:" + b"a" * 72 + b"\r\n \\\\b\r\n"),
        ("X:" + "a" * 71 + "\\\\b", b"X:" + b"a" * 71 + b"\\\\\r\n b\r\n"),
        ("X:" + "a" * 72 + " b", b"X:" + b"a" * 71 + b"\r\n a b\r\n"),
        ("X:" + "a" * 72 + "^nb", b"X:" + b"a" * 72 + b"\r\n ^nb\r\n"),
    ],
)
def test_folding_spares_characters_escapes_and_spaces(line, expected):
    assert folded(line) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # An online event told in UTC.
        (
            datetime(2026, 3, 27, 9, tzinfo=UTC),
            datetime(2026, 3, 27, 10, tzinfo=ZoneInfo("Etc/UTC")),
            ["DTSTART:20260327T090000Z", "DTEND:20260327T100000Z"],
        ),
        # Over the night in which summer time begins.
        (
            datetime(2026, 3, 28, 22, tzinfo=PARIS),
            datetime(2026, 3, 29, 4, tzinfo=PARIS),
            ["DTSTART;TZID=Europe/Paris:20260328T220000", "DTEND;TZID=Europe/Paris:20260329T040000"],
        ),
        # Half past two is skipped: clocks show half past three.
        (
            datetime(2026, 3, 29, 2, 30, tzinfo=PARIS),
            datetime(2026, 3, 29, 5, tzinfo=PARIS),
            ["DTSTART;TZID=Europe/Paris:20260329T033000", "DTEND;TZID=Europe/Paris:20260329T050000"],
        ),
        # Into and out of the hour that comes twice; the clock alone would say of the second that it takes no time.
        (
            datetime(2026, 10, 25, 1, 0, tzinfo=PARIS),
            datetime(2026, 10, 25, 2, 15, tzinfo=PARIS),
            ["DTSTART:20261024T230000Z", "DTEND:20261025T001500Z"],
        ),
        (
            datetime(2026, 10, 25, 2, 15, tzinfo=PARIS),
            datetime(2026, 10, 25, 2, 15, tzinfo=PARIS, fold=1),
            ["DTSTART:20261025T001500Z", "DTEND:20261025T011500Z"],
        ),
        # From one zone into another.
        (
            datetime(2026, 7, 1, 9, tzinfo=PARIS),
            datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Atlantic/Azores")),
            ["DTSTART;TZID=Europe/Paris:20260701T090000", "DTEND;TZID=Atlantic/Azores:20260701T090000"],
        ),
        # Before and after what our VTIMEZONE tells.
        (
            datetime(1998, 7, 1, 9, tzinfo=PARIS),
            datetime(1998, 7, 1, 10, tzinfo=PARIS),
            ["DTSTART:19980701T070000Z", "DTEND:19980701T080000Z"],
        ),
        (
            datetime(2037, 12, 31, 9, tzinfo=PARIS),
            datetime(2038, 1, 1, 10, tzinfo=PARIS),
            ["DTSTART:20371231T080000Z", "DTEND:20380101T090000Z"],
        ),
        (date(2026, 2, 28), date(2026, 2, 28), ["DTSTART;VALUE=DATE:20260228", "DTEND;VALUE=DATE:20260301"]),
    ],
)
def test_times_are_told_as_every_reader_understands_them(start, end, expected):
    body = vevent(replace(TIMED, start=start, end=end), "fr")

    assert [line for line in body.decode().split("\r\n") if line.startswith(("DTSTART", "DTEND"))] == expected
    assert problems(single(body), kind="single", allowed_domains={"cdm.example"}, now=NOW) == []


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [(1e-07, -1e-05, "0.000000;-0.000010"), (-21.1, 55, "-21.100000;55.000000"), (50.8, None, ""), (None, None, "")],
)
def test_geo_is_decimal_and_never_half(latitude, longitude, expected):
    assert found_in(vevent(replace(TIMED, latitude=latitude, longitude=longitude), "fr")).value("GEO") == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"uid": "event-7"},
        {"uid": ""},
        {"status": "POSTPONED"},
        {"sequence": -1},
        {"title": ""},
        {"title": "\0\u2028 <br>"},
        {"status": "CANCELLED"},
        {"url": ""},
        {"url": "/fr/event/7/"},
        {"url": "javascript:alert(1)"},
        {"url": "https://[half"},
        {"conference_url": "zoommtg://zoom.example/join"},
        {"title_language": "french!"},
        {"description_language": "de\r\nX:y"},
        {"latitude": 91.0},
        {"longitude": float("nan")},
        {"modified": datetime(2026, 2, 1)},
        {"start": datetime(2026, 3, 27, 9)},
        {"start": datetime(2026, 3, 27, 9, tzinfo=timezone(timedelta(hours=1)))},
        {"end": datetime(2026, 3, 27, 9, 30, tzinfo=PARIS)},
        {"end": datetime(2026, 3, 27, 8, 0, tzinfo=PARIS)},
        {"end": date(2026, 3, 28)},
        {"start": date(2026, 3, 27)},
        {"start": date(2026, 3, 27), "end": date(2026, 3, 26)},
        {"start": date(9999, 12, 31), "end": date.max},
    ],
)
def test_vevent_refuses_what_is_no_event(changes):
    with pytest.raises(CalendarError):
        vevent(replace(TIMED, **changes), "en")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\nEND:VEVENT\r\n" * 2, "2 components"),
        (b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\nBEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT\r\n", "differently"),
        (b"BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:x\r\nEND:VEVENT\r\n", "differently"),
        (b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:y\r\nEND:VEVENT\r\n", "differently"),
        (b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\nATTENDEE:mailto:a@b.example\r\nEND:VEVENT\r\n", "differently"),
        (b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\nUID:1\r\nEND:VEVENT\r\n", "differently"),
        (b"BEGIN:VTODO\r\nUID:1\r\nSUMMARY:x\r\nEND:VTODO\r\n", "differently"),
        (b"no line\r\nBEGIN:VEVENT\r\n", "read back"),
    ],
)
def test_what_reads_back_otherwise_is_refused(body, message):
    meant = Event()
    meant.add("uid", "1")
    meant.add("summary", "x")

    with pytest.raises(CalendarError, match=message):
        _check(body, meant)


def test_created_is_never_after_modified():
    event = found_in(vevent(replace(TIMED, created=NOW + timedelta(days=1)), "fr"))

    assert event.value("CREATED") == event.value("LAST-MODIFIED") == "20260201T103000Z"


def test_description_is_cut_and_always_ends_with_the_link():
    [description] = found_in(vevent(replace(TIMED, description="mot " * 1000), "fr")).all("DESCRIPTION")

    assert description.text == "mot " * 74 + "mot…\n\nhttps://portal.example/fr/event/7/"


def test_digest_changes_with_what_people_see_and_with_nothing_else():
    digest = content_digest(TIMED, "fr")

    assert content_digest(replace(TIMED, modified=NOW), "fr") == digest
    assert len({digest, content_digest(TIMED, "en")}) == 2
    assert digest not in {
        content_digest(replace(TIMED, **change), "fr")
        for change in (
            {"title": "Autre"},
            {"location": ""},
            {"end": datetime(2026, 3, 27, 18, tzinfo=PARIS)},
            {"sequence": 3},
            {"status": "TENTATIVE"},
            {"categories": []},
        )
    }


def test_calendar_joins_events_behind_their_zones():
    lisbon = replace(TIMED, uid=OTHER_UID, start=datetime(2026, 3, 27, 9, tzinfo=ZoneInfo("Europe/Lisbon")))

    expected = FEED_HEADER + SOURCE + zone_text("Europe/Lisbon") + zone_text("Europe/Paris")
    expected += vevent(TIMED, "fr").decode().replace("\r\n", "\n") + vevent(lisbon, "fr").decode().replace("\r\n", "\n")
    data = feed(TIMED, lisbon, source_url="https://portal.example/fr/calendar/all.ics")
    assert data == octets(expected + END)
    assert problems(data, allowed_domains={"cdm.example"}, now=NOW) == []


def test_calendar_of_whole_days_needs_no_zone():
    data = feed(ALL_DAY)

    assert data == octets(FEED_HEADER + ALL_DAY_TEXT.replace(";LANGUAGE=fr", "") + END)
    assert problems(data, now=NOW) == []


def test_calendar_without_events_carries_the_zone_of_the_site():
    assert feed() == octets(FEED_HEADER + zone_text("Europe/Brussels") + END)
    assert problems(feed(), now=NOW) == []


def test_calendar_without_description_has_no_empty_line_for_it():
    names = [found.name for found in parse(feed(description=""))[0][0].properties]

    assert [name for name in names if "DESC" in name] == []


def test_calendar_tells_how_often_to_ask():
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT30M\r\nX-PUBLISHED-TTL:PT30M\r\n" in feed(
        refresh=timedelta(minutes=30)
    )
    for refresh in (timedelta(minutes=4), timedelta(days=2)):
        with pytest.raises(CalendarError):
            feed(refresh=refresh)


def test_calendar_takes_bytes_as_postgresql_gives_them():
    bodies = [memoryview(vevent(TIMED, "fr"))]

    assert calendar(bodies, name="A", description="", language="fr", site_zone="UTC") == calendar(
        [vevent(TIMED, "fr")], name="A", description="", language="fr", site_zone="UTC"
    )


def test_single_is_the_file_of_one_event():
    data = single(vevent(TIMED, "fr"))

    assert data == octets(SINGLE_HEADER + zone_text("Europe/Paris") + TIMED_TEXT + END)
    assert problems(data, kind="single", allowed_domains={"cdm.example"}, now=NOW) == []


def test_zones_of_an_event_are_those_of_its_times_and_not_of_its_words():
    longest = ZoneInfo("America/Argentina/ComodRivadavia")
    entry = replace(
        TIMED,
        sequence=10**9,
        start=datetime(2026, 3, 27, 9, tzinfo=longest),
        end=datetime(2026, 3, 28, 9, tzinfo=PARIS),
        title="\r\nDTSTART;TZID=Europe/Rome:20260101T000000",
    )

    told = ["America/Argentina/ComodRivadavia", "Europe/Paris"]
    assert zones_of([vevent(entry, "fr"), vevent(ALL_DAY, "fr")]) == told
    assert zones_of([vevent(ALL_DAY, "fr")]) == []


def test_feed_is_the_same_in_every_process():
    told = {
        subprocess.run(
            [sys.executable, "-c", TELL_FEED],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(told) == 1
