from __future__ import annotations

from typing import Any

from portal.base.permissions import OwnRowsPolicy


class RegistrationPolicy(OwnRowsPolicy):
    """Registrations are looked at; they change through the rules of events.registration alone."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return "view" in actions and self.user_has_permission(user, "view")
