"""From records to rows: facts with their children, not yet saved."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from events.models import Event, EventSource, Session
from home.models import (
    AssociatedCentre,
    Cite,
    CiteFigure,
    CiteLink,
    CiteName,
    CitePartner,
    CitePole,
    CiteSource,
    LabelStage,
    ModuleSource,
    OpeningException,
    OpeningInterval,
    PartnerKind,
    Pole,
    Project,
    ProjectDeliverable,
    ProjectFigure,
    ProjectGrant,
    ProjectPartner,
    ProjectSource,
    TrainingModule,
)
from portal.demo.reading import LANGUAGES
from practices.models import Practice, PracticeSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.demo.reading import Record

NAMESPACE = uuid.UUID("6f3c1b52-6d3a-5b0e-9a77-0c1de5c1de50")  # of all names below


def stable_uuid(*names: str) -> uuid.UUID:
    """The same for the same names in every database, so that loading again finds what is there."""
    return uuid.uuid5(NAMESPACE, "/".join(names))


def children(record: Record, fact: Any, name: str, rows: Iterable[Any], *exclude: str) -> None:
    """Check rows and hang them on their fact, in this order."""
    found = list(rows)
    for order, row in enumerate(found):
        row.sort_order = order
        record.check(row, fact._meta.model_name, *exclude)
    setattr(fact, name, found)


def by_code(model: Any, code: str) -> Any:
    return model.objects.filter(code=code).first() if code else None


# --- Cités
def cite(record: Record) -> Cite:
    row = Cite(
        uuid=stable_uuid("cite", record.text("slug")),
        slug=record.text("slug"),
        official_name=record.text("official_name", required=True),
        name_language=name_language(record),
        original_language=LANGUAGES[0],
        state=record.text("state", required=True),
        state_read_from=record.text("state_read_from"),
        address=record.text("address"),
        city=record.text("city"),
        country=record.text("country", required=True),
        territory=record.text("territory"),
        latitude=record.decimal("latitude"),
        longitude=record.decimal("longitude"),
        is_exact_position=record.text("coordinates_of") == "door",
        timezone=record.text("timezone", required=True),
        languages=[code for code in record.codes("languages") if code in PORTAL_LANGUAGES],
        other_languages=", ".join(code for code in record.codes("languages") if code not in PORTAL_LANGUAGES),
        year_opened=record.number("year_opened"),
        opened_on=record.date("opened_on"),
        bearer=record.text("bearer"),
        bearer_kind=record.text("bearer_kind"),
        phone=record.text("phone"),
        email=record.text("email"),
        website=record.text("website"),
        appointment=record.text("appointment") or "unknown",
        are_hours_known=record.flag("hours_known"),
        days_not_known=record.codes("days_not_known"),
        hours_note=record.labels("hours_note"),
        access=record.labels("access"),
        live=False,
    )
    record.check(row)
    cite_children(record, row)
    return row


FRIDAY = 5  # ISO 8601
PORTAL_LANGUAGES = {"fr", "en", "it", "es", "pt", "de", "nl", "da", "bg"}
NAME_LANGUAGES = (("Città", "it"), ("Cidade", "pt"), ("Ciudad", "es"), ("Cité", "fr"))


def name_language(record: Record) -> str:
    """The language that the official name is in, as its first word says."""
    name = record.text("official_name")
    found = next((code for start, code in NAME_LANGUAGES if name.startswith(start)), "")
    return record.text("name_language") or found


def cite_children(record: Record, row: Cite) -> None:
    sources = record.rows("sources")
    children(record, row, "names", (local_name(r) for r in record.rows("local_names")))
    children(record, row, "intervals", (interval(r) for r in record.rows("hours")))
    children(record, row, "exceptions", (exception(r) for r in record.rows("hours_exceptions")))
    children(record, row, "poles", (pole(r) for r in record.rows("poles")))
    children(record, row, "stages", (stage(r) for r in record.rows("label_stages")))
    children(record, row, "partners", (partner(r) for r in record.rows("partners")))
    children(record, row, "links", (link(r) for r in record.rows("links")))
    children(record, row, "associated_centres", (centre(r, sources) for r in record.rows("associated_centres")))
    children(record, row, "figures", (figure(CiteFigure, r, sources) for r in record.rows("figures")))
    children(record, row, "sources", (source(CiteSource, r) for r in sources))


def local_name(record: Record) -> CiteName:
    return CiteName(name=record.text("name"), language=record.text("lang"))


def link(record: Record) -> CiteLink:
    return CiteLink(labels=record.labels("labels"), url=record.text("url"))


def interval(record: Record) -> OpeningInterval:
    return OpeningInterval(weekday=record.number("weekday"), opens=record.time("opens"), closes=record.time("closes"))


def exception(record: Record) -> OpeningException:
    return OpeningException(
        first_on=record.date("first_on"),
        last_on=record.date("last_on"),
        opens=record.time("opens"),
        closes=record.time("closes"),
        notes=record.labels("notes"),
    )


def pole(record: Record) -> CitePole:
    return CitePole(labels=record.labels("labels"), network_pole=by_code(Pole, record.text("network")))


def stage(record: Record) -> LabelStage:
    return LabelStage(stage=record.text("stage"), on=record.text("on"), notes=record.labels("note"))


def partner(record: Record) -> CitePartner:
    return CitePartner(
        name=record.text("name"),
        kind=by_code(PartnerKind, record.text("kind")),
        pole=by_code(Pole, record.text("pole")),
        url=record.text("url"),
    )


def centre(record: Record, sources: list[Record]) -> AssociatedCentre:
    return AssociatedCentre(
        name=record.text("name"),
        city=record.text("city"),
        country=record.text("country"),
        latitude=record.decimal("latitude"),
        longitude=record.decimal("longitude"),
        url=record.text("url"),
        **record.source(sources),
    )


def figure(model: Any, record: Record, sources: list[Record]) -> Any:
    return model(
        labels=record.labels("labels"),
        values=record.labels("value"),
        as_of=record.text("as_of"),
        **record.source(sources),
    )


def source(model: Any, record: Record) -> Any:
    return model(title=record.text("title", required=True), url=record.text("url"), as_of=record.text("as_of"))


# --- projects
def project(record: Record, cites: dict[str, Cite]) -> Project:
    row = Project(
        uuid=stable_uuid("project", record.text("slug")),
        slug=record.text("slug"),
        name=record.words()[LANGUAGES[0]].text("title", required=True)[:200],
        original_language=LANGUAGES[0],
        acronym=record.text("acronym"),
        reference=record.text("reference"),
        programme=record.text("programme"),
        starts_on=record.date("starts_on"),
        ends_on=last_day(record),
        precision=precision_of(record.text("starts_on")),
        live=False,
    )
    record.check(row)
    sources = record.rows("sources")
    children(record, row, "grants", (grant(r, sources) for r in record.rows("grants")))
    children(record, row, "partners", (project_partner(r, cites) for r in record.rows("partners")), "cite")
    children(record, row, "deliverables", (deliverable(r, sources) for r in record.rows("deliverables")))
    children(record, row, "figures", (figure(ProjectFigure, r, sources) for r in record.rows("figures")))
    children(record, row, "sources", (source(ProjectSource, r) for r in sources))
    return row


def precision_of(text: str) -> str:
    return ("year", "month", "day")[text.count("-")]


def last_day(record: Record) -> dt.date | None:
    """The end is the last day of the month or year that the file names."""
    first = record.date("ends_on")
    if first is None:
        return None
    following = {
        "year": dt.date(first.year + 1, 1, 1),
        "month": (first.replace(day=1) + dt.timedelta(days=32)).replace(day=1),
        "day": first + dt.timedelta(days=1),
    }
    return following[precision_of(record.text("ends_on"))] - dt.timedelta(days=1)


def grant(record: Record, sources: list[Record]) -> ProjectGrant:
    try:
        amount = Decimal(record.text("amount"))
    except InvalidOperation as error:
        raise record.fail("amount", "is no sum of money") from error
    return ProjectGrant(
        labels=record.labels("labels"),
        amount=amount,
        currency=record.text("currency"),
        notes=record.labels("note"),
        **record.source(sources),
    )


def project_partner(record: Record, cites: dict[str, Cite]) -> ProjectPartner:
    return ProjectPartner(
        name=record.text("name"),
        role=record.text("role"),
        country=record.text("country"),
        cite=named(record, "cite", cites),
        notes=record.labels("note"),
    )


def named(record: Record, field: str, rows: dict[str, Any]) -> Any:
    """The row that a record names by its key, or None."""
    key = record.text(field)
    if not key:
        return None
    if key not in rows:
        raise record.fail(field, f"there is no {field} {key!r}")
    return rows[key]


def deliverable(record: Record, sources: list[Record]) -> ProjectDeliverable:
    return ProjectDeliverable(
        labels=record.labels("labels"),
        descriptions=record.labels("description"),
        url=record.text("url"),
        **record.source(sources),
    )


# --- events
def event(record: Record, cites: dict[str, Cite], projects: dict[str, Project]) -> Event:
    first, last = dates(record)
    row = Event(
        uuid=stable_uuid("event", record.text("key")),
        name=record.text("name", required=True),
        original_language=LANGUAGES[0],
        kind=record.text("kind"),
        state=record.text("state"),
        cite=named(record, "cite", cites),
        project=named(record, "project", projects),
        precision=record.text("precision"),
        starts_on=first,
        ends_on=last,
        start_time=record.time("start_time"),
        end_time=record.time("end_time"),
        timezone=zone(record),
        place_name=record.text("place_name"),
        address=record.text("address"),
        city=record.text("city"),
        country=record.text("country"),
        latitude=record.decimal("latitude"),
        longitude=record.decimal("longitude"),
        is_online=record.flag("online"),
        languages=record.codes("languages"),
        is_demonstration=record.flag("demonstration"),
        live=False,
    )
    record.check(row, "cite", "project")
    children(record, row, "sessions", (session(r, first) for r in record.rows("sessions")))
    children(record, row, "sources", (source(EventSource, r) for r in record.rows("sources")))
    return row


def dates(record: Record) -> tuple[dt.date | None, dt.date | None]:
    """Dates of history as they are; those of the demonstration count from today."""
    ahead = record.number("in_days")
    if ahead is None:
        return record.date("starts_on"), record.date("ends_on")
    first = timezone.localdate() + dt.timedelta(days=ahead)
    length = record.number("days") or 1
    while first.isoweekday() + length - 1 > FRIDAY:  # on working days only
        first += dt.timedelta(days=1)
    return first, first + dt.timedelta(days=length - 1) if length > 1 else None


def zone(record: Record) -> str:
    name = record.text("timezone", required=True)
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise record.fail("timezone", f"there is no zone {name!r}") from error


def session(record: Record, first: dt.date | None) -> Session:
    number = record.number("day") or 1
    if first is None:
        raise record.fail("day", "the event has no date")
    return Session(
        on=first + dt.timedelta(days=number - 1),
        part=record.text("part"),
        opens=record.time("start"),
        closes=record.time("end"),
        labels=record.labels("labels"),
    )


# --- practices
def practice(record: Record, cites: dict[str, Cite], projects: dict[str, Project]) -> Practice:
    row = Practice(
        uuid=stable_uuid("practice", record.text("key")),
        name=record.text("name", required=True),
        original_language=LANGUAGES[0],
        cite=named(record, "cite", cites),
        project=named(record, "project", projects),
        evidence=record.text("evidence") or "idea",
        since=record.text("period_start"),
        until=record.text("period_end"),
        is_demonstration=record.flag("demonstration"),
        live=False,
    )
    record.check(row, "cite", "project", "chapter")
    children(record, row, "sources", (source(PracticeSource, r) for r in record.rows("sources")))
    return row


# --- the training plan
def module(record: Record, projects: dict[str, Project]) -> TrainingModule:
    hours = record.decimal("hours")
    row = TrainingModule(
        uuid=stable_uuid("module", record.text("key")),
        name=record.text("name", required=True),
        number=record.text("number"),
        original_language=LANGUAGES[0],
        project=named(record, "project", projects),
        hours=None if hours is None else Decimal(str(hours)),
        is_demonstration=record.flag("demonstration"),
        live=False,
    )
    record.check(row, "project")
    children(record, row, "sources", (source(ModuleSource, r) for r in record.rows("sources")), "module")
    return row
