"""Loading the real network and its demonstration: first everything is checked, then it is written, once.

What is there already is left alone, whoever changed it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from events.admission import change_admission
from events.models import Event, EventPage
from home.models import (
    Cite,
    CitePage,
    PartnerKind,
    PlainPage,
    Pole,
    Principle,
    Project,
    ProjectPage,
    Skill,
    SkillArea,
    TargetGroup,
    TrainingModule,
    TrainingModulePage,
)
from home.viewsets import cite_pages
from portal.demo import facts
from portal.demo.reading import LANGUAGES, DemoError, Record, read, records, translations
from portal.demo.site import FRAME, Roots, prepare_site
from portal.demo.words import put_page, shape, translate, with_sources
from practices.models import Chapter, Practice, PracticePage

if TYPE_CHECKING:
    from pathlib import Path

VOCABULARIES: dict[str, Any] = {
    "pole": Pole,
    "target_group": TargetGroup,
    "partner_kind": PartnerKind,
    "principle": Principle,
    "chapter": Chapter,
    "skill_area": SkillArea,
    "skill": Skill,
}
# The seven competences that KEEP IN PACT published are the areas of skills too, until the network has its own.
SAME_AS = {"skill_area": "chapter"}
CODES = {  # field of a practice: vocabulary
    "target_groups": "target_group",
    "partner_kinds": "partner_kind",
    "principles": "principle",
    "skills": "skill",
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
    modules: list[Record]
    pages: list[Record]
    sections: list[Record]


def read_demo(folder: Path) -> Demo:
    """Read all data files and check each record against its model.

    Raises DemoError, which names file, record and field.
    """
    main = read(folder / "pages.toml")
    others = translations(folder)
    demo = Demo(
        terms={kind: records(folder / "vocabularies.toml", SAME_AS.get(kind, kind), "code") for kind in VOCABULARIES},
        cites=with_translations(records(folder / "cites.toml", "cite", "slug"), others),
        projects=records(folder / "projects.toml", "project", "slug"),
        events=with_translations(records(folder / "events.toml", "event", "key"), others),
        practices=records(folder / "practices.toml", "practice", "key"),
        modules=records(folder / "modules.toml", "module", "key"),
        pages=with_translations(records(folder / "pages.toml", "page", "key"), others),
        sections=with_translations([Record("pages.toml", name, main.get(name, {})) for name in FRAME], others),
    )
    check_files(demo, others)
    check(demo)
    return demo


def with_translations(rows: list[Record], others: dict[str, dict[str, Record]]) -> list[Record]:
    """The records, each with its words of the further languages."""
    return [
        replace(row, translations={code: words[row.name] for code, words in others.items() if row.name in words})
        for row in rows
    ]


def check(demo: Demo) -> None:
    """Raise DemoError for the first record that a model would not take or that names what is not there."""
    codes = {kind: {record.text("code") for record in rows} for kind, rows in demo.terms.items()}
    check_terms(demo, codes)
    cites = {record.text("slug"): facts.cite(record) for record in demo.cites}
    projects = {record.text("slug"): facts.project(record, cites) for record in demo.projects}
    for record in demo.events:
        facts.event(record, cites, projects)
        check_codes(record, codes)
    for record in demo.practices:
        facts.practice(record, cites, projects)
        check_code(record, "chapter", record.text("chapter", required=True), codes["chapter"])
        check_codes(record, codes)
    check_modules(demo.modules, codes, projects)
    things = (demo.sections, demo.pages, demo.cites, demo.projects, demo.events, demo.practices, demo.modules)
    for record in chain(*things):
        check_words(record)


def check_terms(demo: Demo, codes: dict[str, set[str]]) -> None:
    for kind, record in ((kind, record) for kind, rows in demo.terms.items() for record in rows):
        record.check(make_term(kind, record), "area")
    for record in demo.terms["skill"]:
        check_code(record, "area", record.text("area", required=True), codes["skill_area"])
    for row in (row for record in demo.cites for row in record.rows("poles")):
        check_code(row, "network", row.text("network"), codes["pole"])


def check_modules(modules: list[Record], codes: dict[str, set[str]], projects: dict[str, Project]) -> None:
    """A module requires only what stands above it, so none requires itself."""
    above: set[str] = set()
    for record in modules:
        facts.module(record, projects)
        check_codes(record, codes)
        for key in record.codes("requires"):
            if key not in above:
                raise record.fail("requires", f"there is no {key!r} above")
        above.add(record.text("key"))


def check_codes(record: Record, codes: dict[str, set[str]]) -> None:
    for name, kind in CODES.items():
        for code in record.codes(name):
            check_code(record, name, code, codes[kind])


def check_code(record: Record, name: str, code: str, known: set[str]) -> None:
    if code and code not in known:
        raise record.fail(name, f"there is no {code!r} in the vocabularies")


def check_words(record: Record) -> None:
    original, *others = record.words().values()
    for words in (original, *others):
        if len(words.text("summary")) > MAX_SUMMARY:
            raise words.fail("summary", f"is longer than {MAX_SUMMARY} characters")
        if "official_name" not in record.data:
            words.text("title", required=True)
    for words in others:
        check_translation(words, original)


def check_translation(words: Record, original: Record) -> None:
    """Each segment of the original has one here, so that nothing of it is left in the translated page."""
    for name in words.data.keys() - original.data.keys():
        raise words.fail(name, "the original has no such field")
    for name, value in original.data.items():
        if isinstance(value, list):
            check_shape(words, name, shape(words.codes(name)), shape(original.codes(name)))
        else:
            words.text(name, required=bool(value))


def check_shape(words: Record, name: str, here: list[str], there: list[str]) -> None:
    if there and not here:
        raise words.fail(name, "is missing")
    for number, (own, wanted) in enumerate(zip_longest(here, there, fillvalue="nothing"), start=1):
        if own != wanted:
            raise words.fail(name, f"string {number} is {own}; in the original it is {wanted}")


def check_files(demo: Demo, others: dict[str, dict[str, Record]]) -> None:
    """A further language has words for the frame, for no thing that is not public, and for the Cités of its events."""
    public = [*demo.sections, *demo.pages, *demo.events, *(row for row in demo.cites if row.flag("published"))]
    known = {record.name for record in public}
    for code, words in others.items():
        for name in known - words.keys():
            if name in FRAME:
                raise DemoError(f"{code}.toml: {name}: is missing")
        for name in words.keys() - known:
            raise words[name].fail("words", "there is no such record, or it is not published")
        for event in demo.events:
            check_above(event, words)


def check_above(event: Record, words: dict[str, Record]) -> None:
    cite = event.text("cite")
    if cite and event.name in words and f"cite {cite}" not in words:
        raise words[event.name].fail("cite", f"there are no words about {cite!r}, below which these would lie")


def make_term(kind: str, record: Record) -> Any:
    row = VOCABULARIES[kind](code=record.text("code"), labels=record.labels("labels"))
    if kind == "pole":
        row.hints, row.icon = record.labels("hints"), record.text("icon")
    if kind == "skill":
        row.area = SkillArea.objects.filter(code=record.text("area")).first()
        row.is_demonstration = record.flag("demonstration")
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
    load_sheets(demo, cites, projects, roots)


def load_sheets(demo: Demo, cites: dict[str, Cite], projects: dict[str, Project], roots: Roots) -> None:
    for record in demo.practices:
        load_practice(record, cites, projects, roots)
    for record in demo.modules:
        load_module(record, projects, roots)


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


def put_words(
    record: Record, words: dict[str, Record], model: Any, parents: dict[str, Any], name: str, **extra: Any
) -> None:
    """The original words and, of public ones, their translations; drafts are just drafts in each language."""
    official_name = record.text("official_name")
    first, *others = LANGUAGES
    with transaction.atomic():
        title = words[first].text("title") or official_name
        page = put_page(parents[first], model, name, title, words[first], **extra)
    if page.live:
        translate(page, name, words, official_name)
        return
    for code in others:
        with transaction.atomic():
            put_page(parents[code], model, name, words[code].text("title") or official_name, words[code], **extra)


def load_cite(record: Record, roots: Roots) -> Cite:
    is_public = record.flag("published")
    with transaction.atomic():
        row = facts.cite(record)
        found = Cite.objects.filter(uuid=row.uuid).first()
        cite = found or save_fact(row, is_public=is_public)
    parents = {code: sections["network"] for code, sections in roots.items()}
    put_words(record, record.words(), CitePage, parents, f"cite/{record.text('slug')}", cite=cite, is_public=is_public)
    return cite


def load_project(record: Record, cites: dict[str, Cite], roots: Roots) -> Project:
    with transaction.atomic():
        row = facts.project(record, cites)
        project = Project.objects.filter(uuid=row.uuid).first() or save_fact(row)
    parents = {code: sections["projects"] for code, sections in roots.items()}
    put_words(record, record.words(), ProjectPage, parents, f"project/{record.text('slug')}", project=project)
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
            set_codes(record, row)
            event = save_fact(row)
            load_admission(record, event)
    parents = parents_of(event.cite, "agenda", roots)
    put_words(record, record.words(), EventPage, parents, f"event/{record.text('key')}", event=event)


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
            set_codes(record, row)
            practice = save_fact(row)
    parents = parents_of(practice.cite, "vademecum", roots)
    put_words(record, record.words(), PracticePage, parents, f"practice/{record.text('key')}", practice=practice)


def set_codes(record: Record, row: Any) -> None:
    """Hang the terms that the record names on a fact that has such a field."""
    for name, kind in CODES.items():
        if record.codes(name):
            setattr(row, name, list(VOCABULARIES[kind].objects.filter(code__in=record.codes(name))))


def load_module(record: Record, projects: dict[str, Project], roots: Roots) -> None:
    with transaction.atomic():
        row = facts.module(record, projects)
        module = TrainingModule.objects.filter(uuid=row.uuid).first()
        if module is None:
            row.sort_order = TrainingModule.objects.count()
            set_codes(record, row)
            before = [facts.stable_uuid("module", key) for key in record.codes("requires")]
            row.requires = list(TrainingModule.objects.filter(uuid__in=before))
            module = save_fact(row)
    parents = {code: sections["skills"] for code, sections in roots.items()}
    put_words(record, record.words(), TrainingModulePage, parents, f"module/{record.text('key')}", module=module)


def load_plain_page(record: Record, roots: Roots) -> None:
    parents = {code: sections["home"] for code, sections in roots.items()}
    put_words(record, with_sources(record), PlainPage, parents, f"page/{record.text('key')}", show_in_menus=True)


__all__ = ["DemoError", "load", "read_demo"]
