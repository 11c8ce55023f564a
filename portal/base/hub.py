"""One place per thing: the admin page of a fact, with its texts by language and one button that publishes both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.ui.tables import LiveStatusTagColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.models import Locale
from wagtail.permissions import policy_registry
from wagtail.snippets.views.snippets import CreateView, EditView, IndexView, SnippetViewSet
from wagtail_localize.models import Translation, TranslationSource

from portal.base.languages import language_name
from portal.base.models import Wording
from portal.base.outdated import Work, works
from portal.base.pages import choose
from portal.base.permissions import ANY, OwnRows
from portal.base.publishing import publish_all, say

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from portal.base.facts import Fact


def words_status(fact: Fact, user: Any) -> list[dict[str, Any]]:
    """The texts of a fact by language: missing, in work, public, or older than the original since when and why."""
    pages = {page.language: page for page in fact.pages.filter(alias_of=None)}
    original = pages.get(fact.original_language)
    links = translate_urls(original, user)
    wording = {row.page_id: row for row in Wording.objects.filter(page__in=list(pages.values()))}
    keys = {page.translation_key for page in pages.values()}
    work = works(Translation.objects.filter(source__object_id__in=keys, enabled=True).select_related("source"))
    rows = []
    for locale in Locale.objects.all():
        code = locale.language_code
        page = pages.get(code)
        row = {
            "language": language_name(code),
            "code": code,
            "page": page,
            "state": "missing",
            "label": STATES["missing"],
            "is_original": page is not None and page == original,
            "is_ready": False,
            "edit_url": "",
            "translate_url": links.get(code, ""),
        }
        if page is not None:
            in_work = work.get((page.translation_key, locale.pk))
            current = wording.get(original.pk) if original is not None else None
            own = wording.get(page.pk) if current is not None else None  # its original may be gone
            row |= page_status(page, own, in_work)
            row["is_ready"] &= page.permissions_for_user(user).can_publish()
            if original is not None and current is not None and own is not None and row["state"] == "outdated":
                row |= why_outdated(original, current, own, user)
                is_synced = in_work is None or in_work.translation.source.last_updated_at > original.last_published_at
                row["translate_url"] = row["edit_url"] if is_synced else links.get("outdated", "")
        rows.append(row)
    return rows


STATES = {
    "missing": _("missing"),
    "draft": _("draft"),
    "live": _("public"),
    "changed": _("public, with changes"),
    "outdated": _("older than the original"),
}


def words_state(page: Any, wording: Wording | None, work: Work | None) -> str:
    if page is None:
        return "missing"
    if not page.live:
        return "draft"
    if wording and wording.outdated_since:
        return "outdated"
    return "changed" if page.has_unpublished_changes or is_newer(page, work) else "live"


def is_newer(page: Any, work: Work | None) -> bool:
    """Whether somebody has translated something since the page was published; its drafts do not show that."""
    return bool(work and work.latest and page.last_published_at and work.latest > page.last_published_at)


def page_status(page: Any, wording: Wording | None, work: Work | None) -> dict[str, Any]:
    """State of one page, how far its translation is, and whether there is something complete to publish."""
    state = words_state(page, wording, work)
    status: dict[str, Any] = {
        "state": state,
        "label": STATES[state],
        "is_ready": not page.live or page.has_unpublished_changes,
        "edit_url": reverse("wagtailadmin_pages:edit", args=[page.pk]),
        "translate_url": "",
        "notes": [],
    }
    if work is not None:
        synced = bool(page.live and work.translation.source.last_updated_at > page.last_published_at)
        is_due = not page.live or is_newer(page, work) or (state == "outdated" and synced)
        status["is_ready"] = work.is_complete and is_due
        if not work.is_complete:
            status["notes"].append(
                gettext("%(done)s of %(total)s passages translated") % {"done": work.done, "total": work.total}
            )
        if not page.live:
            status["label"] = gettext("in translation")
        if work.unreviewed:
            status["notes"].append(gettext("%(count)s by machine, to be read over") % {"count": work.unreviewed})
    return status


def why_outdated(original: Any, current: Wording, own: Wording, user: Any) -> dict[str, Any]:
    """Since when, in which parts, and where the two states of the original are compared."""
    names = own.differences(current)
    compare_url = ""
    if own.revision_id and current.revision_id not in {None, own.revision_id}:
        compare_url = reverse(
            "wagtailadmin_pages:revisions_compare", args=[original.pk, own.revision_id, current.revision_id]
        )
    return {
        "since": own.outdated_since,
        "changes": [str(original._meta.get_field(name).verbose_name) for name in names],
        "compare_url": compare_url if original.permissions_for_user(user).can_edit() else "",
    }


def translate_urls(original: Any, user: Any) -> dict[str, str]:
    """Where a missing text is begun, by language, and where old ones are brought up to the public original."""
    if original is None or not original.live or not original.permissions_for_user(user).can_edit():
        return {}
    begin = reverse("wagtail_localize:submit_page_translation", args=[original.pk])
    links = {code: f"{begin}?select_locale={code}" for code in languages_above(original)}
    source = TranslationSource.objects.get_for_instance_or_none(original)
    if source:
        links["outdated"] = reverse("wagtail_localize:update_translations", args=[source.pk])
    return links


def languages_above(page: Any) -> set[str]:
    """The languages that the page above has a text in; elsewhere wagtail-localize would show that one untranslated."""
    above = page.get_parent().get_translations(inclusive=True).filter(alias_of=None)
    return set(above.values_list("locale__language_code", flat=True))


class HubView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Facts, texts by language, and what else an app shows of its own."""

    any_permission_required = ANY
    model: Any = None
    viewset: Any = None
    index_url_name = ""
    edit_url_name = ""
    header_icon = "snippet"
    template_name = "base/hub.html"
    _show_breadcrumbs = True

    def setup(self, request: HttpRequest, *args: Any, pk: str, **kwargs: Any) -> None:
        super().setup(request, *args, pk=pk, **kwargs)
        self.live = get_object_or_404(self.model, pk=unquote(str(pk)))
        self.object = self.live.get_latest_revision_as_object()

    def get_page_title(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        names = str(self.model._meta.verbose_name_plural)
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": names[:1].upper() + names[1:]},
            {"url": "", "label": str(self.object)},
        ]

    def can(self, action: str) -> bool:
        policy = policy_registry.get(self.live)
        return policy.user_has_permission_for_instance(self.request.user, action, self.live)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = words_status(self.live, self.request.user)
        is_draft = not self.live.live or self.live.has_unpublished_changes
        return super().get_context_data(
            fact=self.live,
            draft=self.object,
            words=words,
            facts_rows=self.facts_rows(),
            advice=self.advice(),
            facts_state=STATES["draft" if not self.live.live else "changed" if is_draft else "live"],
            can_publish=self.can("publish"),
            is_ready=(is_draft and self.can("publish")) or any(row["is_ready"] for row in words),
            may_be_small=any(row["is_original"] and row["is_ready"] for row in words)
            and any(row["page"] and row["page"].live and not row["is_original"] for row in words),
            publish_url=reverse(self.viewset.get_url_name("publish_all"), args=[self.live.pk]),
            edit_url=reverse(self.edit_url_name, args=[quote(self.live.pk)]),
            public_url=self.live.get_absolute_url() if self.live.live else "",
            first_words_url="" if any(row["page"] for row in words) else self.first_words_url(),
            **kwargs,
        )

    def first_words_url(self) -> str:
        return reverse(self.viewset.get_url_name("first_words"), args=[self.live.pk])

    def advice(self) -> list[str]:
        """What somebody may have overlooked, a sentence each."""
        return []

    def facts_rows(self) -> list[tuple[str, Any]]:
        """The main facts, as drafted: heading and value."""
        return []


