"""Events that calendar programs stumble over: hostile words, odd zones, nights when the clocks change."""

import datetime as dt
from collections.abc import Iterator
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

from events.calendar import Entry, calendar, vevent
from tests.events.test_plain_text import HOSTILE

CREATED = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
FIRST_DAY, YEARS = dt.datetime(2026, 6, 1, tzinfo=dt.UTC), 4
# Where the network is, and where the tz database is oddest: Ramadan, half an hour or two of summer time, summer time
# below nought in winter, a day that was left out, three quarters of an hour, changes at midnight and before it.
ZONES = (
    *("Europe/Paris", "Europe/Lisbon", "Indian/Reunion", "America/Martinique", "America/Cayenne", "Europe/Dublin"),
    *("Africa/Casablanca", "Africa/El_Aaiun", "Asia/Gaza", "America/Nuuk", "Australia/Lord_Howe", "Antarctica/Troll"),
    *("Pacific/Apia", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns", "America/Santiago"),
    *("Asia/Beirut", "Asia/Jerusalem", "Pacific/Kiritimati"),
)
WHOLE_DAYS = {
    "one day": ("2027-03-28", "2027-03-28"),
    "three days round a change": ("2027-10-30", "2027-11-01"),
    "leap day": ("2028-02-29", "2028-02-29"),
    "over the leap day": ("2028-02-28", "2028-03-01"),
    "over New Year": ("2026-12-31", "2027-01-01"),
    "four weeks": ("2027-02-15", "2027-03-14"),
}
WORDS = (
    *HOSTILE,
    "Fraise, framboise; myrtille: \\ et \\\\ et \\; \\, fin\\",
    "BEGIN:VEVENT", "END:VCALENDAR", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ﷽ e\u0301 \u00a0\u202f’", "=?utf-8?q?x?=", "%s %(x)s {x} {{ x }}",
    "é" * 36 + "," * 40, "😀" * 60, "\\" * 90, "a;" * 60, '""""', "-", "مرحبا بالعالم", "\u200fשלום\u200e (x)",
    "mailto:x", "X-A;B=C:D", '50 % ; CN="a", ^n', "'; DROP TABLE x; --", "=1+1",
)  # fmt: skip


def changes(zone: ZoneInfo) -> Iterator[dt.datetime]:
    """The moments, to the minute, at which this zone's clocks are changed within YEARS."""
    day = FIRST_DAY
    while day < FIRST_DAY + YEARS * 365 * DAY:
        if day.astimezone(zone).utcoffset() != (day + DAY).astimezone(zone).utcoffset():
            minutes = (day + dt.timedelta(minutes=minute) for minute in range(1, 1441))
            before = day.astimezone(zone).utcoffset()
            yield next(moment for moment in minutes if moment.astimezone(zone).utcoffset() != before)
        day += DAY


def spans(zone: ZoneInfo) -> Iterator[tuple[str, dt.datetime, dt.datetime]]:
    """Ordinary hours in winter and summer, a night, and what lies before, over and after each change."""
    for month in (1, 3, 7, 10):
        yield (
            f"2027-{month}",
            dt.datetime(2027, month, 14, 9, 30, tzinfo=zone),
            dt.datetime(2027, month, 14, 17, tzinfo=zone),
        )
    yield "night", dt.datetime(2027, 5, 5, 22, tzinfo=zone), dt.datetime(2027, 5, 6, 2, tzinfo=zone)
    yield "leap day", dt.datetime(2028, 2, 29, 9, tzinfo=zone), dt.datetime(2028, 2, 29, 9, 1, tzinfo=zone)
    yield "far", dt.datetime(2036, 8, 8, 9, tzinfo=zone), dt.datetime(2036, 8, 8, 10, tzinfo=zone)
    for change in changes(zone):
        on = f"{change:%Y-%m-%d}"
        for name, begins, ends in (("before", -2, -1), ("over", -1, 1), ("after", 0, 1), ("long", -20, 20)):
            yield f"{on} {name}", (change + begins * HOUR).astimezone(zone), (change + ends * HOUR).astimezone(zone)
        yield f"{on} within", (change - HOUR / 2).astimezone(zone), (change + HOUR / 2).astimezone(zone)


def nasty_entries() -> list[Entry]:
    numbers = count(1)

    def entry(title: str, start: dt.date, end: dt.date, **fields: object) -> Entry:
        uid = str(UUID(int=next(numbers), version=4))
        url = f"https://portal.example/en/event/{uid}/"
        stamps = {"created": CREATED, "modified": CREATED, "sequence": 0, "status": "CONFIRMED"}
        return Entry(uid=uid, start=start, end=end, title=title, url=url, **(stamps | fields))

    nine = dt.datetime(2027, 7, 6, 9, tzinfo=ZoneInfo("Europe/Paris"))
    return [
        *(entry(f"{name} {key}", *span) for key in ZONES for name, *span in spans(ZoneInfo(key))),
        *(entry(name, *map(dt.date.fromisoformat, days)) for name, days in WHOLE_DAYS.items()),
        *(entry(f"T {text}", nine, nine + HOUR, description=text, location=text, contact=text) for text in WORDS),
        *(
            entry(text, nine, nine + HOUR, title_language="ar", status="CANCELLED", cancelled_prefix="Annulé\u00a0: ")
            for text in WORDS[-6:]
        ),
        entry("in UTC", nine.astimezone(dt.UTC), (nine + HOUR).astimezone(dt.UTC)),
    ]


def nasty_feed() -> bytes:
    bodies = [vevent(entry, "fr") for entry in nasty_entries()]
    names = {"name": "Tout; ce qui, trébuche", "description": "😀\nDeux lignes", "language": "fr"}
    return calendar(bodies, site_zone="Europe/Paris", source_url="https://portal.example/fr/calendar/all.ics", **names)
