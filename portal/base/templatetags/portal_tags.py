"""What every template may use: icons, covers, languages, page numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.base import outdated, rich_text, tiles, when
from portal.base.languages import Text, current_language, language_name

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from django.core.paginator import Page

register = template.Library()

KEPT = re.compile(r"(<(?:textarea|pre)\b.*?</(?:textarea|pre)>)", re.DOTALL | re.IGNORECASE)
INDENTATION = re.compile(r"[ \t]*\n\s*")
CAPITALISED = ("de", "en", "nl")  # these write the names of languages with a capital, wherever they stand


@register.simple_block_tag
def tidy(content: str) -> SafeString:
    """Leave out the indentation of templates: a tenth of a page's weight.  Within text fields nothing changes."""
    parts = KEPT.split(content)
    parts[::2] = [INDENTATION.sub("\n", part) for part in parts[::2]]
    return mark_safe("".join(parts).strip())  # noqa: S308  (rendered, and so escaped, already)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Draw an icon of the sprite; always beside words, so it is silent.  `extra` is a class more."""
    return format_html(
        '<svg class="icon{}" width="20" height="20" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {extra}" if extra else "",
        static("site/icons.svg"),
        name,
    )


@register.simple_tag
def cover(seed: object, columns: int = 6, rows: int = 2) -> SafeString:
    """Draw the picture of what has no photo; the same seed has the same picture for ever."""
    return mark_safe(tiles.cover(str(seed), columns, rows))  # noqa: S308  (numbers and our own colours only)


@register.simple_tag
def lang_attr(code: str | None = "") -> SafeString:
    """Print ` lang="it"` for words in another language than the page's, and nothing for the rest."""
    if not code or code == current_language():
        return SafeString("")
    return format_html(' lang="{}"', code)


@register.filter(name="language_name")
def language_in_sentence(code: str) -> str:
    """Name a language as it is written in the middle of a sentence in the page's language."""
    name = language_name(code)
    return name if current_language().startswith(CAPITALISED) else name.lower()


@register.filter
def language_names(codes: Iterable[str]) -> str:
    """List languages: "Italian, French"."""
    return ", ".join(language_in_sentence(code) for code in codes)


@register.filter
def said_in(text: str, code: str) -> Text:
    """Join words with the language that they are in."""
    return Text(text, code)


@register.filter
def in_sentence(words: Text) -> SafeString:
    """Mark words that are not in the reader's language, for a sentence in it."""
    mark = lang_attr(words.language)
    return format_html("<span{}>{}</span>", mark, words) if mark else format_html("{}", words)


@register.filter
def as_written(text: str, code: str) -> SafeString:
    """Mark words that are quoted in their own language, for a sentence in the reader's."""
    return format_html('<span lang="{}" translate="no">{}</span>', code, text)


@register.filter
def partial_date(text: str) -> str:
    """Write 2019, 2019-05 or 2019-05-14 in words, as exactly as it is known."""
    return when.partial(text)


@register.filter
def rich(text: str) -> SafeString:
    """Show stored rich text; the tree it is read into is that of the handbook and of plain text."""
    return rich_text.as_html(rich_text.read([text])[0])


@register.filter
def long_day(day: dt.date) -> str:
    return when.long_day(day)


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """Write a sum as the language does, without cents that are none."""
    return when.sum_of(amount, currency)


@register.simple_tag
def age_of(page: Any) -> outdated.Age:
    """Whether the words of a page are older than their original, or a machine's."""
    return outdated.age_of(page)


@register.simple_tag
def page_numbers(page: Page[object]) -> Iterator[int | str]:
    """Give the numbers of a paginated list, with an ellipsis where there are too many."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.filter
def kind_of_page(page: Any) -> str:
    """Say what a page is about, in the words of its model: an event, a Cité."""
    fact = getattr(page, "fact", None)
    name = str((fact or page)._meta.verbose_name)
    return name[:1].upper() + name[1:]
