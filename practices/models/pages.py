from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.fields import RichTextField
from wagtail.models import TaskState
from wagtail_localize.fields import SynchronizedField, TranslatableField

from home.editors import editors_of
from portal.base.advice import AdvicePanel
from portal.base.blocks import TEXT_FEATURES, FileBlock, SourceBlock
from portal.base.fields import BodyField
from portal.base.pages import MEANS_THE_SAME, BasePage, FactsPanel, WordsForm, WordsPage
from portal.base.parts import PartsMixin
from practices.checklist import ChecklistPanel, checklist
from practices.examples import GuidedPanel, GuidedTitlePanel
from practices.models.practice import Practice
from practices.models.review import the_workflow
from practices.permissions import SheetPermissionTester
from practices.sheet import practice_context
from practices.vademecum import vademecum_context

if TYPE_CHECKING:
    from django.http import HttpRequest

# The parts of a sheet in reading order.
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


class SheetForm(WordsForm):
    """Says what is still missing when a sheet is submitted for review; a draft may lack everything."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "title" in self.fields:
            self.fields["title"].widget.attrs["maxlength"] = PracticePage.title_limit

    def _post_clean(self) -> None:
        super()._post_clean()
        practice = self.instance.practice
        if practice is None or not {"action-submit", "action-restart-workflow"} & set(self.data):
            return
        for row in checklist(practice.get_latest_revision_as_object(), self.instance):
            if row.is_missing and row.name in self.fields and not row.is_fact:
                self.add_error(row.name, gettext("Needed before it goes to the reviewers."))
            elif row.is_missing:
                self.add_error(None, gettext("Missing in the facts: %(what)s") % {"what": row.label})


class PracticePage(PartsMixin, WordsPage):
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

    base_form_class = SheetForm
    title_limit: ClassVar[int] = 100
    fact_field = "practice"
    part_headings = PARTS
    search_related = ("practice",)
    parent_page_types = ["home.CitePage", "practices.VademecumPage"]
    exclude_fields_in_copy = ["practice"]
    content_panels = [
        FactsPanel(heading=_("Facts")),
        ChecklistPanel(),
        AdvicePanel(),
        GuidedTitlePanel(),
        GuidedPanel("question"),
        *(GuidedPanel(name) for name, _heading in PARTS),
        GuidedPanel("summary", heading=_("Summary")),
        GuidedPanel("documents"),
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

    def clean(self) -> None:
        super().clean()
        if len(self.title) > self.title_limit:
            too_long = gettext("At most %(limit)s characters; this has %(number)s.")
            raise ValidationError({"title": too_long % {"limit": self.title_limit, "number": len(self.title)}})

    def permissions_for_user(self, user: Any) -> Any:
        return SheetPermissionTester(user, self)

    @property
    def is_of_public_original(self) -> bool:
        """Whether these words translate public ones, which reviewers have read."""
        if self.alias_of_id or not self.is_translation or not self.practice.live:
            return False
        original = self.practice.pages.filter(locale__language_code=self.practice.original_language, alias_of=None)
        return bool(original.filter(live=True).exists())

    def people_concerned(self) -> set[int]:
        """The editors of its owner, and whoever submitted it or decided about it."""
        if self.practice is None:
            return set()
        reviews = self.workflow_states
        decided = TaskState.objects.filter(workflow_state__in=reviews)
        keys = {*decided.values_list("finished_by", flat=True), *reviews.values_list("requested_by", flat=True)}
        if self.practice.cite_id:
            keys.update(editors_of(self.practice.cite_id).values_list("pk", flat=True))
        return keys - {None}

    def get_workflow(self) -> Any:
        """That of the reviewers, for originals; never one that somebody has put on a branch of the tree."""
        if self.alias_of_id or self.practice_id is None or self.is_translation:
            return None
        return the_workflow()

    @property
    def has_workflow(self) -> bool:
        return self.get_workflow() is not None

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | practice_context(self, request)

    def search_parts(self) -> list[object]:
        return [*super().search_parts(), self.question]

    def passages(self) -> list[str]:
        summary, *others = super().passages()
        return [summary, self.question, *others]
