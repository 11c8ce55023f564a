"""Only registers; the classes live elsewhere."""

from typing import Any

from wagtail import hooks
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from portal.base.permissions import OwnRowsPolicy
from practices import todo  # noqa: F401 - registers what it finds
from practices.models import Practice

register_permission_policy(Practice, OwnRowsPolicy(Practice, "cite__team__group"))

from practices.viewsets import PracticeViewSet, chapters_viewset  # noqa: E402 - policies come first

register_snippet(PracticeViewSet)


@hooks.register("register_admin_viewset")
def chapters() -> Any:
    return chapters_viewset()
