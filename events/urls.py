from django.urls import path

from events import feeds, views

urlpatterns = [
    path("calendar/all.ics", feeds.all_events, name="feed-all"),
    path("calendar/event/<int:pk>.ics", feeds.one_event, name="feed-event"),
    path("event/<int:pk>/", views.event, name="event"),
    path("event/<int:pk>/register/", views.register, name="register"),
    path("registration/<str:token>/", views.registration, name="registration"),
    path("my-registrations/", views.my_registrations, name="my-registrations"),
]
