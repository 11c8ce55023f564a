from django.urls import path

from practices import views

urlpatterns = [path("practice/<int:pk>/", views.practice, name="practice")]