class PublishAllView(View):
    """POST: publish the facts and the chosen texts together, or nothing of it."""

    model: Any = None
    viewset: Any = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        fact = get_object_or_404(self.model, pk=pk)
        chosen = [int(value) for value in request.POST.getlist("page") if value.isdecimal()]
        try:
            question = self.before_publishing(request, fact, chosen)
            if question is not None:
                return question
            publish_all(fact, chosen, request.user, is_correction="small_correction" in request.POST)
        except ValidationError as error:
            messages.error(request, gettext("Not published. %(why)s") % {"why": say(error, fact)})
        else:
            messages.success(request, gettext("“%(what)s” is public now.") % {"what": fact})
        return redirect(reverse(self.viewset.get_url_name("hub"), args=[pk]))

    def before_publishing(self, request: HttpRequest, fact: Any, chosen: list[int]) -> HttpResponse | None:
        """A page that asks first, where publishing has consequences; None to publish."""
        return None


class FirstWordsView(View):
    """POST: begin the words of a fact, in the editor's language, at their place in the tree."""

    model: Any = None
    viewset: Any = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        fact = get_object_or_404(self.model, pk=pk)
        page = first_words(fact, request.user, self.viewset)
        if page is None:
            messages.error(request, gettext("There is no page below which you may write. Ask the coordinator."))
            return redirect(reverse(self.viewset.get_url_name("hub"), args=[pk]))
        return redirect(reverse("wagtailadmin_pages:edit", args=[page.pk]))


