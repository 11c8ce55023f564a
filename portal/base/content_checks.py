"""Wagtail's checks in the editor's preview and on the page, with those that our texts need besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.admin.userbar import ContentCheckerItem

if TYPE_CHECKING:
    from django.http import HttpRequest


class ContentChecks(ContentCheckerItem):
    """More of axe's rules, each with words of ours: axe itself speaks English only."""

    axe_run_only: ClassVar[list[str]] = [
        *ContentCheckerItem.axe_run_only,
        "image-alt",
        "image-redundant-alt",
        "identical-links-same-purpose",
    ]
    axe_messages: ClassVar[dict[str, Any]] = {
        **ContentCheckerItem.axe_messages,
        "image-alt": {
            "error_name": _("A picture has no alternative text"),
            "help_text": _("Say what it shows, or mark it as decorative"),
        },
        "image-redundant-alt": {
            "error_name": _("A picture's alternative text repeats the words beside it"),
            "help_text": _("Say what it shows besides, or mark it as decorative"),
        },
        "identical-links-same-purpose": {
            "error_name": _("Links with the same words lead to different places"),
            "help_text": _("Give each link words of its own"),
        },
    }


def with_our_checks(_request: HttpRequest, items: list[Any], _page: Any) -> None:
    """For Wagtail's hook `construct_wagtail_userbar`."""
    items[:] = [
        ContentChecks(in_editor=item.in_editor) if isinstance(item, ContentCheckerItem) else item for item in items
    ]
