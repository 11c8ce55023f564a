"""Which translations are older than their original: decided when words are published, and stored.

A translation is up to date while it was made from every part of the original as that is published now. Publishing
the same words again outdates nothing, and neither does a change that its publisher calls a small correction.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext
from wagtail_localize.fields import TranslatableField, get_translatable_fields
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments

from portal.base import when
from portal.base.models import Agreement, Wording
from portal.base.pages import BasePage, WordsPage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from uuid import UUID

NOT_READ = {"slug"}  # an address is translated, but says nothing


def parts_of(page: Any) -> dict[str, str]:
    """A digest of the words of each part of a page; pictures, links and addresses are no words."""
    fields = [part for part in get_translatable_fields(type(page)) if isinstance(part, TranslatableField)]
    words: dict[str, list[str]] = {part.field_name: [] for part in fields if part.field_name not in NOT_READ}
    for segment in extract_segments(page):
        name = segment.path.partition(".")[0]
        if isinstance(segment, StringSegmentValue) and name in words:
            words[name].append(segment.string.data)
    return {name: digest(texts) for name, texts in words.items()}


def digest(texts: list[str]) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16] if texts else ""


def parts_of_source(source: TranslationSource) -> dict[str, str]:
    """The same of the original as it was when wagtail-localize last took up its words."""
    return dict(parts_of_stored(source.specific_content_type.model_class(), source.content_json))


@lru_cache(maxsize=16)  # an original is often published in several languages at once
def parts_of_stored(model: Any, content: str) -> dict[str, str]:
    return parts_of(model.from_json(content))


def original_of(page: Any) -> Any:
    """The page that this one is a translation of; None if it is an original, or of nothing that we know."""
    if isinstance(page, WordsPage):
        versions = page.fact.pages.filter(alias_of=None) if page.fact else type(page).objects.none()
        language = page.fact.original_language if page.fact else ""
    else:
        versions = type(page).objects.filter(translation_key=page.translation_key, alias_of=None)
        source = TranslationSource.objects.filter(object_id=page.translation_key, translations__isnull=False)
        language = source.order_by("pk").values_list("locale__language_code", flat=True).first() or ""
    return versions.filter(locale__language_code=language).exclude(pk=page.pk).first()


def translations_of(original: Any) -> list[Any]:
    """The public translations of an original."""
    if isinstance(original, WordsPage):
        pages = original.fact.pages.all()
    else:
        keys = Translation.objects.filter(source__object_id=original.translation_key)
        pages = type(original).objects.filter(
            translation_key=original.translation_key, locale__in=keys.values("target_locale")
        )
    return list(pages.live().filter(alias_of=None).exclude(pk=original.pk))


def on_page_published(instance: Any, revision: Any, **_kwargs: Any) -> None:
    """Receive Wagtail's `page_published`."""
    if not isinstance(instance, BasePage) or instance.alias_of_id:
        return
    if isinstance(instance, WordsPage) and instance.fact is None:  # a copy, which nobody sees
        return
    original = original_of(instance)
    is_agreed = revision is not None and Agreement.objects.filter(revision=revision).exists()
    if original is None:
        original_published(instance, revision, is_agreed=is_agreed)
    else:
        translation_published(instance, original, is_agreed=is_agreed)


@transaction.atomic
def original_published(page: Any, revision: Any, *, is_agreed: bool) -> None:
    row = locked(page)
    before, row.parts = row.parts, parts_of(page)
    if before == row.parts:
        return
    row.revision = revision
    if not is_agreed or row.changed_at is None:
        row.changed_at = timezone.now()
    row.save()
    for translation in translations_of(page):
        other = locked(translation)
        other.parts = other.parts or supposed_parts(translation, before or row.parts)
        if is_agreed:
            agree(other, before, row)
        compare(other, row)


def supposed_parts(translation: Any, otherwise: dict[str, str]) -> dict[str, str]:
    """What a translation has that was public before such rows were kept: what it was last brought up to."""
    made_from = Translation.objects.filter(
        source__object_id=translation.translation_key, target_locale=translation.locale_id
    )
    row = made_from.select_related("source").order_by("pk").first()
    return parts_of_source(row.source) if row else dict(otherwise)


def agree(translation: Wording, before: dict[str, str], original: Wording) -> None:
    """Take up a small correction in the parts that were up to date before it, and in no other."""
    known = before or translation.parts
    for name, words in original.parts.items():
        if name in known and translation.parts.get(name) == known[name]:
            translation.parts[name] = words


@transaction.atomic
def translation_published(page: Any, original: Any, *, is_agreed: bool) -> None:
    row = locked(original)
    if not row.parts:  # public since before such rows were kept
        row.parts, row.revision, row.changed_at = parts_of(original), original.live_revision, original.last_published_at
        row.save()
    other = locked(page)
    work = work_on(page)
    if work is not None:
        made_from = parts_of_source(work.translation.source)
        other.parts |= {name: words for name, words in made_from.items() if name not in work.missing_parts}
        other.is_unreviewed = work.unreviewed > 0
    elif is_agreed or not other.parts:  # the first time, it was written beside the original as it stands
        other.parts, other.is_unreviewed = dict(row.parts), False
    compare(other, row)


