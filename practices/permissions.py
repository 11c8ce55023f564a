"""Who may do what with a sheet: its owner's editors write it, the network's reviewers publish it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.base.pages import WordsPermissionTester
from portal.base.permissions import OwnRowsPolicy
from practices.models.review import is_reviewer

if TYPE_CHECKING:
    from django.db.models import QuerySet


class PracticePolicy(OwnRowsPolicy):
    """Reviewers look at the practices of all Cités."""

    def rows(self, user: Any) -> QuerySet[Any]:
        return self.model._base_manager.all() if is_reviewer(user) else super().rows(user)


class SheetPermissionTester(WordsPermissionTester):
    """The original is published by reviewers, what is in review by their decision alone."""

    def can_edit(self) -> bool:
        return bool(super().can_edit() or (self.page.practice_id and is_reviewer(self.user)))

    def can_publish(self) -> bool:
        if self.page.workflow_in_progress:
            return False
        if is_reviewer(self.user):
            return True
        return bool(super().can_publish() and self.page.is_of_public_original)

    def can_unpublish(self) -> bool:
        return bool(super().can_unpublish() or (self.page.live and is_reviewer(self.user) and not self.page_locked()))

    def can_submit_for_moderation(self) -> bool:
        return bool(self.can_edit() and super().can_submit_for_moderation())

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """What reviewers are reading is taken back first."""
        return bool(super().can_delete(ignore_bulk) and not self.page_locked())
