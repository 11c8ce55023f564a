"""Independent parsers, on a machine in Newfoundland, read what was meant. More of them: docs/calendar-clients.md."""

import datetime as dt
import re
import time

import pytest

from events.calendar import Entry
from events.plain_text import clean, one_line, without_addresses
from tests.events.ical_checklist import problems
from tests.events.ical_readers import READERS, Reading, Readings, by_us, moment
from tests.events.nasty_entries import nasty_entries, nasty_feed

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def newfoundland(monkeypatch):
    """Half an hour beside everybody else, so that nothing is right by chance."""
    monkeypatch.setenv("TZ", "America/St_Johns")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="module")
def feed() -> bytes:
    return nasty_feed()


def meant(entry: Entry) -> Reading:
    """Times by `zoneinfo`, and the title without what no calendar can bear."""
    title = one_line(without_addresses(clean(entry.title)))
    prefix = entry.cancelled_prefix if entry.status == "CANCELLED" else ""
    end = entry.end if isinstance(entry.end, dt.datetime) else entry.end + dt.timedelta(days=1)
    return Reading(moment(entry.start), moment(end), one_line(prefix + title), "")


def differing(found: Readings, feed: bytes) -> dict[str, tuple[Reading, Reading | None]]:
    """Events of which something else is read than was meant; a description is meant as we read it."""
    ours = by_us(feed)
    expected = {entry.uid: meant(entry)._replace(description=ours[entry.uid].description) for entry in nasty_entries()}
    return {uid: (expected.get(uid), found.get(uid)) for uid in expected | found if expected.get(uid) != found.get(uid)}


def test_nasty_feed_passes_the_checklist(feed):
    assert problems(feed, allowed_domains={"evil.example"}, now=NOW) == []


@pytest.mark.parametrize("reader", READERS)
def test_parsers_read_what_was_meant(reader, feed):
    assert differing(READERS[reader](feed), feed) == {}


# Not ical, which takes an observance without a rule for none.
@pytest.mark.parametrize("reader", ["our own", "icalendar", "vobject"])
def test_parsers_that_know_no_zone_read_the_same(reader, feed):
    renamed = re.sub(rb"TZID([:=])", rb"TZID\1Unknown-", feed)

    assert differing(READERS[reader](renamed), feed) == {}
