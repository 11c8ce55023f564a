"""The few pages that belong to no app: the way in, errors, robots."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django.views.static import serve

from home.models import HomePage
from portal.base.languages import locale_code
from portal.base.middleware import language_of_path

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


@require_safe
def choose_language(request: HttpRequest) -> HttpResponse:
    """Send the reader to the language that the browser asks for, if it has a tree, else to the default one."""
    live = {locale_code(pk) for pk in HomePage.objects.live().values_list("locale_id", flat=True)}
    wanted = [tag.split(";")[0].strip().lower() for tag in request.headers.get("Accept-Language", "").split(",")]
    codes = (part for tag in wanted[:20] for part in (tag, tag.split("-")[0]))
    language = next((code for code in codes if code in live), settings.LANGUAGE_CODE)
    response = redirect(f"/{language}/")
    patch_vary_headers(response, ["Accept-Language"])
    return response


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    """Everything may be read, feeds included: Google's calendar asks here first, also for a person's own."""
    refused = ("/admin/", "/*/registration/")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in refused), f"Sitemap: {settings.SITE_URL}/sitemap.xml"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    return redirect(static("site/favicon.svg"), permanent=True)


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Pictures; documents have an address of their own, which asks whether their collection is private."""
    if posixpath.normpath(path).lstrip("/").startswith("documents/"):
        raise Http404
    try:
        return serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except OSError as error:  # a name that is longer than any file's
        raise Http404 from error


def error(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """An error page in the language of the address."""
    with translation.override(language_of_path(request.path_info)):
        return render(request, template, status=status)


def bad_request(request: HttpRequest, exception: Any) -> HttpResponse:
    return error(request, "400.html", 400)


def permission_denied(request: HttpRequest, exception: Any) -> HttpResponse:
    return error(request, "403.html", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error(request, "403_csrf.html", 403)


def page_not_found(request: HttpRequest, exception: Any) -> HttpResponse:
    return error(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without database and context processors: they may be what is broken."""
    with translation.override(language_of_path(request.path_info)):
        return HttpResponse(render_to_string("500.html"), status=500)
