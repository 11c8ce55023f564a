"""A whole sheet of a Cité, its editor and a reviewer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from home.models import TargetGroup
from practices.groups import ensure_reviewers
from tests import factories

WORDS = {
    "question": "Comment faire ?",
    "summary": "Deux partenaires accueillent ensemble.",
    **{name: f"<p>{name}.</p>" for name in ("context", "steps", "partners", "results")},
}


def make_reviewer(name: str = "reviewer") -> Any:
    user = factories.make_user(name)
    user.groups.add(ensure_reviewers())
    return user


def make_sheet(
    cite: Any, parent: Any, title: str = "Premier accueil", *, name: str = "", live: bool = False, **words: Any
) -> Any:
    """A practice with all that is required, and the page of its words."""
    practice = factories.make_practice(name or title, cite=cite, contact_email="accueil@example.org", live=False)
    practice.target_groups = [TargetGroup.objects.get_or_create(code="all", defaults={"labels": {"fr": "Tous"}})[0]]
    practice = factories.publish(practice) if live else factories.draft(practice)
    page = factories.practice_page(parent, practice, title, live=live, **WORDS | words)
    return SimpleNamespace(practice=factories.stored(practice), page=page)
