"""From records to pages: the original words, and their translation with every segment filled."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import slugify
from wagtail.coreutils import find_available_slug
from wagtail.models import Locale, Page
from wagtail_localize.fields import copy_synchronised_fields
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationLog, TranslationSource
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments

from portal.demo.facts import stable_uuid

if TYPE_CHECKING:
    from portal.demo.reading import Record


def text_html(text: str) -> str:
    """A paragraph, or a list whose lines begin with "- "."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if lines and all(line.startswith("- ") for line in lines):
        items = format_html_join("", "<li>{}</li>", ((line[2:],) for line in lines))
        return format_html("<ul>{}</ul>", items)
    return format_html("<p>{}</p>", " ".join(lines))


def html(paragraphs: list[str]) -> str:
    """Rich text; neighbouring list items make one list."""
    joined: list[str] = []
    for paragraph in paragraphs:
        if paragraph.startswith("- ") and joined and joined[-1].startswith("- "):
            joined[-1] += "\n" + paragraph
        else:
            joined.append(paragraph)
    return "".join(text_html(text) for text in joined)


def blocks(paragraphs: list[str], name: str, sources: list[tuple[str, str]]) -> str:
    """The body as stored JSON; a block's id is the same in each language, so that translations match."""
    found = [block(is_heading, list(group)) for is_heading, group in groupby(paragraphs, key=is_heading_line)]
    rows: list[tuple[str, Any]] = [row for part in found for row in part]
    if sources:
        rows.append(("sources", [item(name, *source) for source in sources]))
    return json.dumps(
        [{"type": kind, "value": value, "id": block_id(name, str(number))} for number, (kind, value) in enumerate(rows)]
    )


def block_id(name: str, part: str) -> str:
    return str(uuid.uuid5(stable_uuid(name), part))


def item(name: str, title: str, url: str) -> dict[str, Any]:
    return {"type": "item", "value": {"title": title, "url": url}, "id": block_id(name, title)}


def is_heading_line(paragraph: str) -> bool:
    return paragraph.startswith("## ")


def block(is_heading: bool, paragraphs: list[str]) -> list[tuple[str, str]]:
    if is_heading:
        return [("heading", line.removeprefix("## ").strip()) for line in paragraphs]
    return [("text", html(paragraphs))]


def shape(paragraphs: list[str]) -> list[str]:
    """What each string of a text becomes; two texts of one shape have the same segments."""
    return [shape_of(paragraph) for paragraph in paragraphs]


def shape_of(paragraph: str) -> str:
    if is_heading_line(paragraph):
        return "a heading"
    lines = [line.strip() for line in paragraph.strip().splitlines()]
    if lines and all(line.startswith("- ") for line in lines):
        return f"a list of {len(lines)}"
    return "a paragraph"


def page_fields(record: Record, name: str, model: Any) -> dict[str, Any]:
    """The fields of a page from the words of one language."""
    fields: dict[str, Any] = {"summary": record.text("summary") or record.text("intro")}
    if hasattr(model, "heading"):
        fields |= {"heading": record.text("hero"), "lead": record.text("lead")}
    names = {field.name for field in model._meta.get_fields()}
    if "question" in names:
        fields["question"] = record.text("question")
    fields |= {part: html(record.codes(part)) for part in PARTS if part in names}
    fields["body"] = blocks(record.codes("body"), name, record.data.get("sources", []))
    return fields


PARTS = (
    *("context", "objectives", "steps", "partners", "resources"),
    *("results", "success_factors", "obstacles", "transfer"),
    *("prerequisites", "methods"),
)


def put_page(parent: Any, model: Any, name: str, title: str, record: Record, **extra: Any) -> Any:
    """The original page, made and published once; an existing one is left as its editors have it."""
    key = stable_uuid("page", name)
    found = model.objects.filter(translation_key=key, locale=parent.locale).first()
    if found is not None:
        return found
    is_public = extra.pop("is_public", True)
    page = model(
        title=title,
        slug=free_slug(parent, title),
        locale=parent.locale,
        translation_key=key,
        live=False,
        **page_fields(record, name, model),
        **extra,
    )
    parent.add_child(instance=page)
    # Either this or publishing refuses a page that the model would not take.
    revision = page.save_revision(log_action=False, clean=not is_public)
    if is_public:
        revision.publish(log_action=False)
    return model.objects.get(pk=page.pk)


def slug_of(title: str) -> str:
    return slugify(title)[:80].strip("-") or "page"


