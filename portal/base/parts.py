"""Pages whose text has fixed parts, each a field of rich text with a heading of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from wagtail.rich_text import get_text_for_indexing

from portal.base.rich_text import as_html, read

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

Part = tuple[str, Any, str]  # name, heading, HTML


class PartsMixin:
    """Before WordsPage among the bases of a page; `part_headings` names the fields in reading order."""

    part_headings: ClassVar[tuple[tuple[str, Any], ...]] = ()

    @property
    def all_parts(self) -> list[Part]:
        return [(name, heading, getattr(self, name)) for name, heading in self.part_headings]

    @property
    def parts(self) -> list[Part]:
        """Those that somebody has written; readers see no empty ones."""
        return [part for part in self.all_parts if part[2]]

    @property
    def rich_parts(self) -> list[tuple[str, Any, SafeString]]:
        """All parts as readers see them, the empty ones too, for a preview; the handbook is made of the same trees."""
        parts = self.all_parts
        trees = read([html for _name, _heading, html in parts])
        return [(name, heading, as_html(tree)) for (name, heading, _html), tree in zip(parts, trees, strict=True)]

    def search_parts(self) -> list[object]:
        return [*super().search_parts(), *(html for _name, _heading, html in self.parts)]  # type: ignore[misc]

    def passages(self) -> list[str]:
        summary, *body = super().passages()  # type: ignore[misc]
        return [summary, *(get_text_for_indexing(html) for _name, _heading, html in self.parts), *body]
