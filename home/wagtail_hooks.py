"""Only registers; the classes live elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.pages.listing import ExplorableIndexView
from wagtail.admin.views.reports import ReportView
from wagtail.log_actions import LogFormatter
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail_localize.views.convert import convert_to_alias
from wagtail_localize.views.edit_translation import edit_override, edit_string_translation

from home import todo  # noqa: F401 - registers what it finds
from home.colleagues import INVITED, REMOVED
from home.dashboard import OwnCites
from home.guards import (
    OwnDocuments,
    OwnImages,
    SafeSubmitPage,
    SafeUpdate,
    discreet_bulk_actions,
    facts_first,
    for_coordinators,
    nothing_here,
    own_branches_only,
    publish_whole,
    publishers_only,
    refuse_deletion,
    refuse_move,
    translate_by_machine,
    with_reason,
    with_value,
)
from home.guide import GuideView
from home.menu import menu_for
from home.models import Cite, Project, TrainingModule
from home.models.team import CiteTeam
from home.po_files import upload
from home.texts import TextsByLanguage
from home.verification import ACT
from portal.base.content_checks import with_our_checks
from portal.base.languages import current_language
from portal.base.pages import BasePage, WordsPage
from portal.base.permissions import OwnRowsPolicy, is_coordinator
from portal.base.todo import ToDo

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

register_permission_policy(Cite, OwnRowsPolicy(Cite, "team__group"))
register_permission_policy(Project, OwnRowsPolicy(Project))
register_permission_policy(TrainingModule, OwnRowsPolicy(TrainingModule))

from home.viewsets import CiteViewSet, ModuleViewSet, ProjectViewSet, VocabularyGroup  # noqa: E402 - policies come first

register_snippet(CiteViewSet)
register_snippet(ProjectViewSet)
register_snippet(ModuleViewSet)


@hooks.register("register_admin_viewset")
def vocabularies() -> VocabularyGroup:
    return VocabularyGroup()


@hooks.register("insert_global_admin_css")
def admin_style() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("site/admin.css"))


hooks.register("construct_wagtail_userbar", with_our_checks)


@hooks.register("construct_homepage_summary_items", order=100)
def no_summary(request: HttpRequest, items: list[Any]) -> None:
    """It counts the pages of all Cités, and leads to lists of everything."""
    if not is_coordinator(request.user):
        items.clear()


@hooks.register("register_log_actions")
def colleagues_log(actions: Any) -> None:
    @actions.register_action(INVITED)
    class Invited(LogFormatter):
        label = gettext_lazy("Invite a colleague")

        def format_message(self, entry: Any) -> str:
            return _("%(email)s invited to edit this Cité") % {"email": entry.data.get("email", "")}

    @actions.register_action(REMOVED)
    class Removed(LogFormatter):
        label = gettext_lazy("Take out")

        def format_message(self, entry: Any) -> str:
            return _("%(email)s taken out of this Cité") % {"email": entry.data.get("email", "")}


@hooks.register("construct_homepage_panels")
def own_cites(request: HttpRequest, panels: list[Any]) -> None:
    panels += [ToDo(request), OwnCites(request), TextsByLanguage(request)]


@hooks.register("register_log_actions")
def acts(actions: Any) -> None:
    actions.register_action(ACT, _("Verify the facts"), _("Facts verified"))


@hooks.register("before_serve_page")
def right_tree(page: Any, _request: HttpRequest, _args: Any, _kwargs: Any) -> None:
    """A page in a language without a tree does not exist; Wagtail would show another language's."""
    if isinstance(page, BasePage) and page.language != current_language():
        raise Http404
    if isinstance(page, WordsPage) and (page.fact is None or not page.fact.is_shown):
        raise Http404


@hooks.register("before_delete_snippet")
def keep_what_is_used(request: HttpRequest, instances: list[Any]) -> Any:
    return refuse_deletion(request, instances)


@hooks.register("before_create_page")
def words_follow_facts(request: HttpRequest, parent: Any, model: Any) -> Any:
    return facts_first(request, parent, model)


@hooks.register("before_edit_page", order=-100)
def whole_translations(request: HttpRequest, page: Any) -> HttpResponse | None:
    return publish_whole(request, page)


@hooks.register("before_move_page")
def move_where_one_may(request: HttpRequest, page: Any, destination: Any) -> None:
    refuse_move(request, page, destination)


@hooks.register("describe_collection_contents")
def files_of_a_team(collection: Any) -> dict[str, Any] | None:
    """So that Wagtail refuses to delete the collection in words, where the database would with an error."""
    team = CiteTeam.objects.filter(collection=collection).first()
    return {"count": 1, "count_text": _("the files of “%(cite)s”") % {"cite": team.cite}} if team else None


@hooks.register("register_admin_urls", order=-100)
def safe_localize_urls() -> list[Any]:
    """wagtail-localize asks for a global permission only; the same paths, earlier, ask for the page's too."""
    snippet = "<slug:app_label>/<slug:model_name>/"
    return [
        path("localize/submit/page/<int:page_id>/", SafeSubmitPage.as_view()),
        path("localize/update/<int:translation_source_id>/", SafeUpdate.as_view()),
        path("localize/translate/<int:translation_id>/pofile/upload/", upload),
        path(
            "localize/translate/<int:translation_id>/strings/<int:string_segment_id>/edit/",
            with_value(with_reason(edit_string_translation)),
        ),
        path(
            "localize/translate/<int:translation_id>/overrides/<int:overridable_segment_id>/edit/",
            with_value(edit_override, is_link=True),
        ),
        path("localize/translate/<int:translation_id>/machine_translate/", translate_by_machine),
        path("localize/page/<int:page_id>/convert_to_alias/", publishers_only(convert_to_alias)),
        path(f"localize/submit/snippet/{snippet}<str:pk>/", nothing_here),
        path(f"localize/api/snippets/{snippet}", nothing_here),
        path(f"localize/api/snippets/{snippet}<str:pk>/", nothing_here),
    ]


for_coordinators(ReportView)
own_branches_only(ExplorableIndexView)


@hooks.register("construct_admin_api", order=100)
def own_files(router: Any) -> None:
    router.register_endpoint("images", OwnImages)
    router.register_endpoint("documents", OwnDocuments)


for bulk_action in discreet_bulk_actions():
    hooks.register("register_bulk_action", bulk_action, order=100)


@hooks.register("construct_main_menu")
def short_menu(request: HttpRequest, items: list[Any]) -> None:
    """Editors of a Cité see what is theirs; reports and settings are for coordinators."""
    items[:] = menu_for(request.user, items)


@hooks.register("register_admin_urls")
def guide_url() -> list[Any]:
    return [path("guide/", GuideView.as_view(), name="guide")]


@hooks.register("register_help_menu_item")
def guide_item() -> MenuItem:
    return MenuItem(_("Guide"), reverse("guide"), name="guide", icon_name="help", order=100)


@hooks.register("construct_help_menu")
def short_help(request: HttpRequest, items: list[Any]) -> None:
    """Wagtail's own help speaks of Wagtail, in English, and on another site."""
    if not is_coordinator(request.user):
        items[:] = [item for item in items if item.name == "guide"]
