"""The Atom feed of new and changed sheets (RFC 4287), one a language.

An entry is a sheet in the language of the feed: its id is made of both, so that somebody who reads two feeds gets
both. Words that are not translated yet come in their original language, which `xml:lang` names.
"""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from events.plain_text import clean, one_line
from events.structured_data import NETWORK
from home.models import Cite
from portal.base.conditional import feed_response
from portal.base.editions import changed_at
from portal.base.languages import current_language, locale_code
from portal.base.open_data import absolute, moment
from portal.base.pages import choose, entry
from practices.models import PracticePage, VademecumPage
from practices.sheets import licence_of, public_sheets, published_at, updated_at, words_of

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest, HttpResponse

    from portal.base.pages import Entry

NEWEST = 50  # sheets in the feed
ATOM = "http://www.w3.org/2005/Atom"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# From which the ids of the feeds are made: they outlive a change of the portal's address.
FEEDS = uuid.UUID("6a7f1e0c-52d4-4f0e-9d0b-0f6a3c1b7e55")

ET.register_namespace("", ATOM)


class Row(NamedTuple):
    """Just enough of a page of words to know which is shown, and when it changed."""

    language: str
    last_published_at: dt.datetime | None
    first_published_at: dt.datetime | None


@csrf_exempt
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The sheets that changed last, the newest first."""
    sheets = newest()
    words = words_of(sheets)
    owners = dict(Cite.objects.shown().filter(pk__in={row.cite_id for row in sheets}).in_bulk())
    entries = [entry(sheet, words[sheet.pk], None) for sheet in sheets if words[sheet.pk]]
    index = VademecumPage.objects.live().public().filter(locale__language_code=current_language()).first()
    page = absolute((index.get_url() if index else None) or f"/{current_language()}/")
    content = serialised(entries, owners, page, since=None)
    since = changed_at(f"practices.atom/{current_language()}", content)
    body = serialised(entries, owners, page, since=since)
    return feed_response(request, body, filename="practices.atom", last_modified=since)


def newest() -> list[Any]:
    """The sheets whose facts, or words as this language shows them, were published last."""
    known = ("first_published_at", "last_published_at", "checked_on")
    facts = {row.pk: row for row in public_sheets().only(*known, "original_language")}
    pages = PracticePage.objects.live().public().filter(alias_of=None, practice__in=public_sheets())
    found = pages.order_by("first_published_at", "pk").values_list(
        "practice_id", "locale_id", "last_published_at", "first_published_at"
    )
    words: dict[int, dict[str, Row]] = {}
    for number, locale, *dates in found:
        language = locale_code(locale)
        words.setdefault(number, {})[language] = Row(language, *dates)
    changed = {
        number: updated_at(facts[number], choose(rows, facts[number].original_language))
        for number, rows in words.items()
        if number in facts
    }
    wanted = sorted(changed, key=lambda number: (changed[number], number), reverse=True)[:NEWEST]
    sheets = public_sheets().select_related("chapter").prefetch_related("target_groups").in_bulk(wanted)
    return [sheets[number] for number in wanted if number in sheets]


def serialised(entries: list[Entry], owners: dict[int, Any], page: str, *, since: dt.datetime | None) -> bytes:
    language = current_language()
    own = absolute(reverse("practices-atom"))
    root = ET.Element(f"{{{ATOM}}}feed", {XML_LANG: language})
    add(root, "id", f"urn:uuid:{uuid.uuid5(FEEDS, language)}")
    add(root, "title", _("Cités des métiers: new and changed practices"))
    add(root, "subtitle", _("The good practices of the international network of Cités des métiers, sheet by sheet."))
    add(root, "updated", moment(since) or "")
    add(add(root, "author"), "name", NETWORK)
    add(root, "link", rel="self", type="application/atom+xml", href=own)
    add(root, "link", rel="alternate", type="text/html", hreflang=language, href=page)
    for found in entries:
        add_entry(root, found, owners.get(found.fact.cite_id))
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def add_entry(root: ET.Element, found: Entry, owner: Cite | None) -> None:
    sheet, page = found.fact, found.page
    element = add(root, "entry")
    if page.language != current_language():
        element.set(XML_LANG, page.language)
    add(element, "id", f"urn:uuid:{uuid.uuid5(sheet.uuid, current_language())}")
    add(element, "title", title(found))
    add(element, "updated", moment(updated_at(sheet, page)) or "")
    add(element, "published", moment(published_at(sheet, page)) or "")
    writer = one_line(sheet.authors) or (one_line(owner.official_name) if owner else NETWORK)
    add(add(element, "author"), "name", writer)
    add(element, "link", rel="alternate", type="text/html", hreflang=page.language, href=absolute(found.url))
    summary = "\n\n".join(filter(None, (clean(page.question), clean(page.summary))))
    add(element, "summary", summary or title(found))
    if sheet.chapter:
        add_category(element, "chapter", sheet.chapter)
    for group in sheet.target_groups.all():
        add_category(element, "group", group)
    licence = licence_of(sheet)
    if licence:
        add(element, "rights", licence["name"] or "")
    if licence and licence["url"]:
        add(element, "link", rel="license", href=licence["url"])  # RFC 4946


def title(found: Entry) -> str:
    """What the list of a feed reader shows, where nothing else would say that it is made up."""
    text = one_line(found.title.text) or one_line(found.fact.name) or f"#{found.fact.pk}"
    return _("Demonstration: %(title)s") % {"title": text} if found.fact.is_demonstration else text


def add_category(element: ET.Element, facet: str, term: Any) -> None:
    add(element, "category", term=term.code, scheme=f"{settings.SITE_URL}/#{facet}", label=one_line(term.label.text))


def add(parent: ET.Element, name: str, text: str = "", **attributes: str | None) -> ET.Element:
    known = {key: value for key, value in attributes.items() if value}
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}", known)
    element.text = text or None
    return element
