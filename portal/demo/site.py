"""The frame of the demonstration: languages, home pages, sections, groups and accounts."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from wagtail.models import (
    Locale,
    Page,
    Site,
    WorkflowPage,
)
from wagtail.users.models import UserProfile

from events.models import AgendaPage
from home.groups import ensure_coordinators
from home.models import Cite, HomePage, NetworkPage, ProjectsPage, SkillsPage
from home.models.team import ensure_team
from portal.demo.reading import LANGUAGES
from portal.demo.words import put_page, translate
from practices.groups import ensure_reviewers
from practices.models import VademecumPage

if TYPE_CHECKING:
    from pathlib import Path

    from portal.demo.reading import Record

Roots = dict[str, dict[str, Any]]  # language → name of the section → page
SECTIONS: dict[str, Any] = {
    "network": NetworkPage,
    "vademecum": VademecumPage,
    "agenda": AgendaPage,
    "projects": ProjectsPage,
    "skills": SkillsPage,
}
FRAME = ("home", *SECTIONS)
EDITORS = {"porto": "pt", "torino": "it", "bruxelles": "fr"}  # Cités with an account, and its language


def prepare_site(sections: list[Record]) -> Roots:
    """Home page and sections in every language that has words for them; Wagtail's welcome page goes."""
    words = {record.name: record.words() for record in sections}
    first = LANGUAGES[0]
    for code in words["home"]:
        Locale.objects.get_or_create(language_code=code)
    root = Page.get_first_root_node()
    root.locale = Locale.objects.get(language_code=first)
    Page.objects.filter(depth=2, title__startswith="Welcome to your new Wagtail").delete()
    WorkflowPage.objects.filter(page=root).delete()  # Cités publish themselves; moderation is chosen
    root.refresh_from_db(fields=["path", "numchild"])
    home = put_section(root, "home", HomePage, words["home"])
    set_site(home[first])
    roots = {code: {"home": page} for code, page in home.items()}
    for name, model in SECTIONS.items():
        pages = put_section(home[first], f"section/{name}", model, words[name], show_in_menus=True)
        for code, page in pages.items():
            roots[code][name] = page
    return roots


def put_section(parent: Any, name: str, model: Any, words: dict[str, Record], **extra: Any) -> dict[str, Any]:
    """The original and its translations, by language."""
    first = LANGUAGES[0]
    with transaction.atomic():
        original = put_page(parent, model, name, words[first].text("title"), words[first], **extra)
    return translate(original, name, words)


def set_site(home: Any) -> None:
    """The default site is where SITE_URL says."""
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    site.hostname, site.port = settings.SITE_HOST, settings.SITE_PORT
    site.root_page, site.site_name = home, settings.WAGTAIL_SITE_NAME
    site.save()


def ensure_accounts(file: Path) -> list[str]:
    """A coordinator, a reviewer and an editor for three Cités; passwords of new accounts go to a file, once."""
    wanted = [("coordinator", ensure_coordinators(), "fr"), ("reviewer", ensure_reviewers(), "en")]
    for slug, language in EDITORS.items():
        cite = Cite.objects.filter(slug=slug).first()
        if cite is not None:
            wanted.append((slug, ensure_team(cite).group, language))
    lines = [line for name, group, language in wanted if (line := ensure_account(name, group, language))]
    if lines:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as output:
            output.write("".join(f"{line}\n" for line in lines))
        file.chmod(0o600)
    return lines


def ensure_account(name: str, group: Group, language: str) -> str:
    """Return "name  password" for an account that was made now, or nothing."""
    model = get_user_model()
    if model.objects.filter(username=name).exists():
        return ""
    password = secrets.token_urlsafe(12)
    user = model.objects.create_user(name, f"{name}@{settings.SITE_HOST}", password, first_name=name.title())
    user.groups.add(group)
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": language})
    return f"{name}  {password}"
