from django.urls import path

from home import views

urlpatterns = [
    path("cite/<slug:slug>/", views.cite, name="cite"),
    path("project/<int:pk>/", views.project, name="project"),
]
