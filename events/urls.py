from django.urls import path

from events import (
    calendar_page,
    data_page,
    embed,
    events_json,
    feeds,
    group_pages,
    my_registrations,
    processing,
    self_service,
    views,
)

urlpatterns = [
    path("calendar/", calendar_page.calendars, name="calendars"),
    path("calendar/all.ics", feeds.all_events, name="feed-all"),
    path("calendar/event/<int:pk>.ics", feeds.one_event, name="feed-event"),
    path("calendar/country/<str:code>.ics", feeds.of_country, name="feed-country"),
    path("calendar/cite/<slug:slug>.ics", feeds.of_cite, name="feed-cite"),
    path("calendar/cite/<slug:slug>/<slug:kind>.ics", feeds.of_cite_and_kind, name="feed-cite-kind"),
    path("calendar/<slug:kind>.ics", feeds.of_kind, name="feed-kind"),
    path("data/", data_page.data, name="data"),
    path("data/events.json", events_json.events, name="data-events"),
    path("embed/agenda/cite/<slug:slug>/", embed.of_cite, name="embed-cite"),
    path("embed/agenda/country/<str:code>/", embed.of_country, name="embed-country"),
    path("event/<int:pk>/", views.event, name="event"),
    path("event/<int:pk>/register/", views.register, name="register"),
    path("event/<int:pk>/register/group/", views.group, name="register-group"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("personal-data/", processing.record, name="personal-data"),
    path("registration/<str:token>/", self_service.registration, name="registration"),
    path("registration/<str:token>/data.json", self_service.registration_data, name="registration-data"),
    path("delegation/<str:token>/", group_pages.delegation, name="delegation"),
    path("my-registrations/", my_registrations.my_registrations, name="my-registrations"),
    path("my-registrations/<str:token>/", my_registrations.my_registrations_of, name="my-registrations-of"),
]
