"""Languages of the interface, and the tongue a piece of text is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import get_language, get_language_info
from wagtail.models import Locale

if TYPE_CHECKING:
    from collections.abc import Mapping

_codes: dict[int, str] = {}


@dataclass(frozen=True, slots=True)
class Text:
    """Words together with the language (BCP 47) that they are in."""

    text: str
    language: str

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


def current_language() -> str:
    """The language of the page, mail or feed that is being made; the site's default if none is active."""
    return get_language() or settings.LANGUAGE_CODE


def language_choices() -> list[tuple[str, str]]:
    """The nine languages of the interface, each in its own name."""
    return list(settings.LANGUAGES)


def language_name(code: str) -> str:
    """The name of a language in the language of the page; the bare code for one that Django does not know."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def pick(words: Mapping[str, str], language: str | None = None, original: str | None = None) -> Text:
    """Choose from the same words in several languages: the reader's, else the original, else what there is."""
    order = [language or current_language(), original, settings.LANGUAGE_CODE, "en", *words]
    for code in order:
        if code and words.get(code):
            return Text(words[code], code)
    return Text("", language or current_language())


def locale_code(locale_id: int) -> str:
    """The language code of a Wagtail Locale row, read once per process.

    A row's code never changes and its number is never used again; one that another process has added is
    found by reading the table again.
    """
    if locale_id not in _codes:
        _codes.update(Locale.objects.values_list("pk", "language_code"))
    return _codes[locale_id]
