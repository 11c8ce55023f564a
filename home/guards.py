"""What Wagtail and wagtail-localize let through by default, closed."""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, transaction
from django.forms import HiddenInput
from django.http import Http404, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from requests import RequestException
from rest_framework.exceptions import APIException
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.pages import bulk_actions as page_actions
from wagtail.api.v2.views import BaseAPIViewSet
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.documents.views import bulk_actions as document_actions
from wagtail.images.api.admin.views import ImagesAdminAPIViewSet
from wagtail.images.views import bulk_actions as image_actions
from wagtail.models import Page
from wagtail.permissions import policy_registry
from wagtail.snippets.bulk_actions.delete import DeleteBulkAction
from wagtail.whitelist import check_url
from wagtail_localize.models import StringSegment, Translation, TranslationSource
from wagtail_localize.views.edit_translation import machine_translate
from wagtail_localize.views.submit_translations import SubmitPageTranslationView
from wagtail_localize.views.update_translations import UpdateTranslationsView

from home.models import CitePage
from home.passages import mark_unusable, why_not_stored
from portal.base.facts import Fact
from portal.base.hub import languages_above
from portal.base.outdated import work_on
from portal.base.pages import WordsPage
from portal.base.permissions import is_coordinator, refusal
from portal.base.publishing import publish_words, say

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


MAX_TAGS = 400  # in one passage


def may_edit(user: Any, page: Page) -> bool:
    return bool(page.specific.permissions_for_user(user).can_edit())


def nothing_here(request: HttpRequest, **_arguments: Any) -> HttpResponse:
    """Facts have no translations, though wagtail-localize lists every snippet to everybody."""
    raise Http404


class SafeSubmitPage(SubmitPageTranslationView):
    """Translations are begun from the public original, by those who may edit it, one page at a time."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        page = get_object_or_404(Page, pk=kwargs["page_id"])
        if not may_edit(request.user, page):
            raise PermissionDenied
        refusal = why_not_translate(page)
        if refusal:
            messages.error(request, refusal)
            return redirect("wagtailadmin_pages:edit", page.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_form(self) -> Any:
        form = super().get_form()
        switch_off(form, "include_subtree")  # it would take up drafts as well
        locales = form.fields["locales"]
        locales.queryset = locales.queryset.filter(language_code__in=languages_above(self.object))
        return form


def why_not_translate(page: Page) -> str:
    if not page.live:  # the source is read from the row, which holds the first draft
        return _("Publish the original first; then it can be translated.")
    chained = Translation.objects.filter(
        source__object_id=page.translation_key, target_locale=page.locale_id, enabled=True
    )
    if page.alias_of_id or chained.exists():
        return _("Translate from the original page, not from a translation.")
    return ""


def switch_off(form: Any, name: str) -> None:
    form.fields[name].disabled = True
    form.fields[name].widget = HiddenInput()


class SafeUpdate(UpdateTranslationsView):
    """Brings drafts of translations up to the original; what is not translated yet is never published by it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        source = get_object_or_404(TranslationSource, pk=kwargs["translation_source_id"])
        page = Page.objects.filter(translation_key=source.object_id, locale=source.locale_id).first()
        if page is None or not may_edit(request.user, page):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form(self) -> Any:
        form = super().get_form()
        switch_off(form, "publish_translations")
        form.fields.pop("use_machine_translation", None)  # a button of the editor, which says when it fails
        return form


def with_value(view: Any, *, is_link: bool = False) -> Any:
    """wagtail-localize saves one passage, or one link or picture of the translation, whatever it is sent."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "PUT":
            value = sent_value(request)
            if value is None or "\0" in value or is_too_nested(value) or (is_link and check_url(value) is None):
                return HttpResponseBadRequest()
        return view(request, *args, **kwargs)

    return guarded


def is_too_nested(text: str) -> bool:
    """Whether wagtail-localize, which walks through markup by recursion, might not come to its end."""
    return text.count("<") > MAX_TAGS


def sent_value(request: HttpRequest) -> str | None:
    """The value of a PUT as the view will read it: its editor sends multipart, which Django parses for POST alone."""
    _kept = request.body  # so that the view can read it again
    try:
        value = Request(request, parsers=[FormParser(), MultiPartParser()]).data.get("value")
    except APIException:
        return None
    return value if isinstance(value, str) else None


def with_reason(view: Any) -> Any:
    """Nothing is lost of a passage that no page can use: the editor shows it in red, and why.

    Any other answer than a stored passage is a "server error" there.
    """

    @wraps(view)
    def guarded(request: HttpRequest, translation_id: int, string_segment_id: int) -> HttpResponse:
        if request.method != "PUT":
            return view(request, translation_id, string_segment_id)
        segment = get_object_or_404(StringSegment.objects.select_related("context"), pk=string_segment_id)
        text = sent_value(request) or ""
        why = why_not_stored(segment.context.path, text)
        if why:
            return JsonResponse({"data": text, "error": why, "comment": "", "last_translated_by": None})
        with transaction.atomic():
            answer = view(request, translation_id, string_segment_id)
            if answer.status_code < HTTPStatus.BAD_REQUEST:
                translation = Translation.objects.get(pk=translation_id)
                reasons = mark_unusable(translation, StringSegment.objects.filter(pk=string_segment_id))
                answer.data["error"] = reasons.get(string_segment_id)
        return answer

    return guarded


@require_POST
def translate_by_machine(request: HttpRequest, translation_id: int) -> HttpResponse:
    """The machine is somebody else's server, which may be away or answer nonsense."""
    try:
        with transaction.atomic():
            answer = machine_translate(request, translation_id)
            translation = Translation.objects.get(pk=translation_id)
            mark_unusable(translation, StringSegment.objects.filter(source=translation.source_id))
            return answer
    except (RequestException, KeyError, ValueError, DataError):
        messages.error(request, _("The machine does not answer. Nothing was translated; try again later."))
        target = get_object_or_404(Translation, pk=translation_id).get_target_instance()
        return redirect("wagtailadmin_pages:edit", target.pk)


