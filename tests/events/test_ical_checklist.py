"""The checklist is worth something only if it finds each fault in a calendar that has it."""

from dataclasses import replace

import pytest

from events.calendar import single, vevent
from tests.events.ical_checklist import problems
from tests.events.test_calendar import ALL_DAY, NOW, TIMED, UID, feed

CANCELLED = replace(ALL_DAY, status="CANCELLED", cancelled_prefix="Annulé : ")
FEED = feed(replace(TIMED, contact=""), CANCELLED, source_url="https://portal.example/fr/calendar/all.ics")
SPOILT = [
    ("A01", "BEGIN:VCALENDAR\r\nVERSION", "\ufeffBEGIN:VCALENDAR\r\nVERSION"),
    ("A02", "CALSCALE:GREGORIAN\r\n", "CALSCALE:GREGORIAN\n"),
    ("A03", "SUMMARY:", "SUMMARY:a very long addition to the line that is nowhere folded as it should be "),
    ("A04", "\r\n rt à", "\r\n rt \\\r\n n à"),
    ("A05", "SUMMARY:R", "SUMMARY:\u2028R"),
    ("A05", "SUMMARY:R", "SUMMARY:\x9bR"),
    ("A06", "SEQUENCE:2", "SEQUENCE 2"),
    ("A06", "END:STANDARD\r\n", ""),
    ("A06", "END:VCALENDAR\r\n", "END:VCALENDAR\r\nEND:VCALENDAR\r\n"),
    ("A06", "BEGIN:VCALENDAR\r\n", "X-A:b\r\nBEGIN:VCALENDAR\r\n"),
    ("A07", "SEQUENCE:2\r\n", "SEQUENCE:2\r\n\r\n"),
    ("B01", "BEGIN:VCALENDAR\r\n", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR\r\n"),
    ("B02", "VERSION:2.0", "VERSION:1.0"),
    ("B03", "CALSCALE:GREGORIAN\r\n", ""),
    ("B04", "CALSCALE:", "METHOD:PUBLISH\r\nCALSCALE:"),
    ("B04 or B13", "CALSCALE:", "UID:1\r\nCALSCALE:"),
    ("B05", "X-WR-CALNAME:Agenda", "X-WR-CALNAME:Agenda 2"),
    ("B06", "X-WR-CALDESC:Tout", "X-WR-CALDESC:Rien"),
    ("B07", "X-PUBLISHED-TTL:PT6H", "X-PUBLISHED-TTL:PT5H"),
    ("B07", "PT6H", "PT6S"),
    ("B07", "REFRESH-INTERVAL;VALUE=DURATION", "REFRESH-INTERVAL"),
    ("B08", "X-WR-TIMEZONE:Europe/Brussels", "X-WR-TIMEZONE:Brussels"),
    ("B07 or B10", "SOURCE;VALUE=URI:", "SOURCE:"),
    ("B11", "BEGIN:VEVENT", "BEGIN:VTODO\r\nEND:VTODO\r\nBEGIN:VEVENT"),
    ("C01", "c2a4b9de-1f6d-4d0e-8a55-0d2f5e6a7b88", UID),
    ("C01", UID, "event-7"),
    ("C02", "DTSTAMP:20260201", "DTSTAMP:20260202"),
    ("C02", "DTSTAMP:20260201T103000Z\r\n", ""),
    ("C03", "CREATED:20260105T090000Z\r\nLAST-MODIFIED:20260201", "CREATED:20260301T090000Z\r\nLAST-MODIFIED:20260201"),
    ("C03", "20260201T103000Z", "20270201T103000Z"),
    ("C02 to C10", "SEQUENCE:2\r\n", ""),
    ("C02 to C12", "SUMMARY:Rencontre transnationale : bilan\\, suites\\; et après", "SUMMARY: "),
    ("C06", "DTEND;TZID=Europe/Paris:20260327T17", "DTEND;TZID=Europe/Paris:20260327T08"),
    ("C06", "DTEND;VALUE=DATE:20261027", "DTEND;VALUE=DATE:20261024"),
    ("C06", "DTEND;VALUE=DATE:20261027", "DTEND:20261027T100000Z"),
    ("C02 to C12", "STATUS:CONFIRMED", "STATUS:POSTPONED"),
    ("C02 to C12", "CLASS:PUBLIC", "CLASS:PRIVATE"),
    ("C11", "GEO:48.895000", "GEO:98.895000"),
    ("C11", "GEO:48.895000", "GEO:1e-07"),
    ("C02 to C12", "URL:https:", "URL:"),
    ("C12", "CONFERENCE;VALUE=URI", "CONFERENCE;VALUE=TEXT"),
    ("C13", "bilan\\, suites", "bilan, suites"),
    ("C13", "Jean (…).\\n", "Jean (…).\\\\n"),
    ("C14", "SUMMARY:Rencontre", "SUMMARY:<b>Rencontre</b>"),
    ("C14", "SUMMARY:Rencontre", "SUMMARY:&eacute;Rencontre"),
    ("C15", "FEATURE=AUDIO,VIDEO", 'FEATURE="AUDIO,VIDEO"'),
    ("C15", "SUMMARY:Rencontre", "SUMMARY;LANGUAGE=français:Rencontre"),
    ("C16", "SEQUENCE:2\r\n", "SEQUENCE:2\r\nSEQUENCE:2\r\n"),
    ("C16", "VERSION:2.0\r\n", "VERSION:2.0\r\nVERSION:2.0\r\n"),
    ("C17", "CALSCALE:", "X-WR-FOO:1\r\nCALSCALE:"),
    ("C17 or G02 or G06", "SEQUENCE:2", "ORGANIZER:mailto:a@cdm.example\r\nSEQUENCE:2"),
    ("C18", "DTSTART;VALUE=DATE:20261024", "DTSTART;VALUE=DATE:20260231"),
    ("B11 or C20", "SEQUENCE:2", "BEGIN:VALARM\r\nEND:VALARM\r\nSEQUENCE:2"),
    ("C21", "STATUS:CANCELLED\r\nTRANSP:TRANSPARENT", "STATUS:CANCELLED\r\nTRANSP:OPAQUE"),
    ("C21", "SUMMARY:Annulé : École", "SUMMARY:École"),
    ("D01", "DTSTART;VALUE=DATE:20261024", "DTSTART;VALUE=DATE;TZID=Europe/Paris:20261024"),
    ("D01", "DTSTART;TZID=Europe/Paris:20260327T093000", "DTSTART;TZID=Europe/Paris:20260327T093000Z"),
    ("D01 or D02", "DTSTART;TZID=Europe/Paris:20260327T093000", "DTSTART:20260327T093000"),
    ("D03", "=Europe/Paris:20260327T093000", "=Romance Standard Time:20260327T093000"),
    ("D03", "TZID:Europe/Paris", "TZID:Romance Standard Time"),
    ("D04", "=Europe/Paris:20260327T093000", "=Europe/Rome:20260327T093000"),
    ("D04", "END:VEVENT\r\nBEGIN:", "END:VEVENT\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Rome\r\nEND:VTIMEZONE\r\nBEGIN:"),
    ("D05", "TZOFFSETFROM:+0100\r\n", ""),
    ("D06", "BYMONTH=3;", "BYMONTH=4;"),
    ("D06", "TZOFFSETTO:+0200", "TZOFFSETTO:+0300"),
    ("D07", "DTSTART;TZID=Europe/Paris:20260327T093000", "DTSTART;TZID=Europe/Paris:20260329T023000"),
    ("D08", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n", ""),
    ("G01", "SUMMARY:Rencontre", "SUMMARY:Rencontre jean@ailleurs.example"),
]


def test_checklist_passes_a_good_feed():
    assert problems(FEED, now=NOW) == []


@pytest.mark.parametrize(("check", "good", "bad"), SPOILT)
def test_checklist_finds_each_fault(check, good, bad):
    assert good.encode() in FEED
    spoilt = FEED.replace(good.encode(), bad.encode())
    if check == "D08":
        spoilt = spoilt.replace(b"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n", b"")

    assert {found.split(" ")[0] for found in problems(spoilt, now=NOW)} >= {check.split(" ")[0]}


def test_checklist_finds_a_cut_through_a_character():
    spoilt = FEED.replace("é :".encode(), b"\xc3\r\n \xa9 :")

    assert [found[:3] for found in problems(spoilt, now=NOW)] == ["A01", "A01"]


def test_checklist_finds_an_empty_calendar():
    empty = feed()
    header = empty[: empty.index(b"BEGIN:VTIMEZONE")] + b"END:VCALENDAR\r\n"

    assert [found[:3] for found in problems(header, now=NOW)] == ["B12", "B12"]


def test_checklist_finds_a_feed_that_google_would_not_take():
    event = vevent(ALL_DAY, "fr")
    many = [event.replace(b"c2a4b9de", f"{number:08x}".encode()) for number in range(1001)]
    data = feed().replace(b"END:VCALENDAR\r\n", b"".join(many) + b"END:VCALENDAR\r\n")

    assert {found[:3] for found in problems(data, now=NOW)} == {"D04", "F24"}


def test_checklist_of_one_event_wants_neither_name_nor_others():
    assert {found[:3] for found in problems(FEED, kind="single", now=NOW)} == {"B14"}
    assert problems(single(vevent(ALL_DAY, "fr")), kind="single", now=NOW) == []
