"""Who may touch which facts in the admin: those of the user's own Cités, or all for a coordinator.

Wagtail's generic views ask for a permission on the model only. So the rows are guarded where views are made:
`OwnRows.construct_view` wraps every view of a viewset, also one that a later Wagtail adds.
"""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import unquote
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from wagtail.admin.viewsets.base import ViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import policy_registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest, HttpResponse

ANY = ("add", "change", "delete", "publish", "view")
COORDINATE = "home.coordinate_network"


def is_coordinator(user: Any) -> bool:
    return bool(user.is_active and user.has_perm(COORDINATE))


def coordinators(people: QuerySet[Any]) -> QuerySet[Any]:
    """Those of `people` who coordinate the network."""
    app_label, codename = COORDINATE.split(".")
    right = Q(content_type__app_label=app_label, codename=codename)
    holders = Permission.objects.filter(right)
    return people.filter(Q(is_superuser=True) | Q(groups__permissions__in=holders) | Q(user_permissions__in=holders))


class OwnRowsPolicy(ModelPermissionPolicy):
    """The model permission, and the row as stored (never as drafted) belongs to the user.

    `lookup` leads from the row to the groups of people that it belongs to; without one only coordinators
    have rows.
    """

    def __init__(self, model: type[Model], lookup: str = "") -> None:
        super().__init__(model)
        self.lookup = lookup

    def rows(self, user: Any) -> QuerySet[Any]:
        everything = self.model._base_manager.all()
        if is_coordinator(user):
            return everything
        if not self.lookup or not user.is_active:
            return everything.none()
        return everything.filter(**{f"{self.lookup}__in": list(user.groups.values_list("pk", flat=True))}).distinct()

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        return self.user_has_any_permission_for_instance(user, [action], instance)

    def user_has_any_permission_for_instance(self, user: Any, actions: Any, instance: Model) -> bool:
        if instance.pk is None or not self.user_has_any_permission(user, actions):
            return False
        return is_coordinator(user) or self.rows(user).filter(pk=instance.pk).exists()

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> QuerySet[Any]:
        if self.user_has_any_permission(user, actions):
            return self.rows(user)
        return self.model._base_manager.none()

    def instances_user_has_permission_for(self, user: Any, action: str) -> QuerySet[Any]:
        return self.instances_user_has_any_permission_for(user, [action])


def refuse_strangers(model: Any, user: Any, pk: str) -> None:
    """Raise Http404 if there is no such row, PermissionDenied if it is somebody else's."""
    try:
        row = model._base_manager.get(pk=pk)
    except (model.DoesNotExist, ValueError, OverflowError):  # Wagtail's addresses of comparisons take any text
        raise Http404 from None
    if not policy_registry.get_by_type(model).user_has_any_permission_for_instance(user, ANY, row):
        raise PermissionDenied


def refusal(request: HttpRequest) -> HttpResponse:
    """Say no with a no: Wagtail would lead to its first page, which looks like success to whatever follows."""
    if request.headers.get("x-requested-with") == "XMLHttpRequest":
        raise PermissionDenied
    return render(request, "base/not_yours.html", status=HTTPStatus.FORBIDDEN)


class OwnRows(ViewSet):
    """Mixin for a viewset: no view opens for a row that the user has no right on, and lists hold no other."""

    model: type[Model]
    copy_view_enabled = False  # a POST to Wagtail's copy view would overwrite the original

    def construct_view(self, view_class: type, **kwargs: Any) -> Callable[..., HttpResponse]:
        view = super().construct_view(view_class, **kwargs)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **url: Any) -> HttpResponse:
            try:
                if "pk" in url:
                    refuse_strangers(self.model, request.user, unquote(str(url["pk"])))
                return view(request, *args, **url)
            except PermissionDenied:
                return refusal(request)

        return guarded

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return policy_registry.get_by_type(self.model).instances_user_has_any_permission_for(request.user, ANY)

    def register_chooser_viewset(self) -> None:
        """Nobody chooses a fact from a list of everybody's."""
