"""From records to pages: the original words, and their translation with every segment filled."""

from __future__ import annotations

import json
import uuid
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import slugify
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource
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


def page_fields(record: Record, name: str, model: Any) -> dict[str, Any]:
    """The fields of a page from the words of one language."""
    fields: dict[str, Any] = {"summary": record.text("summary") or record.text("intro")}
    if hasattr(model, "heading"):
        fields |= {"heading": record.text("hero"), "lead": record.text("lead")}
    if "question" in {field.name for field in model._meta.get_fields()}:
        fields["question"] = record.text("question")
        fields |= {part: html(record.codes(part)) for part in SHEET_PARTS}
    fields["body"] = blocks(record.codes("body"), name, record.data.get("sources", []))
    return fields


SHEET_PARTS = (
    *("context", "objectives", "steps", "partners", "resources"),
    *("results", "success_factors", "obstacles", "transfer"),
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
    page.full_clean(exclude=["path", "depth", "numchild", "url_path", "content_type"])
    parent.add_child(instance=page)
    revision = page.save_revision(log_action=False)
    if is_public:
        revision.publish(log_action=False)
    return model.objects.get(pk=page.pk)


def free_slug(parent: Any, title: str) -> str:
    base = slugify(title)[:80].strip("-") or "page"
    taken = set(parent.get_children().values_list("slug", flat=True))
    number = next(n for n in range(1, 10_000) if (base if n == 1 else f"{base}-{n}") not in taken)
    return base if number == 1 else f"{base}-{number}"


def translate(original: Any, locale: Any, name: str, title: str, record: Record) -> Any:
    """Translate a public page as an editor would, segment by segment; one that exists is left alone."""
    model = type(original)
    found = model.objects.filter(translation_key=original.translation_key, locale=locale).first()
    if found is not None:
        return found
    target = model(title=title, slug=slugify(title)[:80].strip("-"), **page_fields(record, name, model))
    target.pk, target.locale, target.translation_key = original.pk, original.locale, original.translation_key
    wanted = {
        (segment.path, segment.order): segment.string.data
        for segment in extract_segments(target)
        if isinstance(segment, StringSegmentValue)
    }
    source, _created = TranslationSource.get_or_create_from_instance(original)
    translation, _created = Translation.objects.get_or_create(source=source, target_locale=locale)
    now = timezone.now()
    rows = []
    for segment in StringSegment.objects.filter(source=source).select_related("string", "context"):
        data = wanted.get((segment.context.path, segment.order))
        if data is not None:
            rows.append(
                StringTranslation(
                    translation_of=segment.string,
                    locale=locale,
                    context=segment.context,
                    data=data,
                    translation_type=StringTranslation.TRANSLATION_TYPE_MANUAL,
                    tool_name="demo",
                    created_at=now,
                    updated_at=now,
                )
            )
    StringTranslation.objects.bulk_create(rows, ignore_conflicts=True)
    translation.save_target(publish=True)
    return model.objects.filter(translation_key=original.translation_key, locale=locale).first()


def with_sources(record: Record) -> Record:
    """A plain page has no facts to hold its sources, so its text ends with them."""
    sources = [(row.text("title", required=True), row.text("url")) for row in record.rows("sources")]
    words = {code: {**table.data, "sources": sources} for code, table in record.words().items()}
    return type(record)(record.file, record.name, {**record.data, "words": words})
