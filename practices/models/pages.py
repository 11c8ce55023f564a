from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.rich_text import get_text_for_indexing
from wagtail_localize.fields import SynchronizedField, TranslatableField

from portal.base.blocks import TEXT_FEATURES, FileBlock, SourceBlock
from portal.base.fields import BodyField
from portal.base.pages import MEANS_THE_SAME, BasePage, FactsPanel, WordsPage
from portal.base.rich_text import as_html, read
from practices.models.practice import Practice
from practices.sheet import practice_context
from practices.vademecum import vademecum_context

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

# The parts of a sheet in reading order; empty ones are not shown to readers.
PARTS = (
    ("context", _("Context")),
    ("objectives", _("Objectives")),
    ("steps", _("Steps")),
    ("partners", _("Partners and their roles")),
    ("resources", _("Resources needed")),
    ("results", _("Results and evidence")),
    ("success_factors", _("What made it work")),
    ("obstacles", _("Obstacles, and what failed")),
    ("transfer", _("Taking it up elsewhere")),
)


class VademecumPage(BasePage):
    """The index of all sheets; those of the network itself lie below it."""

    parent_page_types = ["home.HomePage"]

    class Meta:
        verbose_name = _("vademecum")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | vademecum_context(request)


def part(label: Any) -> RichTextField:
    return RichTextField(label, blank=True, features=TEXT_FEATURES)


class PracticePage(WordsPage):
    """The words of a sheet, in one language: a question from the field, and an answer in fixed parts."""

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, null=True, related_name="pages")
    question = models.CharField(
        _("the question it answers"), max_length=200, blank=True, help_text=_("As a counsellor would ask it.")
    )
    context = part(_("context"))
    objectives = part(_("objectives"))
    steps = part(_("steps"))
    partners = part(_("partners and their roles"))
    resources = part(_("resources needed"))
    results = part(_("results and evidence"))
    success_factors = part(_("what made it work"))
    obstacles = part(_("obstacles, and what failed"))
    transfer = part(_("taking it up elsewhere"))
    documents = BodyField([("file", FileBlock()), ("link", SourceBlock())], blank=True, verbose_name=_("documents"))

    fact_field = "practice"
    search_related = ("practice",)
    parent_page_types = ["home.CitePage", "practices.VademecumPage"]
    exclude_fields_in_copy = ["practice"]
    content_panels = [
        FactsPanel(heading=_("Facts")),
        *BasePage.content_panels[:-2],
        "question",
        *(FieldPanel(name) for name, _heading in PARTS),
        "documents",
        "body",
        MEANS_THE_SAME,
    ]
    override_translatable_fields = [
        SynchronizedField("practice", overridable=False),
        TranslatableField("slug"),
    ]

    class Meta:
        verbose_name = _("text of a practice")
        verbose_name_plural = _("texts of practices")

    @property
    def parts(self) -> list[tuple[str, Any, str]]:
        """Name, heading and HTML of the parts that somebody has written."""
        return [part for part in self.all_parts if part[2]]

    @property
    def all_parts(self) -> list[tuple[str, Any, str]]:
        """The same with the empty ones, which a preview shows as such."""
        return [(name, heading, getattr(self, name)) for name, heading in PARTS]

    @property
    def rich_parts(self) -> list[tuple[str, Any, SafeString]]:
        """All parts as readers see them, the empty ones too; the handbook is made from the same trees."""
        parts = self.all_parts
        trees = read([html for _name, _heading, html in parts])
        return [(name, heading, as_html(tree)) for (name, heading, _html), tree in zip(parts, trees, strict=True)]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | practice_context(self, request)

    def search_parts(self) -> list[object]:
        return [*super().search_parts(), self.question, *(html for _name, _heading, html in self.parts)]

    def passages(self) -> list[str]:
        parts = (get_text_for_indexing(html) for _name, _heading, html in self.parts)
        return [self.summary, self.question, *parts, *super().passages()[1:]]
