"""Addresses: first what is ours and promised, last Wagtail's pages."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.urls import serve_pattern

from portal import health, views
from portal.base.password_views import ChoosePasswordView
from portal.base.webhooks import urlpatterns as anymail_urls
from portal.routing import serve as serve_page
from portal.search import search
from portal.sitemaps import PortalSitemap

urlpatterns = [
    path("", views.choose_language),
    path(
        "admin/password_reset/confirm/<uidb64>/<token>/",
        ChoosePasswordView.as_view(),
        name="wagtailadmin_password_reset_confirm",
    ),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("anymail/", include((anymail_urls, "anymail"))),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("robots.txt", views.robots),
    path("favicon.ico", views.favicon),
    path("", include("events.private_urls")),
    path("sitemap.xml", require_safe(sitemap), {"sitemaps": {"pages": PortalSitemap}}),
    re_path(r"^media/(?P<path>.*)$", views.media),
    *i18n_patterns(
        path("search/", search, name="search"),
        path("", include("home.urls")),
        path("", include("events.urls")),
        path("", include("practices.urls")),
        re_path(serve_pattern, serve_page, name="wagtail_serve"),
        path("", include(wagtail_urls)),
    ),
]

handler400 = "portal.views.bad_request"
handler403 = "portal.views.permission_denied"
handler404 = "portal.views.page_not_found"
handler500 = "portal.views.server_error"
