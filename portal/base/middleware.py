"""What every request meets before a view, and every answer after it."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render
from django.utils import translation
from django.utils.datastructures import MultiValueDictKeyError

if TYPE_CHECKING:
    from collections.abc import Callable

    GetResponse = Callable[[HttpRequest], HttpResponse]

ADMIN = "/admin/"
TECHNICAL = (
    *(ADMIN, "/calendar/", "/static/", "/media/", "/documents/", "/anymail/"),
    *("/healthz", "/readyz", "/favicon.ico", "/robots.txt", "/sitemap.xml"),
)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# One policy for readers, one for editors: Wagtail's admin writes scripts and styles into its pages.
PUBLIC_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'"
)
ADMIN_POLICY = PUBLIC_POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
FILE_POLICY = "default-src 'none'; sandbox"  # what somebody uploaded never runs anything


def language_of_path(path: str) -> str:
    """The language whose prefix a path has; for a path without one, the site's default."""
    return translation.get_language_from_path(path) or settings.LANGUAGE_CODE


class RefuseControlCharacters:
    """Answer 400 to addresses that hold NUL and its like: no database takes them, and no person types them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if has_control(request):
            with translation.override(language_of_path(request.path_info)):
                return render(request, "400.html", status=400)
        return self.get_response(request)


class RefuseLargeRequests:
    """Answer 413, in words, to what is larger than any form of ours, before anything of it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length[:15]) > settings.LARGEST_REQUEST:
            with translation.override(translation.get_language_from_request(request, check_path=True)):
                return render(request, "413.html", {"megabytes": settings.LARGEST_FILE >> 20}, status=413)
        return self.get_response(request)


class RefuseIncompleteForms:
    """Answer 400 where a view of Wagtail's counts on something that was not sent, which would be an error of ours."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not (isinstance(exception, MultiValueDictKeyError) and request.path_info.startswith(ADMIN)):
            return None
        return render(request, "400.html", status=400)


def has_control(request: HttpRequest) -> bool:
    values = (text for pair in request.GET.lists() for text in (pair[0], *pair[1]))
    return bool(CONTROL.search(request.path_info)) or any(CONTROL.search(value) for value in values)


class ContentSecurityPolicy:
    """Say by path what a page may load (CSP level 3), unless the view has said it already."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        path = request.path_info
        if path.startswith(ADMIN):
            policy = ADMIN_POLICY
        elif path.startswith(("/media/", "/documents/")) and response.status_code < HTTPStatus.BAD_REQUEST:
            policy = FILE_POLICY
        else:
            policy = PUBLIC_POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), browsing-topics=()"
        )
        return response


class SiteLocaleMiddleware(LocaleMiddleware):
    """Leave a 404 alone, where Django would send the client to /fr/<path>, and a technical path as it is."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code == HTTPStatus.NOT_FOUND or request.path_info.startswith(TECHNICAL):
            return response
        return super().process_response(request, response)
