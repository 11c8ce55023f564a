"""Loading the real network and its demonstration: first everything is checked, then it is written, once.

What is there already is left alone, whoever changed it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from events.admission import change_admission
from events.models import Event, EventPage
from home.models import Cite, CitePage, PartnerKind, PlainPage, Pole, Principle, Project, ProjectPage, TargetGroup
from home.viewsets import cite_pages
from portal.demo import facts
from portal.demo.reading import LANGUAGES, DemoError, Record, read, records
from portal.demo.site import SECTIONS, Roots, prepare_site
from portal.demo.words import put_page, translate, with_sources
from practices.models import Chapter, Practice, PracticePage

if TYPE_CHECKING:
    from pathlib import Path

VOCABULARIES: dict[str, Any] = {
    "pole": Pole,
    "target_group": TargetGroup,
    "partner_kind": PartnerKind,
    "principle": Principle,
    "chapter": Chapter,
}
CODES = {  # field of a practice: vocabulary
    "target_groups": "target_group",
    "partner_kinds": "partner_kind",
    "principles": "principle",
}
MAX_SUMMARY = 300


@dataclass(frozen=True, slots=True)
class Demo:
    """Everything that the data files say, read and checked; nothing is written yet."""

    terms: dict[str, list[Record]]
    cites: list[Record]
    projects: list[Record]
    events: list[Record]
    practices: list[Record]
    pages: list[Record]
    sections: dict[str, dict[str, Record]]


def read_demo(folder: Path) -> Demo:
    """Read all data files and check each record against its model.

    Raises DemoError, which names file, record and field.
    """
    main = read(folder / "pages.toml")
    demo = Demo(
        terms={kind: records(folder / "vocabularies.toml", kind, "code") for kind in VOCABULARIES},
        cites=records(folder / "cites.toml", "cite", "slug"),
        projects=records(folder / "projects.toml", "project", "slug"),
        events=records(folder / "events.toml", "event", "key"),
        practices=records(folder / "practices.toml", "practice", "key"),
        pages=records(folder / "pages.toml", "page", "key"),
        sections={name: Record("pages.toml", name, main.get(name, {})).words() for name in ("home", *SECTIONS)},
    )
    check(demo)
    return demo


def check(demo: Demo) -> None:
    """Raise DemoError for the first record that a model would not take or that names what is not there."""
    for kind, record in ((kind, record) for kind, rows in demo.terms.items() for record in rows):
        record.check(make_term(kind, record))
    codes = {kind: {record.text("code") for record in rows} for kind, rows in demo.terms.items()}
    for row in (row for record in demo.cites for row in record.rows("poles")):
        check_code(row, "network", row.text("network"), codes["pole"])
    cites = {record.text("slug"): facts.cite(record) for record in demo.cites}
    projects = {record.text("slug"): facts.project(record, cites) for record in demo.projects}
    for record in demo.events:
        facts.event(record, cites, projects)
    for record in demo.practices:
        facts.practice(record, cites, projects)
        check_practice(record, codes)
    for record in [*demo.cites, *demo.projects, *demo.events, *demo.practices, *demo.pages]:
        check_words(record)


def check_practice(record: Record, codes: dict[str, set[str]]) -> None:
    check_code(record, "chapter", record.text("chapter", required=True), codes["chapter"])
    for name, kind in CODES.items():
        for code in record.codes(name):
            check_code(record, name, code, codes[kind])


def check_code(record: Record, name: str, code: str, known: set[str]) -> None:
    if code and code not in known:
        raise record.fail(name, f"there is no {code!r} in the vocabularies")


def check_words(record: Record) -> None:
    for words in record.words().values():
        if len(words.text("summary")) > MAX_SUMMARY:
            raise words.fail("summary", f"is longer than {MAX_SUMMARY} characters")
        words.codes("body")
        if "official_name" not in record.data:
            words.text("title", required=True)


def make_term(kind: str, record: Record) -> Any:
    row = VOCABULARIES[kind](code=record.text("code"), labels=record.labels("labels"))
    if kind == "pole":
        row.hints, row.icon = record.labels("hints"), record.text("icon")
    return row


def load(demo: Demo) -> None:
    """Write what is not there yet; each thing in a transaction of its own."""
    with transaction.atomic():
        for kind, rows in demo.terms.items():
            load_terms(kind, rows)
        roots = prepare_site(demo.sections)
    for record in demo.pages:
        load_plain_page(record, roots)
    cites = {record.text("slug"): load_cite(record, roots) for record in demo.cites}
    projects = {record.text("slug"): load_project(record, cites, roots) for record in demo.projects}
    for record in demo.events:
        load_event(record, cites, projects, roots)
    for record in demo.practices:
        load_practice(record, cites, projects, roots)


def load_terms(kind: str, rows: list[Record]) -> None:
    model = VOCABULARIES[kind]
    for order, record in enumerate(rows):
        if not model.objects.filter(code=record.text("code")).exists():
            row = make_term(kind, record)
            row.sort_order = order
            row.save()


def save_fact(fact: Any, *, is_public: bool = True) -> Any:
    """Store a fact with its children as an editor would: a draft, then published."""
    fact.save()
    revision = fact.save_revision(log_action=False, clean=False)
    if is_public:
        revision.publish(log_action=False, skip_permission_checks=True)
    return type(fact).objects.get(pk=fact.pk)


def put_words(record: Record, model: Any, parents: dict[str, Any], name: str, **extra: Any) -> None:
    """The original words and, of public ones, their translation; drafts are just drafts in each language."""
    words = record.words()
    first, *others = LANGUAGES
    titles = {code: words[code].text("title") or record.text("official_name") for code in words}
    with transaction.atomic():
        page = put_page(parents[first], model, name, titles[first], words[first], **extra)
    for code in others:
        with transaction.atomic():
            if page.live:
                translate(page, parents[code].locale, name, titles[code], words[code])
            else:
                put_page(parents[code], model, name, titles[code], words[code], **extra)


def load_cite(record: Record, roots: Roots) -> Cite:
    is_public = record.flag("published")
    with transaction.atomic():
        row = facts.cite(record)
        found = Cite.objects.filter(uuid=row.uuid).first()
        cite = found or save_fact(row, is_public=is_public)
    parents = {code: sections["network"] for code, sections in roots.items()}
    put_words(record, CitePage, parents, f"cite/{record.text('slug')}", cite=cite, is_public=is_public)
    return cite


def load_project(record: Record, cites: dict[str, Cite], roots: Roots) -> Project:
    with transaction.atomic():
        row = facts.project(record, cites)
        project = Project.objects.filter(uuid=row.uuid).first() or save_fact(row)
    parents = {code: sections["projects"] for code, sections in roots.items()}
    put_words(record, ProjectPage, parents, f"project/{record.text('slug')}", project=project)
    return project


def parents_of(cite: Cite | None, section: str, roots: Roots) -> dict[str, Any]:
    """Words lie below their Cité's page; those of the network below the section."""
    if cite is None:
        return {code: sections[section] for code, sections in roots.items()}
    return {page.language: page for page in cite_pages(cite)}


