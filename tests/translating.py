"""Translations as wagtail-localize's editor makes them."""

from __future__ import annotations

from typing import Any

from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from tests import factories


def begin(original: Any, code: str = "en") -> Translation:
    """A draft of a translation, with nothing translated."""
    source, _created = TranslationSource.get_or_create_from_instance(original)
    translation = Translation.objects.create(source=source, target_locale=factories.locale(code))
    translation.save_target(publish=False)
    return translation


def fill(translation: Translation, *paths: str, kind: str = "manual", prefix: str = "") -> None:
    """Translate these parts, or else all of them; what is translated already stays."""
    for segment in StringSegment.objects.filter(source=translation.source).select_related("context", "string"):
        path = segment.context.path
        if not paths or path.partition(".")[0] in paths:
            StringTranslation.objects.get_or_create(
                translation_of=segment.string,
                locale=translation.target_locale,
                context=segment.context,
                defaults={"data": prefix + segment.string.data, "translation_type": kind},
            )


def publish(translation: Translation) -> Any:
    """What the editor's button does; it waits for the end of the transaction, where a test has none."""
    translation.save_target(publish=False)
    page = translation.get_target_instance()
    page.get_latest_revision().publish()
    return factories.stored(page)


def translated(original: Any, code: str = "en") -> Any:
    """A public translation with everything in it."""
    translation = begin(original, code)
    fill(translation)
    return publish(translation)


def rewrite(page: Any, *, means_the_same: bool = False, **words: Any) -> Any:
    """Publish the page with other words."""
    page = factories.stored(page)
    for name, value in words.items():
        setattr(page, name, value)
    page.means_the_same = means_the_same
    page.save_revision().publish()
    return factories.stored(page)
