from django.urls import path

from practices import atom, embed, handbook_views, practices_csv, practices_json, views

urlpatterns = [
    path("data/practices.csv", practices_csv.practices, name="data-practices-csv"),
    path("data/practices.json", practices_json.practices, name="data-practices"),
    path("embed/cite/<slug:slug>/practices/", embed.of_cite, name="embed-practices-cite"),
    path("embed/practices/", embed.of_network, name="embed-practices"),
    path("handbook.pdf", handbook_views.handbook, name="handbook"),
    path("practice/<int:pk>/", views.practice, name="practice"),
    path("practices.atom", atom.feed, name="practices-atom"),
]
