"""The sheets as a table for a spreadsheet: one row a sheet and language, in which nothing that is typed is ever run.

Facts and short words; the parts of a sheet are in the JSON, where no cell ends after 32,767 characters.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from events.exports import harmless
from home.models import Cite, Project
from portal.base.conditional import feed_response
from portal.base.editions import changed_at
from portal.base.languages import current_language
from portal.base.open_data import absolute, moment
from practices.models import PracticePage
from practices.models.practice import Evidence
from practices.sheets import FACTS, licence_of, public_sheets, published_at, updated_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from practices.models import Practice

BETWEEN = " | "  # of several values in one cell
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
WORDS = (
    *("practice_id", "locale_id", "url_path", "title", "question", "summary"),
    *("first_published_at", "last_published_at"),
)


@csrf_exempt
@require_safe
def practices(request: HttpRequest) -> HttpResponse:
    """All languages of every sheet; the language of the address is that of the labels."""
    sheets = public_sheets().order_by("pk").select_related("chapter", "cite", "project").prefetch_related(*FACTS)
    body = as_csv(rows(list(sheets)))
    since = changed_at(f"practices.csv/{current_language()}", body)
    return feed_response(request, body, filename="practices.csv", last_modified=since, attachment=True)


def rows(sheets: list[Any]) -> list[dict[str, Any]]:
    """A row for each of the public words, sheet by sheet, the language that they were written in first."""
    pages = PracticePage.objects.live().public().filter(alias_of=None, practice__in=[sheet.pk for sheet in sheets])
    words: dict[int, list[PracticePage]] = {sheet.pk: [] for sheet in sheets}
    for page in pages.only(*WORDS).order_by("first_published_at", "pk"):
        words[page.practice_id].append(page)
    public = Cite.objects.shown().values_list("pk", flat=True), Project.objects.shown().values_list("pk", flat=True)
    cites, projects = map(set, public)
    found: list[dict[str, Any]] = []
    for sheet in sheets:
        of_sheet = facts(sheet, cites, projects)
        own = sorted(words[sheet.pk], key=lambda page: page.language != sheet.original_language)
        found += ({**of_sheet, **said_by(page, sheet)} for page in own)
    return [{name: row[name] for name in COLUMNS} for row in found]


COLUMNS = (
    *("id", "uuid", "language", "is_original", "page", "title", "question", "summary", "is_demonstration"),
    *("owner", "owner_name", "country", "authors", "licence", "licence_url", "chapter", "chapter_name"),
    *("target_groups", "target_group_names", "partner_kinds", "partner_kind_names"),
    *("principles", "principle_names", "skills", "skill_names", "evidence", "evidence_name", "since", "until"),
    *("project", "taken_up_by", "checked_on", "published_at", "updated_at", "sources", "data_licence"),
)


def facts(sheet: Practice, cites: set[int], projects: set[int]) -> dict[str, Any]:
    """What is the same in every language, with labels in that of the address; only public Cités and projects."""
    licence = licence_of(sheet) or {}
    owner = sheet.cite if sheet.cite_id in cites else None
    of_data = settings.DATA_LICENCE or {}
    return {
        "id": sheet.pk,
        "uuid": sheet.uuid,
        "is_demonstration": yes_or_no(value=sheet.is_demonstration),
        "owner": owner.slug if owner else "",
        "owner_name": owner.official_name if owner else "",
        "country": owner.country if owner else "",
        "authors": sheet.authors,
        "licence": licence.get("code") or "",
        "licence_url": licence.get("url") or "",
        "chapter": sheet.chapter.code if sheet.chapter else "",
        "chapter_name": sheet.chapter.label if sheet.chapter else "",
        **terms("target_group", sheet.target_groups.all()),
        **terms("partner_kind", sheet.partner_kinds.all()),
        **terms("principle", sheet.principles.all()),
        **terms("skill", sheet.skills.all()),
        "evidence": sheet.evidence,
        "evidence_name": Evidence(sheet.evidence).label,
        "since": sheet.since,
        "until": sheet.until,
        "project": sheet.project if sheet.project_id in projects else "",
        "taken_up_by": BETWEEN.join(cite.slug for cite in sheet.taken_up_by.all() if cite.pk in cites),
        "checked_on": sheet.checked_on or "",
        "sources": BETWEEN.join(" ".join(filter(None, (row.title, row.as_of, row.url))) for row in sheet.sources.all()),
        "data_licence": " ".join(filter(None, (of_data.get("name"), of_data.get("url")))),
    }


def said_by(page: PracticePage, sheet: Practice) -> dict[str, Any]:
    return {
        "language": page.language,
        "is_original": yes_or_no(value=page.language == sheet.original_language),
        "page": absolute(page.get_url() or sheet.get_absolute_url()),
        "title": page.title,
        "question": page.question,
        "summary": page.summary,
        "published_at": moment(published_at(sheet, page)),
        "updated_at": moment(updated_at(sheet, page)),
    }


def terms(name: str, rows: Iterable[Any]) -> dict[str, str]:
    """Codes in one column, labels in another."""
    return {
        f"{name}s": BETWEEN.join(row.code for row in rows),
        f"{name}_names": BETWEEN.join(str(row.label) for row in rows),
    }


def yes_or_no(*, value: bool) -> str:
    return "true" if value else "false"


def as_csv(found: list[dict[str, Any]]) -> bytes:
    """Comma-separated (RFC 4180), begun with the mark by which Excel knows UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([cell(value) for value in row.values()] for row in found)
    return BOM_UTF8 + text.getvalue().encode()


def cell(value: object) -> str:
    """One line without control characters, as text also where a spreadsheet would take it for a formula."""
    return harmless(CONTROL.sub(" ", str(value)).strip())
