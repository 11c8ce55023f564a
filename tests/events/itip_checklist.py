"""The checklist's part H, invitation mails, on the octets that a mail server received; own implementation.

`problems(raw)` is empty for a mail that every client reads; each problem begins with the number of its check.
"""

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import getaddresses
from urllib.parse import unquote

from tests.events.ical_events import event_problems, uid_problems
from tests.events.ical_lines import Component, Property, octet_problems, parse
from tests.events.ical_zones import zone_problems

STATUS = {"REQUEST": {"CONFIRMED", "TENTATIVE"}, "CANCEL": {"CANCELLED"}}
OF_MESSAGES = {"ORGANIZER", "ATTENDEE", "X-MICROSOFT-DISALLOW-COUNTER"}
ASKED = {"CUTYPE": ["INDIVIDUAL"], "ROLE": ["REQ-PARTICIPANT"], "PARTSTAT": ["NEEDS-ACTION"], "RSVP": ["TRUE"]}
MAILTO = re.compile(r"mailto:[^\s<>@:,;\"]+@[A-Za-z0-9.-]+")


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def calendar_parts(mail: EmailMessage) -> list[EmailMessage]:
    return [part for part in mail.walk() if part.get_content_type() in {"text/calendar", "application/ics"}]


def calendar_of(raw: bytes) -> Component:
    """The VCALENDAR of a mail that has one."""
    [part] = calendar_parts(read(raw))
    [calendar], _problems = parse(part.get_payload(decode=True))
    return calendar


def problems(raw: bytes, *, before: bytes | None = None) -> list[str]:
    """Tell what is wrong with a mail that carries an invitation; `before` is an older one about the same seat."""
    mail = read(raw)
    if len(calendar_parts(mail)) != 1:
        return [f"H07 {len(calendar_parts(mail))} calendar parts"]
    [part] = calendar_parts(mail)
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    components, found = parse(data)
    if [component.name for component in components] != ["VCALENDAR"]:
        return [*found, "B01 not one VCALENDAR"]
    [calendar] = components
    if len(calendar.named("VEVENT")) != 1:
        return [*found, "H02 not one VEVENT"]
    return [
        *octet_problems(data),
        *found,
        *_mime_problems(mail, part),
        *_calendar_problems(calendar, part),
        *zone_problems(calendar),
        *_event_problems(calendar.named("VEVENT")[0], calendar.value("METHOD"), mail),
        *(_order_problems(calendar, calendar_of(before)) if before else ()),
    ]


def _mime_problems(mail: EmailMessage, part: EmailMessage) -> Iterator[str]:
    kinds = [leaf.get_content_type() for leaf in mail.walk()]
    if kinds != ["multipart/alternative", "text/plain", "text/html", "text/calendar"]:
        yield f"H07 {kinds}"
    if part.get_content_charset() != "utf-8" or str(part["Content-Type"]).lower().count("charset") != 1:
        yield f"H07 {part['Content-Type']}"
    if part["Content-Transfer-Encoding"] not in {"base64", "quoted-printable"}:
        yield f"H07 {part['Content-Transfer-Encoding']}"
    yield from (f"H07 {name}" for name in ("Content-Disposition", "Content-ID") if part[name] is not None)
    if mail["Auto-Submitted"] != "auto-generated":
        yield f"H10 Auto-Submitted: {mail['Auto-Submitted']}"
    yield from (f"H07 a line of {len(line)} octets" for line in mail.as_bytes().splitlines() if len(line) > 998)


def _calendar_problems(calendar: Component, part: EmailMessage) -> Iterator[str]:
    names = [found.name for found in calendar.properties]
    if names != ["VERSION", "PRODID", "CALSCALE", "METHOD"]:
        yield f"B02 to B14 {names}"
    if part.get_param("method") != calendar.value("METHOD") or calendar.value("METHOD") not in STATUS:
        yield f"H01 {part.get_param('method')} is not {calendar.value('METHOD')}"
    yield from (f"B11 {child.name}" for child in calendar.children if child.name not in {"VEVENT", "VTIMEZONE"})


def _event_problems(event: Component, method: str, mail: EmailMessage) -> Iterator[str]:
    yield from (f"H02 {problem}" for problem in uid_problems([event]))
    of_feeds = [found for found in event.properties if found.name not in OF_MESSAGES]
    # When the message was made, and when the entry was changed before that, are two things (RFC 5545 3.8.7.2).
    made_at = datetime.strptime(event.value("DTSTAMP"), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    told = event_problems(Component("VEVENT", of_feeds, event.children), made_at)
    yield from (problem for problem in told if not problem.startswith("C02 DTSTAMP is not"))
    if event.value("STATUS") not in STATUS.get(method, ()):
        yield f"H05 {method} of what is {event.value('STATUS')}"
    if event.value("X-MICROSOFT-DISALLOW-COUNTER") != "TRUE":
        yield "H04 asks for proposals"
    yield from _people_problems(event, mail)


def _people_problems(event: Component, mail: EmailMessage) -> Iterator[str]:
    organizers, attendees = event.all("ORGANIZER"), event.all("ATTENDEE")
    if len(organizers) != 1 or len(attendees) != 1:
        yield f"H03 or H04 {len(organizers)} organizers, {len(attendees)} attendees"
        return
    [organizer], [attendee] = organizers, attendees
    yield from _mailbox_problems("H03", organizer, addresses(mail, "From"), {})
    yield from _mailbox_problems("H04", attendee, addresses(mail, "To"), ASKED)
    if address_of(organizer) == address_of(attendee):
        yield "H08 somebody invites himself"


def _mailbox_problems(
    check: str, found: Property, header: list[str], parameters: dict[str, list[str]]
) -> Iterator[str]:
    if not MAILTO.fullmatch(found.value):
        yield f"{check} or C19 {found.name}:{found.value}"
    if header != [address_of(found)]:
        yield f"H08 {found.name} is not {header}"
    if {name: value for name, value in found.parameters.items() if name != "CN"} != parameters:
        yield f"{check} {found.parameters}"
    if "^" in "".join(found.parameters.get("CN", [])):
        yield f"C15 few read {found.parameters['CN']}"


def addresses(mail: EmailMessage, header: str) -> list[str]:
    return [address.lower() for _name, address in getaddresses([str(mail[header])])]


def address_of(found: Property) -> str:
    return unquote(found.value.removeprefix("mailto:")).lower()


def _order_problems(calendar: Component, before: Component) -> Iterator[str]:
    [event], [older] = calendar.named("VEVENT"), before.named("VEVENT")
    if event.value("UID") != older.value("UID"):
        yield "C01 another UID than before"
    rises = int(event.value("SEQUENCE")) - int(older.value("SEQUENCE"))
    if rises < 0 or (calendar.value("METHOD") != before.value("METHOD") and rises == 0):
        yield f"H05 SEQUENCE {older.value('SEQUENCE')}, then {event.value('SEQUENCE')}"
    moved = any(event.value(name) != older.value(name) for name in ("DTSTART", "DTEND", "STATUS"))
    if moved and rises == 0:
        yield "E04 another time or status without another SEQUENCE"
