"""The admin of the vademecum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.models import TaskState

from home.viewsets import cite_pages, day_and_who, own_cite, term_viewset
from portal.base.columns import LANGUAGES, TellingIndexView
from portal.base.hub import PUBLIC, FactViewSet, HubView, PublishAllView
from portal.base.publishing import say
from practices.checking import check
from practices.checklist import checklist_of, original_words, summed_up
from practices.models import Chapter, Practice, VademecumPage
from practices.models.review import decide, is_in_review, is_reviewer, is_waiting, review_of
from practices.reviewing import submit, take_back

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class PracticeHub(HubView):
    template_name = "practices/hub.html"

    def facts_rows(self) -> list[tuple[str, Any]]:
        practice = self.object
        return [
            (gettext("Owner"), practice.cite or gettext("the network")),
            (gettext("Chapter"), practice.chapter),
            (gettext("For whom"), ", ".join(str(group) for group in practice.target_groups.all())),
            (gettext("How far is it proved?"), practice.get_evidence_display()),
            (gettext("Last checked on"), day_and_who(self.live.checked_on, self.live.checked_by)),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        practice, user = self.live, self.request.user
        rows = checklist_of(practice)
        review = review_of(practice)
        waits = is_waiting(review)
        page = original_words(practice)
        draft_of_facts = not practice.live or practice.has_unpublished_changes
        has_news = draft_of_facts or page is None or not page.live or page.has_unpublished_changes
        may_write = self.can("change")
        context |= {
            "checklist": rows,
            **summed_up(rows),
            "review": review,
            "is_waiting": waits,
            "may_decide": waits and is_reviewer(user),
            "may_submit": may_write and page is not None and has_news and not waits,
            "may_take_back": review is not None and may_write and not (waits and is_reviewer(user)),
            "may_check": may_write and practice.live,
            "comparisons": self.comparisons(page),
            "draft_url": reverse("wagtailadmin_pages:view_draft", args=[page.pk])
            if page is not None and has_news
            else "",
        }
        if waits:  # decided with the buttons of the review
            context["is_ready"] = context["is_ready"] and not is_reviewer(user)
        return context

    def comparisons(self, page: Any) -> list[tuple[str, str]]:
        """Where the drafts are compared with what is public."""
        found = []
        for label, name, thing in (
            (gettext("What changed in the facts"), "practices:revisions_compare", self.live),
            (gettext("What changed in the text"), "wagtailadmin_pages:revisions_compare", page),
        ):
            if thing is not None and thing.live and thing.has_unpublished_changes and thing.latest_revision_id:
                found.append((label, reverse(name, args=[thing.pk, "live", thing.latest_revision_id])))
        return found


class SubmitView(View):
    """POST: give the drafts to the reviewers."""

    model: Any = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        practice = get_object_or_404(Practice, pk=pk)
        try:
            submit(practice, request.user)
        except ValidationError as error:
            messages.error(request, gettext("Not submitted. %(why)s") % {"why": say(error, practice)})
        else:
            messages.success(request, gettext("Submitted: the reviewers are told. You will get a mail."))
        return redirect(practice.admin_url)


class TakeBackView(View):
    """POST: end the review without a decision."""

    model: Any = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        practice = get_object_or_404(Practice, pk=pk)
        try:
            take_back(practice, request.user)
        except ValidationError as error:
            messages.error(request, say(error, practice))
        else:
            messages.success(request, gettext("Taken back. The draft is as it was."))
        return redirect(practice.admin_url)


class DecideView(View):
    """POST: publish facts and words, or ask for changes; of the review that the reviewer has seen."""

    model: Any = None

    def post(self, request: HttpRequest, pk: int, task_state: int) -> HttpResponse:
        practice = get_object_or_404(Practice, pk=pk)
        state = get_object_or_404(TaskState, pk=task_state, workflow_state__object_id__in=page_keys(practice))
        action = request.POST.get("action", "")
        try:
            decide(state, request.user, action, request.POST.get("comment", ""))
        except ValidationError as error:
            messages.error(request, gettext("Nothing was decided. %(why)s") % {"why": say(error, practice)})
        else:
            public = gettext("“%(what)s” is public now.") % {"what": practice}
            messages.success(request, public if action == "approve" else gettext("Sent back with your comment."))
        return redirect(practice.admin_url)


def page_keys(practice: Practice) -> list[str]:
    return [str(pk) for pk in practice.pages.values_list("pk", flat=True)]


class CheckView(View):
    """POST: the public sheet is still right today; for those who may write it."""

    model: Any = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        get_object_or_404(Practice, pk=pk, live=True)
        practice = check(pk, request.user)
        messages.success(request, gettext("“%(what)s” is checked today. Thank you!") % {"what": practice})
        return redirect("wagtailadmin_home" if request.POST.get("then") == "dashboard" else practice.admin_url)


class PublishView(PublishAllView):
    """What is in review is decided about there, and not published beside it."""

    def before_publishing(self, request: HttpRequest, fact: Any, chosen: list[int]) -> HttpResponse | None:
        if not is_in_review(fact) or not is_reviewer(request.user):
            return None
        messages.error(request, gettext("It is in review. Approve it, or ask for changes."))
        return redirect(fact.admin_url)


class PracticeIndex(TellingIndexView):
    related = ("cite", "chapter")


class PracticeViewSet(FactViewSet):
    model = Practice
    icon = "openquote"
    menu_label = _("Practices")
    menu_name = "practices"
    menu_order = 130
    admin_url_namespace = "practices"
    base_url_path = "practices"
    hub_view_class = PracticeHub
    publish_view_class = PublishView
    index_view_class = PracticeIndex
    list_display = ["name", "cite", "chapter", "evidence", "checked_on", LANGUAGES, PUBLIC]

    def new_fact(self, request: HttpRequest) -> Practice:
        cite = own_cite(request)
        return Practice(cite=cite, contact_email=cite.email) if cite else Practice()

    def words_parents(self, fact: Any) -> list[Any]:
        return cite_pages(fact.cite) if fact.cite else list(VademecumPage.objects.filter(alias_of=None))

    def get_urlpatterns(self) -> list[Any]:
        views = {
            "submit": ("<int:pk>/submit/", SubmitView),
            "take_back": ("<int:pk>/take-back/", TakeBackView),
            "decide": ("<int:pk>/review/<int:task_state>/", DecideView),
            "check": ("<int:pk>/check/", CheckView),
        }
        own = [
            path(route, self.construct_view(view, model=Practice), name=name) for name, (route, view) in views.items()
        ]
        return [*super().get_urlpatterns(), *own]


def chapters_viewset() -> Any:
    viewset = term_viewset(Chapter, _("Chapters of the vademecum"))
    viewset.add_to_admin_menu = True
    viewset.menu_name, viewset.menu_order = "chapters", 150
    return viewset
