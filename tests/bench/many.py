"""Thousands of practice pages, made in bulk: what the search costs beside the plain list of the same pages."""

import json
import uuid
from itertools import cycle, islice
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page
from wagtail.search.backends import get_search_backend

from home.models import Cite
from practices.models import Chapter, Practice, PracticePage, VademecumPage
from tests.bench.data import LANGUAGE, french
from tests.bench.subjects import page

PRACTICES = 2000
RARE = 100  # one page in so many has the rare word
TEXT = (
    "<p>La personne arrive sans rendez-vous, dit ce qu’elle cherche et choisit elle-même par où commencer. "
    "Les conseillers l’accompagnent dans l’espace d’orientation, relisent avec elle une candidature, préparent un "
    "entretien, et l’adressent au besoin à un partenaire du territoire. Texte inventé pour mesurer.</p>"
)
TOPICS = ("l’orientation", "la reconversion", "la création d’activité", "l’alternance", "la mobilité européenne")


@transaction.atomic
def fill_vademecum() -> int:
    """Add practices in French until the vademecum has 2,000 of them; return how many were added."""
    number = PRACTICES - Practice.objects.published().count()
    topics, chapters = list(islice(cycle(TOPICS), number)), cycle(Chapter.objects.all())
    cites = cycle([*Cite.objects.published()[:10], None])
    practices = Practice.objects.bulk_create(
        Practice(
            name=f"Accueillir {topic}, fiche {place}",
            chapter=next(chapters),
            cite=next(cites),
            original_language=LANGUAGE,
            live=True,
            first_published_at=timezone.now(),
        )
        for place, topic in enumerate(topics)
    )
    pages = add_pages(page(VademecumPage), practices)
    get_search_backend().add_bulk(PracticePage, pages)
    return len(pages)


def add_pages(parent: Any, practices: list[Practice]) -> list[PracticePage]:
    """Rows as the tree has them: treebeard adds page by page, in several queries each."""
    last = parent.get_last_child()
    first = PracticePage._str2int(last.path[-PracticePage.steplen :]) + 1 if last else 1
    pages = [words(parent, practice, first + place) for place, practice in enumerate(practices)]
    names = [field.attname for field in Page._meta.concrete_fields if not field.primary_key]
    rows = Page.objects.bulk_create(Page(**{name: getattr(each, name) for name in names}) for each in pages)
    for each, row in zip(pages, rows, strict=True):
        each.pk = each.page_ptr_id = row.pk
        each.save_base(raw=True, force_insert=True)  # its own row, and no signals
    type(parent).objects.filter(pk=parent.pk).update(numchild=parent.numchild + len(pages))
    return pages


def words(parent: Any, practice: Practice, step: int) -> PracticePage:
    rare = " Le tutorat y aide." if step % RARE == 0 else ""
    return PracticePage(
        practice=practice,
        title=practice.name,
        slug=f"fiche-inventee-{step}",
        summary=f"Ce que fait une équipe pour {practice.name.partition(', ')[0].lower()}.{rare}",
        body=json.dumps([{"type": "text", "id": str(uuid.uuid4()), "value": TEXT}]),
        objectives=TEXT,
        steps=TEXT,
        path=PracticePage._get_path(parent.path, parent.depth + 1, step),
        depth=parent.depth + 1,
        url_path=f"{parent.url_path}fiche-inventee-{step}/",
        locale=french(),
        translation_key=uuid.uuid4(),
        draft_title=practice.name,
        live=True,
        first_published_at=timezone.now(),
        content_type=ContentType.objects.get_for_model(PracticePage),
    )
