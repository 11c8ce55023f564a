"""What every page shares, and the words of a fact: one page a language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, Panel
from wagtail.models import Page, PageViewRestriction
from wagtail.models.pages import PagePermissionTester
from wagtail.search import index
from wagtail_localize.models import Translation

from portal.base.advice import AdvicePanel
from portal.base.analysis import document, fold
from portal.base.fields import BodyField
from portal.base.languages import Text, current_language, locale_code
from portal.base.models import Agreement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpRequest

    from portal.base.facts import Fact


# First segments of addresses that are promised to calendars and mails; no page may take them.
RESERVED_SLUGS = frozenset(
    [
        *("calendar", "cite", "data", "embed", "event", "handbook.pdf", "module", "practice"),
        *("practices.atom", "project", "search"),
        *("delegation", "invitation", "my-registrations", "personal-data", "registration"),
    ]
)


class TranslatorPermissionTester(PagePermissionTester):
    """Who may write but not publish, as translators do, deletes and moves nothing, not even a draft of others."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        may_more = self.user.is_superuser or {"add", "publish"} & set(self.permissions)
        return bool(may_more) and super().can_delete(ignore_bulk)


class WordsForm(WagtailAdminPageForm):
    """Asks, where a page has other languages, whether they mean the same; the answer is for this revision only."""

    means_the_same = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("means_the_same")
        if field is None:
            return
        if not self.instance.pk or not self.instance.get_translations().live().filter(alias_of=None).exists():
            del self.fields["means_the_same"]
        elif self.instance.is_translation:
            field.label = _("This translation is up to date with the original")
        else:
            field.label = _("Small correction: translations stay up to date")
            field.help_text = _("Said of this version only.")

    def save(self, commit: bool = True) -> Any:
        self.instance.means_the_same = bool(self.cleaned_data.get("means_the_same"))
        return super().save(commit)


MEANS_THE_SAME = FieldPanel("means_the_same", disable_comments=True)


# Blocks of a text that hold sentences: reading them asks the database nothing, as pictures and files would.
TEXT_BLOCKS = frozenset({"heading", "text", "steps", "quote"})


class PlainTitle(index.SearchField):
    """The title without accents, beside Wagtail's own, which PostgreSQL does not find without them."""

    def get_value(self, obj: Any) -> str:
        return fold(obj.title.lower())


class BasePage(Page):
    """A page of the portal."""

    summary = models.CharField(
        _("summary"),
        max_length=300,
        blank=True,
        help_text=_("One or two sentences, shown in lists and by search engines. At most 300 characters."),
    )
    body = BodyField(verbose_name=_("text"), blank=True)

    show_in_menus_default = False
    base_form_class = WordsForm
    content_panels = [
        AdvicePanel(),
        *Page.content_panels,
        FieldPanel("summary", heading=_("Summary")),
        "body",
        MEANS_THE_SAME,
    ]
    # Words are indexed as analysed text: the same hits on every database.
    search_fields = [*Page.search_fields, PlainTitle("title"), index.SearchField("search_document")]
    title_limit: ClassVar[int] = 255  # characters
    search_related: ClassVar[tuple[str, ...]] = ()  # what `passages` and `search_facts` read, to be read ahead

    class Meta:
        abstract = True

    is_known_open = False  # set by routing, which has looked for restrictions already
    means_the_same = False  # said by the form, about the revision that it saves

    @property
    def language(self) -> str:
        return locale_code(self.locale_id)

    def get_view_restrictions(self) -> Any:
        return PageViewRestriction.objects.none() if self.is_known_open else super().get_view_restrictions()

    def clean(self) -> None:
        super().clean()
        if self.slug in RESERVED_SLUGS:
            raise ValidationError({"slug": _("This address is promised to something else; choose another.")})

    @property
    def is_translation(self) -> bool:
        """Whether these words were translated from those of another page."""
        return Translation.objects.filter(source__object_id=self.translation_key, target_locale=self.locale_id).exists()

    def save_revision(self, *args: Any, **kwargs: Any) -> Any:
        revision = super().save_revision(*args, **kwargs)
        if self.means_the_same:
            Agreement.objects.get_or_create(revision=revision)
        elif kwargs.get("overwrite_revision"):  # an autosave
            Agreement.objects.filter(revision=revision).delete()
        return revision

    def permissions_for_user(self, user: Any) -> Any:
        return TranslatorPermissionTester(user, self)

    def people_concerned(self) -> set[int]:
        """Keys of accounts that are told of comments on it, beside those who have written one."""
        return set()

    def search_parts(self) -> list[object]:
        """All that search looks through."""
        return [self.title, self.summary, *[block.value for block in self.body], *self.search_facts()]

    def search_facts(self) -> list[str]:
        """Names and places by which the thing is known, in whatever language."""
        return []

    def passages(self) -> list[str]:
        """The words in which search shows where its hit is, as plain text."""
        return [self.summary, *body_texts(self.body)]

    @classmethod
    def get_indexed_objects(cls) -> Any:
        return super().get_indexed_objects().prefetch_related(*cls.search_related)

    def search_document(self) -> str:
        return document(self.search_parts(), self.language)


def body_texts(body: Any) -> list[str]:
    kinds = [raw["type"] for raw in body.raw_data]
    blocks = [body[place] for place, kind in enumerate(kinds) if kind in TEXT_BLOCKS]
    return [text for block in blocks for text in block.block.get_searchable_content(block.value)]


