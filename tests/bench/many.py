"""Thousands of practice pages, made in bulk: what the search costs beside the plain list of the same pages.

And the same sheets in six languages: what the index costs with them, beside the same with twenty.
"""

import json
import uuid
from itertools import cycle, islice
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale, Page
from wagtail.search.backends import get_search_backend

from home.models import Cite, PartnerKind, Principle, Skill, TargetGroup
from practices.models import Chapter, Practice, PracticePage, VademecumPage
from tests.bench.data import LANGUAGE
from tests.bench.subjects import page

PRACTICES = 2000
FEW = 20
LANGUAGES = ("fr", "en", "it", "es", "pt", "de")
VALUES = {"target_groups": TargetGroup, "partner_kinds": PartnerKind, "principles": Principle, "skills": Skill}
RARE = 100  # one page in so many has the rare word
TEXT = (
    "<p>La personne arrive sans rendez-vous, dit ce qu’elle cherche et choisit elle-même par où commencer. "
    "Les conseillers l’accompagnent dans l’espace d’orientation, relisent avec elle une candidature, préparent un "
    "entretien, et l’adressent au besoin à un partenaire du territoire. Texte inventé pour mesurer.</p>"
)
TOPICS = ("l’orientation", "la reconversion", "la création d’activité", "l’alternance", "la mobilité européenne")


@transaction.atomic
def fill_vademecum(wanted: int = PRACTICES) -> int:
    """Add practices in French until the vademecum has so many of them; return how many were added."""
    number = max(0, wanted - Practice.objects.published().count())
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
    add_values(practices)
    parent = page(VademecumPage)
    pages = add_pages(parent, [words(parent, practice, practice.name, LANGUAGE) for practice in practices])
    get_search_backend().add_bulk(PracticePage, pages)
    return len(pages)


def add_values(practices: list[Practice]) -> None:
    """Two values of each vocabulary for each sheet."""
    for name, model in VALUES.items():
        field: Any = Practice._meta.get_field(name)
        through, terms = field.remote_field.through, list(model.objects.all())
        columns = field.m2m_field_name(), field.m2m_reverse_field_name()
        through.objects.bulk_create(
            through(**{columns[0]: practice, columns[1]: term})
            for place, practice in enumerate(practices if terms else ())
            for term in {terms[place % len(terms)], terms[place // 3 % len(terms)]}
        )


@transaction.atomic
def translate_all() -> int:
    """Give every public sheet words in six languages; return how many were missing."""
    parent, added = page(VademecumPage), 0
    for code in LANGUAGES:
        Locale.objects.get_or_create(language_code=code)
        missing = Practice.objects.filter(live=True).exclude(pages__locale__language_code=code, pages__live=True)
        pages = [words(parent, practice, f"{practice.name} ({code})", code) for practice in missing]
        added += len(add_pages(parent, pages))
    return added


def leave_few() -> list[int]:
    """Have twenty sheets that are public; return the others that were."""
    fill_vademecum(FEW)
    few = Practice.objects.published().order_by("pk").values_list("pk", flat=True)[:FEW]
    others = list(Practice.objects.filter(live=True).exclude(pk__in=list(few)).values_list("pk", flat=True))
    Practice.objects.filter(pk__in=others).update(live=False)
    return others


def add_pages(parent: Any, pages: list[PracticePage]) -> list[PracticePage]:
    """Rows as the tree has them: treebeard adds page by page, in several queries each."""
    last = parent.get_last_child()
    first = PracticePage._str2int(last.path[-PracticePage.steplen :]) + 1 if last else 1
    for step, each in enumerate(pages, start=first):
        each.path = PracticePage._get_path(parent.path, parent.depth + 1, step)
        each.slug = f"fiche-inventee-{step}"
        each.url_path = f"{parent.url_path}{each.slug}/"
        each.summary += " Le tutorat y aide." if step % RARE == 0 else ""
    names = [field.attname for field in Page._meta.concrete_fields if not field.primary_key]
    rows = Page.objects.bulk_create(Page(**{name: getattr(each, name) for name in names}) for each in pages)
    for each, row in zip(pages, rows, strict=True):
        each.pk = each.page_ptr_id = row.pk
        each.save_base(raw=True, force_insert=True)  # its own row, and no signals
    type(parent).objects.filter(pk=parent.pk).update(numchild=parent.numchild + len(pages))
    parent.refresh_from_db()
    return pages


def words(parent: Any, practice: Practice, title: str, code: str) -> PracticePage:
    return PracticePage(
        practice=practice,
        title=title,
        summary=f"Ce que fait une équipe pour {practice.name.partition(', ')[0].lower()}.",
        body=json.dumps([{"type": "text", "id": str(uuid.uuid4()), "value": TEXT}]),
        objectives=TEXT,
        steps=TEXT,
        depth=parent.depth + 1,
        locale=Locale.objects.get(language_code=code),
        translation_key=uuid.uuid4(),
        draft_title=title,
        live=True,
        first_published_at=timezone.now(),
        content_type=ContentType.objects.get_for_model(PracticePage),
    )
