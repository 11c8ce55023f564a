"""What one VEVENT may say: part C of the checklist, and the times of part D."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import chain
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from tests.events.ical_lines import Component, Property

ONCE = {
    "UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION",
    "GEO", "URL", "STATUS", "TRANSP", "CLASS", "PRIORITY",
}  # fmt: skip
REQUIRED = ONCE - {"DESCRIPTION", "LOCATION", "GEO", "URL", "CLASS", "PRIORITY"}
MANY = {"CATEGORIES", "CONTACT", "CONFERENCE", "IMAGE", "ATTACH"}
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "CONTACT", "NAME", "X-WR-CALNAME", "X-WR-CALDESC"}
VALUES = {
    "SUMMARY": r".*\S.*",
    "STATUS": r"CONFIRMED|TENTATIVE|CANCELLED",
    "TRANSP": r"OPAQUE|TRANSPARENT",
    "CLASS": r"PUBLIC",
    "PRIORITY": r"\d",
    "SEQUENCE": r"\d{1,9}",
    "DTSTAMP": r"\d{8}T\d{6}Z",
    "CREATED": r"\d{8}T\d{6}Z",
    "LAST-MODIFIED": r"\d{8}T\d{6}Z",
    **dict.fromkeys(("URL", "ATTACH", "IMAGE", "CONFERENCE"), r"https?://[\x21-\x7e]+"),
}
UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*(?:[,;]|\\(?![\\,;nN]))")
HTML = re.compile(r"</?[A-Za-z!][^<>]*>|&(?:[A-Za-z]+|#\w+);")
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def uid_problems(events: list[Component]) -> Iterator[str]:
    uids = Counter(event.value("UID") for event in events)
    yield from (f"C01 UID {uid} twice" for uid, count in uids.items() if count > 1)
    for uid in uids:
        try:
            UUID(uid)
        except ValueError:
            yield f"C01 UID {uid!r} is no UUID"


def event_problems(event: Component, now: datetime) -> Iterator[str]:
    uid = event.value("UID")
    names = Counter(found.name for found in event.properties)
    found = [
        *(f"C02 to C10 {name} is missing" for name in sorted(REQUIRED - set(names))),
        *(f"C16 {name} twice" for name in ONCE if names[name] > 1),
        *(f"C17 or G02 or G06 {name}" for name in sorted(set(names) - ONCE - MANY)),
        *(f"B11 or C20 {child.name} in an event" for child in event.children),
        *chain.from_iterable(_value_problems(found) for found in event.properties),
    ]
    if not REQUIRED - set(names):
        found += [*_stamp_problems(event, now), *_time_problems(event), *_status_problems(event)]
    yield from (f"{problem} ({uid})" for problem in found)


def _value_problems(found: Property) -> Iterator[str]:
    if not re.fullmatch(VALUES.get(found.name, ".*"), found.value):
        yield f"C02 to C12 {found.name}:{found.value}"
    if found.name == "GEO" and not _is_on_earth(found.value):
        yield f"C11 GEO:{found.value}"
    if found.name in {"IMAGE", "CONFERENCE"} and found.parameters.get("VALUE") != ["URI"]:
        yield f"C12 {found.name} without VALUE=URI"
    if found.name in TEXTS:
        yield from _text_problems(found)
    tags, features = (found.parameters.get(name, []) for name in ("LANGUAGE", "FEATURE"))
    yield from (f"C15 LANGUAGE={tag} of {found.name}" for tag in tags if not LANGUAGE_TAG.fullmatch(tag))
    yield from (f"C15 FEATURE={feature} is not a list" for feature in features if "," in feature)


def _text_problems(found: Property) -> Iterator[str]:
    if UNESCAPED.search(found.value):
        yield f"C13 not escaped: {found.name}"
    if re.search(r"\\[nN]", found.text):
        yield f"C13 escaped twice: {found.name}"
    if HTML.search(found.text):
        yield f"C14 HTML in {found.name}"


def _is_on_earth(value: str) -> bool:
    if not re.fullmatch(r"-?\d{1,2}(\.\d+)?;-?\d{1,3}(\.\d+)?", value):
        return False
    latitude, longitude = map(float, value.split(";"))
    return abs(latitude) <= 90 and abs(longitude) <= 180


def _stamp_problems(event: Component, now: datetime) -> Iterator[str]:
    if event.value("DTSTAMP") != event.value("LAST-MODIFIED"):
        yield "C02 DTSTAMP is not LAST-MODIFIED"
    if not event.value("CREATED") <= event.value("LAST-MODIFIED") <= f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}":
        yield "C03 not CREATED, LAST-MODIFIED, now"


def _status_problems(event: Component) -> Iterator[str]:
    if event.value("STATUS") != "CANCELLED":
        return
    if event.value("TRANSP") != "TRANSPARENT":
        yield "C21 cancelled, but keeps people busy"
    if not re.match(r"[^:]{3,20}: ?\S", event.value("SUMMARY")):
        yield "C21 cancelled, but the title does not say so"


def _time_problems(event: Component) -> Iterator[str]:
    try:
        start, end = (_moment(event.all(name)[0]) for name in ("DTSTART", "DTEND"))
    except ValueError as error:
        yield str(error)
        return
    if isinstance(start, datetime) != isinstance(end, datetime):
        yield "C06 DTSTART and DTEND are of two types"
    elif end <= start:
        yield "C06 DTEND is not after DTSTART"


def _moment(found: Property) -> date | datetime:
    """Read a DATE or a DATE-TIME, or say which of C18, D01, D02, D03 and D07 forbids it."""
    zones = found.parameters.get("TZID")
    if "T" not in found.value:
        if found.parameters != {"VALUE": ["DATE"]}:
            raise ValueError(f"D01 {found.name} is a date, but not of VALUE=DATE alone")
        return _existing(found.value, "%Y%m%d").date()
    local = _existing(found.value.removesuffix("Z"), "%Y%m%dT%H%M%S")
    if bool(zones) == found.value.endswith("Z"):
        raise ValueError(f"D01 or D02 {found.name} is floating, or has UTC and a zone")
    return _in_zone(local, zones[0]) if zones else local.replace(tzinfo=UTC)


def _in_zone(local: datetime, zone: str) -> datetime:
    if zone not in available_timezones():
        raise ValueError(f"D03 no such zone: {zone}")
    moment = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local:
        raise ValueError(f"D07 the clock skips {local}")
    return moment


def _existing(value: str, form: str) -> datetime:
    try:
        return datetime.strptime(value, form)  # noqa: DTZ007 - the zone is told by a parameter
    except ValueError as error:
        raise ValueError(f"C18 no such date: {value}") from error