def publish_whole(request: HttpRequest, page: Any) -> HttpResponse | None:
    """wagtail-localize's editor publishes the original's words where none are; here it does what the hub does."""
    if request.method != "POST" or request.POST.get("action") != "publish" or work_on(page) is None:
        return None
    if not page.permissions_for_user(request.user).can_publish():
        raise PermissionDenied
    try:
        publish_words(page, request.user)
    except ValidationError as error:
        messages.error(request, _("Not published. %(why)s") % {"why": say(error, page)})
    else:
        page.refresh_from_db()
        messages.success(request, _("“%(what)s” is public now.") % {"what": page.title})
    return redirect("wagtailadmin_pages:edit", page.pk)


def publishers_only(view: Any) -> Any:
    """To make a copy of the original out of a translation takes public words away."""

    @wraps(view)
    def guarded(request: HttpRequest, page_id: int) -> HttpResponse:
        if not get_object_or_404(Page, pk=page_id).specific.permissions_for_user(request.user).can_publish():
            raise PermissionDenied
        return view(request, page_id)

    return guarded


def for_coordinators(view: Any) -> None:
    """Close a class of views, and all that inherit from it, to everybody else.

    Wagtail's reports have no place where a project could say so: some ask for no permission at all, and none for
    one on the rows that it lists.
    """
    dispatch = view.dispatch

    @wraps(dispatch)
    def guarded(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_coordinator(request.user):
            raise PermissionDenied
        return dispatch(self, request, *args, **kwargs)

    view.dispatch = guarded


def own_branches_only(view: Any) -> None:
    """Close the explorer for pages that the user has no right on, nor on any below.

    Wagtail opens all that lies below where the branches of a user meet: for who writes in two languages, everything.
    """
    get = view.get

    @wraps(get)
    def guarded(self: Any, request: HttpRequest, parent_page_id: int | None = None) -> HttpResponse:
        explorable = self.permission_policy.explorable_instances(request.user)
        is_named = parent_page_id is not None and Page.objects.filter(pk=parent_page_id).exists()
        if is_named and not explorable.filter(pk=parent_page_id).exists():
            return refusal(request)
        return get(self, request, parent_page_id)

    view.get = guarded


class OwnFiles(BaseAPIViewSet):
    """The admin's API lists the files of every collection; here those that the user may choose."""

    def get_queryset(self) -> Any:
        own = policy_registry.get_by_type(self.model).instances_user_has_any_permission_for(
            self.request.user, ["add", "change", "choose"]
        )
        return super().get_queryset().filter(pk__in=own.values("pk"))


class OwnImages(OwnFiles, ImagesAdminAPIViewSet):
    """Pictures."""


class OwnDocuments(OwnFiles, DocumentsAdminAPIViewSet):
    """Documents."""


class OwnRowsOnly(BulkAction):
    """Wagtail's bulk actions name the rows that the user has no right on; here they do not exist."""

    def get_actionable_objects(self) -> Any:
        objects, rest = super().get_actionable_objects()
        if not objects:
            raise Http404
        return objects, {reason: [] for reason in rest}


def discreet_bulk_actions() -> list[Any]:
    """All of Wagtail's bulk actions on pages, files and facts."""
    modules = (page_actions, image_actions, document_actions)
    actions = (*(getattr(module, name) for module in modules for name in module.__all__), DeleteBulkAction)
    return [type(f"Own{action.__name__}", (OwnRowsOnly, action), {}) for action in actions]


def refuse_deletion(request: HttpRequest, instances: list[Any]) -> HttpResponse | None:
    """Facts that were public, or that something hangs on, are kept; runs for one row and for many."""
    kept = [fact for fact in instances if isinstance(fact, Fact) and not fact.is_deletable()]
    if not kept:
        return None
    names = ", ".join(str(fact) for fact in kept)
    messages.error(
        request,
        _("Kept: %(names)s. What has been public or is in use is not deleted; unpublish or cancel it instead.")
        % {"names": names},
    )
    return redirect(reverse(type(kept[0]).snippet_viewset.get_url_name("list")))


def facts_first(request: HttpRequest, parent: Any, model: Any) -> HttpResponse | None:
    """A page of words is not begun in the page tree, where it would have no facts."""
    if not issubclass(model, WordsPage):
        return None
    fact = model._meta.get_field(model.fact_field).related_model
    messages.info(request, _("Begin with the facts; the text comes next."))
    query = f"?cite={parent.cite.slug}" if isinstance(parent, CitePage) and parent.cite else ""
    return redirect(reverse(fact.snippet_viewset.get_url_name("add")) + query)


def refuse_move(request: HttpRequest, page: Any, destination: Any) -> None:
    """Wagtail asks when the page is moved, but names the place before."""
    if not page.permissions_for_user(request.user).can_move_to(destination):
        raise PermissionDenied
