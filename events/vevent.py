"""One event as a VEVENT (RFC 5545 3.6.1): what it says, how it is written, and the check before it is stored."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Event
from icalendar.cal.component import Component
from icalendar.parser import Parameters
from icalendar.prop import vCalAddress, vInline

from events.content_lines import CalendarError, absolute, add_text, written
from events.plain_text import clean, one_line, shorten, without_addresses
from events.tzif import known_zones
from events.vtimezone import FIRST_YEAR, LAST_YEAR

STATUSES = ("CONFIRMED", "TENTATIVE", "CANCELLED")
UTC_NAMES = ("UTC", "Etc/UTC", "Zulu", "Etc/Zulu", "UCT", "Etc/UCT", "Universal", "Etc/Universal")
LONGEST_DESCRIPTION = 300
LONGEST_LINE, MOST_LINES = 120, 12  # of the timetable
PEOPLE = ("ORGANIZER", "ATTENDEE")
IN_ADDRESSES = "!$'*+-._~"
DOMAIN = re.compile(r"[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody who takes part in a calendar message (RFC 5546): an address, and a name if there is one."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """All that calendars are told of an event, in the words of one language.

    Timed events have aware start and end with a `ZoneInfo`; all-day events have dates, the last day included.
    Texts may hold HTML; an empty language means the feed's own. Public feeds get no person's contact and no link
    to a closed meeting: that is the caller's to decide.
    """

    uid: str
    sequence: int
    created: datetime
    modified: datetime
    status: str
    start: date
    end: date
    title: str
    url: str
    title_language: str = ""
    description: str = ""
    description_language: str = ""
    timetable: Sequence[str] = ()  # a line for each half-day, in the feed's language
    is_spread: bool = False  # with days between the first and the last on which nothing happens
    location: str = ""
    latitude: float | Decimal | None = None
    longitude: float | Decimal | None = None
    categories: Sequence[str] = ()
    contact: str = ""
    title_prefix: str = ""  # what a place on the waiting list is told apart by, say
    cancelled_prefix: str = ""  # stands in its place where the status is CANCELLED
    conference_url: str = ""
    conference_label: str = ""
    # Of a message to one person alone, never of a feed: who invites whom, and when the message was made.
    organizer: Mailbox | None = None
    attendee: Mailbox | None = None
    stamp: datetime | None = None


def vevent(entry: Entry, language: str) -> bytes:
    """Write the VEVENT for the feeds of this language, and read it back; what does not come back is an error."""
    component = Event()
    _add_identity(component, entry)
    try:
        _add_times(component, entry)
    except OverflowError as error:
        raise CalendarError(f"Out of the calendar: {entry.start}, {entry.end}") from error
    _add_words(component, entry, language)
    _add_place(component, entry)
    _add_people(component, entry)
    body = written(component)
    _check(body, component)
    return body


def content_digest(entry: Entry, language: str) -> str:
    """Hash all but `modified`, which may stay as it is while this does: people would see nothing new."""
    return sha256(vevent(replace(entry, modified=entry.created), language)).hexdigest()


def _add_identity(component: Event, entry: Entry) -> None:
    try:
        uid = str(UUID(entry.uid))
    except ValueError as error:
        raise CalendarError(f"Not a UUID: {entry.uid!r}") from error
    if entry.status not in STATUSES or entry.sequence < 0:
        raise CalendarError(f"No such status or sequence: {entry.status!r}, {entry.sequence}")
    modified = _utc(entry.modified)
    component.add("uid", uid)
    component.add("dtstamp", max(modified, _utc(entry.stamp)) if entry.stamp else modified)
    component.add("created", min(_utc(entry.created), modified))
    component.add("last-modified", modified)
    component.add("sequence", entry.sequence)
    component.add("status", entry.status)
    # What is not certain, or lasts weeks for a few half-days, keeps nobody's time busy.
    is_busy = entry.status == "CONFIRMED" and not entry.is_spread
    component.add("transp", "OPAQUE" if is_busy else "TRANSPARENT")
    component.add("class", "PUBLIC")


def _add_times(component: Event, entry: Entry) -> None:
    start, end = _times(entry.start, entry.end)
    component.add("dtstart", start)
    component.add("dtend", end)


def _times(start: date, end: date) -> tuple[date, date]:
    if isinstance(start, datetime) and isinstance(end, datetime):
        return _timed(start, end)
    if isinstance(start, datetime) or isinstance(end, datetime) or end < start:
        raise CalendarError(f"Not a start and an end: {start}, {end}")
    # DTEND is the first day on which nothing happens any more (RFC 5545 3.6.1).
    return start, end + timedelta(days=1)


def _timed(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Give local times, but UTC in an hour that clocks show twice and in years of which our VTIMEZONE does not tell.

    A local time that comes twice means the first of them (RFC 5545 3.3.5), but ical.js takes it for the second.
    """
    if _utc(end) <= _utc(start):
        raise CalendarError(f"The end is not after the start: {start}, {end}")
    start, end = _local(start), _local(end)
    if _comes_twice(start) or _comes_twice(end) or start.year < FIRST_YEAR or end.year > LAST_YEAR:
        return _utc(start), _utc(end)
    return start, end


def _comes_twice(moment: datetime) -> bool:
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