def compare(translation: Wording, original: Wording) -> None:
    if translation.differences(original):
        translation.outdated_since = translation.outdated_since or timezone.now()
    else:
        translation.outdated_since, translation.revision = None, original.revision
    translation.save()


def locked(page: Any) -> Wording:
    """The row of a page, until the transaction ends; the original's comes first."""
    return Wording.objects.select_for_update(of=("self",)).get_or_create(page_id=page.pk)[0]


@dataclass(slots=True)
class Age:
    """What readers are told about the words of a page; nothing, most of the time."""

    original: Any = None  # that is newer
    url: str = ""
    changed_on: dt.date | None = None
    is_partial: bool = False
    is_unreviewed: bool = False

    @property
    def notices(self) -> list[str]:
        return [text for text in (self.of_original, self.of_machine) if text]

    @property
    def of_original(self) -> str:
        if self.changed_on is None:
            return ""
        if self.is_partial:
            return gettext("A part of this text is not translated yet.")
        text = gettext("This translation is older than the original of %(day)s.")
        return text % {"day": when.long_day(self.changed_on)}

    @property
    def of_machine(self) -> str:
        if not self.is_unreviewed:
            return ""
        return gettext("This text was translated by a machine. Nobody has read it over yet.")


def age_of(page: Any) -> Age:
    """One query for a page that is up to date."""
    row = Wording.objects.filter(page=page.pk).first() if page.pk else None
    original = original_of(page) if row and row.outdated_since else None
    current = Wording.objects.filter(page=original.pk).first() if original and original.live else None
    return age_beside(row, original, current)


def ages_of(pages: Iterable[tuple[Any, Any]]) -> dict[int, Age]:
    """The same for many pages, each given with its public original if there is one, in one query."""
    pairs = list(pages)
    rows = {
        row.page_id: row
        for row in Wording.objects.filter(page__in={page.pk for pair in pairs for page in pair if page})
    }
    return {
        page.pk: age_beside(rows.get(page.pk), original, rows.get(original and original.pk)) for page, original in pairs
    }


def age_beside(row: Wording | None, original: Any, current: Wording | None) -> Age:
    """What two rows say, that of a page and that of its original."""
    if row is None:
        return Age()
    age = Age(is_unreviewed=row.is_unreviewed)
    if row.outdated_since and current is not None and current.changed_at is not None:
        age.original, age.url = original, original.get_url()
        age.changed_on = timezone.localdate(current.changed_at)
        age.is_partial = any(words and name not in row.parts for name, words in current.parts.items())
    return age


def translation_into(page: Any) -> Translation | None:
    """What wagtail-localize keeps about a page that is translated in its editor."""
    rows = Translation.objects.filter(
        source__object_id=page.translation_key, target_locale=page.locale_id, enabled=True
    )
    return rows.select_related("source", "target_locale").order_by("pk").first()


@dataclass(slots=True)
class Work:
    """How far the translation of a page is, segment by segment."""

    translation: Translation
    total: int = 0
    done: int = 0
    unreviewed: int = 0  # by a machine, and nobody has saved them since
    missing_parts: set[str] = field(default_factory=set)
    latest: dt.datetime | None = None  # when somebody last translated something

    @property
    def is_complete(self) -> bool:
        return not self.missing_parts

    def add(self, path: str, found: StringTranslation | None) -> None:
        name = path.partition(".")[0]
        if name in NOT_READ:
            return
        self.total += 1
        if found is None:
            self.missing_parts.add(name)
            return
        self.done += 1
        self.unreviewed += found.translation_type == StringTranslation.TRANSLATION_TYPE_MACHINE
        self.latest = max(self.latest or found.updated_at, found.updated_at)


def works(translations: Iterable[Translation]) -> dict[tuple[UUID, int], Work]:
    """How far these are, by translation key and locale of their pages, in two queries however many they are."""
    rows = list(translations)
    keys = {row.source.object_id for row in rows}
    found = {
        (row.locale_id, row.context_id, row.translation_of_id): row
        for row in StringTranslation.objects.filter(context__object_id__in=keys, has_error=False).defer("data")
    }
    segments: dict[int, list[Any]] = {}
    for segment in StringSegment.objects.filter(source__object_id__in=keys).select_related("context"):
        segments.setdefault(segment.source_id, []).append(segment)
    result = {}
    for row in rows:
        work = Work(row)
        for segment in segments.get(row.source_id, []):
            string = (row.target_locale_id, segment.context_id, segment.string_id)
            work.add(segment.context.path, found.get(string))
        result[row.source.object_id, row.target_locale_id] = work
    return result


def missing_passages(work: Work) -> list[str]:
    """What is not translated yet, in the original's words and order."""
    rows = StringSegment.objects.filter(source=work.translation.source_id).exclude(context__path__in=NOT_READ)
    missing = rows.annotate_translation(work.translation.target_locale).filter(translation=None)
    return [unescape(strip_tags(words)) for words in missing.order_by("order").values_list("string__data", flat=True)]


def work_on(page: Any) -> Work | None:
    """The same for one page; None where it is not translated in wagtail-localize's editor."""
    translation = translation_into(page)
    return works([translation]).popitem()[1] if translation else None
