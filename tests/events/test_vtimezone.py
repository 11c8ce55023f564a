import hashlib
import os
import subprocess
import sys
import zoneinfo
from importlib import metadata

import pytest

from events.tzif import YearDay, Zone, known_zones, tzdata_version
from events.vtimezone import _offset, _rrules, vtimezone
from tests.events.ical_lines import octet_problems, parse
from tests.events.ical_zones import disagreements

PARIS = """\
BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
END:VTIMEZONE
"""
# Irish law knows a negative winter time; readers expect summer to be the exception.
DUBLIN = """\
BEGIN:VTIMEZONE
TZID:Europe/Dublin
BEGIN:STANDARD
DTSTART:19701025T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
TZNAME:GMT
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
TZNAME:IST
END:DAYLIGHT
END:VTIMEZONE
"""
LORD_HOWE = """\
BEGIN:VTIMEZONE
TZID:Australia/Lord_Howe
BEGIN:DAYLIGHT
DTSTART:19701004T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU
TZOFFSETFROM:+1030
TZOFFSETTO:+1100
TZNAME:+11
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19700405T020000
RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU
TZOFFSETFROM:+1100
TZOFFSETTO:+1030
TZNAME:+1030
END:STANDARD
END:VTIMEZONE
"""
REUNION = """\
BEGIN:VTIMEZONE
TZID:Indian/Reunion
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0400
TZOFFSETTO:+0400
TZNAME:+04
END:STANDARD
END:VTIMEZONE
"""
NORFOLK = """\
BEGIN:VTIMEZONE
TZID:Pacific/Norfolk
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+1130
TZOFFSETTO:+1130
TZNAME:+1130
END:STANDARD
BEGIN:STANDARD
DTSTART:20151004T020000
TZOFFSETFROM:+1130
TZOFFSETTO:+1100
TZNAME:+11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20191006T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU
TZOFFSETFROM:+1100
TZOFFSETTO:+1200
TZNAME:+12
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20200405T030000
RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU
TZOFFSETFROM:+1200
TZOFFSETTO:+1100
TZNAME:+11
END:STANDARD
END:VTIMEZONE
"""
# The whole of what a process says, for two of them to be compared.
TELL_ALL = """
from events.tzif import known_zones
from events.vtimezone import vtimezone
import hashlib
print(hashlib.sha256(b"".join(vtimezone(zone) for zone in sorted(known_zones()))).hexdigest())
"""


def clear_caches():
    known_zones.cache_clear()
    vtimezone.cache_clear()


@pytest.fixture(params=["as configured", "package"])
def database(request):
    """Both databases that a portal may find: the system's, where there is one, and the tzdata package."""
    before = zoneinfo.TZPATH
    clear_caches()
    if request.param == "package":
        zoneinfo.reset_tzpath(to=())
    yield request.param
    zoneinfo.reset_tzpath(to=before)
    clear_caches()


def test_vtimezone_of_every_zone_agrees_with_zoneinfo(database):
    wrong = []
    for zone in sorted(known_zones()):
        [component], problems = parse(vtimezone(zone))
        wrong += [*problems, *octet_problems(vtimezone(zone)), *disagreements(component, zone, range(2015, 2036))]

    assert wrong == []
    assert len(known_zones()) > 590


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Paris", PARIS),
        ("Europe/Dublin", DUBLIN),
        ("Australia/Lord_Howe", LORD_HOWE),
        ("Indian/Reunion", REUNION),
        ("Pacific/Norfolk", NORFOLK),
    ],
)
def test_vtimezone_is_written_as_google_writes_it(zone, expected):
    assert vtimezone(zone).decode() == expected.replace("\n", "\r\n")


def test_vtimezone_has_no_date_lists_and_no_comments(database):
    names = set()
    for zone in known_zones():
        [component], _ = parse(vtimezone(zone))
        names |= {found.name for found in component.properties}
        for observance in component.children:
            names |= {observance.name, *(found.name for found in observance.properties)}

    assert names == {"TZID", "STANDARD", "DAYLIGHT", "DTSTART", "RRULE", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME"}


def test_vtimezone_is_the_same_in_every_process():
    told = {
        subprocess.run(
            [sys.executable, "-c", TELL_ALL],
            # As the settings have it: the package's tz database, not the machine's.
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONTZPATH": ""},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert told == {hashlib.sha256(b"".join(vtimezone(zone) for zone in sorted(known_zones()))).hexdigest()}


@pytest.mark.parametrize(
    "zone", ["", "Europe", "Mars/Phobos", "../../etc/passwd", "localtime", "posixrules", "europe/x"]
)
def test_vtimezone_of_an_unknown_zone_is_refused(zone):
    with pytest.raises(zoneinfo.ZoneInfoNotFoundError):
        vtimezone(zone)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # Cairo: the midnight after the last Thursday of October is the first of November in some years.
        (
            YearDay(10, 5, 4, 24 * 3600),
            [(10, "BYMONTH=10;BYDAY=FR;BYMONTHDAY=26,27,28,29,30,31"), (11, "BYMONTH=11;BYDAY=FR;BYMONTHDAY=1")],
        ),
        # Nuuk: an hour before the day begins.
        (YearDay(3, 5, 0, -3600), [(3, "BYMONTH=3;BYDAY=SA;BYMONTHDAY=24,25,26,27,28,29,30")]),
        # Gaza: two days and two hours after the fourth Thursday.
        (YearDay(3, 4, 4, 50 * 3600), [(3, "BYMONTH=3;BYDAY=SA;BYMONTHDAY=24,25,26,27,28,29,30")]),
        (YearDay(3, 2, 0, 7200), [(3, "BYMONTH=3;BYDAY=2SU")]),
        (YearDay(10, 5, 0, 7200), [(10, "BYMONTH=10;BYDAY=-1SU")]),
    ],
)
def test_rule_tells_days_into_which_the_hours_lead(day, expected):
    assert list(_rrules(day)) == expected


def test_summer_that_is_never_put_back_is_standard_time():
    vtimezones = [vtimezone(zone).decode() for zone in ("Europe/Istanbul", "Asia/Pyongyang")]

    assert [text.rstrip().split("\r\n")[-2] for text in vtimezones] == ["END:STANDARD", "END:STANDARD"]


def test_offset_tells_seconds_only_where_there_are_some():
    assert [_offset(seconds) for seconds in (0, 5400, -12600, -2670)] == ["+0000", "+0130", "-0330", "-004430"]


def test_rule_that_no_vtimezone_can_tell_is_refused():
    data = b"TZif2" + bytes(39) + b"TZif2" + bytes(31) + b"\0\0\0\1\0\0\0\4" + bytes(6) + b"UTC\0"

    with pytest.raises(ValueError, match="J60"):
        Zone.parse(data + b"\nAAA3BBB,J60,J300\n")


def test_tzdata_version_is_that_of_the_database_in_use(tmp_path):
    before = zoneinfo.TZPATH
    (tmp_path / "Etc").mkdir()
    (tmp_path / "Etc" / "UTC").touch()
    versions = []
    try:
        zoneinfo.reset_tzpath(to=[str(tmp_path / "none")])
        versions.append(tzdata_version())
        zoneinfo.reset_tzpath(to=[str(tmp_path)])
        versions.append(tzdata_version())
        (tmp_path / "tzdata.zi").write_text("# version 2025b\nR a\n")
        versions.append(tzdata_version())
    finally:
        zoneinfo.reset_tzpath(to=before)

    assert versions == [metadata.version("tzdata"), "system", "2025b"]
