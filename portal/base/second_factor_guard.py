"""Nothing of the admin answers before the second factor, where there is one or must be one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import LazyObject, SimpleLazyObject

from portal.base.middleware import ADMIN
from portal.base.second_factor import is_held_back

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    GetResponse = Callable[[HttpRequest], HttpResponse]

# What is open to everybody, the way out, and the two pages that lead further.
OPEN = {
    *("wagtailadmin_login", "wagtailadmin_logout", "wagtailadmin_sprite", "wagtailadmin_javascript_catalog"),
    *(f"wagtailadmin_password_reset{step}" for step in ("", "_done", "_confirm", "_complete")),
    *("second_factor_check", "second_factor_set_up"),
}


class SecondFactorGuard:
    """Stands before all addresses of the admin, also those that a later Wagtail or app adds."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        vars(request)["user"] = SimpleLazyObject(lambda: unwrapped(user))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.path_info.startswith(ADMIN):
            return None
        match = request.resolver_match
        if (match is not None and match.view_name in OPEN) or not is_held_back(request.user):
            return None
        response = asked(request)
        add_never_cache_headers(response)
        return response


def unwrapped(user: Any) -> Any:
    """The user behind all layers: Wagtail's log takes one off, and leaves out whoever has django-otp's second."""
    wrapped: Any = user
    while isinstance(wrapped, LazyObject):
        bool(user.is_authenticated)  # loads them all
        wrapped = vars(wrapped)["_wrapped"]
    return wrapped


def asked(request: HttpRequest) -> HttpResponse:
    """The way to the code for whoever reads; whatever acts is refused, and not done later."""
    check = reverse("second_factor_check")
    is_script = request.headers.get("x-requested-with") == "XMLHttpRequest"
    if request.method in {"GET", "HEAD"} and not is_script:
        return redirect(f"{check}?{urlencode({'next': request.get_full_path()})}")
    return render(request, "base/second_factor/refused.html", {"check": check}, status=HTTPStatus.FORBIDDEN)
