"""The simplest valid rows, with no surprise."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from wagtail.models import Locale, Page, Site

from events.admission import change_admission
from events.models import AgendaPage, Event, EventPage
from events.registration import Applicant, confirm, register
from home.models import (
    Cite,
    CitePage,
    HomePage,
    NetworkPage,
    Project,
    ProjectPage,
    ProjectsPage,
    Skill,
    SkillArea,
    TrainingModule,
    TrainingModulePage,
)
from home.models.team import ensure_team
from portal.demo.site import ensure_coordinators
from practices.models import Chapter, Practice, PracticePage, VademecumPage

if TYPE_CHECKING:
    from events.models import Registration

SECTIONS = {"network": NetworkPage, "agenda": AgendaPage, "vademecum": VademecumPage, "projects": ProjectsPage}


def locale(code: str) -> Locale:
    return Locale.objects.get_or_create(language_code=code)[0]


def make_page(parent: Any, model: Any, title: str, *, live: bool = True, **fields: Any) -> Any:
    page = model(title=title, locale=fields.pop("locale", parent.locale), live=False, **fields)
    parent.add_child(instance=page)
    revision = page.save_revision()
    if live:
        revision.publish()
    return model.objects.get(pk=page.pk)


def make_section(parent: Any, model: Any, title: str, **fields: Any) -> Any:
    """A public page as its row alone, without the revision that nothing asks for: most tests begin with ten."""
    now = timezone.now()
    public = {"live": True, "first_published_at": now, "last_published_at": now}
    return parent.add_child(instance=model(title=title, **{"locale": parent.locale, **public, **fields}))


def make_tree(*codes: str) -> dict[str, dict[str, Any]]:
    """Home page and sections for each language; the first one's home is the site's root."""
    trees: dict[str, dict[str, Any]] = {}
    key = None
    for code in codes or ("fr",):
        root = Page.get_first_root_node()
        keys = {"translation_key": key} if key else {}
        home = make_section(root, HomePage, f"Home {code}", locale=locale(code), slug=f"home-{code}", **keys)
        key = home.translation_key
        trees[code] = {"home": home}
        for name, model in SECTIONS.items():
            first = next(iter(trees.values()))
            same = (
                {"translation_key": first[name].translation_key}
                if name in first and code in trees and first is not trees[code]
                else {}
            )
            trees[code][name] = make_section(home, model, f"{name} {code}", show_in_menus=True, **same)
    site = Site.objects.get(is_default_site=True)
    site.root_page = next(iter(trees.values()))["home"]
    site.save()
    return trees


def make_cite(slug: str = "porto", *, live: bool = True, **fields: Any) -> Cite:
    defaults: dict[str, Any] = {
        "official_name": f"Cité {slug}",
        "name_language": "fr",
        "country": "PT",
        "city": slug.title(),
        "timezone": "Europe/Lisbon",
        "languages": ["pt", "fr"],
    }
    cite = Cite(slug=slug, live=False, **{**defaults, **fields})
    return publish(cite) if live else draft(cite)


def make_project(slug: str = "cocade", *, live: bool = True, **fields: Any) -> Project:
    project = Project(slug=slug, live=False, **{"name": slug, "acronym": slug.upper(), **fields})
    return publish(project) if live else draft(project)


def make_event(name: str = "Rencontre", *, in_days: int = 30, live: bool = True, **fields: Any) -> Event:
    """An event of one day, 9:00 to 17:00 in Paris, confirmed."""
    defaults: dict[str, Any] = {
        "kind": "training",
        "state": "confirmed",
        "precision": "time",
        "starts_on": timezone.localdate() + dt.timedelta(days=in_days),
        "start_time": dt.time(9),
        "end_time": dt.time(17),
        "timezone": "Europe/Paris",
        "city": "Paris",
        "country": "FR",
        "original_language": "fr",
    }
    event = Event(name=name, live=False, **{**defaults, **fields})
    return publish(event) if live else draft(event)


def make_practice(name: str = "Pratique", *, live: bool = True, **fields: Any) -> Practice:
    if "chapter" not in fields:
        fields["chapter"] = Chapter.objects.get_or_create(
            code="coordination", defaults={"labels": {"fr": "Coordonner"}}
        )[0]
    practice = Practice(name=name, live=False, **fields)
    return publish(practice) if live else draft(practice)


def make_skill(code: str = "listen", *, area: str = "people", **fields: Any) -> Skill:
    found, _is_new = SkillArea.objects.get_or_create(code=area, defaults={"labels": {"fr": area.title()}})
    return Skill.objects.create(code=code, area=found, **{"labels": {"fr": code.title()}, **fields})


def make_module(name: str = "Module", *, live: bool = True, **fields: Any) -> TrainingModule:
    module = TrainingModule(name=name, live=False, **fields)
    return publish(module) if live else draft(module)


def module_page(parent: Any, module: TrainingModule, title: str = "", **fields: Any) -> TrainingModulePage:
    return make_page(parent, TrainingModulePage, title or module.name, module=module, **fields)


def draft(fact: Any) -> Any:
    fact.save()
    fact.save_revision()
    return type(fact).objects.get(pk=fact.pk)


def publish(fact: Any) -> Any:
    fact.save()
    fact.save_revision().publish()
    return type(fact).objects.get(pk=fact.pk)


def cite_page(parent: Any, cite: Cite, title: str = "", **fields: Any) -> CitePage:
    return make_page(parent, CitePage, title or str(cite), cite=cite, **fields)


def event_page(parent: Any, event: Event, title: str = "", **fields: Any) -> EventPage:
    return make_page(parent, EventPage, title or str(event), event=event, **fields)


def practice_page(parent: Any, practice: Practice, title: str = "", **fields: Any) -> PracticePage:
    return make_page(parent, PracticePage, title or str(practice), practice=practice, **fields)


def project_page(parent: Any, project: Project, title: str = "", **fields: Any) -> ProjectPage:
    return make_page(parent, ProjectPage, title or str(project), project=project, **fields)


def admit(event: Event, seats_on_site: int = 10, seats_online: int = 0, **window: Any) -> Any:
    """Open registration; window and rules are as given, else open until 24 hours before the start."""
    window = {"opens_at": None, "closes_at": None, **window}
    return change_admission(event.pk, seats_on_site=seats_on_site, seats_online=seats_online, **window)


def applicant(email: str = "maria@example.org", **fields: Any) -> Applicant:
    return Applicant(**{"name": "Maria", "email": email, "country": "PT", "language": "fr", **fields})


def come(event: Event, email: str = "maria@example.org", **fields: Any) -> Registration:
    """Register and confirm the address: to a seat, or onto the waiting list."""
    row = register(event.pk, applicant(email, **fields))
    assert row is not None
    return confirm(row.pk)


def make_user(name: str = "editor", *, cite: Cite | None = None, is_coordinator: bool = False) -> Any:
    """An editor of a Cité, a coordinator, or somebody without any right."""
    user = get_user_model().objects.create_user(name, f"{name}@example.org", "password")
    if cite is not None:
        user.groups.add(ensure_team(cite).group)
    if is_coordinator:
        user.groups.add(ensure_coordinators())
    return user


def stored(row: Registration | Any) -> Any:
    """The row as the database has it now."""
    return type(row).objects.get(pk=row.pk)
