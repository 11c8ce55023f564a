"""The sheets of the vademecum as public data: facts, and the whole words as plain text, each with its licence.

Left out although it is on the page: the e-mail for questions, which may be a person's address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from wagtail.documents import get_document_model

from events.events_json import entries_of, part_number, reference
from events.models import Event
from home.models import Cite, Project
from portal.base.languages import Text
from portal.base.open_data import Part, absolute, data_response, day, moment, said, sources
from portal.base.pages import choose, entry
from practices.models.practice import Evidence
from practices.sheets import FACTS, licence_of, plain_parts, public_sheets, published_at, updated_at, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from portal.base.labels import Term
    from portal.base.pages import Entry
    from practices.models import PracticePage

PAGE_SIZE = 100  # whole texts: half a megabyte or so
Entries = dict[int | None, "Entry"]


@csrf_exempt
@require_safe
def practices(request: HttpRequest) -> HttpResponse:
    """All sheets in the order in which they were entered, so that full parts change only with their sheets."""
    shown = public_sheets().order_by("pk").select_related("chapter", "cite").prefetch_related(*FACTS)
    parts = Paginator(shown, PAGE_SIZE)
    number = part_number(request)
    if number > parts.num_pages:
        raise Http404
    rows = Rows(list(parts.page(number).object_list))
    return data_response(
        request,
        "practices",
        rows.written(),
        Part(number, parts.num_pages, parts.count),
        title=_("Cités des métiers: the vademecum"),
        description=_("The good practices of the international network of Cités des métiers, sheet by sheet."),
    )


class Rows:
    """The sheets of one file with all that they point to, in as many queries as for one."""

    def __init__(self, sheets: list[Any]) -> None:
        self.sheets = sheets
        self.words = words_of(sheets)
        owners = {row.cite_id for row in sheets} | {cite.pk for row in sheets for cite in row.taken_up_by.all()}
        self.cites = entries_of(Cite.objects.shown(), owners)
        self.projects = entries_of(Project.objects.shown(), {row.project_id for row in sheets})
        self.events = entries_of(Event.objects.shown(), {event.pk for row in sheets for event in row.events.all()})
        chosen = (choose(self.words[row.pk], row.original_language) for row in sheets)
        wanted = {block["value"].get("document") for page in chosen for block in files(page)}
        self.documents = get_document_model().objects.in_bulk([number for number in wanted if number])

    def written(self) -> list[dict[str, Any]]:
        return [self.row(entry(sheet, self.words[sheet.pk], None)) for sheet in self.sheets]

    def row(self, found: Entry) -> dict[str, Any]:
        sheet, page = found.fact, found.page
        owner, project = self.cites.get(sheet.cite_id), self.projects.get(sheet.project_id)
        return {
            "id": sheet.pk,
            "uuid": str(sheet.uuid),
            "page": absolute(found.url),
            "neutral_address": absolute(sheet.get_absolute_url()),
            "title": said(found.title),
            "question": said(Text(page.question, page.language)),
            "summary": said(found.summary),
            "parts": {name: said(Text(text, page.language)) for name, text in plain_parts(page).items()},
            "documents": self.links(page),
            "texts_in": list(found.languages),
            "is_demonstration": sheet.is_demonstration,
            "owner": reference(owner, slug=owner.fact.slug) if owner else None,
            "authors": sheet.authors or None,
            "licence": licence_of(sheet),
            "chapter": term(sheet.chapter) if sheet.chapter else None,
            "target_groups": terms(sheet.target_groups.all()),
            "partner_kinds": terms(sheet.partner_kinds.all()),
            "principles": terms(sheet.principles.all()),
            "skills": terms(sheet.skills.all()),
            "evidence": sheet.evidence,
            "evidence_name": str(Evidence(sheet.evidence).label),
            "since": sheet.since or None,
            "until": sheet.until or None,
            "project": reference(project, id=project.fact.pk) if project else None,
            "taken_up_by": [
                reference(self.cites[cite.pk], slug=cite.slug)
                for cite in sheet.taken_up_by.all()
                if cite.pk in self.cites
            ],
            "events": [
                reference(self.events[event.pk], id=event.pk) for event in sheet.events.all() if event.pk in self.events
            ],
            "checked_on": day(sheet.checked_on),
            "published_at": moment(published_at(sheet, page)),
            "updated_at": moment(updated_at(sheet, page)),
            "sources": sources(sheet.sources.all()),
        }

    def links(self, page: PracticePage) -> list[dict[str, Any]]:
        """Files and links that belong to the sheet; the blocks are read raw, since reading them asks for each file."""
        found = []
        for block in page.documents.raw_data:
            value = block["value"]
            document = self.documents.get(value.get("document"))
            url = absolute(document.url) if document else value.get("url")
            title = value.get("title") or (document.title if document else "")
            if title and (document or block["type"] == "link"):
                found.append({"title": said(Text(title, page.language)), "url": url or None})
        return found


def files(page: PracticePage) -> list[Any]:
    return [block for block in page.documents.raw_data if block["type"] == "file"]


def term(row: Term) -> dict[str, Any]:
    return {"code": row.code, "name": said(row.label)}


def terms(rows: Iterable[Term]) -> list[dict[str, Any]]:
    return [term(row) for row in rows]
