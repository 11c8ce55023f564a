"""The portal's addresses and, behind them, those of what it is compared with."""

from django.urls import path

from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as portal_patterns
from tests.bench import views

__all__ = ["handler400", "handler403", "handler404", "handler500"]

urlpatterns = [
    *portal_patterns,
    path("bench/bytes/<int:size>", views.same_bytes),
    path("bench/page/<path:path>", views.bare_page),
    path("bench/listing/<path:path>", views.bare_listing),
    path("bench/naive.ics", views.naive_feed),
]