def free_slug(parent: Any, title: str) -> str:
    base = slug_of(title)
    taken = set(parent.get_children().values_list("slug", flat=True))
    number = next(n for n in range(1, 10_000) if (base if n == 1 else f"{base}-{n}") not in taken)
    return base if number == 1 else f"{base}-{number}"


def translate(original: Any, name: str, words: dict[str, Record], official_name: str = "") -> dict[str, Any]:
    """Translate a public page as an editor would, segment by segment, into the languages that it has words in.

    A page that exists is left alone. None is made from words that are not those of the data files any more, because
    an editor changed the original, nor below a page that has no translation: the reader gets the original there.
    """
    pages = type(original).objects.filter(translation_key=original.translation_key)
    found = {page.language: page for page in pages}
    parents = parents_of_translations(original, [code for code in words if code not in found])
    if not parents:
        return found
    with transaction.atomic():
        source, _created = TranslationSource.get_or_create_from_instance(original)
        segments = list(StringSegment.objects.filter(source=source).select_related("string", "context"))
        written = strings(original, name, words[original.language], official_name)
        if any(written.get(place(row)) != row.string.data for row in segments if row.context.path != "slug"):
            return found
        for code, parent in parents.items():
            data = strings(original, name, words[code], official_name)
            fill(source, segments, parent[0], data)
            title = words[code].text("title") or official_name
            found[code] = put_translation(source, original, title, *parent)
    return found


def parents_of_translations(original: Any, codes: list[str]) -> dict[str, tuple[Locale, Any]]:
    """Locale and parent of a translation, for the languages in which the original's parent has words."""
    if not codes:
        return {}
    locales = {row.pk: row for row in Locale.objects.filter(language_code__in=codes)}
    parent = original.get_parent()
    if parent.is_root():
        return {row.language_code: (row, parent) for row in locales.values()}
    rows = Page.objects.filter(translation_key=parent.translation_key, alias_of=None, locale__in=locales)
    found = {locales[row.locale_id].language_code: (locales[row.locale_id], row) for row in rows}
    return {code: found[code] for code in codes if code in found}


def place(segment: Any) -> tuple[str, int]:
    return segment.context.path, segment.order


def strings(original: Any, name: str, record: Record, official_name: str) -> dict[tuple[str, int], str]:
    """Every segment of a page with these words, by its place in it."""
    model = type(original)
    title = record.text("title") or official_name
    page = model(title=title, slug=slug_of(title), **page_fields(record, name, model))
    page.pk, page.locale, page.translation_key = original.pk, original.locale, original.translation_key
    return {
        (segment.path, segment.order): segment.string.data
        for segment in extract_segments(page)
        if isinstance(segment, StringSegmentValue)
    }


def fill(source: Any, segments: list[Any], locale: Locale, data: dict[tuple[str, int], str]) -> None:
    """Fill every segment of a source in one language."""
    Translation.objects.get_or_create(source=source, target_locale=locale)
    now = timezone.now()
    rows = [
        StringTranslation(
            translation_of=segment.string,
            locale=locale,
            context=segment.context,
            data=data[place(segment)],
            translation_type=StringTranslation.TRANSLATION_TYPE_MANUAL,
            tool_name="demo",
            created_at=now,
            updated_at=now,
        )
        for segment in segments
    ]
    StringTranslation.objects.bulk_create(rows, ignore_conflicts=True)


def put_translation(source: Any, original: Any, title: str, locale: Locale, parent: Any) -> Any:
    """Publish the page that comes of a filled source, as wagtail-localize's `Translation.save_target` does.

    But in three saves: it would first make a copy of the original, with a revision and log entries of its own.
    """
    model = type(original)
    slug = find_available_slug(parent, slug_of(title))
    page = model(title=title, slug=slug, locale=locale, translation_key=original.translation_key, live=False)
    page.show_in_menus = original.show_in_menus
    copy_synchronised_fields(original, page)
    parent.add_child(instance=page)
    page = source.get_ephemeral_translated_instance(locale, fallback=True)
    page.slug = slug
    revision = page.save_revision(log_action=False, clean=False)
    TranslationLog.objects.create(source=source, locale=locale, revision=revision)
    revision.publish(log_action=False)
    return model.objects.get(pk=page.pk)


def with_sources(record: Record) -> dict[str, Record]:
    """A plain page has no facts to hold its sources, so its text ends with them."""
    sources = [(row.text("title", required=True), row.text("url")) for row in record.rows("sources")]
    return {code: replace(table, data=table.data | {"sources": sources}) for code, table in record.words().items()}
