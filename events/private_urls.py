"""What has no language in its address: see portal.urls."""

from django.urls import path

from events import private_feed

urlpatterns = [
    path("calendar/my/<str:token>.ics", private_feed.my_calendar, name="calendar-my"),
]
