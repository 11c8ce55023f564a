"""Which organisation is meant: a Cité, a partner of a project, or what somebody typed, made alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from home.models import Cite
from home.models.project import ProjectPartner
from portal.base.analysis import fold

if TYPE_CHECKING:
    from events.models import Event

NO_LETTERS = re.compile(r"[\W_]+")
LENGTH = 180


def alike(text: str) -> str:
    """The same for "Cité des Métiers  (Paris)" and "cite des metiers paris"."""
    return NO_LETTERS.sub(" ", fold(text.casefold())).strip()[:LENGTH]


def organisation_key(text: str) -> str:
    """One key for all spellings of an organisation: `cite:<slug>`, or its letters; empty for an empty text."""
    plain = alike(text)
    if not plain:
        return ""
    cites = {alike(name): slug for name, slug in Cite.objects.published().values_list("official_name", "slug")}
    if plain in cites:
        return f"cite:{cites[plain]}"
    partners = ProjectPartner.objects.exclude(cite=None).exclude(name="").values_list("name", "cite__slug")
    meant = {alike(name): slug for name, slug in partners}
    return f"cite:{meant[plain]}" if plain in meant else plain


def organisations_to_choose(event: Event) -> list[str]:
    """Names to suggest: the Cités, and the partners of the event's project."""
    names = set(Cite.objects.published().values_list("official_name", flat=True))
    if event.project_id:
        partners = ProjectPartner.objects.filter(project=event.project_id, cite=None)
        names |= set(partners.exclude(name="").values_list("name", flat=True))
    return sorted(names, key=alike)
