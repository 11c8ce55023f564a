"""Only registers; the classes live elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from practices import todo  # noqa: F401 - registers what it finds
from practices.checking import ACT
from practices.models import Practice, PracticePage
from practices.permissions import PracticePolicy

register_permission_policy(Practice, PracticePolicy(Practice, "cite__team__group"))

from practices.viewsets import PracticeViewSet, chapters_viewset  # noqa: E402 - policies come first

register_snippet(PracticeViewSet)


@hooks.register("register_admin_viewset")
def chapters() -> Any:
    return chapters_viewset()


@hooks.register("register_log_actions")
def acts(actions: Any) -> None:
    actions.register_action(ACT, _("Check the practice"), _("Practice checked"))


BACK_TO_THE_HUB = {"action-submit", "action-restart-workflow", "action-workflow-action"}


@hooks.register("after_edit_page")
def back_to_the_hub(request: HttpRequest, page: Any) -> HttpResponse | None:
    """Wagtail would lead to the tree, which says nothing of the review, and which reviewers need no right on."""
    if isinstance(page, PracticePage) and page.practice and BACK_TO_THE_HUB & set(request.POST):
        return redirect(page.practice.admin_url)
    return None
