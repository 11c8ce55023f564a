"""What a sheet still lacks: said beside its forms and on its hub, and asked for before it goes to the reviewers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.text import capfirst
from wagtail.admin.panels import Panel
from wagtail.fields import RichTextField
from wagtail.rich_text import get_text_for_indexing

from practices.examples import EXAMPLES
from practices.models.review import is_waiting, review_of

if TYPE_CHECKING:
    from django.db.models import Field

# In the order in which a sheet is thought out. What is optional is shown to editors as empty, to readers not at all.
FACTS = {
    "chapter": True,
    "cite": False,  # empty: a practice of the network, which only coordinators may say
    "target_groups": True,
    "partner_kinds": False,
    "evidence": True,
    "since": False,
    "contact_email": True,
    "authors": False,
    "licence": False,  # empty: to be confirmed, as readers are told
}
WORDS = {
    "title": True,
    "question": True,
    "context": True,
    "objectives": False,
    "steps": True,
    "partners": True,
    "resources": False,
    "results": True,
    "success_factors": False,
    "obstacles": False,
    "transfer": False,
    "summary": True,
    "documents": False,
}


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a sheet, as drafted."""

    name: str
    label: str
    is_fact: bool
    is_required: bool
    is_written: bool
    url: str

    @property
    def is_missing(self) -> bool:
        return self.is_required and not self.is_written


def checklist(practice: Any, page: Any) -> list[Item]:
    """All parts of the drafts of a practice and of its original words, which may not exist yet."""
    rows = [item(practice, name, must, is_fact=True) for name, must in FACTS.items()]
    words = page or practice._meta.get_field("pages").related_model(slug="-")
    return [*rows, *(item(words, name, must, is_fact=False) for name, must in WORDS.items())]


def item(thing: Any, name: str, must: bool, *, is_fact: bool) -> Item:
    field = thing._meta.get_field(name)
    edit = "practices:edit" if is_fact else "wagtailadmin_pages:edit"
    place = f"part-{name}" if name in EXAMPLES else f"id_{name}"  # the field of a rich text is hidden
    url = f"{reverse(edit, args=[thing.pk])}#{place}" if thing.pk else ""
    return Item(name, capfirst(str(field.verbose_name)), is_fact, must, is_written(thing, field), url)


def is_written(thing: Any, field: Field[Any, Any]) -> bool:
    value = getattr(thing, field.name)
    if field.many_to_many:
        return bool(value.all()) if thing.pk else False
    if isinstance(field, RichTextField):  # the editor leaves an empty paragraph
        return bool(get_text_for_indexing(value or "").strip())
    return bool(value)


def checklist_of(practice: Any) -> list[Item]:
    """The same for the stored practice, from its latest drafts."""
    page = original_words(practice)
    draft = page.get_latest_revision_as_object() if page else None
    return checklist(practice.get_latest_revision_as_object(), draft)


def original_words(practice: Any) -> Any:
    pages = practice.pages.filter(alias_of=None, locale__language_code=practice.original_language)
    return pages.first()


class ChecklistPanel(Panel):
    """The list beside a form: of what was saved last, also by the editor's browser of itself."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "practices/panels/checklist_in_form.html"

        def get_context_data(self, parent_context: Any = None) -> Any:
            return super().get_context_data(parent_context) | form_checklist(sheet_in_form(self.instance))

        def is_shown(self) -> bool:
            return sheet_in_form(self.instance) is not None and bool(super().is_shown())


def sheet_in_form(thing: Any) -> Any:
    """The sheet whose facts or original words these are; None for anything else."""
    label = thing._meta.label
    if label == "practices.Practice":
        return thing
    return thing.practice if label == "practices.PracticePage" and not thing.is_translation else None


def form_checklist(practice: Any) -> dict[str, Any]:
    """The list beside a form, and what reviewers ask for; of a sheet that is not stored yet there is none."""
    if practice.pk is None:
        return {"checklist": []}
    rows = checklist_of(type(practice)._default_manager.get(pk=practice.pk))
    review = review_of(practice)
    return {
        "checklist": rows,
        **summed_up(rows),
        "asked": review.current_task_state if review is not None and not is_waiting(review) else None,
        "submit_url": "" if is_waiting(review) else practice.admin_url,
    }


def summed_up(rows: list[Item]) -> dict[str, Any]:
    return {
        "missing": [row for row in rows if row.is_missing],
        "done": sum(row.is_written for row in rows if row.is_required),
        "wanted": sum(row.is_required for row in rows),
    }