def _local(moment: datetime) -> datetime:
    zone = moment.tzinfo
    if zone is UTC or (isinstance(zone, ZoneInfo) and zone.key in UTC_NAMES):
        return _utc(moment)
    if not isinstance(zone, ZoneInfo) or zone.key not in known_zones():
        raise CalendarError(f"Not a time in an IANA zone: {moment!r}")
    # By way of UTC, so that a time that the clocks skip becomes the one that they show.
    return _utc(moment).astimezone(zone)


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise CalendarError(f"Not an aware time: {moment!r}")
    return moment.astimezone(UTC).replace(microsecond=0)


def _add_words(component: Event, entry: Entry, language: str) -> None:
    title = one_line(without_addresses(clean(entry.title)))
    if not title:
        raise CalendarError("No title")
    if entry.status == "CANCELLED":
        # Outlook shows no other sign of it.
        if not entry.cancelled_prefix.strip():
            raise CalendarError("A cancelled event needs the prefix that says so")
        title = one_line(f"{entry.cancelled_prefix}{title}")
    elif entry.title_prefix:
        title = one_line(f"{entry.title_prefix}{title}")
    url = absolute(entry.url)
    description = shorten(without_addresses(clean(entry.description)), LONGEST_DESCRIPTION)
    add_text(component, "summary", title, _other(entry.title_language, language))
    foreign = _other(entry.description_language, language) if description else ""
    parts = (description, _timetable(entry), url)
    add_text(component, "description", "\n\n".join(part for part in parts if part), foreign)
    component.add("url", url)
    add_text(component, "contact", one_line(entry.contact))
    categories = dict.fromkeys(one_line(category, longest=60) for category in entry.categories)
    if any(categories):
        component.add("categories", list(filter(None, categories)))


def _timetable(entry: Entry) -> str:
    lines = [one_line(without_addresses(line), longest=LONGEST_LINE) for line in entry.timetable]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = ["…"]
    return "\n".join(lines)


def _other(language: str, feed_language: str) -> str:
    return "" if language.lower() == feed_language.lower() else language


def _add_place(component: Event, entry: Entry) -> None:
    add_text(component, "location", one_line(without_addresses(clean(entry.location)), joined_by=", "))
    if entry.latitude is not None and entry.longitude is not None:
        if not (-90 <= entry.latitude <= 90 and -180 <= entry.longitude <= 180):
            raise CalendarError(f"Not on Earth: {entry.latitude}, {entry.longitude}")
        # Not by the library, which writes small numbers as 1e-07 (RFC 5545 3.8.1.6).
        component.add("geo", vInline(f"{entry.latitude:.6f};{entry.longitude:.6f}"))
    if entry.conference_url:
        # One FEATURE of two values; the library's own class writes it as one value (RFC 7986 5.11).
        parameters = Parameters({"VALUE": "URI", "FEATURE": ["AUDIO", "VIDEO"]})
        if label := one_line(entry.conference_label):
            # A double quote would be written as ^' (RFC 6868), which few readers know.
            parameters["LABEL"] = label.replace('"', "'")
        component.add("conference", absolute(entry.conference_url), parameters=parameters)


def _add_people(component: Event, entry: Entry) -> None:
    """Name who invites and who is invited (RFC 5546 3.2.2): clients show buttons to an ATTENDEE who is asked."""
    if entry.organizer is None or entry.attendee is None:
        return
    component.add("organizer", _mailto(entry.organizer), parameters=_named(entry.organizer))
    asked = {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    component.add("attendee", _mailto(entry.attendee), parameters=_named(entry.attendee, **asked))
    # Nobody reads a proposal of another time.
    component.add("x-microsoft-disallow-counter", "TRUE")


def _mailto(mailbox: Mailbox) -> vCalAddress:
    """Give the bare address, the domain as in the mail's own header, what a URI keeps for itself encoded (RFC 6068)."""
    local, _at, domain = mailbox.address.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise CalendarError("Not the domain of a mailbox") from error
    if not local or not domain or "@" in local or not DOMAIN.fullmatch(domain):
        raise CalendarError("Not the address of a mailbox")
    return vCalAddress(f"mailto:{quote(local, safe=IN_ADDRESSES)}@{domain}")


def _named(mailbox: Mailbox, **parameters: str) -> Parameters:
    # A double quote or a caret would be written with a caret before it (RFC 6868), which few readers know.
    name = one_line(mailbox.name).replace('"', "'").replace("^", "")
    return Parameters({"CN": name, **parameters} if name else parameters)


def _check(body: bytes, meant: Event) -> None:
    """Refuse what a strict reader finds more, less or other in than was put in: a title must not add an attendee."""
    try:
        components = Component.from_ical(body, multiple=True)
    except ValueError as error:
        raise CalendarError(f"Does not read back: {error}") from error
    if len(components) != 1:
        raise CalendarError(f"Reads back as {len(components)} components")
    found = components[0]
    same = found.name == "VEVENT" and not found.subcomponents and not found.errors
    told = [name for name in ("UID", "SUMMARY", *PEOPLE) if name in meant]
    if not same or sorted(found) != sorted(meant) or any(found[name] != meant[name] for name in told):
        raise CalendarError(f"Reads back differently: {found}")