class FactsPanel(Panel):
    """The facts that a page of words is about: to read, with the way to them."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "base/panels/facts.html"

        def get_context_data(self, parent_context: Any = None) -> Any:
            return super().get_context_data(parent_context) | {"fact": self.instance.fact}

        def is_shown(self) -> bool:
            return self.instance.fact is not None and super().is_shown()


class WordsPermissionTester(TranslatorPermissionTester):
    """Words follow their facts: a copy of the page would share the event and its registrations."""

    def can_copy(self) -> bool:
        return False

    def can_set_view_restrictions(self) -> bool:
        return False  # what is published is public; unpublish the facts to hide it


class WordsPage(BasePage):
    """Base of the pages that hold the words of a fact; `fact_field` names the foreign key to it."""

    fact_field: ClassVar[str] = ""

    class Meta:
        abstract = True

    @property
    def fact(self) -> Any:
        return getattr(self, self.fact_field)

    @property
    def is_translation(self) -> bool:
        return bool(self.fact and self.fact.original_language not in {"", self.language})

    def clean(self) -> None:
        super().clean()
        if self.fact is None:
            raise ValidationError(_("This page has no facts. Begin with “New” in the menu on the left."))
        same = type(self).objects.filter(**{self.fact_field: self.fact}, locale=self.locale_id, alias_of=None)
        if self.alias_of_id is None and same.exclude(pk=self.pk).exists():
            raise ValidationError(_("There are words for this in the same language already."))

    def save(self, *args: Any, **kwargs: Any) -> Any:
        result = super().save(*args, **kwargs)
        fact = self.fact
        if fact is not None and not fact.original_language:
            fact.original_language = self.language
            fact.save(update_fields=["original_language"])
        return result

    def permissions_for_user(self, user: Any) -> Any:
        return WordsPermissionTester(user, self)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> Any:
        if self.fact is not None:
            setattr(self, self.fact_field, self.fact.get_latest_revision_as_object())
        return super().serve_preview(request, mode_name)


@dataclass(slots=True)
class Entry:
    """A fact with its words in the reader's language, or else in the original one."""

    fact: Any
    page: Any
    title: Text
    summary: Text
    url: str
    languages: tuple[str, ...]

    @property
    def is_translated(self) -> bool:
        return self.title.language == current_language()


def with_words(facts: Iterable[Fact], request: HttpRequest | None = None, *, own: Sequence[int] = ()) -> list[Entry]:
    """Join facts with their words, in one query; none is lost because a translation is missing.

    Where there are no words in the reader's language the entry leads to the neutral address, which shows the
    original words inside the reader's frame.  `own` are facts that are known to have words in the reader's language:
    only those words of them are read, so their entries name no other language.
    """
    rows = list(facts)
    if not rows:
        return []
    relation = rows[0]._meta.get_field("pages")
    name = relation.field.name
    pages = (
        relation.related_model.objects.live()
        .filter(alias_of=None, **{f"{name}__in": [row.pk for row in rows]})
        .defer_streamfields()
        .order_by("first_published_at", "pk")
    )
    if own:
        others = [row.pk for row in rows if row.pk not in set(own)]
        pages = pages.filter(Q(locale__language_code=current_language()) | Q(**{f"{name}__in": others}))
    words: dict[int, dict[str, Any]] = {}
    for page in pages:
        words.setdefault(getattr(page, f"{name}_id"), {})[page.language] = page
    return [entry(row, words.get(row.pk, {}), request) for row in rows]


def public_entry(fact: Fact | None, request: HttpRequest | None = None) -> Entry | None:
    """A fact with its words, if there is one and it is public."""
    return with_words([fact], request)[0] if fact is not None and fact.live else None


def choose(pages: dict[str, Any], original: str) -> Any:
    """The page in the reader's language, else in the original one, else the one published first."""
    for code in (current_language(), original, *pages):
        if code in pages:
            return pages[code]
    return None


def entry(fact: Any, pages: dict[str, Any], request: HttpRequest | None) -> Entry:
    page = choose(pages, fact.original_language)
    if page is None:
        url = fact.get_absolute_url()
        return Entry(fact, None, fact.working_title, Text("", ""), url, ())
    own = page.get_url(request) if page.language == current_language() else None
    return Entry(
        fact=fact,
        page=page,
        title=Text(page.title, page.language),
        summary=Text(page.summary, page.language),
        url=own or fact.get_absolute_url(),
        languages=tuple(pages),
    )


def hidden_pages() -> set[int]:
    """Live pages whose facts are not shown: no list, search or sitemap may name them."""
    hidden: set[int] = set()
    for model in WordsPage.__subclasses__():
        facts = model._meta.get_field(model.fact_field).related_model.objects.shown()
        hidden.update(model.objects.live().exclude(**{f"{model.fact_field}__in": facts}).values_list("pk", flat=True))
    return hidden


def published_words(fact: Any) -> dict[str, Any]:
    """The live words of one fact by language, the first published first."""
    return published_words_of([fact])[fact.pk]


def published_words_of(facts: Sequence[Any]) -> dict[int, dict[str, Any]]:
    """The same for many facts of one model, by their keys, in as many queries as for one."""
    words: dict[int, dict[str, Any]] = {fact.pk: {} for fact in facts}
    if not facts:
        return words
    relation = facts[0]._meta.get_field("pages")
    name = relation.field.name
    pages = relation.related_model.objects.live().public().filter(alias_of=None, **{f"{name}__in": list(words)})
    for page in pages.order_by("first_published_at", "pk"):
        words[getattr(page, f"{name}_id")][page.language] = page
    return words
