"""Columns of lists of facts that are counted for a whole page of the list at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.models import Revision

from portal.base.hub import FactIndexView
from portal.base.languages import language_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class TellingIndexView(FactIndexView):
    """A list whose rows are told, before it is drawn, what its columns say of them."""

    related: ClassVar[tuple[str, ...]] = ()  # foreign keys that columns show

    def get_queryset(self) -> Any:
        found = super().get_queryset()
        return found.select_related(*self.related) if self.related else found

    def get_table(self, object_list: Iterable[Any]) -> Any:
        rows = list(object_list)
        self.tell(rows)
        return super().get_table(rows)

    def tell(self, rows: Sequence[Any]) -> None:
        languages, scheduled = live_languages(rows), scheduled_of(rows)
        for row in rows:
            row.live_languages = languages[row.pk]
            row.is_scheduled = str(row.pk) in scheduled


def live_languages(facts: Sequence[Any]) -> dict[int, list[str]]:
    """The languages that facts of one kind have public texts in, the original one first; one query."""
    if not facts:
        return {}
    field = facts[0]._meta.get_field("pages").field
    found: dict[int, list[str]] = {fact.pk: [] for fact in facts}
    pages = field.model.objects.live().filter(alias_of=None, **{f"{field.name}__in": list(found)})
    for key, code in pages.order_by("pk").values_list(field.name, "locale__language_code"):
        found[key].append(code)
    for fact in facts:
        found[fact.pk].sort(key=fact.original_language.__ne__)
    return found


def scheduled_of(facts: Sequence[Any]) -> set[str]:
    """The keys of those that have a revision to be published later; Wagtail's status asks for each."""
    if not facts:
        return set()
    revisions = Revision.objects.filter(
        base_content_type=facts[0].get_base_content_type(),
        object_id__in=[str(fact.pk) for fact in facts],
        approved_go_live_at__isnull=False,
    )
    return set(revisions.values_list("object_id", flat=True))


LANGUAGES = Column(
    "live_languages",
    label=_("texts in"),
    accessor=lambda row: ", ".join(language_name(code) for code in row.live_languages),
)
