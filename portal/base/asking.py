"""What somebody asks for in each language that texts are in, and how well a title answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.base.analysis import Forms, analyse, asked_words, query
from portal.base.languages import current_language

if TYPE_CHECKING:
    from collections.abc import Iterable

Asked = dict[str, tuple[Forms, ...]]  # by language


def asked_in(text: str, codes: Iterable[str]) -> Asked:
    """The words as each of these languages has them, and the reader's."""
    return asked_words(text, sorted({current_language(), *codes}))


def pages_with(model: Any, asked: Asked) -> Any:
    """All pages of a model, drafts too, that have all the words in one of the languages; in no order.

    Ordered by relevance it would ask SQLite for each page's rank apart, which takes a millisecond a page.
    """
    found = model.objects.all().search(query(dict.fromkeys(asked.values())), order_by_relevance=False)
    return found.get_queryset()


def words_in(language: str, asked: Asked) -> tuple[Forms, ...]:
    """What was asked as this language has it, else as any has."""
    return asked.get(language) or tuple(word for words in asked.values() for word in words)


def weight(title: str, language: str, asked: Asked) -> tuple[int, float]:
    """How many of the words the title has, and how much of the title they are."""
    words = analyse(title, language)
    held = {form for found in words for form in found}
    count = sum(not held.isdisjoint(word) for word in words_in(language, asked))
    return count, count / (len(words) or 1)
