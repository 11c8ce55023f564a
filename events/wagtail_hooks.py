"""Only registers; the classes live elsewhere."""

from wagtail import hooks
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from events.models import Event, Registration
from events.policy import RegistrationPolicy
from portal.base.permissions import OwnRowsPolicy

register_permission_policy(Event, OwnRowsPolicy(Event, "cite__team__group"))

register_permission_policy(Registration, RegistrationPolicy(Registration, "event__cite__team__group"))

from events.viewsets import EventViewSet, RegistrationViewSet  # noqa: E402 - policies come first

register_snippet(EventViewSet)


@hooks.register("register_admin_viewset")
def registrations() -> RegistrationViewSet:
    return RegistrationViewSet()
