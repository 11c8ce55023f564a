"""An event's own questions in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import fields_for_model
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from events.below_hub import BelowHub, OfEvent
from events.models import Choice, Question
from events.models.admission import QuestionKind
from events.questions import FIELDS, Offered, QuestionRefused, ask_again, save_question, withdraw_question
from portal.base.labels import LabelsFormField

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from events.models import Event

MORE_CHOICES, MAX_CHOICES = 3, 100  # empty rows, all rows
PREFIX = "choice"


class QuestionForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_for_model(Question, FIELDS))
        self.fields["sort_order"].required = False

    def clean_sort_order(self) -> int:
        return self.cleaned_data["sort_order"] or 0


class ChoiceForm(forms.Form):
    """One answer to choose from; an empty row is none."""

    code = forms.CharField(required=False, widget=forms.HiddenInput)
    labels = LabelsFormField(label=_("Answer"), required=False)
    is_removed = forms.BooleanField(label=_("Do not offer it any more"), required=False)


ChoiceRows = forms.formset_factory(ChoiceForm, extra=MORE_CHOICES, max_num=MAX_CHOICES, absolute_max=MAX_CHOICES)


def offered(rows: Any) -> list[Offered]:
    found = [row.cleaned_data for row in rows.forms if row.cleaned_data.get("labels")]
    return [Offered(data["code"], data["labels"], data["is_removed"]) for data in found]


def stored_choices(question: Question | None) -> list[dict[str, Any]]:
    if question is None or question.pk is None:
        return []
    rows: QuerySet[Choice] = question.choices.all()
    return [{"code": row.code, "labels": row.labels, "is_removed": row.withdrawn} for row in rows]


class QuestionsView(BelowHub):
    template_name = "events/admin/questions.html"
    header_icon = "help"

    def get_page_title(self) -> str:
        return gettext("Questions")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            rows=[row_of(self.event, question) for question in self.event.questions.prefetch_related("choices")],
            add_url=reverse("events:question_add", args=[self.event.pk]),
            **kwargs,
        )


def row_of(event: Event, question: Question) -> dict[str, Any]:
    return {
        "question": question,
        "choices": [str(choice) for choice in question.choices.all() if not choice.withdrawn],
        "edit_url": reverse("events:question", args=[event.pk, question.pk]),
        "withdraw_url": reverse("events:question_withdraw", args=[event.pk, question.pk]),
    }


class QuestionView(BelowHub):
    """A new question, or one to edit."""

    template_name = "events/admin/question.html"
    header_icon = "help"
    view_action = "publish"
    above = ("events:questions", _("Questions"))
    question: Question | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "question" in kwargs:
            self.question = get_object_or_404(Question, pk=kwargs["question"], event=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return str(self.question) if self.question else gettext("New question")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        question = self.question
        initial = {name: getattr(question, name) for name in FIELDS} if question else {"sort_order": self.next_place()}
        context = {
            "form": QuestionForm(initial=initial),
            "rows": ChoiceRows(initial=stored_choices(question), prefix=PREFIX),
            "question": question,
            "with_choices": [QuestionKind.CHOICE.label, QuestionKind.CHOICES.label],
            "back_url": reverse("events:questions", args=[self.event.pk]),
            **kwargs,
        }
        return super().get_context_data(media=context["form"].media + context["rows"].media, **context)

    def next_place(self) -> int:
        last = self.event.questions.order_by("sort_order").last()
        return last.sort_order + 1 if last else 1

    def post(self, request: HttpRequest, pk: int, question: int | None = None) -> HttpResponse:
        form = QuestionForm(request.POST)
        rows = ChoiceRows(request.POST, initial=stored_choices(self.question), prefix=PREFIX)
        if form.is_valid() and rows.is_valid():
            row = self.question or Question(event=self.event)
            try:
                save_question(row, choices=offered(rows), user=request.user, **form.cleaned_data)
            except QuestionRefused as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, gettext("The question is saved; the form asks it at once."))
                return redirect(reverse("events:questions", args=[pk]))
        return self.render_to_response(self.get_context_data(form=form, rows=rows), status=422)


class WithdrawView(OfEvent):
    """POST: ask a question no more, or again."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, question: int) -> HttpResponse:
        row = get_object_or_404(Question, pk=question, event=pk)
        if row.withdrawn:
            ask_again(row, user=request.user)
            said = gettext("The question is asked again.")
        elif withdraw_question(row, user=request.user):
            said = gettext("Nobody had answered the question; it is deleted.")
        else:
            said = gettext("The question is asked no more; the answers that were given stay.")
        messages.success(request, said)
        return redirect(reverse("events:questions", args=[pk]))
