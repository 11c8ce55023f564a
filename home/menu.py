"""The admin's menu in the words of those who use it: an editor finds the own Cité and what hangs on it."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.sidebar import PageExplorerMenuItem as ExplorerComponent
from wagtail.admin.wagtail_hooks import ExplorerMenuItem
from wagtail.permissions import policy_registry

from home.models import Cite
from portal.base.pages import choose
from portal.base.permissions import ANY, is_coordinator

if TYPE_CHECKING:
    from django.http import HttpRequest

FOR_COORDINATORS = {"reports", "settings"}
LABELS = {"images": _("Pictures")}
ORDER = {"cites": 100, "events": 110, "registrations": 115, "practices": 130, "explorer": 350}


class OwnPagesMenuItem(ExplorerMenuItem):
    """The explorer, open at one page: Wagtail begins where the branches of all languages meet, far above."""

    def __init__(self, item: Any, page: Any) -> None:
        super().__init__(
            item.label,
            reverse("wagtailadmin_explore", args=[page.pk]),
            name=item.name,
            icon_name=item.icon_name,
            order=item.order,
        )
        self.start_page_id = page.pk

    def render_component(self, request: HttpRequest) -> Any:
        return ExplorerComponent(
            self.name, self.label, self.url, self.start_page_id, icon_name=self.icon_name, classname=self.classname
        )


def menu_for(user: Any, items: list[Any]) -> list[Any]:
    """The menu of Wagtail and of the viewsets, as this user needs it; the items themselves are everybody's."""
    items = [copy(item) for item in items]
    for item in items:
        item.label = LABELS.get(item.name, item.label)
    if is_coordinator(user):
        for item in items:
            if item.name == "cites":
                item.label = _("Cités")
        return items
    cites = list(policy_registry.get_by_type(Cite).instances_user_has_any_permission_for(user, ANY)[:2])
    own = cites[0] if len(cites) == 1 else None
    return [for_editor(item, own) for item in items if item.name not in FOR_COORDINATORS]


def for_editor(item: Any, own: Cite | None) -> Any:
    """In the order in which editors think; of the only own Cité at once its page, and its branch of the tree."""
    item.order = ORDER.get(item.name, item.order)
    if own is not None and item.name == "cites":
        item.url = own.admin_url
    if own is not None and item.name == "explorer":
        pages = own.pages.filter(alias_of=None).order_by("pk")
        page = choose({page.language: page for page in pages}, own.original_language)
        return OwnPagesMenuItem(item, page) if page else item
    return item