def load_event(record: Record, cites: dict[str, Cite], projects: dict[str, Project], roots: Roots) -> None:
    with transaction.atomic():
        row = facts.event(record, cites, projects)
        event = Event.objects.filter(uuid=row.uuid).first()
        if event is None:
            event = save_fact(row)
            load_admission(record, event)
    parents = parents_of(event.cite, "agenda", roots)
    put_words(record, EventPage, parents, f"event/{record.text('key')}", event=event)


def load_admission(record: Record, event: Event) -> None:
    table = record.table("admission")
    if table is None:
        return
    change_admission(
        event.pk,
        seats_on_site=table.number("seats_on_site") or 0,
        seats_online=table.number("seats_online") or 0,
        opens_at=days_from_now(table.number("opens_in_days")),
        closes_at=days_from_now(table.number("closes_in_days")),
    )


def days_from_now(days: int | None) -> dt.datetime | None:
    if days is None:
        return None
    return timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=days)


def load_practice(record: Record, cites: dict[str, Cite], projects: dict[str, Project], roots: Roots) -> None:
    with transaction.atomic():
        row = facts.practice(record, cites, projects)
        practice = Practice.objects.filter(uuid=row.uuid).first()
        if practice is None:
            row.chapter = Chapter.objects.get(code=record.text("chapter"))
            for name, kind in CODES.items():
                setattr(row, name, list(VOCABULARIES[kind].objects.filter(code__in=record.codes(name))))
            practice = save_fact(row)
    parents = parents_of(practice.cite, "vademecum", roots)
    put_words(record, PracticePage, parents, f"practice/{record.text('key')}", practice=practice)


def load_plain_page(record: Record, roots: Roots) -> None:
    parents = {code: sections["home"] for code, sections in roots.items()}
    put_words(with_sources(record), PlainPage, parents, f"page/{record.text('key')}", show_in_menus=True)


__all__ = ["DemoError", "load", "read_demo"]
