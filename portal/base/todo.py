"""What needs somebody: the first thing that the admin says. Each app registers what it finds for a user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.middleware.csrf import get_token
from wagtail.admin.ui.components import Component

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    Finder = Callable[[Any], list["Line"]]

SHOWN = 8  # lines of one source; the rest is named by its number


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, where one goes to act, and perhaps a button that does it at once (an address to POST to)."""

    text: str
    url: str
    button: str = ""
    post_url: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    order: int
    find: Finder
    list_url_name: str


sources: dict[str, Source] = {}


def to_do(order: int, list_url_name: str) -> Callable[[Finder], Finder]:
    """Register a function that finds what waits for a user among his own rows, in a constant number of queries.

    The most urgent first; what is more than is shown is found on the page `list_url_name`.
    """

    def register(find: Finder) -> Finder:
        sources[f"{find.__module__}.{find.__qualname__}"] = Source(order, find, list_url_name)
        return find

    return register


class ToDo(Component):
    """What needs the user, of his own Cités; of the whole network for a coordinator."""

    name = "to_do"
    template_name = "base/dashboard/to_do.html"
    order = 10

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        groups = []
        for source in sorted(sources.values(), key=lambda source: source.order):
            lines = source.find(self.request.user)
            if lines:
                more = max(0, len(lines) - SHOWN)
                groups.append({"lines": lines[:SHOWN], "more": more, "list_url_name": source.list_url_name})
        return {"groups": groups, "csrf_token": get_token(self.request)}
