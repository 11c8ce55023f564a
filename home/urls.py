from django.urls import path

from home import cites_json, views

urlpatterns = [
    path("data/cites.json", cites_json.cites, name="data-cites"),
    path("cite/<slug:slug>/", views.cite, name="cite"),
    path("project/<int:pk>/", views.project, name="project"),
    path("module/<int:pk>/", views.module, name="module"),
]
