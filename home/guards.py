"""What Wagtail and wagtail-localize let through by default, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.models import Page
from wagtail.permissions import policy_registry
from wagtail.snippets.bulk_actions.delete import DeleteBulkAction
from wagtail_localize.models import Translation, TranslationSource
from wagtail_localize.views.report import TranslationsReportView
from wagtail_localize.views.submit_translations import (
    SubmitPageTranslationView,
    SubmitSnippetTranslationView,
)
from wagtail_localize.views.update_translations import UpdateTranslationsView

from portal.base.facts import Fact
from portal.base.permissions import is_coordinator

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def may_edit(user: Any, thing: Any) -> bool:
    if isinstance(thing, Page):
        return thing.specific.permissions_for_user(user).can_edit()
    return policy_registry.get(thing).user_has_permission_for_instance(user, "change", thing)


class SafeSubmitPage(SubmitPageTranslationView):
    """Translations are begun from the public original, by those who may edit it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        page = get_object_or_404(Page, pk=kwargs["page_id"])
        if not may_edit(request.user, page):
            raise PermissionDenied
        back = redirect("wagtailadmin_pages:edit", page.pk)
        if not page.live:  # the source is read from the row, which holds the first draft
            messages.error(request, _("Publish the original first; then it can be translated."))
            return back
        chained = Translation.objects.filter(
            source__object_id=page.translation_key, target_locale=page.locale_id, enabled=True
        )
        if page.alias_of_id or chained.exists():
            messages.error(request, _("Translate from the original page, not from a translation."))
            return back
        return super().dispatch(request, *args, **kwargs)


class SafeSubmitSnippet(SubmitSnippetTranslationView):
    def get_object(self) -> Any:
        thing = super().get_object()
        if not may_edit(self.request.user, thing):
            raise PermissionDenied
        return thing


class SafeUpdate(UpdateTranslationsView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        source = get_object_or_404(TranslationSource, pk=kwargs["translation_source_id"])
        thing = source.get_source_instance()
        if not may_edit(request.user, thing):
            raise PermissionDenied
        if request.POST.get("publish_translations") and isinstance(thing, Page):
            for translation in source.translations.filter(enabled=True):
                if not translation.get_target_instance().permissions_for_user(request.user).can_publish():
                    raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class ReportForCoordinators(TranslationsReportView):
    """It names every page of the network."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_coordinator(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class DeleteOwnFacts(DeleteBulkAction):
    """Wagtail's own lists the titles of rows that the user has no right on; here they do not exist."""

    def get_actionable_objects(self) -> Any:
        objects, rest = super().get_actionable_objects()
        if not objects:
            raise Http404
        return objects, {reason: [] for reason in rest}


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
