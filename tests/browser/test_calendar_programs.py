"""Two programs that people use subscribe to the feed: vdirsyncer, which fetches it, and khal, which shows it.

They run in Newfoundland, where nothing is right by chance. Others, tried by hand: docs/calendar-clients.md.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.browser.client import Client
from tests.browser.staged_calendar import NEXT_YEAR
from tests.events.ical_lines import parse
from tests.events.ical_readers import READERS, by_us
from tests.server import PortalServer

NEWFOUNDLAND = "America/St_Johns"
FEED = "/en/calendar/all.ics"
VDIRSYNCER = """
[general]
status_path = "{folder}/status"

[pair portal]
a = "feed"
b = "files"
collections = null

[storage feed]
type = "http"
url = "{url}"

[storage files]
type = "filesystem"
path = "{folder}/files"
fileext = ".ics"
"""
KHAL = """
[calendars]
[[portal]]
path = {folder}/files
readonly = True

[locale]
local_timezone = America/St_Johns
default_timezone = America/St_Johns
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M

[sqlite]
path = {folder}/khal.db
"""
# Newfoundland is 3½ hours behind UTC, 2½ from the second Sunday of March to the first of November.
STAGED = {
    "Paris, winter": ("01-14 05:00", "01-14 12:30"),
    "Paris, March": ("03-20 06:00", "03-20 13:30"),
    "Paris, summer": ("07-14 05:00", "07-14 12:30"),
    "Lisboa, winter": ("01-14 06:00", "01-14 13:30"),
    "Lisboa, summer": ("07-14 06:00", "07-14 13:30"),
    "Réunion, winter": ("01-14 02:00", "01-14 09:30"),
    "Réunion, summer": ("07-14 03:00", "07-14 10:30"),
    "Paris, overnight": ("05-05 17:30", "05-05 21:30"),
    "Three days": ("10-24", "10-26"),
    "One day": ("02-28", "02-28"),
    "Fraise, framboise; 😀 été": ("06-01 05:00", "06-01 12:30"),
}
Shown = tuple[str, str, str, str]  # start, end, title and status, as khal shows them


class Subscriber:
    """A person's computer with both programs."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.files = folder, folder / "files"
        self.files.mkdir()
        (folder / "vdirsyncer.conf").write_text(VDIRSYNCER.format(folder=folder, url=url))
        (folder / "khal.conf").write_text(KHAL.format(folder=folder))
        self.run("vdirsyncer", "discover")

    def run(self, program: str, *args: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name(program)), "-c", str(self.folder / f"{program}.conf"), *args]
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TZ": NEWFOUNDLAND, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
        assert done.returncode == 0, done.stderr
        return done

    def sync(self) -> list[str]:
        """What vdirsyncer does, one line each."""
        return [line.split()[0] for line in self.run("vdirsyncer", "sync").stderr.splitlines()[1:]]

    def shown(self) -> set[Shown]:
        """All that khal shows, once each; it warns of nothing."""
        fields = ("start-long-full", "end-long-full", "title", "status", "all-day")
        options = [part for field in fields for part in ("--json", field)]
        since = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=100)
        listed = self.run("khal", "list", "--once", *options, f"{since}", "1000d")
        assert listed.stderr == ""
        rows = [row for day in listed.stdout.splitlines() for row in json.loads(day)]
        return {self.seen(**{name.replace("-", "_"): value for name, value in row.items()}) for row in rows}

    @staticmethod
    def seen(start_long_full: str, end_long_full: str, title: str, status: str, all_day: str) -> Shown:
        length = len("2027-01-14") if all_day == "True" else None
        return start_long_full[:length], end_long_full[:length], title, status

    def stored(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.files.iterdir()}


@pytest.fixture(scope="module")
def subscriber(portal_server: PortalServer, tmp_path_factory: pytest.TempPathFactory) -> Subscriber:
    code = "from tests.browser.staged_calendar import stage_calendar; stage_calendar()"
    portal_server.manage("shell", "-v", "0", "-c", code)
    return Subscriber(tmp_path_factory.mktemp("subscriber"), f"{portal_server.url}{FEED}")


def expected(feed: bytes) -> set[Shown]:
    """What the feed says, by our own reading, in the words of khal."""
    zone = ZoneInfo(NEWFOUNDLAND)
    status = {event.value("UID"): event.value("STATUS") for event in parse(feed)[0][0].named("VEVENT")}

    def show(moment: dt.date, *, is_end: bool) -> str:
        if isinstance(moment, dt.datetime):
            return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
        return f"{moment - dt.timedelta(days=1) if is_end else moment}"

    return {
        (show(start, is_end=False), show(end, is_end=True), title, status[uid])
        for uid, (start, end, title, _description) in by_us(feed).items()
    }


def test_two_programs_show_each_event_at_the_right_hour_and_follow_a_change(
    subscriber: Subscriber, client: Client, portal_server: PortalServer
):
    feed = client.get(FEED).body
    events = feed.count(b"BEGIN:VEVENT")

    assert subscriber.sync() == ["Copying"] * events
    first, before = subscriber.stored(), subscriber.shown()
    assert len(first) == len(before) == events >= len(STAGED) + 5
    assert before == expected(feed)
    year = NEXT_YEAR
    staged = {(f"{year}-{start}", f"{year}-{end}", title, "CONFIRMED") for title, (start, end) in STAGED.items()}
    assert {row for row in before if row[2] in STAGED} == staged

    assert subscriber.sync() == []
    assert subscriber.stored() == first

    code = "from tests.browser.staged_calendar import change_two; change_two()"
    portal_server.manage("shell", "-v", "0", "-c", code)
    assert sorted(subscriber.sync()) == ["Copying", "Copying", "Deleting", "Deleting"]
    after = subscriber.shown()
    assert before - after == {
        (f"{year}-01-14 06:00", f"{year}-01-14 13:30", "Lisboa, winter", "CONFIRMED"),
        (f"{year}-07-14 03:00", f"{year}-07-14 10:30", "Réunion, summer", "CONFIRMED"),
    }
    assert after - before == {
        (f"{year}-01-14 07:00", f"{year}-01-14 14:30", "Lisboa, winter", "CONFIRMED"),
        (f"{year}-07-14 03:00", f"{year}-07-14 10:30", "Cancelled: Réunion, summer", "CANCELLED"),
    }
    assert subscriber.sync() == []


@pytest.mark.parametrize("language", ["fr", "en", "de"])
def test_parsers_agree_on_the_feed(client: Client, language: str):
    feed = client.get(f"/{language}/calendar/all.ics").body

    readings = {name: read(feed) for name, read in READERS.items()}

    assert readings == dict.fromkeys(READERS, readings["our own"])
    assert len(readings["our own"]) > 5
