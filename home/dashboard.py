"""What somebody finds first in the admin: his own Cité."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wagtail.admin.ui.components import Component
from wagtail.permissions import policy_registry

from home.models import Cite
from portal.base.permissions import ANY, is_coordinator

if TYPE_CHECKING:
    from django.http import HttpRequest


class OwnCites(Component):
    """The user's Cités with the way to each; a coordinator has the list in the menu."""

    name = "own_cites"
    template_name = "home/dashboard.html"
    order = 50

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        if is_coordinator(self.request.user):
            return {"cites": []}
        policy = policy_registry.get_by_type(Cite)
        return {"cites": policy.instances_user_has_any_permission_for(self.request.user, ANY)}
