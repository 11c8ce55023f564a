"""Only registers; the classes live elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.views.pages.edit import EditView

from portal.base.comments import queue_comments
from portal.base.second_factor import RECOVERED
from portal.base.second_factor_letters import NEW_CODES, REMOVED, RESET, SET_UP
from portal.base.second_factor_views import CheckView, OwnFactorView, SetUpView

if TYPE_CHECKING:
    from django.http import HttpRequest


@hooks.register("register_admin_urls")
def second_factor_urls() -> list[Any]:
    return [
        path("second-factor/", CheckView.as_view(), name="second_factor_check"),
        path("second-factor/set-up/", SetUpView.as_view(), name="second_factor_set_up"),
        path("second-factor/mine/", OwnFactorView.as_view(), name="second_factor"),
    ]


@hooks.register("register_account_menu_item")
def own_second_factor(request: HttpRequest) -> dict[str, str]:
    return {
        "url": reverse("second_factor"),
        "label": _("Second factor"),
        "help_text": _("Besides the password, a code from an app on your phone."),
    }


@hooks.register("register_log_actions")
def second_factor_log(actions: Any) -> None:
    said = {
        SET_UP: gettext_lazy("Second factor set up"),
        NEW_CODES: gettext_lazy("New recovery codes made"),
        RECOVERED: gettext_lazy("Signed in with a recovery code"),
        REMOVED: gettext_lazy("Second factor removed"),
        RESET: gettext_lazy("Second factor taken back, so that it can be set up anew"),
    }
    for action, label in said.items():
        actions.register_action(action, label, label)


def tell_by_outbox(view: Any, changes: dict[str, Any]) -> None:
    queue_comments(view.page, view.request.user, changes)


# Wagtail mails comments in the request, and has no place where a project could say how.
EditView.send_commenting_notifications = tell_by_outbox
