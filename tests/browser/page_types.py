"""One address of each type of page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.browser.conftest import Staged


@dataclass(frozen=True)
class PageType:
    path: str | Callable[[Staged], str]
    status: int = 200

    def address(self, staged: Staged) -> str:
        return self.path if isinstance(self.path, str) else self.path(staged)


PAGE_TYPES = {
    "home": PageType("/fr/"),
    "home in English": PageType("/en/"),
    "directory": PageType("/fr/le-reseau/"),
    "directory filtered": PageType("/en/the-network/?country=PT"),
    "directory without a hit": PageType("/en/the-network/?q=atlantis"),
    "Cité with hours": PageType("/fr/cite/bellinzona/"),
    "Cité without hours": PageType("/en/cite/paris/"),
    "Cité with associated centres": PageType("/fr/cite/geneve/"),
    "former Cité": PageType("/en/cite/limousin/"),
    "projects": PageType("/en/projects/"),
    "project": PageType("/fr/project/1/"),
    "agenda": PageType("/fr/agenda/"),
    "agenda past": PageType("/en/agenda/?when=past"),
    "agenda by month": PageType(f"/fr/agenda/?month={dt.datetime.now(dt.UTC) + dt.timedelta(days=40):%Y-%m}"),
    "calendars": PageType("/en/calendar/?cite=porto"),
    "agenda in a frame": PageType("/fr/embed/agenda/country/fr/"),
    "agenda without a hit": PageType("/fr/agenda/?kind=webinar&country=PT"),
    "event open": PageType(lambda staged: f"/fr/event/{staged.open}/"),
    "event full": PageType(lambda staged: f"/en/event/{staged.full}/"),
    "event cancelled": PageType(lambda staged: f"/fr/event/{staged.cancelled}/"),
    "event untranslated": PageType(lambda staged: f"/en/event/{staged.french}/"),
    "event long ago": PageType("/en/event/1/"),
    "register": PageType(lambda staged: f"/fr/event/{staged.open}/register/"),
    "register, full": PageType(lambda staged: f"/en/event/{staged.full}/register/"),
    "manage": PageType(lambda staged: urlsplit(staged.manage_url).path),
    "register, asked a lot": PageType(lambda staged: f"/fr/event/{staged.asking}/register/"),
    "register a group": PageType(lambda staged: f"/en/event/{staged.open}/register/group/"),
    "manage, waiting": PageType(lambda staged: urlsplit(staged.waiting_url).path),
    "manage, not confirmed": PageType(lambda staged: urlsplit(staged.pending_url).path),
    "group": PageType(lambda staged: urlsplit(staged.group_url).path),
    "dead link": PageType("/fr/registration/nothing/", 404),
    "personal data": PageType("/en/personal-data/"),
    "public data": PageType("/en/data/"),
    "my registrations": PageType("/en/my-registrations/"),
    "vademecum": PageType("/fr/vademecum/"),
    "vademecum filtered": PageType("/en/vademecum/?country=BE&language=fr"),
    "vademecum without a hit": PageType("/en/vademecum/?country=BE&chapter=policies&evidence=measured&q=welcome"),
    "vademecum with a selection": PageType("/en/vademecum/?sheet=1&sheet=3&chapter=coordination&group=none&q=question"),
    "practice": PageType("/fr/practice/1/"),
    "skills and training plan": PageType("/en/skills/"),
    "module": PageType("/fr/module/3/"),
    "practice untranslated": PageType("/de/practice/3/"),
    "plain page": PageType("/en/privacy/"),
    "search": PageType("/fr/search/?q=formation"),
    "search without a hit": PageType("/en/search/?q=xyzzyq"),
    "not found": PageType("/fr/rien/", 404),
    "cannot be read": PageType("/en/search/?q=%00", 400),
    "untranslated in a language without a tree": PageType("/nl/cite/torino/"),
}
