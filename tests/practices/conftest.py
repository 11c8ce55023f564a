"""A vademecum of two chapters in French and English, with everything that a sheet may have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from home.models import PartnerKind, Skill, SkillArea, TargetGroup
from practices.models import Chapter, Practice
from tests.factories import cite_page, make_cite, make_practice, make_project, make_tree, practice_page, publish

RICH = (
    "<p>La personne arrive <b>sans rendez-vous</b>\u202f: elle dit ce qu’elle cherche.</p>"
    "<h3>D’abord</h3><ul><li>écouter</li><li>noter<ol><li>le mot juste</li></ol></li></ul>"
    '<p>Voir <a href="https://e.org/">là</a>.</p>'
)


def term(model: Any, code: str, **fields: Any) -> Any:
    labels = fields.pop("labels", {"fr": f"{code} fr", "en": f"{code} en"})
    return model.objects.get_or_create(code=code, defaults={"labels": labels, **fields})[0]


@pytest.fixture
def vademecum(db: None) -> dict[str, Practice]:
    """Two sheets in two chapters: the first in French and English, the second in French alone, and one draft."""
    trees = make_tree("fr", "en")
    first = term(Chapter, "meet", sort_order=1, labels={"fr": "Accueillir", "en": "Welcoming", "bg": "Посрещане"})
    second = term(Chapter, "run", sort_order=2, labels={"fr": "Piloter", "en": "Steering"})
    term(Chapter, "empty", sort_order=3)
    cite = make_cite("porto", official_name="Cidade das Profissões do Porto", name_language="pt")
    cite_page(trees["fr"]["network"], cite, "Cidade das Profissões do Porto")
    full = make_practice("Un", chapter=first, live=False, cite=cite, project=make_project(programme="Erasmus+ KA2"))
    full.target_groups = [term(TargetGroup, "young"), term(TargetGroup, "adults")]
    full.partner_kinds = [term(PartnerKind, "school")]
    full.skills = [term(Skill, "listen", area=term(SkillArea, "welcome"))]
    full.taken_up_by = [make_cite("lyon", official_name="Cité des métiers de Lyon", country="FR")]
    full.licence, full.authors, full.since = "cc-by", "M. Silva", "2017-09"
    full.contact_email = "porto@example.org"
    full.sources.create(title="Rapport annuel", url="https://example.org/rapport", as_of="2019")
    full = publish(full)
    quote = {"type": "quote", "value": {"text": "On y va.", "who": "Une voix"}}
    body = json.dumps([{"type": "heading", "value": "Et après"}, quote])
    practice_page(
        trees["fr"]["vademecum"],
        full,
        "Accueillir sans rendez-vous",
        question="Comment accueillir\u202f?",
        summary="Sans rendez-vous.",
        context=RICH,
        steps=RICH,
        body=body,
    )
    practice_page(
        trees["en"]["vademecum"], full, "Welcoming without appointment", slug="welcoming", context="<p>Come in.</p>"
    )
    bare = make_practice("Deux", chapter=second, is_demonstration=True)
    practice_page(trees["fr"]["vademecum"], bare, "Décider à plusieurs", context="<p>Ensemble.</p>")
    draft = make_practice("Brouillon", chapter=second, live=False)
    practice_page(trees["fr"]["vademecum"], draft, "Secret", context="<p>Rien.</p>")
    return {"full": full, "bare": bare, "draft": draft}