def first_words(fact: Any, user: Any, viewset: Any) -> Any:
    """The draft page of words to begin with; None if the user may not write below any page it could lie under."""
    existing = {page.language: page for page in fact.pages.filter(alias_of=None).order_by("pk")}
    if existing:
        return choose(existing, fact.original_language)
    profile = getattr(user, "wagtail_userprofile", None)
    wanted = (profile.get_preferred_language() if profile else "")[:2]
    above = sorted(viewset.words_parents(fact), key=lambda page: str(page.path))
    parents = [page for page in above if page.permissions_for_user(user).can_add_subpage()]
    parent = next((page for page in parents if page.language == wanted), parents[0] if parents else None)
    if parent is None:
        return None
    model = fact._meta.get_field("pages").related_model
    title = str(fact)[: model.title_limit]
    page = model(title=title, locale=parent.locale, live=False, owner=user, **{model.fact_field: fact})
    parent.add_child(instance=page)
    page.save_revision(user=user)
    return page


class ThenWords:
    """After the facts the words, in the editor's language; later back to the hub. Autosave never comes here."""

    model: Any
    object: Any
    request: HttpRequest

    def get_success_url(self) -> str:
        viewset = self.model.snippet_viewset
        stored = self.model._default_manager.get(pk=self.object.pk)
        if not stored.pages.exists():
            page = first_words(stored, self.request.user, viewset)
            if page is not None:
                return reverse("wagtailadmin_pages:edit", args=[page.pk])
        return reverse(viewset.get_url_name("hub"), args=[quote(self.object.pk)])


class FactCreateView(ThenWords, CreateView):
    """New facts, with what is known beforehand filled in."""

    def get_initial_form_instance(self) -> Any:
        return self.model.snippet_viewset.new_fact(self.request)


class FactEditView(ThenWords, EditView):
    """Facts to change."""


PUBLIC = LiveStatusTagColumn(label=_("on the site"))  # for lists


class FactIndexView(IndexView):
    """A list whose titles lead to the hubs."""

    def get_edit_url(self, instance: Any) -> str:
        return reverse(self.model.snippet_viewset.get_url_name("hub"), args=[quote(instance.pk)])


class FactViewSet(OwnRows, SnippetViewSet):
    """The admin of facts: list, form, history, hub; each row only for those whose it is."""

    add_to_admin_menu = True
    index_view_class = FactIndexView
    add_view_class = FactCreateView
    edit_view_class = FactEditView
    hub_view_class = HubView
    publish_view_class = PublishAllView
    list_per_page = 50

    def new_fact(self, request: HttpRequest) -> Any:
        """What the form of a new fact begins with."""
        return self.model()

    def words_parents(self, fact: Any) -> list[Any]:
        """Pages, of any language, below which words of this fact may lie."""
        raise NotImplementedError

    def get_urlpatterns(self) -> list[Any]:
        hub = self.construct_view(
            self.hub_view_class,
            viewset=self,
            model=self.model,
            index_url_name=self.get_url_name("list"),
            edit_url_name=self.get_url_name("edit"),
            header_icon=self.icon,
            breadcrumbs_items=self.breadcrumbs_items,
        )
        publish = self.construct_view(self.publish_view_class, viewset=self, model=self.model)
        begin = self.construct_view(FirstWordsView, viewset=self, model=self.model)
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/", hub, name="hub"),
            path("<int:pk>/publish/", publish, name="publish_all"),
            path("<int:pk>/words/", begin, name="first_words"),
        ]
